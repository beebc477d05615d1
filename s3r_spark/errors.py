"""The exceptions and warnings of s3r_spark.

    S3RError
     ├── RoutesError     (ValueError)    routes.yaml says something that can't be
     ├── UnmatchedError  (LookupError)   no profile matches, and `unmatched: refuse` stands there
     ├── RefusedError    (ValueError)    a call would reach more than it names; nothing was sent
     ├── EngineError     (ValueError)    the engine can't do what the routes ask
     ├── SecretError     (LookupError)   a secret's variable is not set, or can't be passed on
     ├── SessionError    (RuntimeError)  the Spark session can't be configured as it was asked
     └── SetupError      (RuntimeError)  Java, pyspark or a jar is missing or out of range

Each also is what Python itself would raise in its place, so that `except ValueError` keeps working.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

__all__ = [
    "EngineError",
    "RefusedError",
    "RoutesError",
    "RoutesWarning",
    "S3RError",
    "SecretError",
    "SessionError",
    "SetupError",
    "UnmatchedError",
]


class Position(NamedTuple):
    """An entry of routes.yaml, for programs that show what is said of it.

    Attributes:
        file: the file as the user named it; `routes` for a dict.
        line: its line, from 1; 0 where there is none.
        column: its column, from 1; 0 where there is none.
        client: the client that it is, or is in.
        profile: the profile that it is, or is in.
    """

    file: str
    line: int = 0
    column: int = 0
    client: str | None = None
    profile: str | None = None


class Problem(NamedTuple):
    """Something that is wrong with routes.

    Attributes:
        message: the line of the error's text.
        position: what it is about.
    """

    message: str
    position: Position


class S3RError(Exception):
    """Base of all errors that s3r_spark raises itself."""


class RoutesError(S3RError, ValueError):
    """The routes can't be used; the message has one line for each thing that is wrong.

    Attributes:
        findings: what in the rest of them works, but probably not as meant.
        problems: the lines of the message, each with what it is about, as far as that is known.
    """

    findings: Sequence[RoutesWarning] = ()
    problems: Sequence[Problem] = ()


class UnmatchedError(S3RError, LookupError):
    """No profile matches a name, and the routes say `unmatched: refuse`."""


class RefusedError(S3RError, ValueError):
    """A call would reach more than it names, or can't be done as one; nothing was sent."""


class EngineError(S3RError, ValueError):
    """The engine asked for can't do what the routes ask of it."""


class SecretError(S3RError, LookupError):
    """A secret can't be had or passed on; the message names the variable, not the value."""


class SessionError(S3RError, RuntimeError):
    """The Spark session is in a state in which it can't be configured."""


class SetupError(S3RError, RuntimeError):
    """Something that must be installed is missing or has an unusable version."""


class RoutesWarning(UserWarning):
    """Something in the routes works, but probably not as meant.

    Attributes:
        code: a short fixed name of the finding, to filter by.
        position: what it is about; None: no entry of a file.
    """

    def __init__(
        self, message: str, code: str = "routes", position: Position | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.position = code, position

    def __str__(self) -> str:
        """Message with the code behind it."""
        return f"{self.args[0]} [{self.code}]"


def warn(warning: RoutesWarning) -> None:
    """Give a warning that points at the user's line, however deep in this package it came up."""
    passed = {
        __name__.partition(".")[0],
        "fsspec",  # which makes the file systems that it is asked for
        "pyiceberg",  # likewise
    }
    level, frame = 1, sys._getframe()  # noqa: SLF001 - warnings.warn itself goes by it
    while frame.f_back is not None and _package(frame) in passed:
        level, frame = level + 1, frame.f_back
    warnings.warn(warning, stacklevel=level)


def _package(frame: FrameType) -> str:
    """The package that a frame's code is of; code that `exec` runs needs to have none."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
