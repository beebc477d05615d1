"""What copies, moves and deletes do to many names at once, and above all what they leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import TEAM2
from fs.conftest import plain

from s3r_spark.errors import RefusedError, UnmatchedError
from s3r_spark.fs import S3RFileSystem

if TYPE_CHECKING:
    from servers.store import Store

BUCKET = "example-bucket"
TEAM = f"{BUCKET}/team2"
PLACE = "data/team2"


def versioned(store: Store, bucket: str) -> Any:
    client = store.client()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return client


# -- copies and moves ------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [f"{BUCKET}/to", f"{TEAM}/to"])
def test_objects_that_end_in_a_slash_are_moved_as_they_are(
    fs: Any, east: Store, west: Store, to: str
) -> None:
    east.put(BUCKET, "from/ph/", b"data!")
    east.put(BUCKET, "from/ph/f", b"f")
    fs.mv(f"{BUCKET}/from", to, recursive=True)
    moved = {"ph/": 5, "ph/f": 1}
    if to == f"{BUCKET}/to":
        assert east.objects(BUCKET) == {f"to/{name}": size for name, size in moved.items()}
    else:
        assert west.objects("minio-bucket") == {
            f"{PLACE}/to/{name}": size for name, size in moved.items()
        }
        assert east.keys(BUCKET) == []


def test_an_object_that_ends_in_a_slash_and_cant_be_copied_stays(fs: Any, east: Store) -> None:
    east.put(BUCKET, "from/ph/", b"data!")
    for recursive in (True, False):
        with pytest.raises(FileNotFoundError):
            fs.mv([f"{BUCKET}/from/ph/"], ["no-such-bucket/ph/"], recursive=recursive)
    with pytest.raises(FileNotFoundError):
        fs.mv(f"{BUCKET}/from", "no-such-bucket/to", recursive=True)
    assert east.objects(BUCKET) == {"from/ph/": 5}


@pytest.mark.parametrize("source", [f"{BUCKET}/from", f"{TEAM}/from"])
def test_a_copy_of_a_tree_to_a_bucket_that_is_missing_is_an_error(
    fs: Any, east: Store, west: Store, source: str
) -> None:
    """Without a word, as from s3fs, nothing would be there."""
    east.put(BUCKET, "from/a", b"a")
    west.put("minio-bucket", f"{PLACE}/from/a", b"a")
    with pytest.raises(FileNotFoundError, match="bucket does not exist"):
        fs.copy(source, "no-such-bucket/to", recursive=True)


def test_a_copy_of_a_tree_passes_over_what_is_gone_since(fs: Any, east: Store) -> None:
    for name in ("a", "b"):
        east.put(BUCKET, f"from/{name}", b"a")
    sources, targets = (
        [f"{folder}/{name}" for name in "agb"] for folder in (f"{BUCKET}/from", TEAM)
    )
    fs.copy(sources, targets, on_error="ignore")
    assert fs.find(TEAM) == [f"{TEAM}/a", f"{TEAM}/b"]


def test_a_folder_is_not_moved_unless_it_is_asked_for(fs: Any, east: Store) -> None:
    """Nor is an object of a routed folder's name then, which s3fs would delete."""
    east.put(BUCKET, "team2", b"object")
    fs.pipe({f"{TEAM}/a": b"a", f"{BUCKET}/folder/a": b"a"})
    for folder in (TEAM, f"{BUCKET}/folder"):
        with pytest.raises(IsADirectoryError):
            fs.mv(folder, f"{BUCKET}/moved")
    assert east.objects(BUCKET) == {"folder/a": 1, "team2": 6}


def test_a_move_to_a_depth_leaves_what_lies_deeper(fs: Any) -> None:
    fs.pipe(dict.fromkeys([f"{TEAM}/from/{name}" for name in ("a", "b", "deep/c")], b""))
    fs.mv(f"{TEAM}/from", f"{BUCKET}/to", recursive=True, maxdepth=1)
    assert fs.find(BUCKET) == [f"{TEAM}/from/deep/c", f"{BUCKET}/to/a", f"{BUCKET}/to/b"]


def test_a_copy_of_one_name_is_of_an_object(fs: Any, east: Store) -> None:
    fs.pipe({f"{TEAM}/x/a": b"a", f"{BUCKET}/x/a": b"a"})
    for folder in (f"{TEAM}/x", f"{BUCKET}/x", TEAM):
        with pytest.raises(FileNotFoundError):
            fs.cp_file(folder, f"{BUCKET}/copy")
        with pytest.raises(FileNotFoundError):
            fs.copy([folder], [f"{BUCKET}/copy"])
    east.put(BUCKET, "team2", b"object")
    fs.cp_file(TEAM, f"{TEAM}/copy")
    assert fs.cat_file(f"{TEAM}/copy") == b"object"
    fs.mv([TEAM], [f"{TEAM}/moved"])
    assert fs.cat_file(f"{TEAM}/moved") == b"object"
    assert east.keys(BUCKET) == ["x/a"]


