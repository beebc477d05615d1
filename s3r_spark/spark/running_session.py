"""A session that runs: what it has been told, and telling it more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3r_spark.hadoop.packages import hadoop_version_of
from s3r_spark.spark import gateway, undo
from s3r_spark.spark.session_plan import HADOOP, Versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.spark.session_plan import SessionPlan

__all__ = ["RunningSession"]


class RunningSession:
    """A session with two places for settings: its own, and the Hadoop configuration of its context.

    What is no data frame (`sc.textFile`) goes by the context's. The first session of a context has
    both; each further one, as `newSession()` makes them, has its own; so has each user of a Connect
    server.

    Attributes:
        spark: the SparkSession.
        java: its JVM; None for a Connect client.
        is_first: whether it is the session that its context was started with.
    """

    def __init__(self, spark: Any) -> None:
        self.spark = spark
        self.java = None if _is_connect(spark) else gateway.jvm_of(spark)
        self.is_first = self.java is not None and _is_first(spark, self.java)

    @property
    def versions(self) -> Versions:
        """The Spark and the Hadoop that the session runs on."""
        if self.java is not None:
            return gateway.versions(self.java)
        return Versions(self.spark.version, hadoop_version_of(self.spark.version))

    @property
    def identity(self) -> str | None:
        """That of the routes that the session follows by itself."""
        text: str | None = self.spark.conf.get(undo.IDENTITY, None)
        return text

    @property
    def hadoop(self) -> Any:
        """The Hadoop configuration of the context."""
        return gateway.hadoop_of(self.spark)

    @property
    def uuid(self) -> str:
        """The identity of the session among those of its JVM."""
        return "" if self.java is None else str(gateway.session_of(self.spark).sessionUUID())

    @property
    def owns_context(self) -> bool:
        """Tell whether no other session has set the routes of the context."""
        return self.java is not None and self.hadoop.get(undo.OWNER) in {None, self.uuid}

    def before(self, *, of_context: bool) -> undo.Before:
        """Find what the session would have had no routes been set.

        Args:
            of_context: whether the context's configuration is meant too.
        """
        return undo.before(self.spark, self.java, of_context=of_context)

    def current(self, before: undo.Before, key: str) -> str | None:
        """Read what the user has set in the session under one of Spark's names.

        Where nothing is known of the context, the name by which it was started with it counts.
        """
        name = key.removeprefix(HADOOP)
        value: str | None = before.session.get(name, self.spark.conf.get(name, None))
        if value:
            return value
        of_context: str | None
        if self.java is None:
            of_context = self.spark.conf.get(f"{HADOOP}{name}", None)
        elif name in before.hadoop:
            of_context = None if name in before.defaults else before.hadoop[name]
        else:
            of_context = self.hadoop.getRaw(name)
            if of_context and undo.is_default(self.hadoop, name):
                of_context = None
        return of_context

    def planned(self, plan: SessionPlan, before: undo.Before) -> Any:
        """The Hadoop configuration that data frames would have by a plan."""
        conf = gateway.new_hadoop_of(self.spark)
        _set(conf, {**before.hadoop, **before.session, **_hadoop_names(plan)})
        return conf

    def follow(
        self, plan: SessionPlan, before: undo.Before, identity: str, *, of_context: bool
    ) -> None:
        """Take back what earlier routes have set, and set what the plan says.

        Values of secrets go to the context's configuration alone where they can, since a session's
        own can be asked for by SQL.

        Args:
            plan: what is to be set.
            before: what is to be taken back.
            identity: of the routes.
            of_context: whether the context is to follow the routes too.
        """
        settings = {key: value for key, value in plan.settings.items() if key not in plan.for_good}
        hadoop = {key.removeprefix(HADOOP): value for key, value in settings.items()}
        if of_context:
            hadoop = {key: value for key, value in hadoop.items() if key not in plan.by_value}
        else:
            hadoop |= plan.by_value
            masks = plan.engine.masks(_hadoop_names(plan), self._around(), plan.routes.version)
            hadoop = {**masks, **hadoop}
        record = undo.note(hadoop.keys() | plan.by_value.keys(), identity, self.uuid)
        if of_context:
            _set(self.hadoop, {**before.hadoop, **_hadoop_names(plan), **record})
        self._set_at_once({**before.session, **hadoop, **record})

    def _set_at_once(self, settings: Mapping[str, str | None]) -> None:
        """Set the session's own settings, so that no other thread's job starts with half of them.

        With endpoints of these routes and profiles of those, it would write to a place of neither.
        A Connect client can set but one at a time.
        """
        if self.java is not None:
            together = self.java.java.util.Properties()
            for key, value in settings.items():
                if value is not None:
                    together.setProperty(key, value)
            gateway.session_of(self.spark).sessionState().conf().setConf(together)
            settings = {key: None for key, value in settings.items() if value is None}
        _set(self.spark.conf, settings)

    def forget(self, *, cached: bool) -> None:
        """Drop the listings of tables that the session has read, which Spark keeps by their names.

        A Connect client can't: it has to say REFRESH TABLE.

        Args:
            cached: whether to clear Spark's cache too, which knows what it has by paths alone.
        """
        if self.java is not None:
            catalog = gateway.session_of(self.spark).sessionState().catalog()
            catalog.invalidateAllCachedTables()
        if cached:
            self.spark.catalog.clearCache()

    def _around(self) -> list[str]:
        """The names of what the context has been told for routes."""
        if self.java is not None:
            return [*self.hadoop.getValByRegex(r"^fs\.s3(r\.|a\.security)").keySet().toArray()]
        settings = self.spark.conf.getAll
        return [key.removeprefix(HADOOP) for key in settings if key.startswith(f"{HADOOP}fs.s3")]


def _is_connect(spark: Any) -> bool:
    return type(spark).__module__.startswith("pyspark.sql.connect")


def _is_first(spark: Any, java: Any) -> bool:
    default = java.org.apache.spark.sql.classic.SparkSession.getDefaultSession()
    return not default.isDefined() or default.get().equals(gateway.session_of(spark))


def _hadoop_names(plan: SessionPlan) -> dict[str, str]:
    """Pick what Hadoop is told by a plan, by its names."""
    shown = {
        key.removeprefix(HADOOP): value
        for key, value in plan.settings.items()
        if key.startswith(HADOOP)
    }
    return {**shown, **plan.by_value}


def _set(conf: Any, settings: Mapping[str, str | None]) -> None:
    for key, value in settings.items():
        if value is None:
            conf.unset(key)
        else:
            conf.set(key, value)
