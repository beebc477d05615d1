"""Random operations on a tree over three services, against a dict; special cases by themselves."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, lake_routes
from py4j.protocol import Py4JJavaError
from spark.places import client

from s3r_spark.errors import RoutesError
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from servers.store import Store

FOLDERS = ["a", "b", "z", "c"]
FILES = ["f0", "f1"]
PATTERNS = ["a/*", "a/b/*", "*/z/*", "b/*", "z/a/*", "a/*/c/*", "*/b/*", "c/?/*"]
LEFT = ["a/old", "a/b/old", "b/z/old", "c/z/old", "p/old", "p/b/old", "z/a/old"]
LEFT += ["a", "b", "z", "p"]  # files where folders are
Lying = set[tuple[str, str, str]]  # of files: the client, the physical bucket, the key


@pytest.fixture(scope="module")
def routes(west_store: Store, east_store: Store) -> dict[str, Any]:
    """A folder in a folder, a pattern, and the default client's rest, all in one bucket."""
    inner = {"client": "default", "source_key_pattern": "a/b/*", "mapped_bucket_name": "other"}
    outer = {"source_key_pattern": "a/*", "mapped_bucket_name": "real", "mapped_prefix": "p"}
    profiles = {
        "inner": inner | {"mapped_prefix": ""},
        "outer": outer,
        "pattern": {"source_key_pattern": "*/z/*"},
        "whole": {"source_bucket_pattern": "whole", "mapped_prefix": "w"},
    }
    return lake_routes(west_store, east_store, profiles)


@pytest.fixture
def stores(west: Store, east: Store) -> dict[str, Store]:
    """The stores of the fixed routes, by their clients."""
    for store in (west, east):
        for bucket in ("lake", "other", "real", "whole"):
            store.make_bucket(bucket)
    return {"default": west, "east": east}


@pytest.fixture
def lake(jvm: Any, routes: dict[str, Any], stores: dict[str, Store]) -> RouterFs:
    assert stores
    return RouterFs(jvm, routes, "lake")


def overlapping(rng: random.Random, stores: dict[str, Store]) -> dict[str, Any]:
    """Some patterns in an order in which each can match, with a bucket each on any store."""
    clients = {name: client(store) for name, store in stores.items()}
    while True:
        profiles = {
            f"p{number}": {
                "client": rng.choice(list(stores)),
                "source_bucket_pattern": "lake",
                "source_key_pattern": pattern,
                "mapped_bucket_name": f"bucket{number}",
                "mapped_prefix": rng.choice(["", "p", "p/b"]),
            }
            for number, pattern in enumerate(rng.sample(PATTERNS, 5))
        }
        with suppress(RoutesError):  # an earlier one takes all the names of one
            Routes.load({"clients": clients, "profiles": profiles})
            return {"clients": clients, "profiles": profiles}


def leftovers(routes: Routes, stores: dict[str, Store]) -> Lying:
    """What lies in the stores under no logical name; one in each place where there can be any."""
    buckets = {(name, bucket) for name, store in stores.items() for bucket in store.buckets()}
    return {
        (name, bucket, key)
        for name, bucket in sorted(buckets)
        for key in LEFT
        if not any(meant.bucket == "lake" for meant in routes.names_of(name, bucket, key))
    }


def physical(routes: Routes, names: list[str]) -> Lying:
    targets = [routes.resolve_path(f"s3a://lake/{name}") for name in names]
    return {(str(target.client), target.bucket, str(target.key)) for target in targets}


def lying(stores: dict[str, Store]) -> Lying:
    return {
        (name, bucket, key)
        for name, store in stores.items()
        for bucket in store.buckets()
        for key in store.keys(bucket)
        if not key.endswith("/")
    }


def below(files: dict[str, bytes], name: str) -> list[str]:
    return [file for file in files if file == name or file.startswith(f"{name}/" if name else "")]


def is_file_s(routes: Routes, name: str) -> bool:
    """Whether a file can have a name: those of routed folders are elsewhere for boto3."""
    return routes.resolve("lake", name) == routes.resolve_path(f"s3a://lake/{name}")


def renamed(
    fs: RouterFs, files: dict[str, bytes], old: str, new: str, routes: Routes
) -> dict[str, bytes]:
    """What a rename makes of the files, as S3A says it; the files as they are where it refuses."""
    there = fs.kind(new)
    if there == "file" or f"{new}/".startswith(f"{old}/"):
        return files
    if old in files and there == "folder":
        new = f"{new}/{old.rpartition('/')[2]}"
        if new in files:
            return files
    elif there == "folder" and fs.children(new):
        return files
    moving = below(files, old)
    moved = {(new + file[len(old) :]).lstrip("/"): files[file] for file in moving}
    if not all(is_file_s(routes, name) for name in moved):
        return files
    return {file: body for file, body in files.items() if file not in moving} | moved


