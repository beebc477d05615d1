"""Spark for real on two stores, through all engines: what a job writes and where it then lies.

Every bucket exists on both stores, so that a mistake in routing would go through, and be seen.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from chispa import assert_df_equality
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from spark.places import PLACES, Place, buckets, routes, strays
from spark.sessions import builder, own_jvm

import s3r_spark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession
    from servers.store import Store

SCHEMA = "id long, p int, name string"
SLOW = pytest.mark.slow  # each alone is quick, but all of them and their sessions take minutes
EVERYDAY = {("router", "same-bucket")}


def places(*names: str) -> pytest.MarkDecorator:
    """Run a test at places of the engines, at all but the everyday ones in the slow suite only.

    Args:
        names: of the places; none stands for all.
    """
    cases = [
        pytest.param(
            engine,
            place,
            id=f"{engine}-{name}",
            marks=[] if (engine, name) in EVERYDAY else [SLOW],
        )
        for engine, known in PLACES.items()
        for name, place in known.items()
        if not names or name in names
    ]
    return pytest.mark.parametrize(("engine", "place"), cases, indirect=["engine"], scope="module")


everywhere = places()
routed = places("bucket", "folder", "same-bucket")  # where one place an engine will do
engines = pytest.mark.parametrize(
    "engine",
    [pytest.param("s3a", marks=SLOW), pytest.param("viewfs", marks=SLOW), "router"],
    indirect=True,
)
by_viewfs = pytest.mark.parametrize("engine", [pytest.param("viewfs", marks=SLOW)], indirect=True)


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def spark(
    engine: Any, west_store: Store, east_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SparkSession]:
    """One session an engine."""
    folder: Path = tmp_path_factory.mktemp(engine)
    with own_jvm():
        session_builder = builder(spark__sql__warehouse__dir=folder)
        s3r_spark.configure(session_builder, routes(engine, west_store, east_store), engine=engine)
        yield session_builder.getOrCreate()


@pytest.fixture
def stores(engine: Any, west: Store, east: Store) -> Mapping[str, Store]:
    for store in (west, east):
        for bucket in buckets(engine):
            store.make_bucket(bucket)
    return {"west": west, "east": east}


@pytest.fixture(autouse=True)
def _nothing_was_refused(west: Store, east: Store) -> Iterator[None]:
    """No store was asked with the keys of the other."""
    yield
    assert [r for store in (west, east) for r in store.requests() if r["status"] == 403] == []


def rows(spark: SparkSession, start: int = 0, end: int = 90) -> DataFrame:
    return spark.range(start, end).selectExpr("id", "int(id % 3) AS p", "'n' || id AS name")


def same(actual: DataFrame, expected: DataFrame) -> None:
    assert_df_equality(
        actual.select("id", "p", "name"),
        expected,
        ignore_row_order=True,
        ignore_nullable=True,
    )


def lying(place: Place, stores: Mapping[str, Store], rest: str) -> list[str]:
    """The data files of a table by their keys in it; nothing may lie in any other place."""
    assert strays(place, stores) == {}
    home = place.key(rest) + "/"
    sizes = stores[place.store].objects(place.bucket, home)
    assert all(size > 0 for key, size in sizes.items() if "part-" in key)
    return [key.removeprefix(home) for key in sizes if "part-" in key]


@everywhere
@pytest.mark.parametrize("kind", ["parquet", pytest.param("csv", marks=SLOW), "json"])
def test_written_and_read(
    spark: SparkSession, place: Place, kind: str, stores: Mapping[str, Store]
) -> None:
    path = f"{place.path}/t"
    rows(spark).write.format(kind).save(path)
    files = lying(place, stores, "t")
    assert files
    same(spark.read.format(kind).schema(SCHEMA).load(path), rows(spark))
    if kind == "json":  # any reader can tell that these are the rows
        store = stores[place.store]
        text = b"".join(store.get(place.bucket, place.key(f"t/{file}")) for file in files)
        assert sorted(json.loads(line)["id"] for line in text.splitlines()) == list(range(90))


@everywhere
def test_overwrite_and_append(
    spark: SparkSession, place: Place, stores: Mapping[str, Store]
) -> None:
    path = f"{place.path}/t"
    rows(spark).write.parquet(path)
    first = lying(place, stores, "t")
    rows(spark, 0, 30).write.mode("overwrite").parquet(path)
    second = lying(place, stores, "t")
    assert second
    assert not set(first) & set(second)
    rows(spark, 30, 60).write.mode("append").parquet(path)
    third = lying(place, stores, "t")
    assert set(second) < set(third)
    same(spark.read.parquet(path), rows(spark, 0, 60))


@everywhere
def test_partitions_overwritten_dynamically(
    spark: SparkSession, place: Place, stores: Mapping[str, Store]
) -> None:
    path = f"{place.path}/t"
    rows(spark).write.partitionBy("p").parquet(path)
    before = lying(place, stores, "t")
    assert {file.partition("/")[0] for file in before} == {"p=0", "p=1", "p=2"}
    same(spark.read.parquet(path).where("p = 1"), rows(spark).where("p = 1"))
    fresh = rows(spark, 1000, 1010).selectExpr("id", "1 AS p", "name")
    fresh.write.mode("overwrite").option("partitionOverwriteMode", "dynamic").partitionBy(
        "p"
    ).parquet(path)
    after = lying(place, stores, "t")
    same(spark.read.parquet(path), rows(spark).where("p != 1").union(fresh))
    staying = {file for file in before if not file.startswith("p=1/")}
    assert staying == {file for file in after if not file.startswith("p=1/")}
    assert not {file for file in before if file.startswith("p=1/")} & set(after)


@pytest.mark.slow
@routed
@pytest.mark.parametrize("kind", ["csv", "json", "orc", "text"])
def test_partitions_of_any_format_overwritten_dynamically(
    spark: SparkSession, place: Place, kind: str, stores: Mapping[str, Store]
) -> None:
    path = f"{place.path}/t"
    rows(spark).select("name", "p").write.partitionBy("p").format(kind).save(path)
    before = lying(place, stores, "t")
    fresh = spark.range(10).selectExpr("'f' || id AS name", "1 AS p").write.partitionBy("p")
    fresh.mode("overwrite").option("partitionOverwriteMode", "dynamic").format(kind).save(path)
    after = lying(place, stores, "t")
    read = spark.read.format(kind).load(path).groupBy("p").count().collect()
    assert {row.p: row["count"] for row in read} == {0: 30, 1: 10, 2: 30}
    assert {file.partition("/")[0] for file in after} == {"p=0", "p=1", "p=2"}
    assert {file for file in before if not file.startswith("p=1/")} < {*after}


@routed
def test_globs(spark: SparkSession, place: Place, stores: Mapping[str, Store]) -> None:
    for day in ("01", "02", "13"):
        rows(spark).selectExpr(f"id + {day} AS id", "p", "name").coalesce(1).write.parquet(
            f"{place.path}/day={day}"
        )
    assert len(lying(place, stores, "day=01")) == 1
    assert spark.read.parquet(f"{place.path}/day=0*").count() == 180
    assert spark.read.parquet(f"{place.path}/day={{01,13}}/*.parquet").count() == 180
    assert spark.read.parquet(f"{place.path}/*").count() == 270


@routed
def test_tables(spark: SparkSession, place: Place, stores: Mapping[str, Store]) -> None:
    path = f"{place.path}/warehouse/t"
    rows(spark).write.option("path", path).saveAsTable("t")
    try:
        rows(spark, 90, 100).write.insertInto("t")
        same(spark.table("t"), rows(spark, 0, 100))
        rows(spark, 0, 5).write.option("path", path).mode("overwrite").saveAsTable("t")
        same(spark.table("t"), rows(spark, 0, 5))
        assert lying(place, stores, "warehouse/t")
    finally:
        spark.sql("DROP TABLE t")


@routed
def test_managed_tables_of_a_database(
    spark: SparkSession, place: Place, stores: Mapping[str, Store]
) -> None:
    spark.sql(f"CREATE DATABASE d LOCATION '{place.path}/d.db'")
    try:
        rows(spark).write.saveAsTable("d.t")
        same(spark.table("d.t"), rows(spark))
        assert lying(place, stores, "d.db/t")
    finally:
        spark.sql("DROP DATABASE d CASCADE")
    assert lying(place, stores, "d.db/t") == []


@engines
def test_joined_over_two_stores(
    engine: Any, spark: SparkSession, stores: Mapping[str, Store]
) -> None:
    here, there = list(PLACES[engine].values())[:2]
    rows(spark).write.parquet(f"{here.path}/left")
    rows(spark).selectExpr("id", "id * 2 AS twice").write.parquet(f"{there.path}/right")
    left, right = (
        spark.read.parquet(f"{here.path}/left"),
        spark.read.parquet(f"{there.path}/right"),
    )
    left.join(right, "id").write.parquet(f"{there.path}/joined")
    assert spark.read.parquet(f"{there.path}/joined").where("twice = 2 * id").count() == 90
    west, east = stores["west"], stores["east"]
    assert {key.split("/")[-2] for key in west.keys(here.bucket)} == {"left"}
    assert {key.split("/")[-2] for key in east.keys(there.bucket)} == {"right", "joined"}


@by_viewfs
def test_a_glob_over_two_stores(spark: SparkSession, stores: Mapping[str, Store]) -> None:
    rows(spark).write.parquet("s3a://shared/team1/t")
    rows(spark).write.parquet("s3a://shared/team2/t")
    rows(spark).write.parquet("s3a://shared/other/t")
    assert spark.read.parquet("s3a://shared/team*/t").count() == 180
    assert stores["east"].keys("shared") == []


@by_viewfs
def test_a_physical_name_reaches_nothing(spark: SparkSession, stores: Mapping[str, Store]) -> None:
    """`real` is no logical name, so the keys of its store are not for it."""
    rows(spark).write.parquet("s3a://shared/team2/t")
    before = stores["east"].requests()
    with pytest.raises(PySparkException, match="PATH_NOT_FOUND"):
        spark.read.parquet("s3a://real/data/team2/t").count()
    with pytest.raises(Py4JJavaError, match="does not exist: /new"):
        rows(spark).write.parquet("s3a://real/new")
    assert stores["east"].requests() == before


@by_viewfs
def test_a_mounted_folder_itself_is_not_overwritten(
    spark: SparkSession, stores: Mapping[str, Store]
) -> None:
    rows(spark).write.parquet("s3a://shared/team2/t")
    before = stores["east"].objects("real")
    with pytest.raises(Py4JJavaError, match="delete not permitted on path s3a://shared/team2"):
        rows(spark).write.mode("overwrite").parquet("s3a://shared/team2")
    assert stores["east"].objects("real") == before
    assert stores["west"].keys("shared") == []


@by_viewfs
def test_a_rename_over_a_mount_loses_nothing(
    spark: SparkSession, stores: Mapping[str, Store]
) -> None:
    jvm: Any = spark.sparkContext._jvm
    rows(spark).write.parquet("s3a://shared/team1/t")
    before = stores["west"].objects("shared")
    source = jvm.org.apache.hadoop.fs.Path("s3a://shared/team1/t")
    target = jvm.org.apache.hadoop.fs.Path("s3a://shared/team2/t")
    files = source.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
    with pytest.raises(Py4JJavaError, match="Renames across Mount points not supported"):
        files.rename(source, target)
    assert stores["west"].objects("shared") == before
    assert stores["east"].keys("real") == []
