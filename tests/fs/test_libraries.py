"""The libraries that people read and write data with, over a folder that lies in two stores."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import dask.dataframe as dd
import duckdb
import fsspec
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import yaml
from boto.conftest import TEAM2, entry
from fsspec.config import conf
from pandas.testing import assert_frame_equal
from upath import UPath

import s3r_spark

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

FRAME = pd.DataFrame({"n": range(200), "team": ["blue", "größe"] * 100})
TEAM1, TEAM2_FOLDER = "s3r://example-bucket/team1", "s3r://example-bucket/team2"
BOTH = pytest.mark.parametrize("folder", [TEAM1, TEAM2_FOLDER])


@pytest.fixture
def file(east: Store, west: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The README's example as a routes.yaml."""
    keys = {}
    for store in (east, west):
        for part in ("access_key", "secret_key"):
            monkeypatch.setenv(f"{store.name}_{part}", getattr(store, part))
        keys[store.name] = {
            part: f"${{{store.name}_{part}}}" for part in ("access_key", "secret_key")
        }
    east.make_bucket("example-bucket")
    west.make_bucket("minio-bucket")
    routes = {
        "clients": {
            "default": entry(east, credentials=keys["east"]),
            "minio": entry(west, credentials=keys["west"]),
        },
        "profiles": {"minio": TEAM2},
    }
    file_of_routes = tmp_path / "routes.yaml"
    file_of_routes.write_text(yaml.safe_dump(routes))
    return file_of_routes


@pytest.fixture
def options(file: Path) -> dict[str, Any]:
    return {"routes": str(file)}


@pytest.fixture
def set_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The routes as a notebook sets them, for libraries that pass no options on."""
    monkeypatch.setitem(conf, "s3r", {"routes": str(file)})


def lies_right(east: Store, west: Store) -> bool:
    """Whether no name of team2 is in the default store, and no other in MinIO."""
    return not any(key.startswith("team2") for key in east.keys("example-bucket")) and all(
        key.startswith("data/team2/") for key in west.keys("minio-bucket")
    )


@BOTH
@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_pandas(folder: str, form: str, options: dict[str, Any], east: Store, west: Store) -> None:
    place = f"{folder}/größe x.{form}"
    more = {} if form == "json" else {"index": False}
    getattr(FRAME, f"to_{form}")(place, storage_options=options, **more)
    frame_read = getattr(pd, f"read_{form}")(place, storage_options=options)
    assert_frame_equal(frame_read, FRAME)
    assert lies_right(east, west)


def test_pandas_reads_a_table_that_spans_stores(options: dict[str, Any]) -> None:
    for team in (1, 2):
        FRAME.to_parquet(
            f"s3r://example-bucket/team{team}/x.parquet", index=False, storage_options=options
        )
    table = pd.read_parquet("s3r://example-bucket/", storage_options=options)
    assert len(table) == 2 * len(FRAME)


def test_pyarrow_dataset(options: dict[str, Any], east: Store, west: Store) -> None:
    """Partitions by a column; the routed one lies in the other store."""
    fs = fsspec.filesystem("s3r", **options)
    table = pa.table({"n": range(100), "team": ["team1", "team2"] * 50})
    by_team = ds.partitioning(pa.schema([("team", pa.string())]))
    ds.write_dataset(table, "example-bucket", filesystem=fs, format="parquet", partitioning=by_team)
    assert lies_right(east, west)
    assert len(list(west.keys("minio-bucket"))) == 1
    whole = ds.dataset("example-bucket", filesystem=fs, partitioning=by_team)
    assert sorted(whole.to_table()["n"].to_pylist()) == list(range(100))
    rows = whole.to_table(filter=ds.field("team") == "team2", columns=["n"])
    assert sorted(rows["n"].to_pylist()) == list(range(1, 100, 2))
    # A second write of one partition leaves the other one's files.
    ds.write_dataset(
        table.filter(ds.field("team") == "team2").slice(0, 1),
        "example-bucket",
        filesystem=fs,
        format="parquet",
        partitioning=by_team,
        existing_data_behavior="delete_matching",
    )
    fs.invalidate_cache()
    again = ds.dataset("example-bucket", filesystem=fs, partitioning=by_team).to_table()
    assert sorted(again["n"].to_pylist()) == sorted([*range(0, 100, 2), 1])


def test_pyarrow_asks_for_ranges(options: dict[str, Any], west: Store) -> None:
    """A column costs the same requests as through s3fs itself, and none for the whole file."""
    fs = fsspec.filesystem("s3r", **options)
    table = pa.table({f"c{i}": pa.array(range(200_000)) for i in range(8)})
    pq.write_table(table, "example-bucket/team2/wide.parquet", filesystem=fs)
    plain = fsspec.filesystem(
        "s3", endpoint_url=west.endpoint_url, key=west.access_key, secret=west.secret_key
    )
    ranges = []
    for system, place in (
        (fs, "example-bucket/team2/wide.parquet"),
        (plain, "minio-bucket/data/team2/wide.parquet"),
    ):
        west.forget_requests()
        column = pq.read_table(place, filesystem=system, columns=["c3"])
        assert column["c3"].to_pylist() == list(range(200_000))
        ranges.append([(one["method"], one["status"]) for one in west.requests()])
    assert ranges[0] == ranges[1]
    assert ("GET", 206) in ranges[0]


@BOTH
def test_dask(folder: str, options: dict[str, Any]) -> None:
    frame = dd.from_pandas(FRAME, npartitions=3)
    frame.to_parquet(f"{folder}/table", storage_options=options, write_index=False)
    table = dd.read_parquet(f"{folder}/table", storage_options=options).compute(scheduler="threads")
    assert_frame_equal(table.reset_index(drop=True), FRAME, check_dtype=False)
    frame.to_csv(f"{folder}/csv/*.csv", storage_options=options, index=False)
    text = dd.read_csv(f"{folder}/csv/*.csv", storage_options=options).compute()
    assert text["n"].sum() == FRAME["n"].sum()


@pytest.mark.slow
def test_dask_in_processes(options: dict[str, Any]) -> None:
    """There the file system goes pickled."""
    dd.from_pandas(FRAME, npartitions=2).to_parquet(
        f"{TEAM2_FOLDER}/table", storage_options=options, write_index=False
    )
    table = dd.read_parquet(f"{TEAM2_FOLDER}/table", storage_options=options)
    assert len(table.compute(scheduler="processes", num_workers=2)) == len(FRAME)


@BOTH
def test_polars(folder: str, options: dict[str, Any]) -> None:
    """What polars has no store of its own for goes through a file, or pyarrow's dataset."""
    frame = pl.from_pandas(FRAME)
    fs = fsspec.filesystem("s3r", **options)
    with fs.open(f"{folder}/x.parquet", "wb") as out:
        frame.write_parquet(out)
    with fs.open(f"{folder}/x.parquet", "rb") as data:
        assert pl.read_parquet(data).equals(frame)
    lazy = pl.scan_pyarrow_dataset(ds.dataset(f"{folder}/x.parquet"[6:], filesystem=fs))
    assert lazy.filter(pl.col("n") > 197).collect()["n"].to_list() == [198, 199]


