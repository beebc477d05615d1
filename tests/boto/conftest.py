"""Routes over servers that the tests of the boto3 router share."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest

from s3r_spark.boto import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from servers.store import Store

TEAM2 = {
    "client": "minio",
    "source_bucket_pattern": "example-bucket",
    "source_key_pattern": "team2/*",
    "mapped_bucket_name": "minio-bucket",
    "mapped_prefix": "data/team2",
}


def entry(store: Store, **more: Any) -> dict[str, Any]:
    """A store as an entry of `clients` has it."""
    keys = {"access_key": store.access_key, "secret_key": store.secret_key}
    return {
        "service": "minio" if store.kind == "generic" else store.kind,
        "endpoint_url": store.endpoint_url,
        "region": store.region,
        "credentials": keys,
        **more,
    }


@pytest.fixture
def routes(east: Store, west: Store) -> dict[str, Any]:
    """The README's example: one team's folder of a bucket lies in another store."""
    east.make_bucket("example-bucket")
    west.make_bucket("minio-bucket")
    forget(east, west)
    return {
        "clients": {"default": entry(east), "minio": entry(west)},
        "profiles": {"minio": TEAM2},
    }


@pytest.fixture
def s3(routes: dict[str, Any]) -> Any:
    return client(routes)


@pytest.fixture
def crt(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """boto3's transfers by awscrt, as far as they can be looked at without it."""
    for part in ("awscrt", "awscrt.auth", "awscrt.http", "awscrt.io", "awscrt.s3"):
        monkeypatch.setitem(sys.modules, part, MagicMock())
    made_of_it = ("boto3.crt", "s3transfer.crt")
    for name in made_of_it:
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield importlib.import_module("boto3.crt")
    for name in made_of_it:
        sys.modules.pop(name)


def forget(*stores: Store) -> None:
    for store in stores:
        store.forget_requests()


def asked(store: Store) -> list[str]:
    """The methods and paths of the requests that a store got."""
    return [f"{request['method']} {request['path']}" for request in store.requests()]
