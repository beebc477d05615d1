"""What users do with the file system, over two services that don't know each other's keys."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from boto.conftest import TEAM2, asked, entry, forget
from botocore.exceptions import EndpointConnectionError
from fs.conftest import plain
from fsspec.callbacks import Callback, TqdmCallback

from s3r_spark.errors import UnmatchedError
from s3r_spark.fs import S3RFileSystem

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

BUCKET = "example-bucket"
TEAM = f"{BUCKET}/team2"
PLACE = "data/team2"
MIB = 1 << 20
UNREACHED = (OSError, EndpointConnectionError)


def test_a_write_goes_where_the_routes_say(fs: Any, east: Store, west: Store) -> None:
    fs.pipe(f"{TEAM}/a", b"west")
    fs.pipe(f"{BUCKET}/a", b"east")
    assert west.get("minio-bucket", f"{PLACE}/a") == b"west"
    assert east.objects(BUCKET) == {"a": 4}
    assert fs.cat([f"{TEAM}/a", f"{BUCKET}/a"]) == {f"{TEAM}/a": b"west", f"{BUCKET}/a": b"east"}


@pytest.mark.parametrize("scheme", ["s3r", "s3", "s3a"])
def test_paths_may_have_any_of_the_schemes(fs: Any, scheme: str) -> None:
    fs.pipe(f"{scheme}://{TEAM}/a", b"x")
    assert fs.ls(f"{scheme}://{TEAM}/", detail=False) == [f"{TEAM}/a"]
    assert fs.unstrip_protocol(f"{TEAM}/a") == f"s3r://{TEAM}/a"


def test_lists_are_merged_and_hide_what_is_shadowed(fs: Any, east: Store) -> None:
    east.put(BUCKET, "team2/shadowed", b"")
    fs.pipe({f"{TEAM}/x/a": b"1", f"{TEAM}/b": b"22", f"{BUCKET}/c": b"333"})
    every = [f"{BUCKET}/c", f"{TEAM}/b", f"{TEAM}/x/a"]
    assert fs.find(BUCKET) == every
    assert fs.ls(BUCKET, detail=False) == [f"{BUCKET}/c", TEAM]
    assert fs.glob(f"{BUCKET}/*/**") == [TEAM, f"{TEAM}/b", f"{TEAM}/x", every[2]]
    assert [(path, files) for path, _, files in fs.walk(BUCKET)] == [
        (BUCKET, ["c"]),
        (TEAM, ["b"]),
        (f"{TEAM}/x", ["a"]),
    ]
    assert fs.du(BUCKET) == 6
    assert not fs.exists(f"{TEAM}/shadowed")
    with pytest.raises(FileNotFoundError):
        fs.info(f"{TEAM}/shadowed")


@pytest.mark.slow
def test_more_names_than_a_page_has(fs: Any, east: Store, west: Store) -> None:
    names = {f"{folder}/{at:04}" for folder in (f"{TEAM}/n", f"{BUCKET}/t/n") for at in range(700)}
    fs.pipe(dict.fromkeys(names, b""))
    assert set(fs.find(BUCKET)) == names
    fs.rm([TEAM, f"{BUCKET}/t"], recursive=True)
    assert fs.find(BUCKET) == east.keys(BUCKET) == west.keys("minio-bucket") == []


def test_copies_and_moves_between_stores_carry_the_data(fs: Any, east: Store, west: Store) -> None:
    fs.pipe({f"{TEAM}/in/a": b"a", f"{TEAM}/in/b/c": b"c"})
    fs.copy(f"{TEAM}/in", f"{BUCKET}/out", recursive=True)
    assert east.objects(BUCKET) == {"out/a": 1, "out/b/c": 1}
    fs.mv(f"{BUCKET}/out", f"{TEAM}/back", recursive=True)
    assert east.keys(BUCKET) == []
    assert west.keys("minio-bucket", f"{PLACE}/back") == [f"{PLACE}/back/a", f"{PLACE}/back/b/c"]


def test_parts_that_are_copied_between_stores(fs: Any) -> None:
    fs.pipe({f"{BUCKET}/big": b"1" * 6 * MIB, f"{TEAM}/small": b"2"})
    fs.merge(f"{TEAM}/merged", [f"{BUCKET}/big", f"{TEAM}/small"])
    assert fs.cat(f"{TEAM}/merged") == b"1" * 6 * MIB + b"2"


def test_a_delete_takes_what_is_listed_and_no_more(fs: Any, east: Store, west: Store) -> None:
    east.put(BUCKET, "team2/shadowed", b"")
    west.put("minio-bucket", "other", b"")
    fs.pipe({f"{TEAM}/a": b"", f"{TEAM}/b/c": b"", f"{BUCKET}/kept": b""})
    forget(east, west)
    fs.rm(TEAM, recursive=True)
    assert asked(east) == []
    assert east.keys(BUCKET) == ["kept", "team2/shadowed"]
    assert west.keys("minio-bucket") == ["other"]
    with pytest.raises(FileNotFoundError):
        fs.rm(TEAM, recursive=True)


def test_a_delete_over_a_folder_that_spans(routes: Any, east: Store, west: Store) -> None:
    routes["profiles"]["minio"] = {**TEAM2, "source_key_pattern": "t/p=1/*"}
    fs = S3RFileSystem(routes)
    fs.pipe({f"{BUCKET}/t/p={at}/x": b"" for at in range(3)})
    fs.rm(f"{BUCKET}/t", recursive=True)
    assert east.keys(BUCKET) == west.keys("minio-bucket") == []


def test_a_routed_folder_asks_nothing_of_other_stores(fs: Any, east: Store, west: Store) -> None:
    fs.pipe(f"{TEAM}/x/a", b"a")
    forget(east, west)
    assert fs.info(TEAM)["type"] == "directory"
    assert fs.exists(TEAM)
    assert fs.isdir(TEAM)
    fs.makedirs(f"{TEAM}/new", exist_ok=True)
    fs.copy(TEAM, f"{TEAM}/copy", recursive=True)
    assert fs.cat(f"{TEAM}/x/*")
    fs.rm(TEAM, recursive=True)
    assert asked(east) == []
    assert west.keys("minio-bucket") == []


def test_an_object_with_a_routed_folders_name_is_never_lost(fs: Any, east: Store) -> None:
    """Spark sees the folder alone; here the object is listed, and stays where trees go away."""
    east.put(BUCKET, "team2", b"object")
    fs.pipe({f"{TEAM}/a": b"a"})
    fs.mv(TEAM, f"{BUCKET}/moved", recursive=True)
    assert east.objects(BUCKET) == {"moved/a": 1, "team2": 6}
    fs.pipe({f"{TEAM}/a": b"a"})
    fs.rm(TEAM, recursive=True)
    assert fs.cat(TEAM) == b"object"
    fs.rm(TEAM)
    assert not fs.exists(TEAM)


def test_what_can_not_be_copied_is_not_deleted(fs: Any, west: Store) -> None:
    fs.pipe({f"{TEAM}/x": b"object", f"{TEAM}/x/a": b"a"})
    with pytest.raises(FileNotFoundError):
        fs.mv(f"{TEAM}/x", "no-such-bucket/x", recursive=True)
    assert len(west.keys("minio-bucket")) == 2


def test_a_bucket_is_there_where_any_of_its_stores_has_it(east: Store, west: Store) -> None:
    """`virtual` exists in no service; the default store is not asked to make it."""
    west.make_bucket("minio-bucket")
    rule = {**TEAM2, "source_bucket_pattern": "virtual"}
    clients = {"default": entry(east), "minio": entry(west)}
    fs = S3RFileSystem({"clients": clients, "profiles": {"minio": rule}})
    assert fs.exists("virtual")
    assert fs.info("virtual")["type"] == "directory"
    fs.makedirs("virtual/team2/x", exist_ok=True)
    fs.pipe("virtual/team2/x/a", b"a")
    assert fs.ls("virtual", detail=False) == ["virtual/team2"]
    with pytest.raises(FileNotFoundError):
        fs.makedirs("virtual/elsewhere/x")
    with pytest.raises(FileNotFoundError):
        fs.pipe("virtual/elsewhere/x/a", b"a")
    assert east.buckets() == []
    assert not S3RFileSystem({"clients": clients}).exists("virtual")


def test_names_that_are_no_plain_paths(fs: Any) -> None:
    names = [f"{TEAM}/ü/日本 +%.txt", f"{TEAM}/a//b", f"{BUCKET}/a//b", f"{BUCKET}/%41&?x=1"]
    fs.pipe({name: name.encode() for name in names})
    assert sorted(fs.find(BUCKET)) == sorted(names)
    assert all(fs.cat_file(name) == name.encode() for name in names)
    for name in names:
        fs.rm_file(name)
    fs.invalidate_cache()
    assert fs.find(BUCKET) == []


def test_a_store_that_is_down_fails_what_needs_it_alone(routes: Any) -> None:
    fs = S3RFileSystem(routes)
    fs.pipe({f"{BUCKET}/a": b"a", f"{BUCKET}/b": b"b"})
    routes["clients"]["minio"] |= {"endpoint_url": "http://127.0.0.1:9", "fail_fast": True}
    fs = S3RFileSystem(routes)
    fs.retries = 1
    assert fs.cat(f"{BUCKET}/a") == b"a"
    for call in (fs.find, fs.ls, lambda path: fs.rm(path, recursive=True)):
        with pytest.raises(UNREACHED, match=r"127\.0\.0\.1:9/"):
            call(TEAM)
    with pytest.raises(UNREACHED, match=r"127\.0\.0\.1:9/"):
        fs.find(BUCKET)
    with pytest.raises(UNREACHED, match=r"127\.0\.0\.1:9/"):
        fs.rm([f"{BUCKET}/a", f"{TEAM}/x"])
    fs.invalidate_cache()
    assert not fs.exists(f"{BUCKET}/a")
    assert fs.exists(f"{BUCKET}/b")


def test_unmatched_names_are_refused(routes: Any, east: Store) -> None:
    del routes["clients"]["default"]
    fs = S3RFileSystem({**routes, "unmatched": "refuse"})
    fs.pipe(f"{TEAM}/a", b"")
    forget(east)
    calls: list[Any] = [fs.cat, fs.ls, fs.find, fs.info, fs.exists, fs.isdir, fs.rm, fs.touch]
    calls += [fs.url, fs.mkdir, lambda path: fs.copy(f"{TEAM}/a", path)]
    calls.append(lambda path: fs.copy(path, f"{TEAM}/a"))
    for path in ("typo/x", f"{BUCKET}/typo/x"):
        for call in calls:
            with pytest.raises(UnmatchedError):
                call(path)
    with pytest.raises(UnmatchedError):
        fs.exists("typo")
    assert asked(east) == []
    assert fs.ls(BUCKET, detail=False) == [TEAM]


def test_requests_are_those_of_s3fs(fs: Any, east: Store, west: Store) -> None:
    """On one store; the routed folder's own list is not merged."""

    def use(one: Any, folder: str) -> None:
        one.pipe({f"{folder}/{at}": b"x" for at in range(5)})
        one.cat([f"{folder}/{at}" for at in range(5)])
        one.find(folder)
        one.ls(folder)
        one.info(f"{folder}/0")
        one.exists(f"{folder}/none")
        one.copy(f"{folder}/0", f"{folder}/9")
        one.rm(f"{folder}/9")
        with one.open(f"{folder}/0") as file:
            file.read()

    use(fs, f"{TEAM}/t")
    routed = [(r["method"], r["query"]) for r in west.requests()]
    assert asked(east) == []
    forget(west)
    use(plain(west), f"minio-bucket/{PLACE}/t")
    assert sorted(routed) == sorted((r["method"], r["query"]) for r in west.requests())


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [TEAM, BUCKET])
def test_files_are_written_in_parts_read_in_blocks_and_appended_to(fs: Any, folder: str) -> None:
    data = bytes(range(256)) * (12 * MIB // 256)
    with fs.open(f"{folder}/big", "wb", block_size=5 * MIB) as file:
        for start in range(0, len(data), MIB):
            file.write(data[start : start + MIB])
    for cache in ("readahead", "bytes", "blockcache", "all", "none"):
        with fs.open(f"{folder}/big", block_size=MIB, cache_type=cache) as file:
            file.seek(7 * MIB - 3)
            assert file.read(10) == data[7 * MIB - 3 :][:10]
    with fs.open(f"{folder}/big", "ab") as file:
        file.write(b"more")
    assert fs.size(f"{folder}/big") == len(data) + 4
    assert fs.tail(f"{folder}/big", 6) == data[-2:] + b"more"
    assert fs.cat_ranges([f"{folder}/big"] * 2, [0, 256], [2, 258]) == [data[:2], data[:2]]
    with fs.open(f"{folder}/text", "w", encoding="utf-8") as file:
        file.write("ü")
    assert fs.read_text(f"{folder}/text", encoding="utf-8") == "ü"


def test_a_transaction_shows_all_its_files_or_none(fs: Any) -> None:
    names = [f"{TEAM}/t", f"{BUCKET}/t"]
    with fs.transaction:
        for name in names:
            with fs.open(name, "wb") as file:
                file.write(b"t")
        assert not any(map(fs.exists, names))
    assert all(map(fs.exists, names))

    def fail() -> None:
        with fs.transaction:
            for name in names:
                with fs.open(f"{name}2", "wb") as file:
                    file.write(b"t")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not any(fs.exists(f"{name}2") for name in names)


def test_callbacks_hear_of_progress(fs: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * MIB)
    up, down = Callback(), Callback()
    fs.put_file(str(tmp_path / "a"), f"{TEAM}/a", callback=up)
    fs.get_file(f"{TEAM}/a", str(tmp_path / "b"), callback=down)
    assert (up.size, up.value) == (down.size, down.value) == (MIB, MIB)


def test_progress_bars_come_to_their_end(fs: Any, tmp_path: Path) -> None:
    pytest.importorskip(
        "tqdm", reason="fsspec draws its bars by tqdm, which only the dev group has"
    )
    (tmp_path / "from").mkdir()
    for name in "abc":
        (tmp_path / "from" / name).write_bytes(b"x" * MIB)
    up, down = (TqdmCallback(tqdm_kwargs={"file": io.StringIO()}) for _ in range(2))
    fs.put(str(tmp_path / "from"), f"{TEAM}/bars", recursive=True, callback=up)
    fs.get(f"{TEAM}/bars", str(tmp_path / "to"), recursive=True, callback=down)
    for bar in (up.tqdm, down.tqdm):
        assert bar.n == bar.total >= 3


def test_urls_are_their_stores_own(fs: Any, east: Store, west: Store) -> None:
    assert fs.url(f"{TEAM}/a b").startswith(f"{west.endpoint_url}/minio-bucket/{PLACE}/a%20b?")
    assert fs.sign(f"{BUCKET}/a").startswith(f"{east.endpoint_url}/{BUCKET}/a?")
    assert west.access_key in fs.url(f"{TEAM}/a")


def test_versions_are_told_apart(routes: Any, west: Store) -> None:
    west.client().put_bucket_versioning(
        Bucket="minio-bucket", VersioningConfiguration={"Status": "Enabled"}
    )
    fs = S3RFileSystem(routes, version_aware=True)
    for data in (b"one", b"two"):
        fs.pipe(f"{TEAM}/a", data)
    first = next(v for v in fs.object_version_info(f"{TEAM}/a") if not v["IsLatest"])
    assert first["Key"] == "team2/a"
    assert fs.cat_file(f"{TEAM}/a?versionId={first['VersionId']}") == b"one"
    with fs.open(f"{TEAM}/a", version_id=first["VersionId"]) as file:
        assert file.read() == b"one"
    assert len(fs.ls(TEAM, versions=True)) == 2
    assert fs.cat(f"{TEAM}/a") == b"two"


def test_metadata_and_tags(fs: Any) -> None:
    fs.pipe(f"{TEAM}/a", b"a")
    fs.setxattr(f"{TEAM}/a", colour="red")
    assert fs.metadata(f"{TEAM}/a") == {"colour": "red"}
    fs.put_tags(f"{TEAM}/a", {"k": "v"})
    assert fs.get_tags(f"{TEAM}/a") == {"k": "v"}


def test_lists_are_kept_until_they_are_invalid(fs: Any, west: Store) -> None:
    fs.pipe(f"{TEAM}/a", b"")
    assert fs.ls(TEAM, detail=False) == [f"{TEAM}/a"]
    west.put("minio-bucket", f"{PLACE}/b", b"")
    assert fs.ls(TEAM, detail=False) == [f"{TEAM}/a"]
    fs.invalidate_cache(TEAM)
    assert fs.ls(TEAM, detail=False) == [f"{TEAM}/a", f"{TEAM}/b"]


def test_coroutines(routes: Any) -> None:
    async def use() -> tuple[Any, bytes]:
        fs = S3RFileSystem(routes, asynchronous=True)
        session = await fs.set_session()
        await fs._pipe_file(f"{TEAM}/a", b"a")
        await asyncio.gather(*(fs._pipe_file(f"{BUCKET}/{at}", b"") for at in range(20)))
        names = await fs._find(BUCKET)
        await session.close()
        again = await fs._cat_file(f"{TEAM}/a")
        await (await fs.set_session()).close()
        return names, again

    listed, again = asyncio.run(use())
    assert len(listed) == 21
    assert again == b"a"


# -- pandas ----------------------------------------------------------------------------------------


def test_pandas_reads_and_writes(routes: Any, east: Store, west: Store) -> None:
    frame = pd.DataFrame({"n": [1, 2, 3], "p": ["x", "y", "x"]})
    options = {"storage_options": {"routes": routes}}
    frame.to_parquet(f"s3r://{TEAM}/t.parquet", **options)
    assert pd.read_parquet(f"s3r://{TEAM}/t.parquet", **options).equals(frame)
    frame.to_parquet(f"s3r://{TEAM}/parted", partition_cols=["p"], **options)
    parted = pd.read_parquet(f"s3r://{TEAM}/parted", **options)
    assert sorted(parted["n"]) == [1, 2, 3]
    frame.to_csv(f"s3r://{BUCKET}/t.csv", index=False, **options)
    assert pd.read_csv(f"s3r://{BUCKET}/t.csv", **options).equals(frame)
    frame.to_json(f"s3r://{TEAM}/t.json", **options)
    assert pd.read_json(f"s3r://{TEAM}/t.json", **options).equals(frame)
    assert east.keys(BUCKET) == ["t.csv"]
    assert len(west.keys("minio-bucket")) == 4
