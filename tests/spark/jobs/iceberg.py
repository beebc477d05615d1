"""Iceberg on `s3a://lake/team2`, by Hadoop, and by the client of its own."""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

import s3r_spark

FILE_IO = {"lake": None, "own": "aws.s3.S3FileIO", "resolved": "io.ResolvingFileIO"}
extensions = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
builder = SparkSession.builder.config("spark.sql.extensions", extensions)
for name, kind in FILE_IO.items():
    catalog = f"spark.sql.catalog.{name}"
    scheme = "s3r" if name == "resolved" else "s3a"
    builder = (
        builder.config(catalog, "org.apache.iceberg.spark.SparkCatalog")
        .config(f"{catalog}.type", "hadoop")
        .config(f"{catalog}.warehouse", f"{scheme}://lake/team2/{name}")
    )
    if kind:
        builder = builder.config(f"{catalog}.io-impl", f"org.apache.iceberg.{kind}")
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    s3r_spark.configure(builder, sys.argv[1], engine="router")
spark = builder.getOrCreate()
answer: dict[str, Any] = {"spark": spark.version, "warnings": [str(one.message) for one in warned]}
java: Any = spark._jvm


def rows() -> list[int]:
    return sorted(row.id for row in spark.table("lake.db.t").collect())


def count(query: str) -> int:
    return int(spark.sql(f"SELECT count(*) AS n FROM {query}").first()["n"])  # noqa: S608


def files() -> int:
    place = java.org.apache.hadoop.fs.Path("s3a://lake/team2/lake/db/t/data")
    fs = place.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
    return int(fs.getContentSummary(place).getFileCount())


def append(first: int, last: int) -> None:
    new = spark.range(first, last, 1, 2).selectExpr("id", "CAST(id % 2 AS INT) AS p")
    new.writeTo("lake.db.t").append()


spark.sql("CREATE TABLE lake.db.t (id BIGINT, p INT) USING iceberg PARTITIONED BY (p)")
append(0, 10)
answer["created"] = len(rows())
append(10, 20)
answer["appended"] = len(rows())
spark.sql(
    "MERGE INTO lake.db.t old USING (SELECT id FROM range(15, 25)) new ON old.id = new.id "
    "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, p) VALUES (new.id, 7)"
)
answer["merged"] = rows()
first = spark.sql("SELECT snapshot_id FROM lake.db.t.snapshots ORDER BY committed_at").first()[0]
answer["first snapshot"] = count(f"lake.db.t VERSION AS OF {first}")
answer["snapshots"], answer["data files"] = [count("lake.db.t.snapshots")], [files()]
spark.sql(
    "CALL lake.system.expire_snapshots(table => 'db.t', retain_last => 1, "
    "older_than => TIMESTAMP '2999-01-01 00:00:00')"
)
answer["snapshots"].append(count("lake.db.t.snapshots"))
answer["data files"].append(files())
answer["after expiry"] = rows()
try:
    spark.sql("CREATE TABLE own.db.t (id BIGINT) USING iceberg")
    answer["by S3FileIO"] = "a table"
except Py4JJavaError as error:
    answer["by S3FileIO"] = str(error)
spark.sql("CREATE TABLE resolved.db.t (id BIGINT) USING iceberg")
spark.range(0, 3, 1, 1).writeTo("resolved.db.t").append()
answer["resolved under s3r"] = count("resolved.db.t")
print(json.dumps(answer), flush=True)
spark.stop()
