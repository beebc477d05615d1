"""Routes for a Spark session: one that is about to start, and one that runs already."""

from s3r_spark.spark.apply_to_session import Report, apply
from s3r_spark.spark.configure_builder import configure

__all__ = ["Report", "apply", "configure"]
