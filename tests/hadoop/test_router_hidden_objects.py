"""What lies in a store and has no logical name is neither seen nor touched."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, lake_routes
from py4j.protocol import Py4JJavaError
from servers.counting import counted
from spark.places import client

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def routes(west: Store, east: Store) -> dict[str, Any]:
    """A pattern, a folder in a folder, a folder with a prefix, and one that is a whole bucket."""
    for bucket in ("lake", "real", "other"):
        west.make_bucket(bucket)
        east.make_bucket(bucket)
    team2 = {"mapped_bucket_name": "real", "mapped_prefix": "data/t"}
    whole = {"mapped_bucket_name": "other", "mapped_prefix": ""}
    profiles = {
        "pattern": {"source_key_pattern": "*/z/*"},
        "part": {"source_key_pattern": "tbl/p=1/*"},
        "team2": team2 | {"source_key_pattern": "team2/*"},
        "whole": whole | {"source_key_pattern": "whole/*"},
    }
    return lake_routes(west, east, profiles)


@pytest.fixture
def fs(jvm: Any, routes: dict[str, Any]) -> RouterFs:
    return RouterFs(jvm, routes, "lake")


@pytest.mark.parametrize("change", ["delete", "rename", "rename into"])
def test_a_file_where_a_folder_is(fs: RouterFs, west: Store, east: Store, change: str) -> None:
    """Of the folder's name, in a store that has a part of it."""
    east.put("lake", "a", b"nobody's")
    fs.create("a/f0", b"1")
    fs.create("a/z/f0", b"1")
    if change == "delete":
        assert fs.delete("a")
        assert fs.files() == {}
    elif change == "rename":
        assert fs.rename("a", "c")
        assert set(fs.files()) == {"c/f0", "c/z/f0"}
    else:
        assert fs.rename("a/z", "b")
        assert set(fs.files()) == {"a/f0", "b/f0"}
    left = [key for key in east.keys("lake") if not key.endswith("/")]
    assert left == (["a", "c/z/f0"] if change == "rename" else ["a"])
    assert not any(key.startswith("a/z") for key in west.keys("lake"))


@pytest.mark.parametrize("folder", ["team2", "a/z"])
def test_a_file_where_a_routed_folder_is(
    fs: RouterFs, east: Store, tmp_path: Path, folder: str
) -> None:
    bucket, key = {"team2": ("real", "data/t"), "a/z": ("lake", "a/z")}[folder]
    east.put(bucket, key, b"nobody's")
    assert fs.kind(folder) is None
    assert fs.children("") == {}
    assert not fs.delete(folder)
    assert fs.bulk_delete(folder) == []
    local = tmp_path / "local"
    local.write_bytes(b"x")
    reads = (fs.read, fs.children, fs.files, lambda name: fs.rename(name, "c"))
    writes = (
        lambda name: fs.create(name, b""),
        lambda name: fs.put_local(local, name),
        fs.start_upload,
    )
    # A file a/z would be the default store's, since it is a wildcard that takes its folder.
    for refused in (*reads, *(writes if folder == "team2" else ())):
        with pytest.raises(Py4JJavaError, match=r"No such file|takes the folder of this name"):
            refused(folder)
    fs.create(f"{folder}/f0", b"1")
    assert fs.kind(folder) == "folder"
    assert fs.children(folder) == {"f0": "file"}
    assert fs.rename(folder, "there")
    assert fs.read("there/f0") == b"1"
    fs.create(f"{folder}/d/f0", b"1")
    assert fs.delete(folder)
    assert set(fs.files()) == {"there/f0"}
    assert [name for name in east.keys(bucket) if not name.endswith("/")] == [key]


def test_other_peoples_folders_are_not_seen(fs: RouterFs, east: Store) -> None:
    for key in ("q/private/y", "c/f0", "marked/"):
        east.put("lake", key, b"")
    assert fs.children("") == {}
    for name in ("q", "q/private", "c", "c/f0", "marked"):
        assert fs.kind(name) is None, name
    for listing in (fs.children, fs.files):
        with pytest.raises(Py4JJavaError, match="FileNotFound"):
            listing("q")
    fs.create("c/f0", b"1")
    assert fs.read("c/f0") == b"1"
    assert fs.delete("c")
    assert {"c/f0", "marked/", "q/private/y"} <= set(east.keys("lake"))


def test_what_is_shadowed_makes_no_folder(fs: RouterFs, west: Store) -> None:
    """As old files do that a migration left behind."""
    west.put("lake", "tbl/p=1/old.csv", b"1")
    west.put("lake", "x/y/z/old", b"1")
    assert fs.children("") == {}
    assert fs.kind("tbl") is None
    assert fs.kind("x/y") is None
    fs.create("tbl/p=1/new.csv", b"22")
    assert fs.children("tbl") == {"p=1": "folder"}
    assert fs.files() == {"tbl/p=1/new.csv": 2}
    assert fs.delete("tbl")
    assert fs.kind("tbl") is None
    fs.java.mkdirs(fs.path("tbl"))
    assert fs.kind("tbl") == "folder"
    assert fs.children("") == {"tbl": "folder"}
    assert fs.children("tbl") == {}
    assert west.keys("lake") == ["tbl/", "tbl/p=1/old.csv", "x/y/z/old"]


def test_a_folder_is_marked_once_its_store_has_time(
    jvm: Any, routes: dict[str, Any], west: Store
) -> None:
    """As S3A waits for it, whose SDK is told here to ask again but once."""
    busy: list[str] = []

    def refused(method: str, path: str) -> bool:
        if (method, path) != ("PUT", "/lake/a/") or len(busy) == 4:
            return False
        busy.append(path)
        return True

    west.put("lake", "a/z/f0", b"nobody's")
    options = {
        "fs.s3a.attempts.maximum": "1",
        "fs.s3a.retry.limit": "5",
        "fs.s3a.retry.interval": "10ms",
        "fs.s3a.retry.throttle.limit": "5",
        "fs.s3a.retry.throttle.interval": "10ms",
    }
    with counted(west, refused, HTTPStatus.SERVICE_UNAVAILABLE) as proxied:
        clients = routes["clients"] | {"default": client(proxied)}
        fs = RouterFs(jvm, routes | {"clients": clients}, "lake", **options)
        assert fs.java.mkdirs(fs.path("a"))
        assert len(busy) == 4
        assert fs.kind("a") == "folder"
    assert west.keys("lake") == ["a/", "a/z/f0"]


def test_a_parent_stays_when_all_is_gone(fs: RouterFs) -> None:
    fs.create("x/z/f0", b"1")
    assert fs.delete("x/z")
    assert fs.kind("x") == "folder"
    assert fs.kind("x/z") is None
    fs.create("x/y/z/f0", b"1")
    fs.create("x/y/f0", b"1")
    assert fs.rename("x/y", "team2/y")
    assert fs.kind("x") == "folder"
    assert fs.kind("x/y") is None


def test_a_whole_bucket_is_a_folder_as_its_root_is(fs: RouterFs) -> None:
    assert fs.java.mkdirs(fs.path("whole"))
    assert fs.kind("whole") == "folder"
    assert fs.children("whole") == {}
    fs.create("whole/f0", b"1")
    assert fs.delete("whole")
    assert fs.kind("whole") == "folder"