class Tree:
    """A file system and the model of it: every file by its name."""

    def __init__(self, fs: RouterFs, routes: Routes, rng: random.Random) -> None:
        self.fs, self.routes, self.rng = fs, routes, rng
        self.files: dict[str, bytes] = {}
        self.done: list[str] = []

    def anywhere(self) -> list[str]:
        return [self.rng.choice(FOLDERS) for _ in range(self.rng.randrange(4))]

    def file_somewhere(self) -> str:
        return "/".join([*self.anywhere(), self.rng.choice(FILES)])

    def create(self) -> None:
        name = self.file_somewhere()
        if name not in self.files:
            self.done.append(f"create {name}")
            self.files[name] = f"{len(self.done)} {name}".encode()
            self.fs.create(name, self.files[name])

    def delete(self) -> None:
        name = "/".join(self.anywhere()) or self.rng.choice(FILES)
        self.done.append(f"delete {name}")
        self.fs.delete(name)
        for file in below(self.files, name):
            del self.files[file]

    def rename(self) -> None:
        name = self.rng.choice([*self.files, "/".join(self.anywhere()) or "a"])
        target = "/".join(self.anywhere()) or "c"
        if name in self.files and self.rng.random() < 0.5:
            target = self.file_somewhere()
        elif name in self.files and not self.fs.kind(target):
            return  # S3 would let it be a file and a folder
        if self.fs.kind(name) is None or name == target:
            return
        self.done.append(f"rename {name} to {target}")
        expected = renamed(self.fs, self.files, name, target, self.routes)
        try:
            self.fs.rename(name, target)
        except Py4JJavaError:
            if expected != self.files:
                raise
        self.files = expected

    def step(self) -> None:
        self.rng.choice([self.create, self.create, self.create, self.delete, self.rename])()

    def check(self) -> None:
        """Every name is as it was left, by all ways of asking."""
        assert self.fs.files() == {name: len(body) for name, body in self.files.items()}
        children: dict[str, dict[str, str]] = {}
        for name, body in self.files.items():
            assert self.fs.read(name) == body
            below, kind = name, "file"
            while below:
                folder, _, last = below.rpartition("/")
                children.setdefault(folder, {})[last] = kind
                below, kind = folder, "folder"
        for folder, known in children.items():
            assert self.fs.kind(folder) == "folder"
            # there may be more: a folder that was emptied
            assert known.items() <= self.fs.children(folder).items()
        for depth in range(4):
            at_depth = {name for name in self.files if name.count("/") == depth}
            assert self.fs.glob("*/" * depth + "f?") == at_depth


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_random_operations(seed: int, jvm: Any, west: Store, east: Store, north: Store) -> None:
    stores = {"default": west, "east": east, "north": north}
    rng = random.Random(seed)
    data = overlapping(rng, stores)
    routes = Routes.load(data)
    for store in stores.values():
        store.make_bucket("lake")
    for profile in data["profiles"].values():
        stores[profile["client"]].make_bucket(profile["mapped_bucket_name"])
    nobodys = leftovers(routes, stores)
    for name, bucket, key in nobodys:
        stores[name].put(bucket, key, b"nobody's")
    tree = Tree(RouterFs(jvm, data, "lake"), routes, rng)
    try:
        assert tree.fs.children("") == {}
        for _ in range(40):
            before = len(tree.done)
            tree.step()
            if tree.done[before:] and not tree.done[-1].startswith("create"):
                assert tree.fs.files().keys() == tree.files.keys()
                assert lying(stores) == physical(routes, list(tree.files)) | nobodys
        tree.check()
        assert lying(stores) == physical(routes, list(tree.files)) | nobodys
    except (AssertionError, Py4JJavaError) as error:
        raise AssertionError(f"with {data['profiles']}, after {tree.done}") from error


def test_listing_above_a_routed_folder_shows_it(lake: RouterFs, stores: dict[str, Store]) -> None:
    assert lake.children("") == {}
    lake.create("a/f0", b"x")
    stores["default"].put("lake", "a/shadowed", b"")
    stores["default"].put("lake", "top", b"")
    assert lake.children("") == {"a": "folder", "top": "file"}
    assert lake.children("a") == {"f0": "file"}


