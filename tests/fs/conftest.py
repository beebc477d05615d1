"""File systems over servers that the tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import TEAM2, entry
from s3fs import S3FileSystem

from s3r_spark.fs import S3RFileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store


@pytest.fixture(autouse=True)
def _no_instances_left() -> Iterator[None]:
    """Each test has file systems of its own: a cached one may know lists of another's."""
    yield
    S3RFileSystem.clear_instance_cache()
    S3FileSystem.clear_instance_cache()


@pytest.fixture
def routes(east: Store, west: Store) -> dict[str, Any]:
    """The README's example: one team's folder of a bucket lies in another store."""
    east.make_bucket("example-bucket")
    west.make_bucket("minio-bucket")
    for store in (east, west):
        store.forget_requests()
    return {
        "clients": {"default": entry(east), "minio": entry(west)},
        "profiles": {"minio": TEAM2},
    }


@pytest.fixture
def fs(routes: dict[str, Any]) -> S3RFileSystem:
    return S3RFileSystem(routes)


def plain(store: Store, **options: Any) -> S3FileSystem:
    """s3fs itself on one store."""
    return S3FileSystem(
        key=store.access_key,
        secret=store.secret_key,
        endpoint_url=store.endpoint_url,
        client_kwargs={"region_name": store.region},
        config_kwargs={"s3": {"addressing_style": "path"}},
        **options,
    )
