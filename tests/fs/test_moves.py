"""What a move deletes, and above all what it must not."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from servers.counting import counted

from s3r_spark.fs import S3RFileSystem, moves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers.store import Store

BUCKET = "example-bucket"
TEAM = f"{BUCKET}/team2"
PLACE = "data/team2"


def under_two_names(store: Store, address: str) -> dict[str, Any]:
    """Routes by which `archive` is `example-bucket` itself, at another address of its store."""
    again = {"source_bucket_pattern": "archive", "mapped_bucket_name": BUCKET}
    return {
        "clients": {"default": entry(store), "again": entry(store, endpoint_url=address)},
        "profiles": {"again": again},
    }


# -- one place under several names -----------------------------------------------------------------


def test_an_object_at_two_spellings_of_one_address_stays(east: Store) -> None:
    east.make_bucket(BUCKET)
    other = east.endpoint_url.replace("127.0.0.1", "LocalHost")
    assert other != east.endpoint_url
    fs = S3RFileSystem(under_two_names(east, other))
    names = [f"{BUCKET}/d/x", f"{BUCKET}/d/y"]
    fs.pipe(dict.fromkeys(names, b"data"))
    fs.mv(f"{BUCKET}/d/x", "archive/d/x")
    fs.mv(f"{BUCKET}/d", "archive/d", recursive=True)
    fs.mv(names, [name.replace(BUCKET, "archive") for name in names])
    assert east.objects(BUCKET) == {"d/x": 4, "d/y": 4}
    fs.mv([*names, f"{BUCKET}/d/x"], ["archive/d/x", "archive/new", "archive/d/x"])
    assert east.objects(BUCKET) == {"d/x": 4, "new": 4}


def test_an_object_at_two_addresses_that_nothing_tells_are_one_stays(east: Store) -> None:
    """A proxy's address, as here, or a second name in DNS."""
    east.make_bucket(BUCKET)
    with counted(east) as again:
        fs = S3RFileSystem(under_two_names(east, again.endpoint_url))
        fs.pipe({f"{BUCKET}/x": b"data", f"{BUCKET}/d/y": b"y"})
        with pytest.raises(OSError, match=rf"not deleted.*: '{BUCKET}/x'"):
            fs.mv(f"{BUCKET}/x", "archive/x")
        with pytest.raises(OSError, match=rf"not deleted.*: '{BUCKET}/d/y'"):
            fs.mv(f"{BUCKET}/d/", "archive/d/", recursive=True)
        assert east.objects(BUCKET) == {"d/y": 1, "x": 4}
        fs.mv(f"{BUCKET}/x", "archive/z")
        assert east.objects(BUCKET) == {"d/y": 1, "z": 4}


def test_a_name_in_two_spellings_is_one_name(fs: Any, east: Store) -> None:
    fs.pipe({f"{BUCKET}/d/x": b"x", f"{BUCKET}/d/y": b"y"})
    east.forget_requests()
    for name in ("d", "d/x"):
        fs.mv(f"s3r://{BUCKET}/{name}", f"{BUCKET}/{name}", recursive=True)
        fs.mv(f"{BUCKET}/{name}/", f"s3a://{BUCKET}/{name}", recursive=True)
    fs.mv([f"s3r://{BUCKET}/d/x"], [f"{BUCKET}/d/x"])
    assert east.requests() == []
    assert east.objects(BUCKET) == {"d/x": 1, "d/y": 1}


# -- names that meet -------------------------------------------------------------------------------


@pytest.mark.parametrize("root", [f"{BUCKET}/a", f"{TEAM}/a"])
def test_a_tree_moves_up_over_itself(fs: Any, root: str) -> None:
    names = ["b/x", "b/b/x", "b/b/b/x"]
    fs.pipe({f"{root}/{name}": name.encode() for name in names})
    fs.mv(f"{root}/b/", f"{root}/", recursive=True)
    moved = {f"{root}/{name.removeprefix('b/')}": name.encode() for name in names}
    assert fs.cat(fs.find(root)) == moved


def test_a_tree_moves_down_into_itself(fs: Any) -> None:
    names = ["x", "b/x", "b/b/x"]
    fs.pipe({f"{TEAM}/a/{name}": name.encode() for name in names})
    fs.mv(f"{TEAM}/a/", f"{TEAM}/a/b/", recursive=True)
    assert fs.cat(fs.find(TEAM)) == {f"{TEAM}/a/b/{name}": name.encode() for name in names}


def test_names_that_are_rotated_keep_their_contents(fs: Any) -> None:
    logs = [f"{BUCKET}/log.1", f"{TEAM}/log.2", f"{BUCKET}/log.3"]
    fs.pipe({logs[0]: b"1", logs[1]: b"2"})
    fs.mv(logs[:2], logs[1:])
    assert fs.cat(fs.find(BUCKET)) == {logs[1]: b"1", logs[2]: b"2"}


