"""Embedded services that stand for the stores of a page's routes.yaml.

Only the addresses of its clients are replaced, their region, and where their keys come from; what
a page shows of addresses is put back into what is printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from s3r_spark import Routes
from s3r_spark.globs import has_wildcard

if TYPE_CHECKING:
    from servers.store import Store

_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass
class StandIns:
    """The services of one page.

    Attributes:
        stores: that may be used; the first is for a default client that is AWS.
        variables: that the page's routes read their keys from, with the services' keys.
        shown: what the page has in the place of a service's address.
    """

    stores: list[Store]
    variables: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    _by_client: dict[str, Store] = field(default_factory=dict)

    def routed(self, text: str) -> str:
        """A routes.yaml as it is run; the buckets that its profiles name are there after it."""
        file = yaml.safe_load(text)
        file["clients"] = {
            name: self._client(name, client or {}) for name, client in file["clients"].items()
        }
        self._make_buckets(Routes.load(file))
        return yaml.safe_dump(file, sort_keys=False)

    def as_shown(self, output: str) -> str:
        """What was printed, with the page's addresses."""
        for address, shown in self.shown.items():
            output = output.replace(address, shown)
        return output

    def _client(self, name: str, client: dict[str, Any]) -> dict[str, Any]:
        store = self._store(name)
        aws = f"AWS S3 {client.get('region', '')}".rstrip()
        self.shown[store.endpoint_url] = client.get("endpoint_url") or aws
        keys = client.get("credentials") or {}
        names = [_VARIABLE.fullmatch(str(keys.get(key))) for key in ("access_key", "secret_key")]
        variables = [m[1] if m else f"{store.name.upper()}_KEY_{n}" for n, m in enumerate(names)]
        self.variables |= dict(zip(variables, (store.access_key, store.secret_key), strict=True))
        credentials = {
            key: f"${{{variable}}}"
            for key, variable in zip(("access_key", "secret_key"), variables, strict=True)
        }
        place = {"endpoint_url": store.endpoint_url, "region": store.region, "path_style": True}
        rest = {key: client[key] for key in client if key not in ("ca_bundle", "verify")}
        return rest | place | {"credentials": credentials}

    def _store(self, client: str) -> Store:
        if client not in self._by_client:
            first = 0 if client == "default" else 1
            free = [*self.stores[first:], *self.stores[:first]]
            taken = set(self._by_client.values())
            self._by_client[client] = next(s for s in free if s not in taken)
        return self._by_client[client]

    def _make_buckets(self, routes: Routes) -> None:
        for rule in routes.rules:
            pattern = rule.profile.source_bucket_pattern
            for name in rule.profile.buckets or ([] if has_wildcard(pattern) else [pattern]):
                self._make_bucket(rule.client, rule.bucket(name))
                if not routes.refuses_unmatched:
                    self._make_bucket("default", name)

    def _make_bucket(self, client: str, bucket: str) -> None:
        store = self._by_client[client]
        if bucket not in store.buckets():
            store.make_bucket(bucket)
