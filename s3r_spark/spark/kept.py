"""What the user has set stays as it is, unless it says no more than Hadoop does by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark.errors import SessionError
from s3r_spark.hadoop.engines.common import HADOOPS_OWN, ROUTER, displaced
from s3r_spark.hadoop.engines.router import SCHEMES, of_scheme

if TYPE_CHECKING:
    from s3r_spark.spark.launch import Said

__all__ = ["without_the_users"]

_FILE_SYSTEM = "spark.hadoop.fs.s3a.impl"
# Many a guide says to set them. Left standing, they would keep the file system that follows the
# routes out of the session.
_DEFAULTS = {f"spark.hadoop.{key}": value for key, value in HADOOPS_OWN.items()}
_PROFILE = "spark.hadoop.fs.s3r.profile."


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
    for scheme in SCHEMES:
        if f"spark.hadoop.fs.{scheme}.impl" in kept:  # the rest of it goes with the file system
            for key in of_scheme(scheme):
                left.pop(f"spark.hadoop.{key}", None)
    return left, kept


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