@pytest.mark.filterwarnings("ignore::s3r_spark.errors.RoutesWarning")  # shared, as they say
def test_a_move_to_another_name_of_the_same_object_deletes_nothing(
    routes: Any, west: Store
) -> None:
    routes["clients"]["again"] = routes["clients"]["minio"]
    routes["profiles"]["alias"] = {
        **TEAM2,
        "client": "again",
        "source_key_pattern": "alias/*",
    }
    fs = S3RFileSystem(routes)
    fs.pipe({f"{TEAM}/a": b"a"})
    fs.mv(f"{TEAM}/a", f"{BUCKET}/alias/a")
    assert west.get("minio-bucket", f"{PLACE}/a") == b"a"


def test_a_version_is_not_moved_as_the_last_one_would_go(routes: Any, west: Store) -> None:
    versioned(west, "minio-bucket")
    fs = S3RFileSystem(routes, version_aware=True)
    for data in (b"one", b"two"):
        fs.pipe(f"{TEAM}/a", data)
    first = next(v for v in fs.object_version_info(f"{TEAM}/a") if not v["IsLatest"])
    name = f"{TEAM}/a?versionId={first['VersionId']}"
    for path in (name, [name]):
        with pytest.raises(ValueError, match="not moved"):
            fs.mv(path, f"{TEAM}/b")
    assert fs.cat_file(f"{TEAM}/a") == b"two"
    fs.mv(f"{TEAM}/a", f"{TEAM}/b")
    assert fs.find(TEAM) == [f"{TEAM}/b"]


# -- deletes ---------------------------------------------------------------------------------------


def test_a_delete_of_several_folders_passes_over_those_that_are_not_there(
    fs: Any, west: Store
) -> None:
    fs.pipe({f"{TEAM}/x/a": b""})
    fs.rm([f"{TEAM}/x", f"{TEAM}/none"], recursive=True)
    assert west.keys("minio-bucket") == []
    with pytest.raises(FileNotFoundError):
        fs.rm([f"{TEAM}/x", f"{TEAM}/none"], recursive=True)


def test_a_delete_to_a_depth_leaves_what_lies_deeper(fs: Any) -> None:
    fs.pipe({f"{TEAM}/a": b"", f"{TEAM}/deep/b": b"", f"{BUCKET}/c": b""})
    fs.rm(BUCKET, recursive=True, maxdepth=1)
    assert fs.find(BUCKET) == [f"{TEAM}/a", f"{TEAM}/deep/b"]
    fs.rm(TEAM, recursive=True, maxdepth=1)
    assert fs.find(BUCKET) == [f"{TEAM}/deep/b"]


def test_a_delete_over_several_buckets(fs: Any, east: Store) -> None:
    east.make_bucket("other")
    names = [f"{TEAM}/a", f"{BUCKET}/a", "other/a"]
    fs.pipe(dict.fromkeys(names, b""))
    fs.rm(names)
    assert not any(map(fs.exists, names))


def test_a_bucket_that_spans_stores_is_emptied_of_what_is_listed_and_stays(
    fs: Any, east: Store, west: Store
) -> None:
    client = versioned(east, BUCKET)
    east.put(BUCKET, "team2/shadowed", b"")
    west.put("minio-bucket", "other", b"")
    fs.pipe({f"{TEAM}/a": b"", f"{BUCKET}/b": b""})
    fs.rm(BUCKET, recursive=True)
    assert fs.find(BUCKET) == []
    assert east.buckets() == [BUCKET]
    assert east.keys(BUCKET) == ["team2/shadowed"]
    assert west.keys("minio-bucket") == ["other"]
    assert {v["Key"] for v in client.list_object_versions(Bucket=BUCKET)["Versions"]} == {
        "b",
        "team2/shadowed",
    }


@pytest.mark.parametrize("unmatched", ["default", "refuse"])
def test_a_bucket_that_is_in_no_service_is_emptied(
    routes: Any, west: Store, unmatched: str
) -> None:
    routes["profiles"] = {"minio": {**TEAM2, "source_bucket_pattern": "virtual"}}
    fs = S3RFileSystem({**routes, "unmatched": unmatched})
    fs.pipe("virtual/team2/a", b"")
    fs.rm("virtual", recursive=True)
    assert west.keys("minio-bucket") == []
    assert west.buckets() == ["minio-bucket"]


