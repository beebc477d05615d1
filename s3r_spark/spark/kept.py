"""What the user has set stays as it is, unless it says no more than Hadoop does by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark.errors import SessionError
from s3r_spark.hadoop.engines.router import SCHEMES, of_scheme

if TYPE_CHECKING:
    from s3r_spark.spark.launch import Said

__all__ = ["without_the_users"]

_FILE_SYSTEM = "spark.hadoop.fs.s3a.impl"
# Hadoop's own values, which many a guide says to set. Left standing, they would keep the file
# system that follows the routes out of the session.
_DEFAULTS = {
    _FILE_SYSTEM: "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.AbstractFileSystem.s3a.impl": "org.apache.hadoop.fs.s3a.S3A",
    "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3a": (
        "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
    ),
}


def without_the_users(ours: dict[str, str], said: Said) -> tuple[dict[str, str], list[str]]:
    """Ours without what the user has set, and the names of those that differ and stay.

    Raises:
        SessionError: the user has a file system for s3a that would keep the routes' out.
    """
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
    for scheme in SCHEMES:
        if f"spark.hadoop.fs.{scheme}.impl" in kept:  # the rest of it goes with the file system
            for key in of_scheme(scheme):
                left.pop(f"spark.hadoop.{key}", None)
    return left, kept
