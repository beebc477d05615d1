"""Write to each path, read it again, and say how many rows it has: `round_trip.py ROUTES PATH…`.

The engine is that of the variable ENGINE, or auto. With `-` for routes the session is what
spark-submit makes of its arguments. Before it ends, the job waits for a file named `seen`, so that
one can look at it while it runs: what spark-submit starts has no standard input.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

import s3r_spark

routes, *paths = sys.argv[1:]
builder = SparkSession.builder
if routes != "-":
    engine: Any = os.environ.get("ENGINE", "auto")
    builder = s3r_spark.configure(builder, routes, engine=engine)
with builder.getOrCreate() as spark:
    counts = {}
    for path in paths:
        spark.range(90, numPartitions=2).write.parquet(path)
        counts[path] = spark.read.parquet(path).count()
    context = spark.sparkContext
    place = {"ui": context.uiWebUrl, "application": context.applicationId}
    jars = context.getConf().get("spark.jars", "")
    print(json.dumps({"counts": counts, "jars": jars, **place}), flush=True)
    while not Path("seen").exists():
        time.sleep(0.1)
