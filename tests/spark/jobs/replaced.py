"""An executor that is lost between `apply` and a write: `replaced.py JARS ROUTES`.

Plain sessions use the bucket on the driver and on the executors, and then follow routes by which it
is elsewhere.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from pyspark.sql import SparkSession

import s3r_spark
from s3r_spark.errors import SessionError

jars, routes = sys.argv[1:]
spark = SparkSession.builder.config("spark.jars", jars).getOrCreate()
store = spark.sparkContext._jsc.sc().statusStore()


def executors() -> set[str]:
    living = store.executorList(True)
    return {living.apply(n).id() for n in range(living.size())} - {"driver"}


def replace_one() -> list[str]:
    """Kill an executor; those that then live, once there are as many as before."""
    before = executors()
    gone = min(before)
    app = spark.sparkContext.applicationId
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or [])
        if f"--executor-id {gone} " in words and app in words:
            process.kill()
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if gone not in executors() and len(executors()) >= len(before):
            return sorted(executors())
        time.sleep(0.5)
    raise RuntimeError(f"executor {gone} was not replaced: {executors()}")


def write(path: str) -> int:
    spark.range(0, 40, 1, 8).write.mode("overwrite").parquet(path)
    count: int = spark.read.parquet(path).count()
    return count


answer: dict[str, Any] = {"plain": write("s3a://moved/plain"), "refused": ""}
while len(executors()) < 2:
    time.sleep(0.5)
write("s3a://moved/plain")
try:
    s3r_spark.apply(spark, routes, engine="s3a")
except SessionError as error:
    answer["refused"] = str(error)
report = s3r_spark.apply(spark, routes, engine="s3a", on_open="close")
answer["closed"] = [report.complete, *report.closed]
answer["living"] = replace_one()
answer["by s3a"] = write("s3a://moved/s3a")
without = {"clients": json.loads(Path(routes).read_text(encoding="utf-8"))["clients"]}
report = s3r_spark.apply(spark, without, engine="router")
answer["back"] = [report.complete, write("s3a://moved/back")]
report = s3r_spark.apply(spark, routes, engine="router")
answer["router"] = [report.engine, report.complete]
answer["living again"] = replace_one()
answer["by router"] = write("s3a://moved/router")
print(json.dumps(answer), flush=True)
spark.stop()
