"""User settings win over routes, except those that only repeat a Hadoop default."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s3r_spark.errors import SessionError
from s3r_spark.hadoop.engines import displaced, is_an_engines
from s3r_spark.hadoop.engines.common import HADOOPS_OWN, scheme_keys
from s3r_spark.paths import SCHEMES
from s3r_spark.spark.session_plan import HADOOP, MAGIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from s3r_spark.hadoop.routes_plan import Plan

__all__ = ["Nobody", "OfARunningSession", "OfAStart"]

_FILE_SYSTEM = f"{HADOOP}fs.s3a.impl"
# Many a guide says to set them. Left standing, they would keep the file system that follows the
# routes out of the session.
_DEFAULTS = {f"{HADOOP}{key}": value for key, value in HADOOPS_OWN.items()}
# What a running session may have been told otherwise: names beside s3a, and how it commits. Each
# with what it has by itself: what Spark 4.1 sets where it finds spark-hadoop-cloud
# (SparkContext.fillMissingMagicCommitterConfsIfNeeded).
_CHOICES: dict[str, str | None] = {
    **{f"{HADOOP}fs.{scheme}.impl": None for scheme in SCHEMES if scheme != "s3a"},
    **dict.fromkeys(MAGIC),
    "spark.sql.sources.commitProtocolClass": (
        "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol"
    ),
}


@dataclass(frozen=True)
class Nobody:
    """No user: files are written for whoever reads them."""

    settings: Mapping[str, str] = field(default_factory=dict)

    def settled(
        self, plan: Plan, settings: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """All of ours."""
        del plan
        return settings, {}


@dataclass(frozen=True)
class OfAStart:
    """User settings of a session that is about to start; all of them stay.

    Attributes:
        settings: by Spark's names.
        lines: where in the user's code some of them were made, as `file:line`.
    """

    settings: Mapping[str, str]
    lines: Mapping[str, str] = field(default_factory=dict)

    def settled(
        self, plan: Plan, settings: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Ours without what the user has set, and what of that differs.

        Where conf files hold another engine's file system for s3a, Hadoop's own takes its place.

        Raises:
            SessionError: the user has a file system for s3a that would keep the routes' out, or
                conf files hold profiles of other routes.
        """
        if foreign := plan.engine.foreign_setting(settings, self.settings):
            raise SessionError(
                f"{self._where(foreign)}{foreign} is set already, by other routes, and profiles of "
                "two files would mix: leave out what `s3r-spark conf` wrote, or write it again"
            )
        theirs = {
            key: self.settings[key]
            for key in settings
            if key in self.settings and self.settings[key] != _DEFAULTS.get(key)
        }
        overridden = {key: value for key, value in theirs.items() if value != settings[key]}
        overridden |= self._of_data_frames(settings)
        for key in (_FILE_SYSTEM, _FILE_SYSTEM.removeprefix(HADOOP)):
            if key in overridden:
                raise SessionError(
                    f"{self._where(key)}{key} is set to {overridden[key]}, which knows no routes; "
                    f"they need {settings[_FILE_SYSTEM]} there: leave the setting out"
                )
        left = {key: value for key, value in settings.items() if key not in theirs}
        left |= _displaced(settings, self.settings.get)
        return _without(left, _schemes_of(overridden)), overridden

    def _of_data_frames(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Find what differs under Hadoop's own names, which win over ours in data frames."""
        names = {
            key.removeprefix(HADOOP): value
            for key, value in settings.items()
            if key.startswith(HADOOP)
        }
        return {
            name: self.settings[name]
            for name, value in names.items()
            if self.settings.get(name, value) != value
        }

    def _where(self, key: str) -> str:
        return f"{self.lines[key]}: " if key in self.lines else ""


@dataclass(frozen=True)
class OfARunningSession:
    """User settings of a session that runs.

    Stores aren't among what stays: routes for a session that runs are to change them.

    Attributes:
        current: what it has under one of Spark's names.
        settings: nothing that is known by name.
    """

    current: Callable[[str], str | None]
    settings: Mapping[str, str] = field(default_factory=dict)

    def settled(
        self, plan: Plan, settings: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Ours without the choices that the user has made otherwise, and those."""
        del plan
        settings |= _displaced(settings, self.current)
        overridden = {
            key: value
            for key, by_itself in _CHOICES.items()
            if key in settings
            and (value := self.current(key))
            and value not in {settings[key], by_itself}
            and not is_an_engines(value)
        }
        return _without(settings, {*overridden, *_schemes_of(overridden)}), overridden


def _displaced(settings: Iterable[str], current: Callable[[str], str | None]) -> dict[str, str]:
    names = {key.removeprefix(HADOOP) for key in settings}
    hadoop = displaced(names, lambda key: current(f"{HADOOP}{key}"))
    return {f"{HADOOP}{key}": value for key, value in hadoop.items()}


def _schemes_of(overridden: Iterable[str]) -> set[str]:
    """Names that go with file systems that stay: their FileContext and committers."""
    names = {*overridden}
    keys = (scheme_keys(scheme) for scheme in SCHEMES if f"{HADOOP}fs.{scheme}.impl" in names)
    return {f"{HADOOP}{key}" for of_scheme in keys for key in of_scheme}


def _without(settings: Mapping[str, str], names: set[str]) -> dict[str, str]:
    return {key: value for key, value in settings.items() if key not in names}
