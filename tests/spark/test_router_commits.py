"""Tables whose folders are on several stores: all that was written is there, and where it belongs.

With a store's own committer, the files of the other stores would be completed in the wrong place
and lost. So each case runs with S3A's magic committer at hand, and without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from spark.places import client
from spark.sessions import builder, own_jvm

import s3r_spark
from s3r_spark.hadoop import ivy
from s3r_spark.hadoop.packages import jars_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession
    from servers.store import Store

CLOUD = "org.apache.spark:spark-hadoop-cloud_2.13:4.1.1"
SLOW = pytest.mark.slow  # each alone is quick; all of them take minutes
KINDS = ["parquet", *(pytest.param(kind, marks=SLOW) for kind in ("csv", "json", "orc", "text"))]
PACKAGE = "org.apache.spark.internal.io.cloud"
MAGIC = {
    "spark.hadoop.fs.s3a.committer.name": "magic",
    "spark.sql.sources.commitProtocolClass": f"{PACKAGE}.PathOutputCommitProtocol",
    "spark.sql.parquet.output.committer.class": f"{PACKAGE}.BindingParquetOutputCommitter",
}


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
def spark(committer: str, west_store: Store, east_store: Store) -> Iterator[SparkSession]:
    with own_jvm():
        made = builder()
        if committer == "magic":
            (cloud,) = ivy.resolve([CLOUD], spark_jars=jars_folder(), transitive=False)
            made = made.config("spark.jars", str(cloud))
            for key, value in MAGIC.items():
                made = made.config(key, value)
        s3r_spark.configure(made, routes(west_store, east_store), engine="router")
        yield made.getOrCreate()


@pytest.fixture(autouse=True)
def _buckets(west: Store, east: Store) -> None:
    west.make_bucket("lake")
    east.make_bucket("real")


def rows(spark: SparkSession, count: int = 90) -> DataFrame:
    return spark.range(count).selectExpr("id", "id % 3 AS p")


def data(keys: list[str]) -> list[str]:
    return [key for key in keys if "part-" in key]


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_that_spans_stores_loses_nothing(
    spark: SparkSession, kind: str, west: Store, east: Store
) -> None:
    table = (
        rows(spark).selectExpr("CAST(id AS STRING) AS id", "p") if kind == "text" else rows(spark)
    )
    table.write.partitionBy("p").format(kind).save("s3a://lake/tbl")
    assert {key.rpartition("/")[0] for key in data(west.keys("lake"))} == {"tbl/p=0", "tbl/p=2"}
    assert {key.rpartition("/")[0] for key in data(east.keys("real"))} == {"one"}
    read = spark.read.format(kind).load("s3a://lake/tbl")
    assert read.count() == 90
    assert {row.p: row["count"] for row in read.groupBy("p").count().collect()} == dict.fromkeys(
        range(3), 30
    )
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
