"""The ways in which Hadoop can be made to follow the routes, and the choice between them.

An engine is a module of this package and one entry in ENGINES.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from s3r_spark.errors import EngineError
from s3r_spark.hadoop.engines import common, router, s3a, viewfs
from s3r_spark.hadoop.versions import version_tuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.hadoop.stores import Options, Stores
    from s3r_spark.routing import Routes


class Engine(Protocol):
    """What a module must have to be an engine."""

    NAME: str
    ABOUT: str
    COSTS: tuple[str, ...]
    OLDEST_HADOOP: str

    def refusals(self, routes: Routes) -> list[str]:
        """What of the routes this engine can't do, one line each."""

    def settings(self, routes: Routes, stores: Stores) -> Options:
        """The Hadoop settings, by their full names."""


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


def choose(routes: Routes, engine: str = "auto", hadoop_version: str | None = None) -> Choice:
    """The engine to use.

    Args:
        routes: what it must be able to do.
        engine: `auto`, or the name of an engine.
        hadoop_version: the Hadoop that it is for; None: one that is new enough for each.

    Raises:
        EngineError: no engine, or not the one asked for, can do what the routes ask; there is no
            engine of this name. All reasons at once.
    """
    if engine != "auto" and engine not in ENGINES:
        known = ", ".join(["auto", *ENGINES])
        raise EngineError(f"there is no engine {engine!r}: take one of {known}")
    if problems := common.refusals(routes):
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
    chosen = ENGINES[able[0]]
    passed = [f"{name} can't: {refused[name][0]}" for name in _before(chosen.NAME)]
    return Choice(
        chosen, "; ".join(passed) or "it is the simplest, and does all that the routes ask"
    )


def refusals(routes: Routes, hadoop_version: str | None = None) -> dict[str, list[str]]:
    """Why engines can't do what routes ask, one line each; of those that can, nothing.

    Args:
        routes: what is asked.
        hadoop_version: as for `choose`.
    """
    out = {}
    for name, engine in ENGINES.items():
        oldest = engine.OLDEST_HADOOP
        lines = engine.refusals(routes)
        if hadoop_version and version_tuple(hadoop_version) < version_tuple(oldest):
            lines = [f"it needs Hadoop {oldest} or newer, and this is {hadoop_version}", *lines]
        if lines:
            out[name] = lines
    return out


def _before(name: str) -> list[str]:
    names = list(ENGINES)
    return names[: names.index(name)]


def _asked(engine: str, lines: list[str], able: list[str]) -> Choice:
    if not lines:
        return Choice(ENGINES[engine], "it was asked for")
    hint = f"engine {able[0]} can do it" if able else "no engine can do it"
    raise EngineError("\n".join(f"engine {engine}: {line} ({hint})" for line in lines))
