"""Routes for a Connect client, whose server has the jars given: `connect.py JARS ROUTES PATH…`."""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

import yaml
from pyspark.sql import SparkSession

import s3r_spark
from s3r_spark.errors import RoutesWarning, SessionError

jars, routes, *paths = sys.argv[1:]
builder = SparkSession.builder.remote("local[2]").config("spark.jars", jars)
refused = ""
try:
    s3r_spark.configure(builder, routes)
except SessionError as error:
    refused = str(error)
spark = builder.getOrCreate()
with warnings.catch_warnings():
    warnings.simplefilter("ignore", RoutesWarning)
    other = {"profiles": {"gone": {"client": "default", "source_bucket_pattern": "gone"}}}
    clients = yaml.safe_load(Path(routes).read_text(encoding="utf-8"))["clients"]
    s3r_spark.apply(spark, {"clients": clients, **other}, engine="router")
    report = s3r_spark.apply(spark, routes, engine=os.environ["ENGINE"])
counts = {}
for path in paths:
    spark.range(90).write.parquet(path)
    counts[path] = spark.read.parquet(path).count()
rows = spark.sql("SET").collect()
left = [tuple(row) for row in rows if "gone" in str(row)]
said = {
    "refused": refused,
    "engine": report.engine,
    "undone": report.undone,
    "counts": counts,
    "left": left,
}
print(json.dumps(said), flush=True)  # noqa: T201 - the test reads it
spark.stop()
