"""How long Spark takes to give up on each path, and what it says: `timed.py ROUTES PATH…`."""

from __future__ import annotations

import json
import sys
import time

from pyspark.sql import SparkSession

import s3r_spark

routes, *paths = sys.argv[1:]
with s3r_spark.configure(SparkSession.builder, routes).getOrCreate() as spark:
    spark.range(1).count()  # what a first job costs is not counted
    for path in paths:
        start = time.monotonic()
        try:
            spark.read.text(path).count()
            end = "nothing"
        except Exception as error:  # noqa: BLE001 - whatever it is
            end = str(error)
        line = {"path": path, "seconds": time.monotonic() - start, "end": end}
        print(json.dumps(line), flush=True)
