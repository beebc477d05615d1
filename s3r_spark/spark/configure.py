"""Routes on a SparkSession builder: everything that a session needs before it starts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import SessionError, SetupError, warn
from s3r_spark.hadoop.java import java_problem
from s3r_spark.hadoop.packages import installed_hadoop_version, installed_spark_version
from s3r_spark.routing import Routes
from s3r_spark.spark import environment, jvm, launch
from s3r_spark.spark.jars import Files, Submitted
from s3r_spark.spark.reach import Reach
from s3r_spark.spark.routed_builder import RoutedBuilder, options_without_routes
from s3r_spark.spark.session_plan import SessionPlan, Versions, plan_session
from s3r_spark.spark.user_settings import OfAStart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.routing import RoutesLike


def configure(
    builder: Any,
    routes: RoutesLike,
    *,
    engine: str = "auto",
    packages: bool = True,
    reach: bool = True,
) -> Any:
    """Make a session follow routes.

    Secrets go on the builder as references (`${env.NAME}`), since PySpark passes a builder's
    options as arguments that every user of the machine can see; their values follow when the
    session is created, from where they reach the executors. What other routes have put on the
    builder before is taken off.

    Args:
        builder: `SparkSession.builder`, before or after settings of your own.
        routes: the path of a routes.yaml, its content as a dict, or Routes.
        engine: `auto`, `s3a`, `router` or `viewfs`; see `s3r-spark explain`.
        packages: whether to add the jars that S3A needs, in so far as neither you nor the
            installation brings them.
        reach: whether to try, while Spark starts, if the stores can be reached: by a connection to
            each client's endpoint_url, in which nothing is asked.

    Returns:
        The same builder.

    Raises:
        TypeError: that is no builder.
        RoutesError: the routes can't be used.
        EngineError: the engine can't do what they ask.
        SecretError: a variable that a secret is read from isn't set.
        SessionError: a session runs already (then `apply` is right), or it is not of this process;
            AWS_ENDPOINT_URL or its like would take the place of AWS; fs.s3a.impl is set to a file
            system that knows no routes.
        SetupError: Java or pyspark is missing or out of range; under spark-submit, the jars are.

    Warns:
        RoutesWarning: for what works, but probably not as meant; also where a setting of your own
            differs from the routes: yours stays. When the session is created, for stores that
            can't be reached.
    """
    _check_builder(builder)
    options = options_without_routes(builder)
    loaded = Routes.load(routes)
    _check_session(options)
    environment.check(loaded, os.environ)
    plan = _plan(loaded, engine, options, packages=packages)
    for warning in plan.warnings:
        warn(warning)
    RoutedBuilder(builder, plan, Reach(loaded) if reach else None).follow()
    return builder


def _plan(
    routes: Routes, engine: str, options: Mapping[str, Any], *, packages: bool
) -> SessionPlan:
    """Plan a session that starts from a builder with these options of the user's."""
    java = jvm.submitted()
    if java is not None:
        builder = {key: str(value) for key, value in options.items()}
        user = OfAStart(jvm.settings(java) | builder)
        return plan_session(routes, engine, jvm.versions(java), user, "value", jars=Submitted(java))
    versions = Versions(installed_spark_version(), installed_hadoop_version())
    if problem := java_problem(versions.spark):
        raise SetupError(problem)
    said = launch.said(options)
    jars = Files(said, s3a=packages)
    return plan_session(routes, engine, versions, OfAStart(said.settings), "value", jars=jars)


def _check_builder(builder: Any) -> None:
    options = getattr(builder, "_options", None)
    if not isinstance(options, dict) or not callable(getattr(builder, "getOrCreate", None)):
        if isinstance(builder, type):
            what = f"the class {builder.__name__}: write configure(SparkSession.builder, …)"
        elif hasattr(builder, "conf"):
            what = f"a {type(builder).__name__}: a session that runs takes s3r_spark.apply"
        else:
            what = f"a {type(builder).__name__}"
        raise TypeError(f"configure takes SparkSession.builder, not {what}")


def _check_session(options: Mapping[str, Any]) -> None:
    if _makes_a_client(options):
        raise SessionError(
            "this is a Spark Connect client, and its server has a configuration of its own: create "
            "the session and call s3r_spark.apply(spark, routes), or give the server what "
            "`s3r-spark conf` writes"
        )
    if jvm.context() is not None:
        raise SessionError(
            "a Spark session runs already in this process, and takes no settings for S3 from a "
            "builder: call s3r_spark.apply(spark, routes), or stop that session first"
        )


def _makes_a_client(options: Mapping[str, Any]) -> bool:
    """Whether the builder makes a Connect client, by the rules of its own getOrCreate."""
    env = os.environ
    if (
        options.get("spark.remote")
        or env.get("SPARK_REMOTE")
        or "SPARK_CONNECT_MODE_ENABLED" in env
    ):
        return True
    mode = str(options.get("spark.api.mode", env.get("SPARK_API_MODE", ""))).lower()
    if mode in {"classic", "connect"}:
        return mode == "connect"
    from pyspark.util import default_api_mode, is_remote_only  # noqa: PLC0415 - an extra

    return bool(is_remote_only() or default_api_mode() == "connect")
