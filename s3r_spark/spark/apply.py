"""Routes for a session that runs already: a notebook, a managed platform, Spark Connect."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import RoutesWarning, warn
from s3r_spark.hadoop import engines
from s3r_spark.hadoop.engines import common
from s3r_spark.routing import Routes
from s3r_spark.spark import environment, jvm
from s3r_spark.spark.jars import Running
from s3r_spark.spark.running_session import RunningSession
from s3r_spark.spark.session_plan import HADOOP, plan_session
from s3r_spark.spark.user_settings import OfARunningSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.routing import RoutesLike
    from s3r_spark.spark.session_plan import SessionPlan

_FILE_SYSTEM = "fs.s3a.impl"


@dataclass(frozen=True)
class Report:
    """What `apply` did.

    Attributes:
        engine: the engine that was chosen.
        reason: why.
        applied: the names of the settings that were made.
        open_buckets: buckets that the routes concern and that were in use before: they stay as they
            were until the session ends.
        undone: what could not be done, one sentence each.
    """

    engine: str
    reason: str
    applied: tuple[str, ...]
    open_buckets: tuple[str, ...]
    undone: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether all that the routes ask holds from now on."""
        return not self.open_buckets and not self.undone

    def __str__(self) -> str:
        lines = [f"engine {self.engine}: {self.reason}", f"{len(self.applied)} settings made"]
        if self.open_buckets:
            lines.append(f"in use before, and unchanged: {', '.join(self.open_buckets)}")
        return "\n".join([*lines, *self.undone])


def apply(spark: Any, routes: RoutesLike, *, engine: str = "auto") -> Report:
    """Make a running session follow routes, as far as a running one can.

    New file systems follow; one that is open already does not, and neither jars nor executors that
    lack a class can be mended. Secrets are set by value: they stay inside the session. What earlier
    routes have set in the session is taken back first. A file system that the session has for s3://,
    and the committers that it was told to use, stay.

    Args:
        spark: the SparkSession, of Spark itself or of a Spark Connect client.
        routes: the path of a routes.yaml, its content as a dict, or Routes.
        engine: `auto`, `s3a`, `router` or `viewfs`.

    Returns:
        What was set, and what could not be.

    Raises:
        TypeError: that is no session.
        RoutesError: the routes can't be used.
        EngineError: the engine can't do what they ask.
        SecretError: a variable that a secret is read from isn't set.
        SessionError: AWS_ENDPOINT_URL or its like would take the place of AWS.

    Warns:
        RoutesWarning: where something could not be done; the report says it too.
    """
    if not hasattr(spark, "conf") or not hasattr(spark, "version"):
        raise TypeError(f"apply takes a SparkSession, not {type(spark).__name__}")
    loaded = Routes.load(routes)
    session = RunningSession(spark)
    if session.java is not None:
        environment.check(loaded, os.environ)
        environment.check_settings(loaded, dict(spark.sparkContext.getConf().getAll()))
    user = OfARunningSession(session.current)
    jars = Running(session.java, loaded)
    plan = plan_session(loaded, engine, session.versions, user, "value", jars=jars)
    in_use = _concerned(session.java, plan, loaded) if session.java else []
    undone = [str(warning.args[0]) for warning in plan.warnings]
    undone += _of_a_server(spark) if session.java is None else _of_a_jvm(session.java)
    impl = f"{HADOOP}{_FILE_SYSTEM}"
    undone += _of_a_strange(plan.settings.get(impl) or session.current(impl))
    session.follow(plan)
    applied = tuple(sorted(name.removeprefix(HADOOP) for name in plan.names))
    report = Report(plan.engine.NAME, plan.routes.reason, applied, tuple(in_use), tuple(undone))
    for sentence in report.undone:
        warn(RoutesWarning(sentence, "not-applied"))
    if in_use:
        text = f"in use before, and unchanged until the session ends: {', '.join(in_use)}"
        warn(RoutesWarning(text, "bucket-in-use"))
    return report


def _of_a_jvm(java: Any) -> Iterator[str]:
    """What a JVM that runs already lacks."""
    if not jvm.can_load(java, common.S3A):
        yield (
            "this session has no S3A on its classpath: start one with the jars that "
            "`s3r-spark jars` fetches, or use s3r_spark.configure"
        )


def _of_a_strange(file_system: str | None) -> Iterator[str]:
    """Where s3a:// is neither S3A's nor an engine's, as on a platform with a client of its own."""
    if file_system and file_system != common.S3A and not engines.is_an_engines(file_system):
        yield (
            f"{_FILE_SYSTEM} is {file_system}, which may go past the routes: have the session set "
            f"it to {common.S3A} when it starts"
        )


def _of_a_server(spark: Any) -> Iterator[str]:
    """What a Connect client can't do about its server."""
    yield (
        "a Connect server shares its open file systems among all sessions: where others use "
        "it, give it what `s3r-spark conf` writes, and ask it for jars and open buckets"
    )
    if spark.conf.get("spark.hadoop.fs.s3r.profiles", None) is not None:
        yield (
            "the Connect server was started with routes of its own, and what it has set for them "
            "stays below these: give it new ones by what `s3r-spark conf` writes"
        )


def _concerned(java: Any, plan: SessionPlan, routes: Routes) -> list[str]:
    """Of the buckets in use, those that would be reached otherwise with the routes.

    The default client's settings are global, so where there are any, every bucket is concerned.
    """
    in_use = jvm.open_buckets(java)
    if plan.engine.NAME != "s3a" or any(not k.startswith("fs.s3a.bucket.") for k in plan.hadoop):
        return sorted(in_use)
    return sorted(name for name in in_use if routes.resolve(name.partition("://")[2]).profile)
