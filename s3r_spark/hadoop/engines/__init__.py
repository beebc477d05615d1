"""The ways in which Hadoop can be made to follow the routes, and the choice between them.

An engine is a module of this package and one entry in ENGINES.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from s3r_spark.errors import EngineError
from s3r_spark.hadoop.engines import common, router, s3a, viewfs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.hadoop.stores import Options, Stores
    from s3r_spark.routing import Routes


class Engine(Protocol):
    """What a module must have to be an engine."""

    NAME: str
    ABOUT: str
    COSTS: tuple[str, ...]

    def refusals(self, routes: Routes) -> list[str]:
        """What of the routes this engine can't do, one line each."""

    def settings(self, routes: Routes, stores: Stores) -> Options:
        """The Hadoop settings, by their full names."""


ENGINES: Mapping[str, Engine] = {engine.NAME: engine for engine in (s3a, viewfs, router)}
"""By name, the simplest first: `auto` takes the first that can do all that the routes ask."""


class Choice(NamedTuple):
    """An engine and why it is the one.

    Attributes:
        engine: the engine.
        reason: one sentence, for people.
    """

    engine: Engine
    reason: str


def choose(routes: Routes, engine: str = "auto") -> Choice:
    """The engine to use.

    Args:
        routes: what it must be able to do.
        engine: `auto`, or the name of an engine.

    Raises:
        EngineError: no engine, or not the one asked for, can do what the routes ask; there is no
            engine of this name. All reasons at once.
    """
    if engine != "auto" and engine not in ENGINES:
        known = ", ".join(["auto", *ENGINES])
        raise EngineError(f"there is no engine {engine!r}: take one of {known}")
    if problems := common.refusals(routes):
        raise EngineError("\n".join(problems))
    if engine != "auto":
        return _asked(routes, engine)
    refused: dict[str, list[str]] = {}
    for name, candidate in ENGINES.items():
        refused[name] = candidate.refusals(routes)
        if not refused[name]:
            reason = "it is the simplest, and does all that the routes ask"
            if len(refused) > 1:
                simpler, lines = next(iter(refused.items()))
                reason = f"{simpler} can't: {lines[0]}"
            return Choice(candidate, reason)
    raise EngineError(
        "no engine can do this:\n"
        + "\n".join(f"{name}: {line}" for name, lines in refused.items() for line in lines)
    )


def _asked(routes: Routes, engine: str) -> Choice:
    lines = ENGINES[engine].refusals(routes)
    if not lines:
        return Choice(ENGINES[engine], "it was asked for")
    able = [name for name, other in ENGINES.items() if not other.refusals(routes)]
    hint = f"engine {able[0]} can do it" if able else "no engine can do it"
    raise EngineError("\n".join(f"engine {engine}: {line} ({hint})" for line in lines))
