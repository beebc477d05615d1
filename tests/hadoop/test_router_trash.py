"""Hadoop's own trash over the router: what is deleted stays on its store."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, lake_routes
from py4j.protocol import Py4JJavaError
from spark.places import client

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = pytest.mark.slow

TRASH = {"fs.trash.interval": "60", "fs.defaultFS": "s3a://lake"}
ALL_USERS = True


class Bin:
    """The trash of a file system, by plain strings; `~` is the home folder, `U` the user."""

    def __init__(self, jvm: Any, fs: RouterFs) -> None:
        self.fs = fs
        self._hadoop = jvm.org.apache.hadoop
        self._user = jvm.java.lang.System.getProperty("user.name")

    def throw(self, name: str) -> bool:
        """False: it was in the trash already, and stays."""
        java = self.fs.java
        path = self.fs.path(name)
        return bool(self._hadoop.fs.Trash.moveToAppropriateTrash(java, path, java.getConf()))

    def shell(self, *words: str) -> int:
        array = self._hadoop.util.StringUtils.getStrings(",".join(words))
        return int(self._hadoop.fs.FsShell(self.fs.java.getConf()).run(array))

    def roots(self, *, all_users: bool = False) -> set[str]:
        statuses = self.fs.java.getTrashRoots(all_users)
        return {str(status.getPath()).removeprefix(f"{self.fs.root}/") for status in statuses}

    def named(self, text: str) -> str:
        return text.replace("~", f"user/{self._user}").replace("U", self._user)


def opened(jvm: Any, stores: tuple[Store, Store], profile: dict[str, Any]) -> Bin:
    routes = lake_routes(*stores, {"only": {"mapped_bucket_name": "real"} | profile})
    return Bin(jvm, RouterFs(jvm, routes, "lake", **TRASH))


def files(store: Store) -> set[str]:
    """The keys of all files of the two buckets that a store has one of."""
    keys = (key for bucket in store.buckets() for key in store.keys(bucket))
    return {key for key in keys if not key.endswith("/")}


FOLDER = {"source_key_pattern": "team2/*", "mapped_prefix": "data/team2"}
WRITES = {"PUT", "POST", "DELETE"}


@pytest.mark.parametrize(
    ("profile", "name", "root"),
    [
        (FOLDER, "team2/d", "team2/.Trash/U"),
        (FOLDER, "d", "~/.Trash"),
        ({}, "d", "~/.Trash"),
        ({"mapped_prefix": "all"}, "d", "~/.Trash"),
        ({"source_key_pattern": "*/team2/*"}, "x/team2/d", "~/.Trash"),
        ({"source_key_pattern": "raw/2*/*"}, "raw/24/d", "raw/24/.Trash/U"),
        ({"source_key_pattern": "raw/[*]?/x/*"}, "raw/*1/x/d", "raw/*1/x/.Trash/U"),
        ({"source_key_pattern": "user/*"}, "d", ".Trash/U"),
    ],
)
def test_what_is_thrown_away_stays_on_its_store(
    profile: dict[str, Any], name: str, root: str, jvm: Any, stores: tuple[Store, Store]
) -> None:
    """It is renamed there, comes back by a rename, and is gone when the trash is emptied."""
    west, east = stores
    trash = opened(jvm, stores, profile)
    root = trash.named(root)
    for file in ("f0", "e/f1"):
        trash.fs.create(f"{name}/{file}", b"1")
    here, there = files(west), files(east)
    other = east if here else west
    other.forget_requests()

    assert trash.throw(name)
    thrown = f"{root}/Current/{name}"
    assert set(trash.fs.files()) == {f"{thrown}/f0", f"{thrown}/e/f1"}
    assert len(files(west)) == len(here)
    assert len(files(east)) == len(there)
    assert [r for r in other.requests() if r["method"] in WRITES] == []
    assert trash.roots() == trash.roots(all_users=ALL_USERS) == {root}
    assert not trash.throw(f"{thrown}/f0"), "it is in the trash"

    assert trash.fs.rename(thrown, name)
    assert (files(west), files(east)) == (here, there)
    assert trash.throw(f"{name}/f0")
    assert trash.shell("-expunge", "-immediate") == 0
    assert set(trash.fs.files()) == {f"{name}/e/f1"}


def test_a_folder_that_spans_stores_is_thrown_away_where_each_file_stays_on_its_store(
    jvm: Any, stores: tuple[Store, Store]
) -> None:
    west, east = stores
    trash = opened(jvm, stores, {"source_key_pattern": "*/team2/*"})
    for file in ("x/f0", "x/team2/f1"):
        trash.fs.create(file, b"1")
    assert trash.throw("x")
    thrown = trash.named("~/.Trash/Current/x")
    assert files(west) == {f"{thrown}/f0"}
    assert files(east) == {f"{thrown}/team2/f1"}
    assert trash.fs.rename(thrown, "x")
    assert set(trash.fs.files()) == {"x/f0", "x/team2/f1"}


@pytest.mark.parametrize("name", ["x", "x/team2"])
def test_what_has_no_trash_on_its_store_is_refused(
    name: str, jvm: Any, stores: tuple[Store, Store]
) -> None:
    """A folder that spans, and a routed folder itself: its trash would be inside of it."""
    west, east = stores
    trash = opened(jvm, stores, {"source_key_pattern": "x/team2/*"})
    for file in ("x/f0", "x/team2/f1"):
        trash.fs.create(file, b"1")
    pattern = r"it is on client 'east' \(bucket real\).*on client 'default' \(bucket lake\)"
    with pytest.raises(Py4JJavaError) as caught:
        trash.throw(name)
    error = caught.value.java_exception
    text = f"{error.getMessage()}: {error.getCause()}"
    assert re.search(pattern if name == "x" else "it contains the trash", text)
    assert trash.shell("-rm", "-r", f"s3a://lake/{name}") == 1
    assert files(west) == {"x/f0"}
    assert files(east) == {"x/team2/f1"}
    assert trash.shell("-rm", "-r", "-skipTrash", f"s3a://lake/{name}") == 0
    trash.fs.create("x/f2", b"1")
    assert trash.throw("x"), "nothing of another store is in it"


def test_the_shell_empties_no_trash_that_has_no_logical_name(
    jvm: Any, stores: tuple[Store, Store]
) -> None:
    _, east = stores
    trash = opened(jvm, stores, FOLDER)
    stray = trash.named("~/.Trash/Current/f0")
    east.put("real", stray, b"1")
    trash.fs.create("team2/f0", b"1")
    assert trash.shell("-rm", "s3a://lake/team2/f0") == 0
    assert trash.shell("-expunge", "-immediate") == 0
    assert files(east) == {stray}


def test_a_whole_bucket_s_trash_costs_what_it_costs_s3a(
    jvm: Any, stores: tuple[Store, Store]
) -> None:
    """And is where S3A has it."""
    west, _ = stores
    routes = {"clients": {"default": client(west)}, "profiles": {}}
    counts = {}
    for engine in ("s3a", "router"):
        trash = Bin(jvm, RouterFs(jvm, routes, "lake", engine=engine, **TRASH))
        for name in (f"{engine}/warm", f"{engine}/d/f0"):
            trash.fs.create(name, b"1")
            west.forget_requests()
            assert trash.throw(name)
            assert trash.shell("-expunge", "-immediate") == 0
        counts[engine] = Counter(request["method"] for request in west.requests())
        assert trash.fs.files() == {}
    assert counts["router"] == counts["s3a"]
