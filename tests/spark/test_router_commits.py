"""Tables whose folders are on several stores: all that was written is there, and where it belongs.

With a store's own committer, the files of the other stores would be completed in the wrong place
and lost. So each case runs with S3A's magic committer at hand, as `configure` brings it, and
without it.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from spark.places import client
from spark.sessions import builder, own_jvm

import s3r_spark
from s3r_spark.errors import RoutesWarning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession
    from servers.store import Store

SLOW = pytest.mark.slow  # each alone is quick; all of them take minutes
KINDS = ["parquet", *(pytest.param(kind, marks=SLOW) for kind in ("csv", "json", "orc", "text"))]
PROTOCOL = "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol"
IN_FULL = "s3a://lake/whole/t"  # on one store
SPANNING = "s3a://lake/tbl"


def routes(west: Store, east: Store) -> dict[str, Any]:
    profiles = {
        "partition": {"source_key_pattern": "tbl/p=1/*", "mapped_prefix": "one"},
        "bucket": {"source_key_pattern": "whole/*", "mapped_prefix": "deep/whole"},
    }
    common = {"client": "east", "source_bucket_pattern": "lake", "mapped_bucket_name": "real"}
    return {
        "version": 1,
        "clients": {"default": client(west), "east": client(east)},
        "profiles": {name: common | profile for name, profile in profiles.items()},
    }


@pytest.fixture(scope="module", params=[pytest.param("classic", marks=SLOW), "magic"])
def committer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def spark(
    committer: str,
    west_store: Store,
    east_store: Store,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[SparkSession]:
    with own_jvm():
        session_builder = builder(spark__sql__warehouse__dir=tmp_path_factory.mktemp("warehouse"))
        if committer == "classic":
            session_builder = session_builder.config("spark.hadoop.fs.s3a.committer.name", "file")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RoutesWarning)  # that the committer stays
            s3r_spark.configure(session_builder, routes(west_store, east_store), engine="router")
        yield session_builder.getOrCreate()


@pytest.fixture(autouse=True)
def _buckets(west: Store, east: Store) -> None:
    west.make_bucket("lake")
    east.make_bucket("real")


def rows(spark: SparkSession, count: int = 90) -> DataFrame:
    return spark.range(count).selectExpr("id", "id % 3 AS p")


def as_(kind: str, table: DataFrame) -> DataFrame:
    """A table that the format can hold."""
    return table.selectExpr("CAST(id AS STRING) AS id", "p") if kind == "text" else table


def counted(spark: SparkSession, kind: str, path: str) -> dict[int, int]:
    """The rows of each partition."""
    read = spark.read.format(kind).load(path)
    return {row.p: row["count"] for row in read.groupBy("p").count().collect()}


def data(keys: list[str]) -> list[str]:
    return [key for key in keys if "part-" in key]


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_that_spans_stores_loses_nothing(
    spark: SparkSession, kind: str, west: Store, east: Store
) -> None:
    as_(kind, rows(spark)).write.partitionBy("p").format(kind).save("s3a://lake/tbl")
    assert {key.rpartition("/")[0] for key in data(west.keys("lake"))} == {"tbl/p=0", "tbl/p=2"}
    assert {key.rpartition("/")[0] for key in data(east.keys("real"))} == {"one"}
    assert counted(spark, kind, SPANNING) == dict.fromkeys(range(3), 30)
    assert not [key for key in (*west.keys("lake"), *east.keys("real")) if "_temporary" in key]


def test_overwrite_and_append_over_two_stores(
    spark: SparkSession, west: Store, east: Store
) -> None:
    path = "s3a://lake/tbl"
    rows(spark).write.partitionBy("p").parquet(path)
    first = {*data(west.keys("lake")), *data(east.keys("real"))}
    rows(spark, 30).write.mode("overwrite").partitionBy("p").parquet(path)
    assert not first & {*data(west.keys("lake")), *data(east.keys("real"))}
    assert spark.read.parquet(path).count() == 30
    rows(spark, 60).write.mode("append").partitionBy("p").parquet(path)
    assert spark.read.parquet(path).count() == 90
    assert spark.read.parquet(path).where("p = 1").count() == 30


def test_a_job_that_fails_leaves_nothing_to_read(
    spark: SparkSession, west: Store, east: Store
) -> None:
    broken = rows(spark).selectExpr("IF(id = 89, raise_error('stop'), id) AS id", "p")
    with pytest.raises(Exception, match="stop"):
        broken.write.partitionBy("p").parquet("s3a://lake/tbl")
    assert data(east.keys("real")) == []
    assert [key for key in data(west.keys("lake")) if "_temporary" not in key] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_one_store_is_committed_by_that_store(
    spark: SparkSession, committer: str, kind: str, west: Store, east: Store
) -> None:
    table = rows(spark).selectExpr("CAST(id AS STRING) AS id") if kind == "text" else rows(spark)
    east.forget_requests()
    table.write.format(kind).save("s3a://lake/whole/t")
    copies = [r for r in east.requests() if r["copy_source"]]
    assert bool(copies) is (committer == "classic")
    assert {key.rpartition("/")[0] for key in data(east.keys("real"))} == {"deep/whole/t"}
    assert spark.read.format(kind).load("s3a://lake/whole/t").count() == 90
    assert west.keys("lake") == []


def test_the_root_of_a_routed_folder_is_overwritten(spark: SparkSession, west: Store) -> None:
    west.put("lake", "whole/old", b"shadowed")
    rows(spark).write.parquet("s3a://lake/whole")
    rows(spark, 10).write.mode("overwrite").parquet("s3a://lake/whole")
    assert spark.read.parquet("s3a://lake/whole").count() == 10
    assert west.objects("lake") == {"whole/old": len(b"shadowed")}


@pytest.mark.parametrize("path", [pytest.param(IN_FULL, marks=SLOW), SPANNING])
@pytest.mark.parametrize("kind", KINDS)
def test_partitions_are_overwritten_dynamically(
    spark: SparkSession, kind: str, path: str, west: Store, east: Store
) -> None:
    as_(kind, rows(spark)).write.partitionBy("p").format(kind).save(path)
    before = {*data(west.keys("lake")), *data(east.keys("real"))}
    east.forget_requests()
    fresh = as_(kind, rows(spark, 30)).where("p = 1")
    fresh.coalesce(1).write.mode("overwrite").option("partitionOverwriteMode", "dynamic").format(
        kind
    ).partitionBy("p").save(path)
    copies = [r for r in east.requests() if r["copy_source"]]
    if spark.sparkContext.getConf().get("spark.hadoop.fs.s3a.committer.name") == "magic":
        assert len(copies) == (1 if path == IN_FULL else 0), "from the staging folder of the store"
    after = {*data(west.keys("lake")), *data(east.keys("real"))}
    assert counted(spark, kind, path) == {0: 30, 1: 10, 2: 30}
    assert len(after - before) == 1
    assert {key for key in before if "p=1/" not in key and "one/" not in key} < after
    hidden = ("_temporary", "__magic", ".spark-staging")
    left = [key for key in (*west.keys("lake"), *east.keys("real")) if any(map(key.count, hidden))]
    assert [key for key in left if "part-" in key] == []


@pytest.mark.parametrize("path", [IN_FULL, pytest.param(SPANNING, marks=SLOW)])
def test_a_dynamic_overwrite_that_fails_leaves_all_as_it_was(
    spark: SparkSession, path: str, west: Store, east: Store
) -> None:
    rows(spark).write.partitionBy("p").csv(path)
    before = west.objects("lake") | east.objects("real")
    broken = rows(spark).selectExpr("IF(id = 89, raise_error('stop'), id) AS id", "p")
    with pytest.raises(Exception, match="stop"):
        broken.write.mode("overwrite").option("partitionOverwriteMode", "dynamic").partitionBy(
            "p"
        ).csv(path)
    assert before.items() <= (west.objects("lake") | east.objects("real")).items()
    assert counted(spark, "csv", path) == dict.fromkeys(range(3), 30)


@SLOW
@pytest.mark.parametrize("path", [IN_FULL, SPANNING])
def test_a_bucketed_table(spark: SparkSession, path: str, west: Store, east: Store) -> None:
    rows(spark).write.bucketBy(2, "id").partitionBy("p").option("path", path).saveAsTable("b")
    try:
        rows(spark).write.insertInto("b")
        assert counted(spark, "parquet", path) == dict.fromkeys(range(3), 60)
        spark.sql("SET spark.sql.sources.partitionOverwriteMode=dynamic")
        rows(spark).where("p = 1").write.insertInto("b", overwrite=True)
        assert {row.p: row["count"] for row in spark.table("b").groupBy("p").count().collect()} == {
            0: 60, 1: 30, 2: 60,
        }  # fmt: skip
        names = {key.rpartition("_")[2].partition(".")[0] for key in data(east.keys("real"))}
        assert names == {"00000", "00001"}, "the number of a file's bucket is in its name"
    finally:
        spark.sql("SET spark.sql.sources.partitionOverwriteMode=static")
        spark.sql("DROP TABLE b")
    assert (path == IN_FULL) == (data(west.keys("lake")) == [])


def test_a_protocol_that_would_append_is_refused(
    spark: SparkSession, west: Store, east: Store
) -> None:
    """PathOutputCommitProtocol would leave the old files of a partition beside the new ones."""
    rows(spark).write.partitionBy("p").parquet(SPANNING)
    before = west.objects("lake") | east.objects("real")
    protocol = spark.conf.get("spark.sql.sources.commitProtocolClass")
    spark.conf.set("spark.sql.sources.commitProtocolClass", PROTOCOL)
    try:
        for path in (SPANNING, IN_FULL):
            with pytest.raises(Exception, match=r"PathOutputCommit(Protocol|ter)"):
                rows(spark, 30).write.mode("overwrite").option(
                    "partitionOverwriteMode", "dynamic"
                ).partitionBy("p").parquet(path)
    finally:
        spark.conf.set("spark.sql.sources.commitProtocolClass", protocol or "")
    assert before.items() <= (west.objects("lake") | east.objects("real")).items()


@pytest.mark.parametrize("mode", ["replace", pytest.param("fail", marks=SLOW)])
@pytest.mark.parametrize("name", ["partitioned", pytest.param("directory", marks=SLOW)])
def test_what_a_committer_promises_of_old_files_is_not_broken(
    spark: SparkSession, name: str, mode: str, west: Store, east: Store
) -> None:
    """Over two stores, files are committed by renaming, which adds to those that are there."""
    rows(spark, 9).write.partitionBy("p").parquet(SPANNING)
    before = west.objects("lake") | east.objects("real")
    promised = {"fs.s3a.committer.name": name, "fs.s3a.committer.staging.conflict-mode": mode}
    for key, value in promised.items():
        spark.conf.set(key, value)
    try:
        with pytest.raises(Exception, match=f"'{name}' can't keep the promise of .*={mode}"):
            rows(spark, 9).write.mode("append").partitionBy("p").parquet(SPANNING)
        assert west.objects("lake") | east.objects("real") == before
        spark.conf.set("fs.s3a.committer.staging.conflict-mode", "append")
        rows(spark, 9).write.mode("append").partitionBy("p").parquet(SPANNING)
        assert counted(spark, "parquet", SPANNING) == dict.fromkeys(range(3), 6)
    finally:
        for key in promised:
            spark.conf.unset(key)