def test_what_no_order_can_move_is_refused_before_a_byte(fs: Any, east: Store, west: Store) -> None:
    one, two, three = f"{BUCKET}/1", f"{TEAM}/2", f"{BUCKET}/3"
    fs.pipe({one: b"1", two: b"2"})
    for store in (east, west):
        store.forget_requests()
    with pytest.raises(ValueError, match="change places"):
        fs.mv([one, two], [two, one])
    with pytest.raises(ValueError, match="can't both be moved"):
        fs.mv([one, two], [three, three])
    assert {request["method"] for store in (east, west) for request in store.requests()} <= {"GET"}
    assert fs.cat(fs.find(BUCKET)) == {one: b"1", two: b"2"}
    fs.mv([one, one], [two, three])  # to two names is to both
    assert fs.cat(fs.find(BUCKET)) == {two: b"1", three: b"1"}


# -- others at work --------------------------------------------------------------------------------


@contextmanager
def watched(
    routes: dict[str, Any], west: Store, meanwhile: Callable[[str, str], bool], count: int = 10
) -> Iterator[S3RFileSystem]:
    """A folder that is to be moved to the other store, with something done at each request."""
    with counted(west, meanwhile) as store:
        routes["clients"]["minio"] = entry(store)
        fs = S3RFileSystem(routes)
        fs.pipe({f"{BUCKET}/d/{number}": b"data" for number in range(count)})
        yield fs


