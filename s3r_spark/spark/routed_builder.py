"""A builder whose sessions follow routes, and what routes have put on it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import SessionError, warn
from s3r_spark.hadoop import ivy
from s3r_spark.hadoop.packages import jars_folder, merge
from s3r_spark.spark import gateway, undo, user_conf
from s3r_spark.spark.apply_to_session import apply
from s3r_spark.spark.builder_plan import check_classic, plan_start
from s3r_spark.spark.open_buckets import open_buckets
from s3r_spark.spark.reach import Reach
from s3r_spark.spark.running_session import RunningSession
from s3r_spark.spark.session_plan import BINDING, HADOOP, MAGIC, SessionPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from s3r_spark.hadoop.engines import EngineName
    from s3r_spark.routing import Routes

__all__ = ["RoutedBuilder", "options_without_routes", "with_packages"]

_JARS = "spark.jars"


class RoutedBuilder:
    """Takes the place of a builder's getOrCreate.

    What can't be an argument of Spark's is set as soon as the session is made; then the engine
    looks at its settings, so that wrong ones stop the session here.

    Attributes:
        make: the builder's own getOrCreate.
        config: the builder's own config.
        put: what is on the builder for the routes.
        before: what was there in its place.
    """

    def __init__(
        self, builder: Any, routes: Routes, engine: EngineName, *, packages: bool, reach: bool
    ) -> None:
        """Plan a session, and put nothing on the builder yet.

        A session that runs gets no plan: what holds then is known when the builder gives it.
        """
        earlier = builder.getOrCreate
        is_again = isinstance(earlier, RoutedBuilder)
        self.make: Callable[[], Any] = earlier.make if is_again else earlier
        self.config: Callable[..., Any] = earlier.config if is_again else builder.config
        self.before = options_without_routes(builder)
        self.put: dict[str, str] = {}
        self._builder, self._routes, self._engine = builder, routes, engine
        self._packages, self._reach = packages, reach
        self._lines: dict[str, str] = {}
        self._warned: set[str] = set()
        self._plan: SessionPlan | None = None
        check_classic(self.before, {})
        if gateway.context() is None:
            self._plan_start()

    def follow(self) -> None:
        """Put the plan's settings on the builder, in place of those of earlier routes."""
        self._options.clear()
        self._options.update(self.before)
        for key, value in self.put.items():
            self.config(key, value)
        self._builder.getOrCreate = self
        self._builder.config = self._noting

    def __call__(self) -> Any:
        """The session."""
        options = options_without_routes(self._builder)
        check_classic(options, self._lines)
        if gateway.context() is not None:
            return self._running(options)
        return self._start(self._heeding(options))

    def _heeding(self, options: dict[str, Any]) -> SessionPlan:
        """The plan, made again where the user has told the builder more since then."""
        plan = self._plan
        if plan is None or options != self.before:
            self.before = options
            plan = self._plan_start()
            self.follow()
        return plan

    def _plan_start(self) -> SessionPlan:
        plan = plan_start(
            self._routes, self._engine, self.before, self._lines, packages=self._packages
        )
        for warning in plan.warnings:
            if str(warning) not in self._warned:
                warn(warning)
                self._warned.add(str(warning))
        self._plan, self.put = plan, {**plan.settings, **plan.jars}
        return plan

    def _start(self, plan: SessionPlan) -> Any:
        """The session, where none runs."""
        if (left := gateway.left_behind()) is not None:
            undo.take_back_start(left)
            _check_event_log(self._options, plan)
            if not plan.engine.FOLLOWS_AT_ONCE:
                # What a session that has ended had open would stay where it was.
                for bucket in open_buckets(left):
                    bucket.file_system.close()
        if "PYSPARK_GATEWAY_PORT" not in os.environ:
            cloud = [BINDING] if {*MAGIC} <= {*self.put} else []
            gateway.check_left_behind([*plan.engine.CLASSES, *cloud])
            jars = with_packages(self._options)
            if jars is not None:
                self.config(_JARS, jars)
        reach = Reach(self._routes) if self._reach else None
        if reach is not None:
            reach.start()
        with _lent(plan.environment):
            session = self.make()
        self._finish(session, plan)
        for warning in reach.warnings() if reach is not None else ():
            warn(warning)
        return session

    def _finish(self, session: Any, plan: SessionPlan) -> None:
        """Set what can only be set now, and have the engine look at it."""
        java, conf = gateway.jvm_of(session), gateway.hadoop_of(session)
        running = RunningSession(session)
        identity = undo.identity(self._routes, self._engine, plan.routes.version)
        names = (name.removeprefix(HADOOP) for name in plan.names)
        record = undo.note(names, identity, running.uuid)
        for key, value in {**plan.by_value, **record}.items():
            conf.set(key, value)
        for key, value in record.items():
            session.conf.set(key, value)
        undo.note_start(java, plan.names)
        if problem := plan.engine.problem(java, conf):
            session.stop()
            raise SessionError(f"the session can't follow the routes: {problem}")

    def _running(self, options: Mapping[str, Any]) -> Any:
        """The session that runs, once it follows the routes."""
        current = dict(self._options)
        self._options.clear()
        self._options.update(options)
        try:
            session = self.make()
        finally:
            self._options.clear()
            self._options.update(current)
        running = RunningSession(session)
        identity = undo.identity(self._routes, self._engine, running.versions.hadoop)
        if running.identity != identity:
            apply(session, self._routes, engine=self._engine)
        return session

    @property
    def _options(self) -> dict[str, Any]:
        return gateway.options_of(self._builder)

    def _noting(self, *args: Any, **kwargs: Any) -> Any:
        """The builder's config; notes the line that has called it."""
        before = dict(self._options)
        self.config(*args, **kwargs)
        frame = sys._getframe(1)  # noqa: SLF001 - warnings go by it too
        # Code that is run by exec may have no name.
        while frame.f_back and frame.f_globals.get("__name__", "").startswith("pyspark."):
            frame = frame.f_back
        line = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        changed = {key for key, value in self._options.items() if before.get(key) != value}
        self._lines |= dict.fromkeys(changed, line)
        return self._builder


