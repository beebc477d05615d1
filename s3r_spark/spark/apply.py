"""Routes for a session that runs already: a notebook, a managed platform, Spark Connect."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import RoutesWarning, SessionError, warn
from s3r_spark.hadoop import engines
from s3r_spark.hadoop.engines import router, viewfs
from s3r_spark.hadoop.engines.common import VIEWFS, displaced
from s3r_spark.hadoop.packages import hadoop_version_of
from s3r_spark.hadoop.settings import plan, rendered, values
from s3r_spark.routing import Routes
from s3r_spark.spark import environment, jvm, record
from s3r_spark.spark.kept import without_the_sessions
from s3r_spark.spark.options import BINDING, for_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from s3r_spark.hadoop.settings import Plan
    from s3r_spark.routing import RoutesLike


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
        SessionError: AWS_ENDPOINT_URL is set, and would take the place of AWS.

    Warns:
        RoutesWarning: where something could not be done; the report says it too.
    """
    if not hasattr(spark, "conf") or not hasattr(spark, "version"):
        raise TypeError(f"apply takes a SparkSession, not {type(spark).__name__}")
    loaded = Routes.load(routes)
    java = _jvm(spark)
    version = jvm.hadoop_version(java) if java else hadoop_version_of(spark.version)
    if java is not None:
        environment.check(loaded, os.environ)
    made = plan(loaded, engine, version)
    if java and made.engine.NAME == router.NAME and not jvm.can_load(java, jvm.ROUTER):
        raise SessionError(_without_jar(loaded, made))
    secrets = values(made)
    settings = rendered(made, secrets)
    undone = [str(finding.args[0]) for finding in made.findings]
    undone += _of_a_server(spark) if java is None else _of_a_jvm(java)
    in_use = _concerned(java, made.engine.NAME, loaded, settings) if java else []
    record.take_back(spark, java)
    current = _current(spark, java)
    settings |= displaced(settings, current)
    undone += _of_a_strange(settings.get(_FILE_SYSTEM) or current(_FILE_SYSTEM))
    cloud = java is not None and jvm.can_load(java, BINDING)
    ours = {
        key.removeprefix("spark.hadoop."): value
        for key, value in for_session(made, settings, spark.version, cloud=cloud).items()
    }
    ours, kept = without_the_sessions(ours, current)
    undone += [f"{key} is {value} in this session, and stays" for key, value in kept.items()]
    if java is not None:
        conf = spark.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001 - no public way
        for key in ours.keys() & settings.keys():
            conf.set(key, ours[key])
    for key, value in ours.items():
        if java is None or key not in secrets:
            spark.conf.set(key, value)
    record.note(spark, ours, java)
    report = Report(
        made.engine.NAME,
        made.reason,
        tuple(sorted(ours)),
        tuple(in_use),
        tuple(undone),
    )
    for sentence in report.undone:
        warn(RoutesWarning(sentence, "not-applied"))
    if in_use:
        text = f"in use before, and unchanged until the session ends: {', '.join(in_use)}"
        warn(RoutesWarning(text, "bucket-in-use"))
    return report


def _jvm(spark: Any) -> Any:
    """The session's JVM; None for a Connect client."""
    if type(spark).__module__.startswith("pyspark.sql.connect"):
        return None
    return spark.sparkContext._jvm  # noqa: SLF001 - no public way


def _current(spark: Any, java: Any) -> Callable[[str], str | None]:
    """What the session has under a name of Hadoop's, in so far as it can be known."""
    if java is not None:
        conf = spark.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001 - no public way
        return lambda key: spark.conf.get(key, None) or conf.getRaw(key)
    # A server's own settings show under the names by which it was started with them.
    return lambda key: spark.conf.get(key, None) or spark.conf.get(f"spark.hadoop.{key}", None)


def _of_a_jvm(java: Any) -> Iterator[str]:
    """What a JVM that runs already lacks."""
    if not jvm.can_load(java, jvm.S3A):
        yield (
            "this session has no S3A on its classpath: start one with the jars that "
            "`s3r-spark jars` fetches, or use s3r_spark.configure"
        )


def _of_a_strange(file_system: str | None) -> Iterator[str]:
    """Where s3a:// is neither S3A's nor an engine's, as on a platform with a client of its own."""
    if file_system and not file_system.endswith((".S3AFileSystem", jvm.ROUTER, VIEWFS)):
        yield (
            f"{_FILE_SYSTEM} is {file_system}, which may go past the routes: have the session set "
            f"it to {jvm.S3A} when it starts"
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


def _without_jar(routes: Routes, made: Plan) -> str:
    text = (
        f"{made.reason}; engine {router.NAME} can, but this session has not its jar: start one "
        "with s3r_spark.configure, or with the jars that `s3r-spark jars` fetches"
    )
    if viewfs.NAME in engines.refusals(routes, made.version):
        return text
    return f"{text}; or ask for engine={viewfs.NAME!r}, which needs none and does less"


def _concerned(java: Any, engine: str, routes: Routes, settings: Mapping[str, str]) -> list[str]:
    """Of the buckets in use, those that would be reached otherwise with the routes.

    The default client's settings are global, so where there are any, every bucket is concerned.
    """
    in_use = jvm.open_buckets(java)
    if engine != "s3a" or any(not key.startswith("fs.s3a.bucket.") for key in settings):
        return sorted(in_use)
    return sorted(name for name in in_use if routes.resolve(name.partition("://")[2]).profile)
