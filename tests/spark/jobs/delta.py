"""Delta Lake on `s3a://lake/team2` and `s3r://lake/team2`, and what its log promises there."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

import s3r_spark

builder = (
    SparkSession.builder.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.databricks.delta.snapshotPartitions", "2")
    .config("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    .config("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2")
)
spark = s3r_spark.configure(builder, sys.argv[1], engine="router").getOrCreate()
java: Any = spark._jvm
delta = java.org.apache.spark.sql.delta


def rows(path: str) -> list[int]:
    return sorted(row.id for row in spark.read.format("delta").load(path).collect())


def files(path: str) -> int:
    place = java.org.apache.hadoop.fs.Path(path)
    fs = place.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
    return sum(1 for status in fs.listStatus(place) if status.isFile())


def lived(path: str) -> dict[str, Any]:
    """A table's life: what was in it after each step."""
    counts: dict[str, Any] = {}
    spark.range(0, 10, 1, 2).write.format("delta").save(path)
    counts["created"] = len(rows(path))
    spark.range(10, 20, 1, 2).write.format("delta").mode("append").save(path)
    counts["appended"] = len(rows(path))
    spark.sql(
        f"MERGE INTO delta.`{path}` old USING (SELECT id FROM range(15, 25)) new "  # noqa: S608
        "ON old.id = new.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT *"
    )
    counts["merged"] = rows(path)
    counts["first version"] = spark.read.format("delta").option("versionAsOf", 0).load(path).count()
    counts["files before vacuum"] = files(path)
    spark.sql(f"VACUUM delta.`{path}` RETAIN 0 HOURS")
    counts["files after vacuum"] = files(path)
    counts["after vacuum"] = rows(path)
    return counts


def winners(path: str) -> list[int]:
    """How many of four that write one version of a log at once are told that they have."""
    log = delta.DeltaLog.forTable(spark._jsparkSession, path)
    conf = log.newDeltaHadoopConf()

    def write(name: str) -> bool:
        action = java.scala.collection.Iterator.single("{}")
        place = java.org.apache.hadoop.fs.Path(log.logPath(), name)
        try:
            log.store().write(place, action, False, conf)
        except Py4JJavaError as error:
            if "FileAlreadyExists" not in str(error):
                raise
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        return [sum(threads.map(write, [f"{n:020}.json"] * 4)) for n in range(100, 110)]


answer: dict[str, Any] = {"spark": spark.version}
answer |= lived("s3a://lake/team2/s3a")
spark.range(0, 10, 1, 2).write.format("delta").save("s3r://lake/team2/s3r")
answer["under s3r"] = len(rows("s3r://lake/team2/s3r"))
answer["winners"] = [winners(f"{scheme}://lake/team2/{scheme}") for scheme in ("s3a", "s3r")]
conf = spark.sparkContext._jsc.hadoopConfiguration()
conf.set("delta.enableFastS3AListFrom", "true")
try:
    delta.DeltaLog.clearCache()
    answer["fast listing"] = str(len(rows("s3a://lake/team2/s3a")))
except PySparkException as error:
    answer["fast listing"] = str(error)
print(json.dumps(answer), flush=True)
spark.stop()