def options_without_routes(builder: Any) -> dict[str, Any]:
    """A builder's options as they would be had no routes been put on it.

    What the user has changed since then is the user's.
    """
    options = dict(gateway.options_of(builder))
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
    conf = user_conf.read(options)
    packages = conf.get("spark.jars.packages")
    if not packages or _JARS not in conf.builder:
        return None

    def listed(key: str) -> list[str]:
        return [item.strip() for item in (conf.get(key) or "").split(",") if item.strip()]

    files = ivy.resolve(
        listed("spark.jars.packages"),
        listed("spark.jars.excludes"),
        spark_jars=jars_folder(),
        home=conf.get("spark.jars.ivy"),
        repositories=listed("spark.jars.repositories"),
        settings=conf.get("spark.jars.ivySettings"),
    )
    return merge(conf.get(_JARS), map(str, files))


def _check_event_log(options: Mapping[str, Any], plan: SessionPlan) -> None:
    """Refuse an event log on S3 with keys that a JVM which runs already can't be given in time.

    Raises:
        SessionError: with what to do.
    """
    conf = user_conf.read(options)
    where = conf.get("spark.eventLog.dir") or ""
    is_on = (conf.get("spark.eventLog.enabled") or "").lower() == "true"
    if plan.environment and is_on and where.startswith(("s3a:", "s3:", "s3r:")):
        raise SessionError(
            f"spark.eventLog.dir is {where}, which Spark opens before it can be given keys that "
            "stand in the routes as they are: write them as ${NAME}, and set the variables before "
            "this JVM starts"
        )


@contextmanager
def _lent(variables: Mapping[str, str]) -> Iterator[None]:
    """Have variables in the environment while a JVM starts, which keeps them."""
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)
