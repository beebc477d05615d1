"""Ways of Hadoop to a file system beside its everyday calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, configuration, lake_routes
from py4j.protocol import Py4JJavaError
from spark.places import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]


@pytest.fixture
def routes(west: Store, east: Store) -> dict[str, Any]:
    east.make_bucket("logs")
    mine = {"source_bucket_pattern": "my_*", "mapped_prefix": "{bucket}"}
    profiles = {
        "team2": {"source_key_pattern": "*/team2/*", "mapped_bucket_name": "real"},
        "mine": mine | {"mapped_bucket_name": "logs"},
    }
    return lake_routes(west, east, profiles)


def test_what_is_to_be_deleted_on_exit(
    jvm: Any, routes: dict[str, Any], west: Store, east: Store
) -> None:
    """Hadoop closes the stores' file systems and the router's in any order."""
    hadoop = jvm.org.apache.hadoop.fs
    fs = hadoop.FileSystem.get(jvm.java.net.URI.create("s3a://lake"), configuration(jvm, routes))
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
    context = hadoop.FileContext.getFileContext(uri, configuration(jvm, routes))
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
    context = hadoop.FileContext.getFileContext(uri, configuration(jvm, routes))
    for bucket in ("my_lake", "my_pond", "lake"):
        path = hadoop.Path(f"s3a://{bucket}/a/team2/x")
        context.mkdir(path, None, True)
        assert context.util().exists(path)
        name = context.getFileStatus(path).getPath().toString()
        assert name == f"s3a://{bucket}/a/team2/x"
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
    listing = fs.java.listFiles(fs.path("x"), True)
    first = listing.next().getPath().toString()
    listed, other = (east, west) if "team2" in first else (west, east)
    assert listed.requests()
    assert not other.requests()
    assert listing.hasNext()
    assert other.requests()


def test_a_folder_that_spans_costs_what_it_costs_s3a_and_little_more(
    jvm: Any, routes: dict[str, Any], west: Store, east: Store
) -> None:
    """Its files stay in their store, which is asked for no more; the other one is, once a call.

    Each line says how much more may be asked in all: of the other store, whether a subfolder has
    anything that is to be seen, and at a rename what has changed since it was copied.
    """
    fs = RouterFs(jvm, routes, "lake")
    alone = RouterFs(jvm, {"clients": {"default": client(west)}}, "lake", engine="s3a")
    count = 25
    for top in ("old", "s3a"):
        for number in range(count):
            west.put("lake", f"{top}/d/f{number:02}", b"1")
    steps: dict[str, tuple[Callable[[RouterFs, str], object], object, int]] = {
        "files": (lambda f, top: len(f.files(top)), count, 1),
        "children": (lambda f, top: f.children(top), {"d": "folder"}, 2),
        "a folder": (lambda f, top: f.kind(top), "folder", 0),
        "a file": (lambda f, top: f.kind(f"{top}/d/f00"), "file", 0),
        "summary": (summary, (count, 2, count), 1),
        "rename a file": (lambda f, top: f.rename(f"{top}/d/f00", f"{top}/d/g"), True, 2),
        "rename": (lambda f, top: f.rename(top, f"{top}-new"), True, 3),
        "delete a file": (lambda f, top: f.delete(f"{top}-new/d/f01"), True, 0),
        "delete": (lambda f, top: f.delete(f"{top}-new"), True, 0),
        "what is not there": (lambda f, top: f.delete(f"{top}-new"), False, 1),
    }
    counts: dict[str, list[int]] = {}
    for name, (do, right, _) in steps.items():
        for at, top in ((alone, "s3a"), (fs, "old")):
            west.forget_requests()
            east.forget_requests()
            assert do(at, top) == right, name
            counts.setdefault(name, []).append(len(west.requests()) + len(east.requests()))
    more = {name: router - s3a for name, (s3a, router) in counts.items()}
    assert more == {name: most for name, (*_, most) in steps.items()}, counts


def summary(fs: RouterFs, folder: str) -> tuple[int, int, int]:
    """How many files and folders there are, and bytes."""
    content = fs.java.getContentSummary(fs.path(folder))
    return content.getFileCount(), content.getDirectoryCount(), content.getLength()


def test_a_folder_of_many_stores_is_listed_in_order_and_no_further_than_is_wanted(
    jvm: Any, routes: dict[str, Any], east: Store
) -> None:
    """Some are asked at once, but none before the one before it has been wanted, or nearly."""
    numbers = range(40)
    profiles = {
        f"p{n:02}": routes["profiles"]["team2"]
        | {"source_key_pattern": f"x/p{n:02}/*", "mapped_prefix": f"q{n:02}"}
        for n in numbers
    }
    fs = RouterFs(jvm, {**routes, "profiles": profiles}, "lake")
    for n in numbers:
        if n % 3:
            east.put("real", f"q{n:02}/f", b"1")
    there = [f"x/p{n:02}/f" for n in numbers if n % 3]
    assert list(fs.files("x")) == there
    assert list(fs.children("x")) == [name.split("/")[1] for name in there]
    assert summary(fs, "x") == (len(there), len(there) + 1, len(there))
    east.forget_requests()
    listing = fs.java.listFiles(fs.path("x"), True)
    assert listing.next().getPath().toString() == f"s3a://lake/{there[0]}"
    assert len(east.requests()) <= 4
    listing.close()
    assert fs.delete("x")
    assert east.keys("real") == []
