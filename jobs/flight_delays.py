"""A job as one would write it for a single S3: it knows logical names only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FLIGHTS = "s3a://example-bucket/flights/"
WEATHER = "s3a://example-bucket/weather/"
REPORT = "s3a://example-bucket/reports/delays/"


def flight_delays(spark: SparkSession) -> DataFrame:
    """Join flights with the weather at their departure, write the delays, and read them again."""
    flights = spark.read.csv(FLIGHTS, header=True, inferSchema=True, nullValue="NA")
    weather = spark.read.csv(WEATHER, header=True, inferSchema=True, nullValue="NA")
    weather = weather.select("origin", "time_hour", "precip", "visib", "wind_speed")
    sky = (
        f.when(f.col("precip") > 0, "rain or snow")
        .when(f.col("visib") < 5, "fog")  # noqa: PLR2004 - miles
        .when(f.col("wind_speed") > 20, "strong wind")  # noqa: PLR2004 - miles an hour
        .otherwise("fair")
    )
    delays = (
        flights.join(weather, ["origin", "time_hour"])
        .groupBy("carrier", sky.alias("weather"))
        .agg(f.count("dep_delay").alias("flights"), f.sum("dep_delay").alias("minutes"))
    )
    delays.write.mode("overwrite").parquet(REPORT)
    return spark.read.parquet(REPORT)


def by(delays: DataFrame, column: str) -> DataFrame:
    """Mean delay at departure, in minutes, for each value of a column, the worst first."""
    mean = f.round(f.sum("minutes") / f.sum("flights"), 1)
    return (
        delays.groupBy(column)
        .agg(f.sum("flights").alias("flights"), mean.alias("mean delay"))
        .orderBy("mean delay", ascending=False)
    )


if __name__ == "__main__":  # under spark-submit, whose settings already hold the routes
    with SparkSession.builder.appName("flight delays").getOrCreate() as session:
        by(flight_delays(session), "weather").show()
