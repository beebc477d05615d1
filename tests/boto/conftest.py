"""Routes over servers that the tests of the boto3 router share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from s3r_spark.boto import client

if TYPE_CHECKING:
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


def forget(*stores: Store) -> None:
    for store in stores:
        store.forget_requests()


def asked(store: Store) -> list[str]:
    """The methods and paths of the requests that a store got."""
    return [f"{found['method']} {found['path']}" for found in store.requests()]
