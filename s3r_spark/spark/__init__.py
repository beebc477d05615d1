"""Routes for a Spark session: one that is about to start, and one that runs already."""

from s3r_spark.spark.apply import Report, apply
from s3r_spark.spark.configure import configure

__all__ = ["Report", "apply", "configure"]