def test_a_bucket_mapped_as_a_whole_shows_what_is_below_its_prefix(
    jvm: Any, routes: dict[str, Any], stores: dict[str, Store]
) -> None:
    fs = RouterFs(jvm, routes, "whole")
    stores["east"].put("whole", "else", b"not below the prefix")
    assert fs.kind("") == "folder"
    assert fs.children("") == {}
    fs.create("f0", b"x")
    fs.create("d/f0", b"x")
    assert stores["east"].keys("whole") == ["else", "w/d/f0", "w/f0"]


@pytest.mark.parametrize("serving", ["folders", "a prefix", "a bucket", "a catch-all"])
def test_a_bucket_s_root_is_left_as_s3a_leaves_it(
    jvm: Any, routes: dict[str, Any], stores: dict[str, Store], serving: str
) -> None:
    """Whatever serves it: `delete("/")` is false, and all stays."""
    profiles = dict(routes["profiles"])
    if serving == "a bucket":
        profiles = {"lake": {"source_bucket_pattern": "lake", "client": "east"}}
    elif serving == "a catch-all":
        profiles |= {"rest": {"source_bucket_pattern": "la*", "client": "east"}}
    bucket = "whole" if serving == "a prefix" else "lake"
    fs = RouterFs(jvm, {**routes, "profiles": profiles}, bucket)
    for recursive in (False, True):
        assert not fs.delete("", recursive=recursive), "empty"
    fs.create("a/f0", b"x")
    fs.create("f0", b"x")
    before = lying(stores)
    for recursive in (False, True):
        assert not fs.delete("", recursive=recursive)
        assert not fs.delete("/", recursive=recursive)
    assert lying(stores) == before


def test_a_rename_across_stores_can_be_refused(
    jvm: Any, routes: dict[str, Any], stores: dict[str, Store]
) -> None:
    fs = RouterFs(jvm, routes, "lake", **{"fs.s3r.rename.across": "refuse"})
    fs.create("c/f0", b"x")
    before = lying(stores)
    stores["east"].forget_requests()
    for old, new in (("c/f0", "a/f0"), ("c", "a/c")):
        with pytest.raises(Py4JJavaError, match=r"fs\.s3r\.rename\.across=refuse"):
            fs.rename(old, new)
    assert lying(stores) == before
    assert not [r for r in stores["east"].requests() if r["method"] in {"PUT", "POST"}]


def test_errors_name_the_logical_path_and_the_client(lake: RouterFs) -> None:
    with pytest.raises(Py4JJavaError) as caught:
        lake.read("a/none")
    error = caught.value.java_exception
    assert error.getClass().getName() == "java.io.FileNotFoundException"
    assert "s3a://lake/a/none" in error.getMessage()
    assert "client 'east'" in error.getMessage()


def test_a_file_can_not_have_a_routed_folder_s_name(
    lake: RouterFs, stores: dict[str, Store]
) -> None:
    with pytest.raises(Py4JJavaError, match="takes the folder of this name"):
        lake.create("a", b"x")
    assert lying(stores) == set()


@pytest.mark.parametrize("name", ["c/private/x", "c/private"])
def test_names_that_are_not_for_spark_are_refused(
    jvm: Any, routes: dict[str, Any], stores: dict[str, Store], name: str
) -> None:
    private = {"source_bucket_pattern": "lake", "source_key_pattern": "c/private/*"}
    profiles = {"private": private | {"client": "east", "spark": False}, **routes["profiles"]}
    fs = RouterFs(jvm, {**routes, "profiles": profiles}, "lake")
    for refused in (fs.read, fs.children, fs.files, fs.delete, lambda n: fs.create(n, b"")):
        with pytest.raises(Py4JJavaError, match="spark: false"):
            refused(name)
    fs.create("c/f0", b"x")
    with pytest.raises(Py4JJavaError, match="spark: false"):
        fs.delete("c")
    assert lying(stores) == {("default", "lake", "c/f0")}


def test_names_that_no_profile_takes_can_be_refused(
    jvm: Any, routes: dict[str, Any], stores: dict[str, Store]
) -> None:
    profiles = {"outer": routes["profiles"]["outer"]}
    fs = RouterFs(jvm, {**routes, "profiles": profiles, "unmatched": "refuse"}, "lake")
    with pytest.raises(Py4JJavaError, match="unmatched: refuse"):
        fs.create("c/f0", b"x")
    fs.create("a/f0", b"x")
    assert fs.children("") == {"a": "folder"}
    assert lying(stores) == {("east", "real", "p/f0")}
