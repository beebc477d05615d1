"""A builder whose sessions follow routes, and what routes have put on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import SessionError, warn
from s3r_spark.hadoop import ivy
from s3r_spark.hadoop.packages import jars_folder, merge
from s3r_spark.spark import jvm, launch, undo
from s3r_spark.spark.session_plan import BINDING, HADOOP, MAGIC, SessionPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s3r_spark.spark.reach import Reach

__all__ = ["RoutedBuilder", "options_without_routes", "with_packages"]

_JARS = "spark.jars"


class RoutedBuilder:
    """Takes the place of a builder's getOrCreate.

    What can't be an argument of Spark's is set as soon as the session is made; then the router
    looks at its settings, so that wrong ones stop the session here.

    Attributes:
        make: the builder's own getOrCreate.
        put: what is on the builder for the routes.
        before: what was there in its place.
    """

    def __init__(self, builder: Any, plan: SessionPlan, reach: Reach | None) -> None:
        """Put nothing on the builder yet, but take off what earlier routes have put there."""
        earlier = builder.getOrCreate
        self.make: Callable[[], Any] = (
            earlier.make if isinstance(earlier, RoutedBuilder) else earlier
        )
        self.put = {**plan.settings, **plan.jars}
        self.before = options_without_routes(builder)
        self._builder, self._plan, self._reach = builder, plan, reach
        self._context: Any = None

    def follow(self) -> None:
        """Put the plan's settings on the builder, in place of those of earlier routes."""
        options = self._builder._options  # noqa: SLF001 - no public way
        options.clear()
        options.update(self.before)
        for key, value in self.put.items():
            self._builder.config(key, value)
        self._builder.getOrCreate = self

    def __call__(self) -> Any:
        """The session."""
        running = jvm.context()
        if running is not None:
            if running is not self._context:
                raise SessionError(
                    "a Spark session was started after `configure` and before `getOrCreate`; it "
                    "does not follow the routes: start the configured one first, or call "
                    "s3r_spark.apply(spark, routes) on the one that runs"
                )
            return self.make()
        if (left := jvm.left_behind()) is not None:
            undo.take_back_start(left)
        if "PYSPARK_GATEWAY_PORT" not in os.environ:
            cloud = [BINDING] if {*MAGIC} <= {*self.put} else []
            jvm.check_left_behind([*self._plan.engine.CLASSES, *cloud])
            jars = with_packages(self._builder._options)  # noqa: SLF001 - no public way
            if jars is not None:
                self._builder.config(_JARS, jars)
        if self._reach is not None:
            self._reach.start()
        session = self.make()
        self._finish(session)
        self._context = session.sparkContext
        for warning in self._reach.warnings() if self._reach is not None else ():
            warn(warning)
        return session

    def _finish(self, session: Any) -> None:
        """Set what can only be set now, and have the engine look at it."""
        java = session.sparkContext._jvm  # noqa: SLF001 - no public way
        conf = session.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001
        record = undo.note(name.removeprefix(HADOOP) for name in self._plan.names)
        for key, value in {**self._plan.by_value, **record}.items():
            conf.set(key, value)
        for key, value in record.items():
            session.conf.set(key, value)
        undo.note_start(java, self._plan.names)
        if problem := self._plan.engine.problem(java, conf):
            session.stop()
            raise SessionError(f"the session can't follow the routes: {problem}")


def options_without_routes(builder: Any) -> dict[str, Any]:
    """A builder's options as they would be had no routes been put on it.

    What the user has changed since then is the user's.
    """
    options: dict[str, Any] = dict(builder._options)  # noqa: SLF001 - no public way
    earlier = builder.getOrCreate
    if isinstance(earlier, RoutedBuilder):
        for key, value in earlier.put.items():
            if options.get(key) == value:
                del options[key]
                if key in earlier.before:
                    options[key] = earlier.before[key]
    return options


def with_packages(options: Mapping[str, Any]) -> str | None:
    """The spark.jars of a builder with what its packages bring; None where that is not needed.

    PySpark writes a builder's spark.jars back over the list that Spark has resolved packages into,
    so that the executors of a cluster would get no packages.
    """
    said = launch.said(options)
    packages = said.get("spark.jars.packages")
    if not packages or _JARS not in said.builder:
        return None

    def listed(key: str) -> list[str]:
        return [item.strip() for item in (said.get(key) or "").split(",") if item.strip()]

    files = ivy.resolve(
        listed("spark.jars.packages"),
        listed("spark.jars.excludes"),
        spark_jars=jars_folder(),
        home=said.get("spark.jars.ivy"),
        repositories=listed("spark.jars.repositories"),
        settings=said.get("spark.jars.ivySettings"),
    )
    return merge(said.get(_JARS), map(str, files))
