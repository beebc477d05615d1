"""A Spark session for a command."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from s3r_spark.errors import S3RError, SessionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from s3r_spark.hadoop.engines import EngineName
    from s3r_spark.routing import Routes


@contextmanager
def of_routes(routes: Routes, engine: EngineName, settings: Sequence[str]) -> Iterator[Any]:
    """Run a session that follows routes until the block ends.

    Args:
        routes: the routes.
        engine: the engine that is asked for.
        settings: Spark's settings, as `key=value`.

    Raises:
        SetupError: there is no pyspark, or no Java.
        SessionError: the session doesn't start.
    """
    from s3r_spark.spark.configure_builder import configure

    def routed(builder: Any) -> Any:
        return configure(builder, routes, engine=engine, reach=False)

    with _started("check", settings, routed) as session:
        yield session


@contextmanager
def without_routes(name: str, settings: Sequence[str]) -> Iterator[Any]:
    """Run a session as Spark itself is configured, until the block ends.

    Args:
        name: the command that it is for.
        settings: Spark's settings, as `key=value`.

    Raises:
        SessionError: there is no pyspark, or the session doesn't start.
    """
    with _started(name, settings, lambda builder: builder) as session:
        if not hasattr(session, "sparkContext"):
            raise SessionError(f"{name} --spark needs a driver, not a Spark Connect client")
        yield session


@contextmanager
def _started(name: str, settings: Sequence[str], configured: Callable[[Any], Any]) -> Iterator[Any]:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SessionError(f"--spark needs pyspark: {error}") from None
    builder = SparkSession.builder.appName(f"s3r-spark {name}")
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--conf takes KEY=VALUE, not {setting!r}")
        builder = builder.config(key, value)
    with _output_for_people():
        try:
            session = configured(builder).getOrCreate()
        except S3RError:
            raise
        except Exception as error:
            java = getattr(error, "java_exception", None)
            text = str(java or error).strip().partition("\n")[0]
            raise SessionError(f"no Spark session starts: {text}") from error
    with session:
        yield session


@contextmanager
def _output_for_people() -> Iterator[None]:
    """Have what a JVM prints while it starts, a report on its packages, on standard error."""
    sys.stdout.flush()
    stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)
