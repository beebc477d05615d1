"""The ways in which Hadoop can be made to follow the routes, and the choice between them.

An engine is a module of this package and one entry in ENGINES.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from s3r_spark.errors import EngineError
from s3r_spark.hadoop.engines import common, router, s3a, viewfs
from s3r_spark.hadoop.versions import version_tuple

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from pathlib import Path

    from s3r_spark.hadoop.client_options import Options, Stores
    from s3r_spark.hadoop.jar import Jar
    from s3r_spark.routing import Routes

EngineName = Literal["auto", "router", "s3a", "viewfs"]


class Engine(Protocol):
    """An engine: what a module must have to be one.

    Attributes:
        NAME: what it is asked for by.
        ABOUT: what it is, for people.
        COSTS: what it can't do or does at a price, one line each.
        OLDEST_HADOOP: the first Hadoop that it works with.
        FILE_SYSTEM: the class that `fs.s3a.impl` is to name.
        CLASSES: all that a session must be able to load for it.
        USES_MAGIC: whether files can be written by S3A's magic committer.
        FOLLOWS_AT_ONCE: whether new routes hold for what is in use already, since no file system
            that knows routes is kept.
        OWN_JAR: whether it brings the router's jar, with its credential providers.
    """

    NAME: str
    ABOUT: str
    COSTS: tuple[str, ...]
    OLDEST_HADOOP: str
    FILE_SYSTEM: str
    CLASSES: tuple[str, ...]
    USES_MAGIC: bool
    FOLLOWS_AT_ONCE: bool
    OWN_JAR: bool

    def refusals(self, routes: Routes) -> list[str]:
        """List what of the routes this engine can't do, one line each."""

    def settings(self, routes: Routes, stores: Stores) -> Options:
        """The Hadoop settings, by their full names."""

    def session_settings(self, spark_version: str) -> dict[str, str]:
        """Make the settings of Spark itself, by its names."""

    def start_settings(self, user: Container[str]) -> dict[str, str]:
        """Make settings for a session that is about to start alone, given what the user has set."""

    def lacking_jar(self, folder: Path | None) -> Jar | None:
        """The jar that the engine needs and that an installation's folder of jars lacks."""

    def is_own(self, class_name: str) -> bool:
        """Tell whether a class is one that the engine puts where Hadoop has its own."""

    def foreign_setting(self, ours: Mapping[str, str], user: Mapping[str, str]) -> str | None:
        """A setting of other routes that would mix with these; both by Spark's names."""

    def masks(
        self, settings: Mapping[str, str], around: Iterable[str], version: str
    ) -> dict[str, str]:
        """Make what keeps a context's settings out of a session that has routes of its own."""

    def problem(self, jvm: Any, conf: Any) -> str | None:
        """Check a session's Hadoop configuration, by the engine's own look at it."""


ENGINES: Mapping[str, Engine] = {engine.NAME: engine for engine in (s3a, router, viewfs)}
"""By name, in the order in which `auto` tries them: it takes the first that can do all that the
routes ask. The router can do whatever viewfs can, so viewfs is left for a Hadoop too old for it."""


class Choice(NamedTuple):
    """An engine and why it is the one.

    Attributes:
        engine: the engine.
        reason: one sentence, for people.
    """

    engine: Engine
    reason: str


def choose(
    routes: Routes,
    engine: str = "auto",
    hadoop_version: str | None = None,
    *,
    at_once: bool = False,
) -> Choice:
    """The engine to use.

    Args:
        routes: what it must be able to do.
        engine: `auto`, or the name of an engine.
        hadoop_version: the Hadoop that it is for; None: one that is new enough for each.
        at_once: whether `auto` is to prefer one whose routes hold at once in a session that runs.

    Raises:
        EngineError: no engine, or not the one asked for, can do what the routes ask; there is no
            engine of this name. All reasons at once.
    """
    if engine != "auto" and engine not in ENGINES:
        known = ", ".join(["auto", *ENGINES])
        raise EngineError(f"there is no engine {engine!r}: take one of {known}")
    if problems := dict.fromkeys(common.refusals(routes)):
        raise EngineError("\n".join(problems))
    refused = refusals(routes, hadoop_version)
    able = [name for name in ENGINES if name not in refused]
    if engine != "auto":
        return _asked(engine, refused.get(engine, []), able)
    if not able:
        raise EngineError(
            "no engine can do this:\n"
            + "\n".join(f"{name}: {line}" for name, lines in refused.items() for line in lines)
        )
    if at_once and (preferred := [name for name in able if ENGINES[name].FOLLOWS_AT_ONCE]):
        return Choice(ENGINES[preferred[0]], "its routes hold at once, also for buckets in use")
    chosen = ENGINES[able[0]]
    passed = [f"{name} can't: {refused[name][0]}" for name in _before(chosen.NAME)]
    return Choice(
        chosen, "; ".join(passed) or "it is the simplest, and does all that the routes ask"
    )


def refusals(routes: Routes, hadoop_version: str | None = None) -> dict[str, list[str]]:
    """The reasons why engines can't do what routes ask, one line each; of those that can, nothing.

    Args:
        routes: what is asked.
        hadoop_version: as for `choose`.
    """
    out = {}
    for name, engine in ENGINES.items():
        oldest = engine.OLDEST_HADOOP
        lines = list(dict.fromkeys(engine.refusals(routes)))  # once, of a list of patterns too
        if hadoop_version and version_tuple(hadoop_version) < version_tuple(oldest):
            lines = [f"it needs Hadoop {oldest} or newer, and this is {hadoop_version}", *lines]
        if lines:
            out[name] = lines
    return out


def without_jar(routes: Routes, hadoop_version: str) -> list[str]:
    """The engines that need no jar of ours and can do what routes ask."""
    refused = refusals(routes, hadoop_version)
    return [
        name
        for name, engine in ENGINES.items()
        if name not in refused and engine.CLASSES == (common.S3A,)
    ]


def at_once() -> Engine:
    """The engine whose routes hold at once in a session that runs, and for that session alone."""
    return next(engine for engine in ENGINES.values() if engine.FOLLOWS_AT_ONCE)


def is_an_engines(class_name: str) -> bool:
    """Tell whether an engine has put a class where Hadoop has its own."""
    return any(engine.is_own(class_name) for engine in ENGINES.values())


def displaced(settings: Container[str], current: Callable[[str], str | None]) -> dict[str, str]:
    """Hadoop's own values where another engine's would stay in force.

    Args:
        settings: the names that an engine sets itself.
        current: what a session has set under a name.
    """
    is_routed = is_an_engines(current("fs.s3a.impl") or "")
    return {
        key: value
        for key, value in common.HADOOPS_OWN.items()
        if key not in settings
        and (was := current(key))
        and (is_an_engines(was) or (is_routed and was == "true"))
    }


def _before(name: str) -> list[str]:
    names = list(ENGINES)
    return names[: names.index(name)]


def _asked(engine: str, lines: list[str], able: list[str]) -> Choice:
    if not lines:
        return Choice(ENGINES[engine], "it was asked for")
    hint = f"engine {able[0]} can do it" if able else "no engine can do it"
    raise EngineError("\n".join(f"engine {engine}: {line} ({hint})" for line in lines))
