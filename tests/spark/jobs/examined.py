"""What `doctor` finds in a session: `examined.py ROUTES [configure] [write]`."""

from __future__ import annotations

import json
import sys

from pyspark.sql import SparkSession

import s3r_spark

routes, *words = sys.argv[1:]
builder = SparkSession.builder
if "configure" in words:
    s3r_spark.configure(builder, routes)
with builder.getOrCreate() as spark:
    diagnosis = s3r_spark.doctor(routes, spark=spark, write="write" in words, timeout=60)
    print(json.dumps(diagnosis.as_dict()), flush=True)
