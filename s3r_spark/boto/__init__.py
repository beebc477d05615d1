"""The boto3 client: one real S3 client for all stores of the routes."""

from __future__ import annotations

from s3r_spark.boto.factory import client, resource

__all__ = ["client", "resource"]
