"""Public names as users type them: checked by mypy and pyright, never run.

A line that must be an error says so to both checkers, which tell if it is none any more.
"""

from __future__ import annotations

from typing import Any

from mypy_boto3_s3 import S3Client, S3ServiceResource
from pyspark.sql import SparkSession
from typing_extensions import assert_type

import s3r_spark

ROUTES = "routes.yaml"


def sessions() -> SparkSession:
    builder = SparkSession.builder.appName("typed")
    assert_type(s3r_spark.configure(builder, ROUTES), SparkSession.Builder)
    spark = s3r_spark.configure(builder, ROUTES, engine="router").getOrCreate()
    assert_type(spark, SparkSession)
    assert_type(s3r_spark.apply(spark, ROUTES, on_open="close"), s3r_spark.Report)
    s3r_spark.configure(builder, ROUTES, engine="rooter")  # type: ignore[arg-type]
    return spark


def clients() -> None:
    s3 = s3r_spark.client(ROUTES)
    assert_type(s3, S3Client)
    assert_type(s3.get_object(Bucket="example-bucket", Key="team2/x")["ContentLength"], int)
    assert_type(s3r_spark.resource(ROUTES), S3ServiceResource)
    assert_type(s3r_spark.client(), S3Client)
    assert_type(s3r_spark.session().client("ec2"), Any)
    s3r_spark.register("s3r", routes=ROUTES)
    s3r_spark.unregister("s3r")
    s3r_spark.clinet(ROUTES)  # type: ignore[attr-defined]


def routing() -> None:
    routes = s3r_spark.Routes.load(ROUTES)
    assert_type(routes.resolve_path("s3a://example-bucket/team2/x"), s3r_spark.Target)
    assert_type(routes.rules[0], s3r_spark.Rule)
    assert_type(routes.names_of("minio", "bucket", "key"), list[s3r_spark.Meaning])
    assert_type(s3r_spark.settings(routes, secrets="jceks", store="s3r.jceks"), dict[str, str])
    url, options = routes.storage_options("s3r://example-bucket/team2/", engine="polars")
    assert_type(url, str)
    assert_type(options, dict[str, Any])
    routes.storage_options("s3r://example-bucket/x", engine="polar")  # type: ignore[arg-type]
    assert_type(s3r_spark.doctor(routes), s3r_spark.Diagnosis)
    assert_type(s3r_spark.doctor(routes).findings, tuple[s3r_spark.Finding, ...])
    assert_type(s3r_spark.__version__, str)


def errors() -> None:
    try:
        sessions()
    except s3r_spark.RoutesError as error:
        assert_type(error, s3r_spark.RoutesError)
        raise s3r_spark.SetupError(str(error)) from error
