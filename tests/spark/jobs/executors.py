"""What a job's executors do on routed paths: `executors.py ROUTES JAR PACKAGE`.

JAR and PACKAGE are the user's own: one is named before `configure`, the other after.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

import s3r_spark

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "shared"
routes, jar, package = sys.argv[1:]
builder = SparkSession.builder.config("spark.jars", jar)
s3r_spark.configure(builder, routes, engine="router").config("spark.jars.packages", package)
s3 = s3r_spark.client(routes)


def put(numbers: Iterator[int]) -> Iterator[str]:
    for number in numbers:
        key = f"team2/boto/{number}"
        s3.put_object(Bucket=BUCKET, Key=key, Body=str(number).encode())
        yield key


def get(key: str) -> str:
    body: bytes = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body.decode()


def slow(numbers: Iterator[int]) -> Iterator[tuple[int, str]]:
    """Rows that say which executor they are of: each has a folder with its number for a name."""
    time.sleep(3)
    return ((number, Path.cwd().name) for number in numbers)


with builder.getOrCreate() as spark:
    context = spark.sparkContext
    tracker = context._jsc.sc().statusTracker()
    answer: dict[str, object] = {"at first": len(tracker.getExecutorInfos()) - 1}
    # By Hadoop's own configuration, which Spark broadcasts: data frames, and the older interfaces.
    table = context.range(0, 80, numSlices=8).mapPartitions(slow).toDF("id long, executor string")
    table.write.parquet(f"s3a://{BUCKET}/team2/t")
    read = spark.read.parquet(f"s3a://{BUCKET}/team2/t")
    answer["rows"] = read.count()
    answer["executors"] = sorted(
        row.executor for row in read.select("executor").distinct().collect()
    )
    context.range(0, 20, numSlices=4).saveAsTextFile(f"s3r://{BUCKET}/team2/text")
    answer["lines"] = context.textFile(f"s3a://{BUCKET}/team2/text/part-*").count()
    answer["files"] = context.binaryFiles(f"s3a://{BUCKET}/team2/text").count()
    answer["nodes"] = sorted(node.split(" on ")[0] for node in s3r_spark.report(spark).nodes)
    # By boto3, in the executors' Python.
    keys = context.range(0, 6, numSlices=3).mapPartitions(put).collect()
    found = spark.createDataFrame([(key,) for key in keys], "key string")
    answer["bodies"] = sorted(row[0] for row in found.select(udf(get, "string")("key")).collect())
    print(json.dumps(answer), flush=True)
