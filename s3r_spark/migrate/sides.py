"""The two sides of a migration: routes, the router's client for them, and where names are."""

# ruff: noqa: SLF001 - the stores of a client that was made here

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.config import Config

from s3r_spark.boto.calls import physical_key
from s3r_spark.boto.factory import client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.boto.router import Router
    from s3r_spark.boto.stores import Store
    from s3r_spark.routing import Meaning, Routes, Rule

_SPARE = 4  # connections beside the workers' own


class Spot(NamedTuple):
    """The place of an object.

    Attributes:
        rule: the rule that leads there.
        service: what its store's addresses have in common.
        bucket: the physical bucket.
        key: the physical key.
    """

    rule: Rule
    service: str
    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The place as `s3://bucket/key`."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def identity(self) -> bytes:
        """16 bytes that no other place has."""
        text = f"{self.service}\0{self.bucket}\0{self.key}"
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True)
class Side:
    """Routes and what is needed to work by them.

    Attributes:
        routes: the routes.
        client: a router client of theirs.
    """

    routes: Routes
    client: Any

    @classmethod
    def of(cls, routes: Routes, workers: int = 1) -> Side:
        """A side whose stores have a connection for each worker."""
        connections = max(10, workers + _SPARE)
        return cls(routes, client(routes, config=Config(max_pool_connections=connections)))

    @property
    def router(self) -> Router:
        """The router behind the client."""
        router: Router = self.client._s3r_router
        return router

    def store(self, spot: Spot) -> Store:
        """The store of a place."""
        return self.router.store(spot.rule)

    @cached_property
    def _services(self) -> dict[str, str]:
        return {name: entry.service_id for name, entry in self.routes.clients.items()}

    def service(self, client: str) -> str:
        """The common part of all addresses of a client's service."""
        return self._services[client]

    def spot(self, bucket: str, key: str) -> Spot:
        """Find the place of a name.

        Raises:
            RefusedError: it is the root of a bucket.
            UnmatchedError: no profile matches it, and the file says `unmatched: refuse`.
        """
        rule = self.routes.rule(bucket, key)
        service = self.service(rule.client)
        return Spot(rule, service, rule.bucket(bucket), physical_key(rule, bucket, key))

    def names_at(self, spot: Spot) -> Iterator[Meaning]:
        """All names that a place can be meant by, whatever client reaches it."""
        for name in self.routes.clients:
            if self.service(name) == spot.service:
                yield from self.routes.names_of(name, spot.bucket, spot.key)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()
