"""Buckets and folders in which routes meet: what is asked about them, and of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import TEAM2, asked, entry, forget

from s3r_spark.errors import UnmatchedError
from s3r_spark.fs import S3RFileSystem

if TYPE_CHECKING:
    from servers.store import Store

BUCKET = "example-bucket"
TEAM = f"{BUCKET}/team2"
DOWN = "http://127.0.0.1:9"
WRONG = {"access_key": "wrong", "secret_key": "wrong"}


# -- routed folders --------------------------------------------------------------------------------


def test_a_slash_behind_a_routed_folder_changes_nothing(fs: Any, east: Store, west: Store) -> None:
    fs.pipe(f"{TEAM}/a", b"a")
    forget(east, west)
    assert fs.info(f"{TEAM}/") == fs.info(TEAM)
    assert fs.exists(f"s3r://{TEAM}/")
    assert fs.isdir(f"{TEAM}/")
    assert not fs.isfile(f"{TEAM}/")
    assert asked(east) == []


def without_default(routes: Any) -> Any:
    del routes["clients"]["default"]
    return {**routes, "unmatched": "refuse"}


def forbidden(routes: Any) -> Any:
    routes["clients"]["default"]["credentials"] = WRONG
    return routes


def without_keys(routes: Any) -> Any:
    del routes["clients"]["default"]["credentials"]
    return routes


@pytest.mark.parametrize("worse", [without_default, forbidden, without_keys])
def test_an_empty_routed_folder_needs_no_access_to_the_default_store(
    routes: Any, worse: Any
) -> None:
    fs = S3RFileSystem(worse(routes))
    for path in (TEAM, f"{TEAM}/"):
        assert not fs.exists(path)
        assert not fs.isdir(path)
        assert not fs.isfile(path)
        assert fs.find(path) == []
        assert fs.glob(f"{BUCKET}/team2/*") == []
        for call in (fs.info, fs.ls, fs.open, lambda path: fs.rm(path, recursive=True)):
            with pytest.raises(FileNotFoundError):
                call(path)
    fs.makedirs(f"{TEAM}/x", exist_ok=True)
    fs.pipe(f"{TEAM}/x/a", b"a")
    assert fs.exists(TEAM)
    fs.rm(TEAM, recursive=True)
    assert not fs.exists(TEAM)


def test_an_object_with_a_routed_folders_name_is_read_by_open_too(fs: Any, east: Store) -> None:
    fs.pipe(f"{TEAM}/a", b"a")
    with pytest.raises(FileNotFoundError):
        fs.open(TEAM)
    east.put(BUCKET, "team2", b"object")
    for _ in range(2):
        assert fs.cat_file(TEAM) == b"object"
        with fs.open(TEAM) as file:
            assert file.size == 6
            assert file.read() == b"object"
        with fs.open(TEAM, "r", encoding="utf-8") as text:
            assert text.read() == "object"
        with fs.open(TEAM, cache_type="none", block_size=2) as file:
            assert file.read(3) == b"obj"
        assert fs.ls(BUCKET, detail=False) == [TEAM, TEAM]
    with fs.open(TEAM, "ab") as file:
        file.write(b"+more")
    assert east.get(BUCKET, "team2") == b"object+more"


# -- buckets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", ["default", "minio"])
@pytest.mark.parametrize("why", [{"endpoint_url": DOWN, "fail_fast": True}, {"credentials": WRONG}])
def test_a_bucket_is_there_though_one_of_its_stores_can_not_be_asked(
    routes: Any, client: str, why: dict[str, Any]
) -> None:
    routes["clients"][client] |= why
    fs = S3RFileSystem(routes)
    assert fs.exists(BUCKET)
    assert fs.info(BUCKET)["type"] == "directory"
    assert fs.isdir(f"s3r://{BUCKET}/")


def test_a_bucket_of_which_nobody_can_tell_is_an_error(routes: Any) -> None:
    """Unless every store says that it isn't there."""
    routes["clients"]["default"]["credentials"] = WRONG
    nowhere = {**TEAM2, "mapped_bucket_name": "none"}
    routes["profiles"] = {"minio": nowhere}
    fs = S3RFileSystem(routes)
    for call in (fs.exists, fs.info, fs.isdir):
        with pytest.raises(PermissionError):
            call(BUCKET)
    routes["profiles"] = {"minio": {**nowhere, "source_bucket_pattern": "virtual"}}
    fs = S3RFileSystem(without_default(routes))
    assert not fs.exists("virtual")
    assert not fs.isdir("virtual")
    with pytest.raises(FileNotFoundError):
        fs.info("virtual")


def test_no_folder_makes_a_bucket(routes: Any, east: Store, west: Store) -> None:
    routes["profiles"]["whole"] = {"client": "minio", "source_bucket_pattern": "whole"}
    fs = S3RFileSystem(routes)
    for path in ("typo/folder", "whole/folder", "typo/deep/er/"):
        for make in (fs.mkdir, fs.makedirs, lambda path: fs.makedirs(path, exist_ok=True)):
            with pytest.raises(FileNotFoundError):
                make(path)
    assert (east.buckets(), west.buckets()) == ([BUCKET], ["minio-bucket"])
    fs.makedirs("whole")
    fs.makedirs("whole/folder", exist_ok=True)
    assert west.buckets() == ["minio-bucket", "whole"]
    with pytest.raises(FileExistsError):
        fs.mkdir("whole")


def test_a_bucket_is_made_in_its_stores_region(east: Store, west: Store) -> None:
    """`west` signs for another region than us-east-1, where buckets need no word of it."""
    clients = {"default": entry(east), "minio": entry(west)}
    whole = {"client": "minio", "source_bucket_pattern": "whole"}
    fs = S3RFileSystem({"clients": clients, "profiles": {"whole": whole}})
    fs.mkdir("whole")
    fs.mkdir("s3r://other")
    where = west.client().get_bucket_location(Bucket="whole")["LocationConstraint"]
    assert (where, east.buckets()) == (west.region, ["other"])
    fs.mkdir("another", region_name="eu-central-1")
    where = east.client().get_bucket_location(Bucket="another")["LocationConstraint"]
    assert where == "eu-central-1"


@pytest.mark.parametrize("root", ["s3r://", "s3://", "s3a://", ""])
def test_the_root_has_the_buckets(fs: Any, root: str) -> None:
    assert fs.ls(root, detail=False) == [BUCKET]
    assert fs.exists(root)
    assert fs.isdir(root)
    for call in (fs.find, lambda path: list(fs.walk(path))):
        with pytest.raises(ValueError, match="all of S3"):
            call(root)


def test_names_that_are_refused_stay_refused(routes: Any) -> None:
    fs = S3RFileSystem(without_default(routes))
    for path in ("typo", "typo/x", f"{BUCKET}/typo"):
        for call in (fs.exists, fs.info, fs.mkdir, fs.isdir):
            with pytest.raises(UnmatchedError):
                call(path)
