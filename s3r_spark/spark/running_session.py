"""A session that runs: what it has been told, and telling it more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3r_spark.hadoop.packages import hadoop_version_of
from s3r_spark.spark import jvm, undo
from s3r_spark.spark.session_plan import HADOOP, Versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.spark.session_plan import SessionPlan

__all__ = ["RunningSession"]


class RunningSession:
    """A session with two places for settings: its own, and the Hadoop configuration of its context.

    The first session of a context has both, since what is no data frame (`sc.textFile`) goes by the
    context's. Each further one, as `newSession()` makes them, and each user of a Connect server has
    settings of its own alone.

    Attributes:
        spark: the SparkSession.
        java: its JVM; None for a Connect client.
        is_first: whether the context's configuration is this session's to change.
        before: what it would have had no routes been set.
    """

    def __init__(self, spark: Any) -> None:
        self.spark = spark
        self.java = None if _is_connect(spark) else spark.sparkContext._jvm  # noqa: SLF001 - no public way
        self.is_first = self.java is not None and _is_first(spark, self.java)
        self.before = undo.before(spark, self.java, is_first=self.is_first)

    @property
    def versions(self) -> Versions:
        """The Spark and the Hadoop that the session runs on."""
        if self.java is not None:
            return jvm.versions(self.java)
        return Versions(self.spark.version, hadoop_version_of(self.spark.version))

    def current(self, key: str) -> str | None:
        """What the session has under one of Spark's names, but for what routes have set.

        Where nothing is known of the context, the name by which it was started with it counts.
        """
        name = key.removeprefix(HADOOP)
        own: str | None = self.before.session.get(name, self.spark.conf.get(name, None))
        if own:
            return own
        of_context: str | None
        if self.java is None:
            of_context = self.spark.conf.get(f"{HADOOP}{name}", None)
        elif name in self.before.hadoop:
            of_context = self.before.hadoop[name]
        else:
            of_context = self._hadoop.getRaw(name)
        return of_context

    def follow(self, plan: SessionPlan) -> None:
        """Take back what earlier routes have set, and set what the plan says.

        Values of secrets go to the context's configuration alone where they can, since a session's
        own can be asked for by SQL.
        """
        names = [name.removeprefix(HADOOP) for name in plan.names]
        shown = {key.removeprefix(HADOOP): value for key, value in plan.settings.items()}
        record = undo.note(names)
        own = shown if self.is_first else shown | dict(plan.by_value)
        own = {key: value for key, value in own.items() if key in names}
        if self.is_first:
            own = {key: value for key, value in own.items() if key not in plan.by_value}
            of_hadoop = {
                key.removeprefix(HADOOP): value
                for key, value in plan.settings.items()
                if key.startswith(HADOOP)
            }
            _set(self._hadoop, {**self.before.hadoop, **of_hadoop, **plan.by_value, **record})
        _set(self.spark.conf, {**self.before.session, **own, **record})

    @property
    def _hadoop(self) -> Any:
        return self.spark.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001 - no public way


def _is_connect(spark: Any) -> bool:
    return type(spark).__module__.startswith("pyspark.sql.connect")


def _is_first(spark: Any, java: Any) -> bool:
    default = java.org.apache.spark.sql.classic.SparkSession.getDefaultSession()
    return not default.isDefined() or default.get().equals(spark._jsparkSession)  # noqa: SLF001 - no public way


def _set(conf: Any, settings: Mapping[str, str | None]) -> None:
    for key, value in settings.items():
        if value is None:
            conf.unset(key)
        else:
            conf.set(key, value)
