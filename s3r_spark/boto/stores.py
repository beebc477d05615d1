"""The stores behind the router: each is a plain boto3 client, made from its entry in routes.yaml.

The router lends a store's own parts (endpoint, signer, endpoint rules) for one call: copies of them
that speak to the router's event emitter, so that the handlers of the router's user are heard. All
that keeps two stores apart (connections, trust, credentials, redirects, S3 Express sessions, retry
quotas) stays with the store's own client.
"""

# ruff: noqa: SLF001 - private parts of botocore, each listed in s3r_spark.private_apis

from __future__ import annotations

import copy
import os
import weakref
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.hooks import HierarchicalEmitter

from s3r_spark.boto import cancellation, checksums
from s3r_spark.boto.botocore_config import config_of
from s3r_spark.boto.credentials import signing
from s3r_spark.boto.locks import Lock
from s3r_spark.boto.tally import Tally
from s3r_spark.endpoints import is_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.client import BaseClient
    from botocore.config import Config

    from s3r_spark.routing import Routes

_KEEPS_QUOTA = ("standard", "adaptive")


class Store:
    """One store, ready to be lent.

    Attributes:
        name: the client's name in the routes.
        client: its plain boto3 client.
        endpoint: sends requests over the store's connections.
        signer: signs with the store's credentials, for its region.
        resolver: finds addresses by the store's settings.
        region: the region of the client.
        config: the client's botocore.config.Config.
        byte_ordered: whether its lists come in the order of the keys' bytes.
        ready: whether somebody else made the client, and may have hooks on it.
        keeps_quota: whether its retries count on hearing of each answer.
        paces: whether its retries pace what is sent.
        redirects: whether its client may know buckets to be in another region.
    """

    __slots__ = (
        "byte_ordered",
        "client",
        "config",
        "endpoint",
        "keeps_quota",
        "name",
        "paces",
        "ready",
        "redirects",
        "region",
        "resolver",
        "signer",
    )

    def __init__(
        self, name: str, client: BaseClient, events: Any, *, byte_ordered: bool, ready: bool
    ) -> None:
        self.name, self.client, self.byte_ordered, self.ready = name, client, byte_ordered, ready
        self.config = client.meta.config
        self.region = client.meta.region_name
        self.endpoint = copy.copy(client._endpoint)
        self.endpoint._event_emitter = events
        self.resolver = copy.copy(client._ruleset_resolver)
        self.resolver._event_emitter = events
        self.signer = copy.copy(client._request_signer)
        self.signer._event_emitter = weakref.proxy(events)  # as botocore's own: no reference cycle
        mode = (self.config.retries or {}).get("mode")
        self.keeps_quota, self.paces = mode in _KEEPS_QUOTA, mode == "adaptive"
        self.redirects = ready


class Stores:
    """The stores of a router by name, each made when it is first asked for.

    Attributes:
        tally: counts what they are asked.

    Args:
        make: gives a new plain client by name; None where ready clients are given.
        ready: the ready clients by name.
        ordered: tells by name whether the store lists in byte order.
        tally: counts what they are asked, where it counts others too.
    """

    def __init__(
        self,
        make: Callable[[str], BaseClient] | None,
        ready: Mapping[str, BaseClient],
        ordered: Callable[[str, BaseClient], bool],
        tally: Tally | None = None,
    ) -> None:
        self._make, self._ready, self._ordered = make, ready, ordered
        self._plain: dict[str, BaseClient] = dict(ready)
        self._made: dict[str, Store] = {}
        self._lock, self._pid = Lock(), os.getpid()
        self.tally = tally or Tally()
        for name, client in ready.items():
            self.tally.watch_plain(client.meta.events, name)
        self.events: Any = HierarchicalEmitter()  # or, where they are lent, the router's

    def get(self, name: str) -> Store:
        """The store of a client's name."""
        self._notice_fork()
        return self._made.get(name) or self._lend(name)

    def plain(self, name: str) -> BaseClient:
        """The plain client of that name."""
        self._notice_fork()
        with self._lock:
            if name not in self._plain:
                assert self._make is not None  # noqa: S101 - ready clients are all there
                self._plain[name] = self._make(name)
                self.tally.watch_plain(self._plain[name].meta.events, name)
            return self._plain[name]

    def ready_address(self, name: str) -> str | None:
        """The address of a ready client; None: the client is made here, as the routes say."""
        ready = self._ready.get(name)
        return None if ready is None else ready.meta.endpoint_url

    def close(self) -> None:
        """Close the connections of stores that were made here; ready clients are their owner's."""
        with self._lock:
            for name, client in self._plain.items():
                if name not in self._ready:
                    client.close()

    def _lend(self, name: str) -> Store:
        with self._lock:
            if name not in self._made:
                client = self.plain(name)
                self._made[name] = Store(
                    name,
                    client,
                    self.events,
                    byte_ordered=self._ordered(name, client),
                    ready=name in self._ready,
                )
            return self._made[name]

    def _notice_fork(self) -> None:
        """Let go of a parent's connections: two processes that share a socket mix their answers."""
        if self._pid == os.getpid():
            return
        self._pid = os.getpid()
        for client in self._plain.values():
            client._endpoint.http_session.close()


def byte_ordered(routes: Routes) -> Callable[[str, BaseClient], bool]:
    """Tell whether a client of these routes lists in byte order."""
    return lambda name, _client: routes.clients[name].preset.byte_ordered_lists


def byte_ordered_at(_name: str, client: BaseClient) -> bool:
    """Tell whether a ready client lists in byte order: of AWS alone that is known."""
    return is_aws(client.meta.endpoint_url)


# -- from routes.yaml to a plain client ------------------------------------------------------------


class Recipe(NamedTuple):
    """Ingredients of a plain client, whatever makes it.

    Attributes:
        session: a boto3.Session that has its credentials, unless they are keys.
        config: its botocore.config.Config.
        arguments: the others: address, region, trust, and perhaps keys.
    """

    session: Any
    config: Config
    arguments: dict[str, Any]

    def make(self) -> BaseClient:
        """A plain boto3 client."""
        client = self.session.client("s3", config=self.config, **self.arguments)
        checksums.register(client)
        cancellation.register(client)
        return client


def recipes(
    routes: Routes, over: Config | None = None, under: Config | None = None
) -> Callable[[str], Recipe]:
    """A function that tells what the plain client of a name is made with.

    It says the same at every call, so that whoever makes a client shares its credentials, which
    may have to be renewed.

    Args:
        routes: whose clients they are.
        over: laid over every client's own settings.
        under: what holds where a client's own settings say nothing.

    Raises:
        RoutesError: `botocore` of a client holds what botocore's Config doesn't take.
    """
    configs = {name: config_of(routes, name, over, under) for name in routes.clients}
    lock = Lock()

    @cache
    def known(name: str) -> Recipe:
        client = routes.clients[name]
        session, keys = signing(client.credentials, client.region or client.preset.region)
        verify: bool | str | None = None if client.verify else False
        if client.ca_bundle is not None:
            verify = str(routes.folder / client.ca_bundle)
        arguments = {
            "endpoint_url": client.endpoint_url,
            "region_name": client.region or client.preset.region,
            "verify": verify,
            **keys,
        }
        return Recipe(session, configs[name], arguments)

    def recipe(name: str) -> Recipe:
        with lock:
            return known(name)

    return recipe


def maker(recipe: Callable[[str], Recipe]) -> Callable[[str], BaseClient]:
    """A function that makes the plain boto3 client of a name."""
    return lambda name: recipe(name).make()
