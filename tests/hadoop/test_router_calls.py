"""Ways of Hadoop to a file system beside its everyday calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, machine
from py4j.protocol import Py4JJavaError
from spark.places import client

from s3r_spark.hadoop.routes_plan import settings

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


def test_what_is_not_there_yet_can_be_deleted_on_exit(jvm: Any, routes: dict[str, Any]) -> None:
    fs = RouterFs(jvm, routes, "lake")
    for name in ("x/f0", "x/team2/f0", "x/f1"):
        assert fs.java.deleteOnExit(fs.path(name))
        fs.create(name, b"1")
    assert fs.java.cancelDeleteOnExit(fs.path("x/f1"))
    assert not fs.java.cancelDeleteOnExit(fs.path("x/f1"))
    fs.java.close()
    assert set(RouterFs(jvm, routes, "lake").files()) == {"x/f1"}


def test_calls_about_names_that_are_refused(jvm: Any, routes: dict[str, Any]) -> None:
    """An IOException, where the call throws one at all."""
    mine = {"profiles": {"team2": routes["profiles"]["team2"]}, "unmatched": "refuse"}
    fs = RouterFs(jvm, {**routes, **mine}, "lake")
    path = fs.path("x")
    builder = fs.java.createFile(path)
    for call in (
        lambda: fs.java.create(path),
        builder.build,
        lambda: fs.java.hasPathCapability(path, "anything"),
    ):
        with pytest.raises(Py4JJavaError, match=r": org.apache.hadoop.fs.PathIOException.*refuse"):
            call()
    assert fs.java.getDefaultBlockSize(path) == 32 << 20


def test_no_file_is_written_over_a_routed_folder(jvm: Any, routes: dict[str, Any]) -> None:
    fs = RouterFs(jvm, routes, "lake")
    fs.create("x/team2/f0", b"1")
    with pytest.raises(Py4JJavaError, match=r"FileAlreadyExistsException.*is a directory"):
        fs.create("x/team2", b"1")
    assert fs.files() == {"x/team2/f0": 1}


def test_a_file_context_s_options_reach_the_store(jvm: Any, routes: dict[str, Any]) -> None:
    hadoop = jvm.org.apache.hadoop.fs
    uri = jvm.java.net.URI.create("s3a://lake")
    RouterFs(jvm, routes, "lake").create("x/f0", b"0123456789")
    context = hadoop.FileContext.getFileContext(uri, conf(jvm, routes))
    path = hadoop.Path("s3a://lake/x/f0")
    opening = context.openFile(path).must("fs.option.openfile.length", "10")
    stream = opening.build().get()
    assert bytes(stream.readAllBytes()) == b"0123456789"
    with pytest.raises(Py4JJavaError, match="unknown"):
        context.openFile(path).must("unknown", "x").build().get()


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


def test_a_store_is_listed_when_the_listing_has_come_to_it(
    jvm: Any, routes: dict[str, Any], west: Store, east: Store
) -> None:
    fs = RouterFs(jvm, routes, "lake")
    fs.create("x/f0", b"1")
    fs.create("x/team2/f0", b"1")
    for store in (west, east):
        store.forget_requests()
    listing = fs.java.listFiles(fs.path("x"), True)  # noqa: FBT003 - Java's
    first = listing.next().getPath().toString()
    asked, other = (east, west) if "team2" in first else (west, east)
    assert asked.requests()
    assert not other.requests()
    assert listing.hasNext()
    assert other.requests()


def test_files_that_stay_in_their_store_cost_what_they_cost_s3a(
    jvm: Any, routes: dict[str, Any], west: Store, east: Store
) -> None:
    """Of a folder that spans stores too: a HEAD and a COPY each to rename, no more to delete.

    What a rename asks beyond is whether anything is to be seen, what has changed at the old name
    since it was listed, and the other store.
    """
    fs = RouterFs(jvm, routes, "lake")
    asked: dict[int, list[int]] = {}
    for count in (5, 25):
        for number in range(count):
            west.put("lake", f"old{count}/d/f{number}", b"1")
        for step in ("rename", "delete"):
            west.forget_requests()
            east.forget_requests()
            if step == "rename":
                assert fs.rename(f"old{count}", f"new{count}")
            else:
                assert fs.delete(f"new{count}")
            asked.setdefault(count, []).append(len(west.requests()) + len(east.requests()))
    assert asked[25] == [asked[5][0] + 2 * 20, asked[5][1]]
    alone = RouterFs(jvm, {"clients": {"default": client(west)}}, "lake", engine="s3a")
    for number in range(25):
        west.put("lake", f"old/d/f{number}", b"1")
    west.forget_requests()
    assert alone.rename("old", "new")
    assert asked[25][0] <= len(west.requests()) + 10
