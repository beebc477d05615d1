"""One router: the routes, the stores that they lead to, and whose names its callers get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s3r_spark.endpoints import is_aws, service_at

if TYPE_CHECKING:
    from s3r_spark.boto.stores import Store, Stores
    from s3r_spark.routing import Routes, Rule

_EXPRESS = "--x-s3"  # directory buckets end in it; their ETags are no MD5s


@dataclass(frozen=True)
class Router:
    """All that one client routes by.

    Attributes:
        routes: which name goes where.
        stores: the stores by client name.
        physical: whether answers have the stores' names, not the caller's.
    """

    routes: Routes
    stores: Stores
    physical: bool = False

    @property
    def main(self) -> str:
        """The name of the client that gets what names no bucket."""
        return main_client(self.routes)

    def store(self, rule: Rule) -> Store:
        """The store that a rule leads to."""
        return self.stores.get(rule.client)

    def service_id(self, client: str) -> str:
        """The common part of all addresses of a client's service."""
        address = self.stores.ready_address(client)
        return self.routes.clients[client].service_id if address is None else service_at(address)

    def has_md5_etags(self, client: str, bucket: str) -> bool:
        """Tell whether a store says that its ETags are MD5s, where nothing is encrypted."""
        address = self.stores.ready_address(client)
        preset = self.routes.clients[client].preset
        has_md5s = preset.md5_etags if address is None else is_aws(address)
        return has_md5s and not bucket.endswith(_EXPRESS)


def main_client(routes: Routes) -> str:
    """The name of the client that gets what names no bucket."""
    return "default" if "default" in routes.clients else next(iter(routes.clients))
