"""Routes for a session that runs already: a notebook, a managed platform, Spark Connect."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from s3r_spark.errors import RoutesWarning, SessionError, warn
from s3r_spark.hadoop import engines
from s3r_spark.hadoop.engines import common
from s3r_spark.html_tables import html_table
from s3r_spark.routing import Routes
from s3r_spark.spark import aws_endpoint, gateway, undo
from s3r_spark.spark.jars import Running
from s3r_spark.spark.open_buckets import close, open_buckets
from s3r_spark.spark.running_session import RunningSession
from s3r_spark.spark.session_plan import HADOOP, plan_session
from s3r_spark.spark.user_settings import OfARunningSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.hadoop.engines import EngineName
    from s3r_spark.routing import RoutesLike
    from s3r_spark.spark.session_plan import SessionPlan
    from s3r_spark.spark.undo import Before

_FILE_SYSTEM = f"{HADOOP}fs.s3a.impl"


@dataclass(frozen=True)
class Report:
    """A report of what `apply` did.

    Attributes:
        engine: the engine that was chosen.
        reason: why.
        applied: the names of the settings that were made.
        closed: buckets in use that were closed, since their place was to change.
        open_buckets: buckets in use that stay where they are, and keep other settings than the
            routes' until the session ends, such as timeouts.
        undone: what could not be done, one sentence each.
    """

    engine: str
    reason: str
    applied: tuple[str, ...] = field(repr=False)
    closed: tuple[str, ...]
    open_buckets: tuple[str, ...]
    undone: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Tell whether all that the routes ask holds from now on."""
        return not self.open_buckets and not self.undone

    def _repr_html_(self) -> str:
        return html_table(("routes of the session",), [(line,) for line in str(self).splitlines()])

    def __str__(self) -> str:
        lines = [f"engine {self.engine}: {self.reason}", f"{len(self.applied)} settings made"]
        if self.closed:
            lines.append(f"in use before, and closed: {', '.join(self.closed)}")
        if self.open_buckets:
            lines.append(f"in use, with the settings of before: {', '.join(self.open_buckets)}")
        return "\n".join([*lines, *self.undone])


def apply(
    spark: Any,
    routes: RoutesLike | None = None,
    *,
    engine: EngineName = "auto",
    on_open: Literal["refuse", "close"] = "refuse",
) -> Report:
    """Make a running session follow routes, at once, on the driver and on executors.

    Engine `router` gives each session of a JVM routes and keys of its own: those that
    `newSession()` makes, and each user of a Connect server. The others keep S3A's file systems,
    one a bucket: where a bucket in use would change its place, they refuse, and their routes are
    those of the whole context. `auto` takes the router where the session has its jar.

    What earlier routes have set in the session is taken back. A file system that the session has
    for s3://, and the committers that it was told to use, stay. Secrets are set by value: they stay
    inside the session.

    Spark's cache, which is one for all sessions of a JVM, is cleared: what is in it would be taken
    for what the same names are now. A further session that had no routes of its own leaves it.

    Args:
        spark: the SparkSession, of Spark itself or of a Spark Connect client.
        routes: as `Routes.load` takes them; None: S3R_ROUTES, or the repository's routes.yaml.
        engine: `auto`, `s3a`, `router` or `viewfs`.
        on_open: what to do where an engine can't change the place of a bucket in use: `refuse`, or
            `close` it, on the driver and on all executors. Queries that use it then fail.

    Returns:
        What was set, and what could not be.

    Raises:
        TypeError: that is no session.
        RoutesError: the routes can't be used.
        EngineError: the engine can't do what they ask.
        SecretError: a variable that a secret is read from isn't set.
        SessionError: a bucket in use would change its place; other sessions follow other routes by
            an engine that has but one for all; the session lacks the router's jar; AWS_ENDPOINT_URL
            is set, and would take the place of AWS. Nothing was changed.

    Warns:
        RoutesWarning: where something could not be done; the report says it too.
    """
    _check_arguments(spark, on_open)
    loaded = Routes.load(routes)
    session = RunningSession(spark)
    _check_endpoint(session, loaded)
    before = session.before(of_context=session.java is not None)
    user = OfARunningSession(partial(session.current, before))
    plan = plan_session(
        loaded,
        engine,
        session.versions,
        user,
        "value",
        jars=Running(session.java, loaded),
        at_once=not session.is_first
        or gateway.can_load_all(session.java, engines.at_once().CLASSES),
    )
    identity = undo.identity(loaded, engine, session.versions.hadoop)
    closed, stale = _make_way(session, plan, before, identity, on_open)
    _follow(session, plan, before, identity)
    undone = [str(warning.args[0]) for warning in plan.warnings]
    undone += _undone(session, plan, identity, user.current(_FILE_SYSTEM))
    _warn(undone, stale)
    applied = sorted(name.removeprefix(HADOOP) for name in plan.names)
    return Report(
        plan.engine.NAME,
        plan.routes.reason,
        *map(tuple, (applied, closed, stale, undone)),
    )


