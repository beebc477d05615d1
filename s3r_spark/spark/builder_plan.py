"""The plan of a session that is about to start, given what its builder has been told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import SessionError, SetupError
from s3r_spark.hadoop.java import java_problem
from s3r_spark.hadoop.packages import installed_hadoop_version, installed_spark_version
from s3r_spark.spark import aws_endpoint, gateway, user_conf
from s3r_spark.spark.jars import Files, Submitted
from s3r_spark.spark.session_plan import SessionPlan, Versions, plan_session
from s3r_spark.spark.user_settings import OfAStart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.routing import Routes

__all__ = ["check_classic", "plan_start"]


def plan_start(
    routes: Routes,
    engine: str,
    options: Mapping[str, Any],
    lines: Mapping[str, str],
    *,
    packages: bool,
) -> SessionPlan:
    """Plan a session that starts from a builder.

    Args:
        routes: what it is to follow.
        engine: `auto`, or the name of an engine.
        options: what the user has told the builder.
        lines: where in the user's code, for those of which it is known.
        packages: whether to add the jars that S3A needs.

    Raises:
        EngineError: the engine can't do what the routes ask.
        SecretError: a variable that a secret is read from isn't set.
        SessionError: the user has set what would keep the session from following the routes.
        SetupError: Java or pyspark is missing or out of range; under spark-submit, the jars are.
    """
    aws_endpoint.check(routes, os.environ)
    java = gateway.submitted()
    if java is not None:
        builder = {key: str(value) for key, value in options.items()}
        user = OfAStart(gateway.settings(java) | builder, lines)
        jars = Submitted(java)
        return plan_session(routes, engine, gateway.versions(java), user, "value", jars=jars)
    versions = Versions(installed_spark_version(), installed_hadoop_version())
    if problem := java_problem(versions.spark):
        raise SetupError(problem)
    conf = user_conf.read(options)
    # Names without spark. count on a builder alone; elsewhere Spark passes over them.
    heeded = {k: v for k, v in conf.settings.items() if k.startswith("spark.") or k in options}
    user = OfAStart(heeded, lines)
    files = Files(conf, s3a=packages)
    return plan_session(routes, engine, versions, user, "value", jars=files)


def check_classic(options: Mapping[str, Any], lines: Mapping[str, str]) -> None:
    """Refuse a builder that makes a Spark Connect client.

    Raises:
        SessionError: with what to do.
    """
    if _makes_a_client(options):
        where = next((f"{lines[key]}: " for key in ("spark.remote",) if key in lines), "")
        raise SessionError(
            f"{where}this is a Spark Connect client, and its server has a configuration of its "
            "own: create the session and call s3r_spark.apply(spark, routes), or give the server "
            "what `s3r-spark conf` writes"
        )


def _makes_a_client(options: Mapping[str, Any]) -> bool:
    """Tell whether the builder makes a Connect client, by the rules of its own getOrCreate."""
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
    from pyspark.util import default_api_mode, is_remote_only

    return bool(is_remote_only() or default_api_mode() == "connect")
