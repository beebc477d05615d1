"""Two users of one Connect server: `connect.py URL ROUTES ROUTES PATH…`.

Each user writes and reads the same paths by routes of its own.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

import s3r_spark
from s3r_spark.errors import RoutesWarning, SessionError

url, first, second, *paths = sys.argv[1:]
answer: dict[str, Any] = {"refused": []}
builder = SparkSession.builder.remote(url)
warnings.simplefilter("ignore", RoutesWarning)  # of the routes themselves


def refused(call: Any, *args: Any, **kwargs: Any) -> None:
    try:
        call(*args, **kwargs)
    except SessionError as error:
        answer["refused"].append(str(error))


refused(s3r_spark.configure, builder, first)
spark, other = builder.create(), SparkSession.builder.remote(url).create()
for engine in ("s3a", "viewfs"):  # one file system a bucket for both
    refused(s3r_spark.apply, spark, {"clients": {"default": {}}}, engine=engine)
gone = {
    "clients": {"default": {}},
    "profiles": {"gone": {"client": "default", "source_bucket_pattern": "gone"}},
}
s3r_spark.apply(spark, gone)
reports = [s3r_spark.apply(spark, first), s3r_spark.apply(other, second)]
answer["engines"] = [report.engine for report in reports]
answer["undone"] = [*reports[0].undone, *reports[1].undone]
answer["counts"] = counts = []
for path in paths:
    for user, rows in ((spark, 10), (other, 20)):
        user.range(rows).write.parquet(path)
    counts += [user.read.parquet(path).count() for user in (spark, other)]
shown = {
    name: str([tuple(row) for row in user.sql("SET").collect()])
    for name, user in (("first", spark), ("second", other))
}
answer["left"] = "gone" in shown["first"]
secrets = Path("secrets").read_text(encoding="utf-8").split()
answer["shown"] = [name for name, text in shown.items() for secret in secrets if secret in text]
print(json.dumps(answer), flush=True)
other.stop()
spark.stop()