def _check_arguments(spark: Any, on_open: str) -> None:
    if not hasattr(spark, "conf") or not hasattr(spark, "version"):
        raise TypeError(f"apply takes a SparkSession, not {type(spark).__name__}")
    if on_open not in {"refuse", "close"}:
        raise ValueError(f"on_open must be 'refuse' or 'close', not {on_open!r}")


def _check_endpoint(session: RunningSession, routes: Routes) -> None:
    """Refuse what would take the place of AWS; of a Connect server's machine nothing is known."""
    if session.java is not None:
        aws_endpoint.check(routes, os.environ)
        settings = session.spark.sparkContext.getConf().getAll()
        aws_endpoint.check_settings(routes, dict(settings))


def _make_way(
    session: RunningSession, plan: SessionPlan, before: Before, identity: str, on_open: str
) -> tuple[list[str], list[str]]:
    """Buckets in use that were closed, and those that stay with settings of before.

    Raises:
        SessionError: as `_check_alone` and `_in_use` do.
    """
    if plan.engine.FOLLOWS_AT_ONCE:
        return [], []
    _check_alone(session, plan, identity)
    return _in_use(session, plan, before, on_open)


def _follow(session: RunningSession, plan: SessionPlan, before: Before, identity: str) -> None:
    """Let the session, and its context where that is its own to change, follow a plan."""
    of_context = not plan.engine.FOLLOWS_AT_ONCE or (session.is_first and session.owns_context)
    if not of_context:
        before = session.before(of_context=False)
    earlier = session.identity
    session.follow(plan, before, identity, of_context=of_context)
    if earlier != identity:
        session.forget(cached=session.is_first or earlier is not None)


def _warn(undone: list[str], stale: list[str]) -> None:
    for sentence in undone:
        warn(RoutesWarning(sentence, "not-applied"))
    if stale:
        names = ", ".join(stale)
        text = f"in use, and with the settings of before until the session ends: {names}"
        warn(RoutesWarning(text, "bucket-in-use"))


def _check_alone(session: RunningSession, plan: SessionPlan, identity: str) -> None:
    """Refuse routes of one session where file systems are everybody's and others have other routes.

    Raises:
        SessionError: others have, or could have without being seen.
    """
    if session.java is None:
        who = "the users of this Connect server"
    elif session.owns_context or session.hadoop.get(undo.IDENTITY) == identity:
        return
    else:
        who = "the sessions of this JVM, of which another has set other routes,"
    raise SessionError(
        f"engine {plan.engine.NAME} keeps one file system a bucket for all {who}: they would get "
        f"each other's data. Ask for engine={engines.at_once().NAME!r}, which gives each its own "
        "routes and keys, and needs the jars that `s3r-spark jars` fetches; or start all with what "
        "`s3r-spark conf` writes"
    )


def _in_use(
    session: RunningSession, plan: SessionPlan, before: Before, on_open: str
) -> tuple[list[str], list[str]]:
    """Buckets in use that were closed, and those that stay with settings of before.

    Raises:
        SessionError: some would change their place, and are not to be closed.
    """
    conf = session.planned(plan, before)
    buckets = open_buckets(session.java)
    moving = [bucket for bucket in buckets if bucket.moves(conf)]
    names = {*plan.hadoop, *plan.by_value, *before.session, *before.hadoop}
    stale = [bucket for bucket in buckets if bucket not in moving and bucket.differs(conf, names)]
    if on_open == "close":
        if moving or stale:
            close(session.spark, [*moving, *stale])
        return [bucket.name for bucket in (*moving, *stale)], []
    if moving:
        raise SessionError(
            f"in use, and S3A keeps them where they are: {', '.join(b.name for b in moving)}. "
            "s3r_spark.apply(spark, routes, on_open='close') closes them on the driver and the "
            "executors (queries that use them then fail); "
            f"engine={engines.at_once().NAME!r} needs no closing; or start a new session"
        )
    return [], [bucket.name for bucket in stale]


def _undone(
    session: RunningSession, plan: SessionPlan, identity: str, current: str | None
) -> Iterator[str]:
    """Find what the session lacks so that all of it follows the routes."""
    file_system = plan.settings.get(_FILE_SYSTEM) or current
    # On a platform with a client of its own, s3a:// is neither S3A's nor an engine's.
    if file_system and file_system != common.S3A and not engines.is_an_engines(file_system):
        yield (
            f"fs.s3a.impl is {file_system}, which may go past the routes: have the session set it "
            f"to {common.S3A} when it starts"
        )
    if session.java is not None and not gateway.can_load(session.java, common.S3A):
        yield (
            "this session has no S3A on its classpath: start one with the jars that "
            "`s3r-spark jars` fetches, or use s3r_spark.configure"
        )
    if session.java is not None and session.hadoop.get(undo.IDENTITY) != identity:
        yield (
            "what is no data frame (sc.textFile, saveAsTextFile) goes by the settings of the "
            "context, which this session shares with others, and not by these routes"
        )