@BOTH
def test_duckdb(folder: str, options: dict[str, Any]) -> None:
    fs = fsspec.filesystem("s3r", **options)
    with duckdb.connect() as db:
        db.register_filesystem(fs)
        db.sql("SELECT range AS n FROM range(1000)").write_parquet(f"{folder}/a.parquet")
        db.sql("SELECT range AS n FROM range(500)").write_parquet(f"{folder}/b.parquet")
        table = db.read_parquet(f"{folder}/*.parquet").aggregate("count(*), sum(n)").fetchall()
    assert table == [(1500, sum(range(1000)) + sum(range(500)))]


@BOTH
def test_universal_pathlib(folder: str, options: dict[str, Any]) -> None:
    root = UPath(folder, **options)
    (root / "a" / "größe").write_text("x")
    assert (root / "a" / "größe").read_text() == "x"
    assert [path.name for path in (root / "a").iterdir()] == ["größe"]
    assert [path.path for path in root.rglob("gr*")] == [f"{folder[6:]}/a/größe"]
    (root / "a" / "größe").rename(root / "b")
    assert not (root / "a" / "größe").exists()
    (root / "b").unlink()
    assert not root.exists()


def test_paths_end_at_the_bucket_as_those_of_s3_do(options: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the library warns of protocols that it doesn't know
        path = UPath("s3r://example-bucket/a/b.txt", **options)
    plain = UPath("s3://example-bucket/a/b.txt")
    for one in (path, plain):
        assert str(one.parent.parent).partition("://")[2] == "example-bucket/"
        assert one.parent.parent.parent == one.parent.parent
        assert (one.drive, one.root, one.name) == ("example-bucket", "/", "b.txt")
    assert [parent.path for parent in path.parents] == [parent.path for parent in plain.parents]
    assert (path / "/x").path == (plain / "/x").path


@pytest.mark.usefixtures("set_once")
def test_routes_set_once() -> None:
    """Neither library is told of the routes where it is called."""
    FRAME.to_parquet(f"{TEAM2_FOLDER}/x.parquet", index=False)
    assert_frame_equal(pd.read_parquet(f"{TEAM2_FOLDER}/x.parquet"), FRAME)
    assert UPath(f"{TEAM2_FOLDER}/x.parquet").stat().st_size > 0


def test_what_pandas_does_with_s3_addresses(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`s3://` without storage_options goes to pyarrow's own S3, past any registered protocol."""
    FRAME.to_parquet(f"{TEAM2_FOLDER}/x.parquet", index=False, storage_options=options)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nothing of ours
    s3r_spark.register("s3", routes=options["routes"])
    try:
        with pytest.raises(OSError, match=r"AWS Error|[Cc]onnect"):
            pd.read_parquet("s3://example-bucket/team2/x.parquet")
        place = "s3://example-bucket/team2/x.parquet"
        assert_frame_equal(pd.read_parquet(place, storage_options=options), FRAME)
    finally:
        s3r_spark.unregister("s3")
