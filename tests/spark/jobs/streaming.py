"""A stream from folder to folder, a file at a time: `streaming.py ROUTES SOURCE SINK STATE [end]`.

It goes on where the last one stopped, and runs until it is killed; with `end`, until all is done,
and says what the sink has then.
"""

from __future__ import annotations

import json
import sys

from pyspark.sql import SparkSession

import s3r_spark

routes, source, sink, state, *end = sys.argv[1:]
with s3r_spark.configure(SparkSession.builder, routes, engine="router").getOrCreate() as spark:
    rows = spark.readStream.schema("id long").option("maxFilesPerTrigger", 1).parquet(source)
    stream = rows.writeStream.option("checkpointLocation", state)
    if not end:
        stream.start(sink, format="parquet").awaitTermination()
    stream.trigger(availableNow=True).start(sink, format="parquet").awaitTermination()
    ids = sorted(row.id for row in spark.read.parquet(sink).collect())
    print(json.dumps({"ids": ids}), flush=True)
