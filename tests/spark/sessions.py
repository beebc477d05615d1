"""Spark sessions for tests, each in a JVM of its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jvm import BRIEF
from py4j import java_gateway, protocol
from pyspark import SparkContext
from pyspark.sql import SparkSession

from s3r_spark.hadoop import ivy
from s3r_spark.hadoop.jar import router_jar
from s3r_spark.hadoop.packages import excludes, installed_hadoop_version, jars_folder, packages

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["builder", "jars", "own_jvm"]


def builder(**options: object) -> Any:
    """A builder of small local sessions that print no bars and open no pages.

    Args:
        options: further settings, with `__` for `.` in their names.
    """
    session_builder = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.extraJavaOptions", " ".join(BRIEF))
    )
    for name, value in options.items():
        session_builder = session_builder.config(name.replace("__", "."), value)
    return session_builder


@contextmanager
def own_jvm() -> Iterator[None]:
    """Whatever session starts in the block gets a new JVM, which ends with the block.

    Settings of a first session stay in its JVM as system properties, and open file systems in a
    cache, so that a second one in the same JVM would not be what its builder says.
    """
    if _gateway() is not None:
        raise RuntimeError("a JVM runs already, and sessions of this block would share it")
    try:
        yield
    finally:
        if session := SparkSession.getActiveSession():
            session.stop()
        if gateway := _gateway():
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait()
        SparkContext._gateway = SparkContext._jvm = None
        # Spark's way of making exceptions asks its own JVM, also about those of another one.
        java_gateway.get_return_value = protocol.get_return_value


def _gateway() -> Any:
    return SparkContext._gateway


def jars() -> str:
    """The jars of S3A and the router, for sessions that `configure` has not seen."""
    version = installed_hadoop_version()
    resolved = ivy.resolve(packages(version), excludes(), spark_jars=jars_folder())
    return ",".join(map(str, (*resolved, router_jar().file)))