def test_what_is_written_meanwhile_is_not_deleted(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    new = {"d/3": b"newer", "d/4": b"more"}
    written: list[str] = []

    def meanwhile(method: str, path: str) -> bool:
        key = path.partition("/team2/")[2]
        if method == "PUT" and key in new:
            east.put(BUCKET, key, new[key])
            written.append(key)
        return False

    with (
        watched(routes, west, meanwhile) as fs,
        pytest.raises(OSError, match=rf"not deleted.*: '{BUCKET}/d/3, {BUCKET}/d/4'"),
    ):
        fs.mv(f"{BUCKET}/d", f"{TEAM}/d", recursive=True)
    assert sorted(written) == list(new)
    assert {key: east.get(BUCKET, key) for key in east.keys(BUCKET)} == new
    assert west.objects("minio-bucket") == {f"{PLACE}/d/{number}": 4 for number in range(10)}


@pytest.mark.slow
def test_a_store_that_looks_at_etags_deletes_nothing_that_is_written_at_last(
    routes: dict[str, Any], west: Store, seaweed_store: Store
) -> None:
    """Between the look at it and its deletion, where its store looks once more."""

    def meanwhile(method: str, path: str, content: bytes) -> bytes:
        if method == "POST" and path.endswith("delete"):
            seaweed_store.put(BUCKET, "d/3", b"newer")
        return content

    seaweed_store.make_bucket(BUCKET)
    try:
        with counted(seaweed_store, sent=meanwhile) as store:
            routes["clients"]["default"] = entry(store)
            fs = S3RFileSystem(routes)
            fs.pipe({f"{BUCKET}/d/{number}": b"data" for number in range(10)})
            with pytest.raises(OSError, match=rf"not deleted.*: '{BUCKET}/d/3'"):
                fs.mv(f"{BUCKET}/d", f"{TEAM}/d", recursive=True)
        assert seaweed_store.objects(BUCKET) == {"d/3": 5}
    finally:
        seaweed_store.clear()
    assert west.objects("minio-bucket") == {f"{PLACE}/d/{number}": 4 for number in range(10)}


def test_nothing_is_deleted_where_one_copy_fails(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    def meanwhile(method: str, path: str) -> bool:
        return method == "PUT" and path.endswith("/7")

    with watched(routes, west, meanwhile) as fs, pytest.raises(PermissionError):
        fs.mv(f"{BUCKET}/d", f"{TEAM}/d", recursive=True)
    assert len(east.keys(BUCKET)) == 10


@pytest.mark.parametrize(("method", "end"), [("PUT", "moved/sub/3"), ("POST", "")])
def test_a_stopped_move_is_run_again_to_its_end(
    routes: dict[str, Any], east: Store, west: Store, method: str, end: str
) -> None:
    """While it copied, or while it deleted."""
    refused: list[str] = []

    def stop(operation: str, path: str) -> bool:
        is_first = not refused and operation == method and path.endswith(end)
        refused.extend([path] * is_first)
        while is_first and len(east.keys(BUCKET)) < 4:  # the other copies are made meanwhile
            time.sleep(0.01)
        return is_first

    data = {f"d/{name}": name.encode() for name in ("1", "2", "sub/d/1", "sub/3")}
    with counted(east, stop) as one, counted(west, stop) as other:
        routes["clients"] = {"default": entry(one), "minio": entry(other)}
        fs = S3RFileSystem(routes)
        fs.pipe({f"{TEAM}/{name}": content for name, content in data.items()})
        fs.pipe(f"{TEAM}/d/_SUCCESS", b"")
        with pytest.raises(PermissionError):
            fs.mv(f"{TEAM}/d", f"{BUCKET}/moved", recursive=True)
        assert len(west.keys("minio-bucket")) == 5
        if method == "POST":
            fs.rm(f"{TEAM}/d/1")  # some were deleted before it was stopped
        fs.mv(f"{TEAM}/d", f"{BUCKET}/moved", recursive=True)
    moved = {key: east.get(BUCKET, key) for key in east.keys(BUCKET)}
    names = {name.replace("d/", "moved/", 1): content for name, content in data.items()}
    assert moved == {**names, "moved/_SUCCESS": b""}
    assert west.keys("minio-bucket") == []


@pytest.mark.parametrize("names", [["_SUCCESS", "sub/_SUCCESS"], ["_SUCCESS", "last"]])
def test_a_move_that_was_stopped_early_is_run_again_to_its_end(
    fs: Any, east: Store, west: Store, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it had copied but empty files, or but the last ones, which were small."""
    monkeypatch.setattr(moves, "_LOOKED_AT", 5)
    empty = ["", "_SUCCESS", "sub/_SUCCESS"]  # the first one marks the folder
    for name in empty:
        west.put("minio-bucket", f"{PLACE}/d/{name}")
    full = [*(f"{number:03}" for number in range(7)), "last"]
    for name in full:
        west.put("minio-bucket", f"{PLACE}/d/{name}", name.encode())
    for name in names:
        east.put(BUCKET, f"moved/{name}", name.encode() if name in full else b"")
    fs.mv(f"{TEAM}/d", f"{BUCKET}/moved", recursive=True)
    assert east.keys(BUCKET) == sorted(f"moved/{name}" for name in empty + full)
    assert west.keys("minio-bucket") == []


@pytest.mark.parametrize(
    "there",
    [{"": b""}, {"new": b""}, {"x": b""}, {"x": b"2"}, {"_SUCCESS": b"", "x": b"2"}],
)
def test_a_folder_with_anything_else_in_it_is_no_move_that_was_stopped(
    fs: Any, east: Store, there: dict[str, bytes]
) -> None:
    """As one that is but a marker; that of what is moved goes last, and so alone tells nothing."""
    for name, content in there.items():
        east.put(BUCKET, f"there/{name}", content)
    fs.pipe({f"{TEAM}/d/x": b"1", f"{TEAM}/d/_SUCCESS": b""})
    fs.mv(f"{TEAM}/d", f"{BUCKET}/there", recursive=True)
    names = [*there, "d/_SUCCESS", "d/x"]
    assert east.keys(BUCKET) == sorted(f"there/{name}" for name in names)


def test_a_folder_is_copied_before_its_marker(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    """Where the marker is there, all is: a folder that is moved doesn't go into it then."""
    put: list[str] = []

    def meanwhile(method: str, path: str) -> bool:
        put.extend([path] * (method == "PUT"))
        return False

    with watched(routes, west, meanwhile) as fs:
        east.put(BUCKET, "d/")
        fs.mv(f"{BUCKET}/d", f"{TEAM}/d", recursive=True)
    assert [path.endswith("/d/") for path in put] == [False] * 10 + [True]
    assert len(west.keys("minio-bucket")) == 11
    assert east.keys(BUCKET) == []


def test_a_bucket_is_moved_with_all_that_its_names_are_in(
    fs: Any, east: Store, west: Store
) -> None:
    for bucket in ("there", "new"):
        east.make_bucket(bucket)
    fs.pipe({f"{BUCKET}/x": b"1", f"{TEAM}/y": b"2"})
    fs.mv(BUCKET, "there", recursive=True)
    assert east.objects("there") == {"team2/y": 1, "x": 1}
    fs.copy("there/", "new", recursive=True)
    assert east.objects("new") == east.objects("there")
    assert east.keys(BUCKET) == west.keys("minio-bucket") == []


def test_a_folder_goes_into_one_that_is_there(fs: Any, east: Store) -> None:
    """Also where both have files of one name: these are no copies of each other."""
    fs.pipe({f"{TEAM}/d/x": b"one", f"{TEAM}/d/_SUCCESS": b""})
    fs.pipe({f"{BUCKET}/there/x": b"two", f"{BUCKET}/there/_SUCCESS": b""})
    fs.mv(f"{TEAM}/d", f"{BUCKET}/there", recursive=True)
    names = ["_SUCCESS", "d/_SUCCESS", "d/x", "x"]
    assert east.keys(BUCKET) == [f"there/{name}" for name in names]


def test_ctrl_c_ends_a_move(routes: dict[str, Any], east: Store, west: Store) -> None:
    interrupted = threading.Event()
    begun: list[str] = []

    def meanwhile(method: str, path: str) -> bool:
        if method == "PUT":
            begun.append(path)
            if len(begun) == 1:
                os.kill(os.getpid(), signal.SIGINT)
            interrupted.wait(60)
        return False

    with watched(routes, west, meanwhile, 40) as fs:
        with pytest.raises(KeyboardInterrupt):
            fs.mv(f"{BUCKET}/d", f"{TEAM}/d", recursive=True)
        interrupted.set()
        for name in ("after", "that"):  # comes behind all that the first one would still do
            fs.pipe(f"{BUCKET}/{name}", b"")
            fs.mv(f"{BUCKET}/{name}", f"{TEAM}/{name}")
    assert len(east.keys(BUCKET)) == 40
    assert len(west.keys("minio-bucket")) < 40
