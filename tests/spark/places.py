"""Two stores, the routes to them, and where names really lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from servers.store import Store

__all__ = [
    "PLACES",
    "Place",
    "buckets",
    "client",
    "lay_out",
    "profiles",
    "routes",
    "strays",
    "variables",
]


@dataclass(frozen=True)
class Place:
    """A logical folder and where it really is.

    Attributes:
        path: what a job calls it.
        store: `west`, which is the default client, or `east`.
        bucket: the physical bucket.
        prefix: the physical folder in it, without a `/` at the end; may be empty.
    """

    path: str
    store: str
    bucket: str
    prefix: str

    def key(self, rest: str) -> str:
        """The physical key of what a job calls `<path>/<rest>`."""
        return f"{self.prefix}/{rest}" if self.prefix else rest


PLACES: Mapping[str, Mapping[str, Place]] = {
    "s3a": {
        "default": Place("s3a://plain/base", "west", "plain", "base"),
        "bucket": Place("s3a://moved/base", "east", "moved", "base"),
    },
    "viewfs": {
        "default": Place("s3a://shared/team1", "west", "shared", "team1"),
        "folder": Place("s3a://shared/team2", "east", "real", "data/team2"),
        "renamed": Place("s3a://renamed/base", "east", "other-name", "sub/base"),
    },
    "router": {
        "default": Place("s3a://shared/team1", "west", "shared", "team1"),
        "same-bucket": Place("s3a://shared/team2", "east", "shared", "data/team2"),
        "pattern": Place("s3a://shared/teams/x/raw", "east", "real", "by-team/x/raw"),
        "scheme-s3r": Place("s3r://renamed/base", "east", "other-name", "sub/base"),
    },
}

_PROFILES: Mapping[str, dict[str, Any]] = {
    "s3a": {"east": {"source_bucket_pattern": "moved"}},
    "viewfs": {
        "team2": {
            "client": "east",
            "source_bucket_pattern": "shared",
            "source_key_pattern": "team2/*",
            "mapped_bucket_name": "real",
            "mapped_prefix": "data/team2",
        },
        "renamed": {
            "client": "east",
            "source_bucket_pattern": "renamed",
            "mapped_bucket_name": "other-name",
            "mapped_prefix": "sub",
        },
    },
    "router": {
        "team2": {
            "client": "east",
            "source_bucket_pattern": "shared",
            "source_key_pattern": "team2/*",
            "mapped_prefix": "data/team2",
        },
        "raw": {
            "client": "east",
            "source_bucket_pattern": "shared",
            "source_key_pattern": "teams/*/raw/*",
            "mapped_bucket_name": "real",
            "mapped_prefix": "by-team",
        },
        "renamed": {
            "client": "east",
            "source_bucket_pattern": "re*",
            "mapped_bucket_name": "other-name",
            "mapped_prefix": "sub",
        },
    },
}


def buckets(engine: str) -> list[str]:
    """Every bucket that a name may lie in, by right or by mistake."""
    names = {place.bucket for place in PLACES[engine].values()}
    return sorted(names | {place.path.split("/")[2] for place in PLACES[engine].values()})


def client(store: Store, *, by_variables: bool = False) -> dict[str, Any]:
    """A store as a client of routes.yaml.

    Args:
        store: the store.
        by_variables: whether its keys are read from `variables(store)`, not said.
    """
    keys = {"access_key": store.access_key, "secret_key": store.secret_key}
    if by_variables:
        keys = dict(zip(keys, (f"${{{name}}}" for name in variables(store)), strict=True))
    return {"endpoint_url": store.endpoint_url, "region": store.region, "credentials": keys}


def variables(store: Store) -> dict[str, str]:
    """The environment that a store's keys are read from."""
    name = store.name.upper()
    return {f"{name}_KEY": store.access_key, f"{name}_SECRET": store.secret_key}


def profiles(engine: str) -> dict[str, Any]:
    """The profiles of an engine's places."""
    return {name: dict(profile) for name, profile in _PROFILES[engine].items()}


def routes(engine: str, west: Store, east: Store) -> dict[str, Any]:
    """The routes of an engine's places."""
    clients = {"default": client(west), "east": client(east)}
    return {"version": 1, "clients": clients, "profiles": profiles(engine)}


def lay_out(engine: str, west: Store, east: Store, file: Path) -> None:
    """Make the buckets of an engine's places, and write its routes, whose keys are variables."""
    for store in (west, east):
        for bucket in buckets(engine):
            store.make_bucket(bucket)
    stores = {"default": west, "east": east}
    clients = {name: client(store, by_variables=True) for name, store in stores.items()}
    file.write_text(yaml.safe_dump({"clients": clients, "profiles": profiles(engine)}))


def strays(place: Place, stores: Mapping[str, Store]) -> dict[str, list[str]]:
    """What lies anywhere but in a place, as a plain client sees it, by store and bucket."""
    inside = f"{place.prefix}/" if place.prefix else ""
    keys_by_bucket = {}
    for name, store in stores.items():
        for bucket in store.buckets():
            at_home = name == place.store and bucket == place.bucket
            keys = [k for k in store.keys(bucket) if not (at_home and k.startswith(inside))]
            if keys:
                keys_by_bucket[f"{name}:{bucket}"] = keys
    return keys_by_bucket