@pytest.mark.filterwarnings("ignore::s3r_spark.errors.RoutesWarning")  # shared, as they say
@pytest.mark.parametrize("mapped", [{"mapped_prefix": "p"}, {}])
def test_a_bucket_that_others_share_is_emptied_and_stays(
    routes: Any, west: Store, mapped: dict[str, str]
) -> None:
    whole = {"client": "minio", "mapped_bucket_name": "minio-bucket", **mapped}
    routes["profiles"]["whole"] = {**whole, "source_bucket_pattern": "mine"}
    fs = S3RFileSystem(routes)
    client = versioned(west, "minio-bucket")
    fs.pipe("mine/a/b", b"")
    fs.rm("mine", recursive=True)
    assert west.keys("minio-bucket") == []
    assert len(client.list_object_versions(Bucket="minio-bucket")["Versions"]) == 1
    with pytest.raises(RefusedError):
        fs.rmdir("mine")
    assert west.buckets() == ["minio-bucket"]


def test_a_bucket_of_its_own_goes_away_with_all_its_versions(fs: Any, east: Store) -> None:
    east.make_bucket("own")
    versioned(east, "own")
    for one, name in ((fs, "own"), (plain(east), "own2")):
        if name != "own":
            east.make_bucket(name)
            versioned(east, name)
        one.pipe(f"{name}/a", b"1")
        one.pipe(f"{name}/a", b"2")
        one.rm(name, recursive=True)
    assert east.buckets() == [BUCKET]


def test_a_bucket_that_spans_stores_is_not_removed(
    routes: Any, fs: Any, east: Store, west: Store
) -> None:
    """The default store's is empty here, so that the service would let it go."""
    fs.pipe(f"{TEAM}/a", b"")
    for remove in (fs.rmdir, fs.rm):
        with pytest.raises(OSError, match="not empty"):
            remove(f"s3r://{BUCKET}")
    west.empty_bucket("minio-bucket")
    with pytest.raises(RefusedError, match="example-bucket"):
        fs.rmdir(BUCKET)
    assert east.buckets() == [BUCKET]
    nowhere = {"source_bucket_pattern": "virtual", "mapped_bucket_name": "none"}
    routes["profiles"] = {"minio": {**TEAM2, **nowhere}}
    with pytest.raises(FileNotFoundError):
        S3RFileSystem(routes).rmdir("virtual")
    with pytest.raises(UnmatchedError):
        S3RFileSystem({**routes, "unmatched": "refuse"}).rmdir("typo")


def test_a_bucket_of_its_own_is_removed(fs: Any, east: Store) -> None:
    fs.mkdir("own")
    fs.pipe("own/a", b"")
    with pytest.raises(OSError, match="not empty"):
        fs.rmdir("s3r://own")
    fs.rm("own/a")
    fs.rmdir("s3r://own")
    assert east.buckets() == [BUCKET]


def test_a_bucket_that_goes_away_says_what_was_in_it(fs: Any, east: Store) -> None:
    one = plain(east)
    gone = []
    for each in (fs, one):
        east.make_bucket("own")
        each.pipe({"own/a": b"", "own/b/c": b""})
        gone.append(sorted(each.rm("own", recursive=True)))
    assert gone[0] == gone[1] != []
    assert east.buckets() == [BUCKET]


@pytest.mark.filterwarnings("ignore::s3r_spark.errors.RoutesWarning")  # shared, as they say
def test_lists_are_forgotten_under_all_names_of_a_place(routes: Any, west: Store) -> None:
    again = {"source_bucket_pattern": "raw", "mapped_bucket_name": "minio-bucket"}
    routes["clients"]["again"] = routes["clients"]["minio"]
    routes["profiles"]["again"] = again
    fs = S3RFileSystem(routes)
    raw = f"raw/{PLACE}"
    for write, read in ((TEAM, raw), (raw, TEAM)):
        fs.pipe(f"{write}/a", b"a")
        fs.pipe(f"{write}/sub/b", b"b")
        assert fs.ls(read) == [f"{read}/a", f"{read}/sub"]
        assert fs.ls(f"{read}/sub") == [f"{read}/sub/b"]
        fs.rm(f"{write}/a")
        assert fs.ls(read) == [f"{read}/sub"]
        fs.rm(write, recursive=True)
        assert not fs.exists(f"{read}/sub/b")
        assert west.keys("minio-bucket") == []
    west.put("minio-bucket", "top", b"")
    assert fs.ls("raw") == ["raw/top"]
