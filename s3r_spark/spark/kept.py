"""What the user has set stays as it is, unless it says no more than Hadoop does by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark.errors import SessionError
from s3r_spark.hadoop.engines.common import HADOOPS_OWN, ROUTER, displaced, of_an_engine
from s3r_spark.hadoop.engines.router import SCHEMES, of_scheme
from s3r_spark.spark.options import MAGIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from s3r_spark.spark.launch import Said

__all__ = ["without_the_sessions", "without_the_users"]

_FILE_SYSTEM = "spark.hadoop.fs.s3a.impl"
# Many a guide says to set them. Left standing, they would keep the file system that follows the
# routes out of the session.
_DEFAULTS = {f"spark.hadoop.{key}": value for key, value in HADOOPS_OWN.items()}
_PROFILE = "spark.hadoop.fs.s3r.profile."
# What a running session may have been told otherwise: names beside s3a, and how it commits. Each
# with what it has by itself: Hadoop's default, and what Spark 4.1 sets where it finds
# spark-hadoop-cloud (SparkContext.fillMissingMagicCommitterConfsIfNeeded).
_CHOICES: dict[str, str | None] = {
    **{f"fs.{scheme}.impl": None for scheme in SCHEMES if scheme != "s3a"},
    **{key.removeprefix("spark.hadoop."): None for key in MAGIC},
    "fs.s3a.committer.name": "file",
    "spark.sql.sources.commitProtocolClass": (
        "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol"
    ),
}


def without_the_users(ours: dict[str, str], said: Said) -> tuple[dict[str, str], list[str]]:
    """Ours without what the user has set, and the names of those that differ and stay.

    Where conf files hold another engine's file system for s3a, Hadoop's own takes its place.

    Raises:
        SessionError: the user has a file system for s3a that would keep the routes' out, or conf
            files hold profiles of other routes.
    """
    if _FILE_SYSTEM in ours and (strange := _strange_profile(ours, said)):
        raise SessionError(
            f"{strange} is set already, by other routes, and profiles of two files would mix: "
            "leave out what `s3r-spark conf` wrote, or write it again"
        )
    theirs = {key: said.get(key) for key in ours}
    theirs = {
        key: value
        for key, value in theirs.items()
        if value is not None and value != _DEFAULTS.get(key)
    }
    kept = [key for key, value in theirs.items() if value != ours[key]]
    if _FILE_SYSTEM in kept:
        raise SessionError(
            f"{_FILE_SYSTEM} is set to {theirs[_FILE_SYSTEM]}, which knows no routes; they need "
            f"{ours[_FILE_SYSTEM]} there: leave the setting out"
        )
    left = {key: value for key, value in ours.items() if key not in theirs}
    names = {key.removeprefix("spark.hadoop.") for key in ours}
    own = displaced(names, lambda key: said.get(f"spark.hadoop.{key}"))
    left |= {f"spark.hadoop.{key}": value for key, value in own.items()}
    without = _with_their_scheme(key.removeprefix("spark.hadoop.") for key in kept)
    return {k: v for k, v in left.items() if k.removeprefix("spark.hadoop.") not in without}, kept


def without_the_sessions(
    ours: Mapping[str, str], current: Callable[[str], str | None]
) -> tuple[dict[str, str], dict[str, str]]:
    """Ours without what a running session has been told otherwise, and that, by name.

    Stores aren't among it: routes for a session that runs are to change them.

    Args:
        ours: settings, by the names that they are set by in a session.
        current: what the session has under such a name.
    """
    kept = {
        key: value
        for key, itself in _CHOICES.items()
        if key in ours
        and (value := current(key))
        and value not in {ours[key], itself}
        and not of_an_engine(value)
    }
    without = {*kept, *_with_their_scheme(kept)}
    return {key: value for key, value in ours.items() if key not in without}, kept


def _with_their_scheme(kept: Iterable[str]) -> set[str]:
    """What goes with file systems that stay: their FileContext and committers."""
    names = {*kept}
    return {key for scheme in SCHEMES if f"fs.{scheme}.impl" in names for key in of_scheme(scheme)}


def _strange_profile(ours: dict[str, str], said: Said) -> str | None:
    """A setting of a profile that the router would read and that these routes don't have so."""
    if not ours[_FILE_SYSTEM].startswith(f"{ROUTER}."):
        return None
    return next(
        (
            key
            for key, value in said.settings.items()
            if key.startswith(_PROFILE) and value != ours.get(key)
        ),
        None,
    )
