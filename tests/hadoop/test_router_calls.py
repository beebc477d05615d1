"""Ways of Hadoop to a file system beside its everyday calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, machine
from spark.places import client

from s3r_spark.hadoop.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def jvm() -> Iterator[Any]:
    with machine() as running:
        yield running


@pytest.fixture
def routes(west: Store, east: Store) -> dict[str, Any]:
    west.make_bucket("lake")
    east.make_bucket("real")
    east.make_bucket("logs")
    lake = {"client": "east", "source_bucket_pattern": "lake", "mapped_bucket_name": "real"}
    mine = {"client": "east", "source_bucket_pattern": "my_*", "mapped_bucket_name": "logs"}
    return {
        "clients": {"default": client(west), "east": client(east)},
        "profiles": {
            "team2": lake | {"source_key_pattern": "*/team2/*"},
            "mine": mine | {"mapped_prefix": "{bucket}"},
        },
    }


def conf(jvm: Any, routes: dict[str, Any]) -> Any:
    made = jvm.org.apache.hadoop.conf.Configuration()
    for key, value in settings(routes, engine="router", secrets="inline").items():
        made.set(key, value)
    return made


def test_what_is_to_be_deleted_on_exit(
    jvm: Any, routes: dict[str, Any], west: Store, east: Store
) -> None:
    """Hadoop closes the stores' file systems and the router's in any order."""
    hadoop = jvm.org.apache.hadoop.fs
    fs = hadoop.FileSystem.get(jvm.java.net.URI.create("s3a://lake"), conf(jvm, routes))
    names = [f"{top}/{name}" for top in ("x", "y", "z") for name in ("f0", "team2/f0")]
    for name in names:
        path = hadoop.Path(f"s3a://lake/{name}")
        fs.create(path).close()
        if not name.startswith("z"):
            fs.deleteOnExit(path)
    fs.deleteOnExit(hadoop.Path("s3a://lake/z"))
    hadoop.FileSystem.closeAll()
    left = [key for store in (west, east) for b in store.buckets() for key in store.keys(b)]
    assert [key for key in left if not key.endswith("/")] == []


def test_a_file_context_of_a_bucket_that_is_no_host_name(
    jvm: Any, routes: dict[str, Any], east: Store
) -> None:
    """Spark writes a stream's checkpoints by it."""
    hadoop = jvm.org.apache.hadoop.fs
    uri = jvm.java.net.URI.create("s3a://my_lake")
    context = hadoop.FileContext.getFileContext(uri, conf(jvm, routes))
    for bucket in ("my_lake", "my_pond", "lake"):
        path = hadoop.Path(f"s3a://{bucket}/a/team2/x")
        context.mkdir(path, None, True)  # noqa: FBT003 - Java's
        assert context.util().exists(path)
        found = context.getFileStatus(path).getPath().toString()
        assert found == f"s3a://{bucket}/a/team2/x"
    assert "a/team2/x/" in east.keys("real")
    assert east.keys("logs") == ["my_lake/a/team2/x/", "my_pond/a/team2/x/"]


def test_listings_can_be_closed_and_have_statistics(jvm: Any, routes: dict[str, Any]) -> None:
    fs = RouterFs(jvm, routes, "lake")
    fs.create("x/f0", b"1")
    fs.create("x/team2/f0", b"1")
    for folder in ("x", "x/team2"):
        listing = fs.java.listStatusIterator(fs.path(folder))
        while listing.hasNext():
            listing.next()
        counters = listing.getIOStatistics().counters()
        assert counters.get("object_list_request") >= 1
        listing.close()
