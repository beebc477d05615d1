"""Findings about routes, for programs: JSON, and the annotations of GitHub's checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from s3r_spark.errors import Position, RoutesError, RoutesWarning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s3r_spark.routing import Routes

_NOWHERE = Position("")


class Finding(NamedTuple):
    """A line of what a command says of routes.

    Attributes:
        level: `error` or `warning`.
        code: a short fixed name: of a warning its own, of an error `routes`, or what made it.
        message: the line.
        file: the file that it is about; None: none.
        line: the line there, from 1; None: it isn't known.
        column: the column, likewise.
        client: the client that it is about, if any.
        profile: the profile, likewise.
    """

    level: Literal["error", "warning"]
    code: str
    message: str
    file: str | None
    line: int | None
    column: int | None
    client: str | None
    profile: str | None

    @classmethod
    def at(
        cls, level: Literal["error", "warning"], code: str, message: str, at: Position | None
    ) -> Finding:
        """A finding of a position."""
        file, line, column, client, profile = at or _NOWHERE
        return cls(
            level, code, message, file or None, line or None, column or None, client, profile
        )

    @property
    def annotation(self) -> str:
        """The line that GitHub's runners make an annotation of.

        Source: docs.github.com, "Workflow commands for GitHub Actions".
        """
        named = {"file": self.file, "line": self.line, "col": self.column, "title": self.code}
        parts = [f"{name}={_escaped(str(value), ':,')}" for name, value in named.items() if value]
        return f"::{self.level} {','.join(parts)}::{_escaped(self.message)}"


def of_error(error: Exception) -> list[Finding]:
    """The findings of an error that ended a command: its lines, and warnings that came with it."""
    if isinstance(error, RoutesError) and error.problems:
        lines = [Finding.at("error", "routes", text, at) for text, at in error.problems]
    else:
        lines = [Finding.at("error", "routes", text, None) for text in str(error).splitlines()]
    return [*lines, *of_warnings(getattr(error, "findings", ()))]


def of_warnings(warnings: Iterable[RoutesWarning]) -> list[Finding]:
    """The findings of warnings."""
    return [Finding.at("warning", one.code, str(one.args[0]), one.position) for one in warnings]


def of_lines(
    routes: Routes, level: Literal["error", "warning"], code: str, lines: Iterable[str]
) -> list[Finding]:
    """The findings of lines that begin with, or hold, the place of an entry of routes."""
    places = [
        (f"{routes.line_of(section, name)}: ", routes.position(section, name))
        for section, names in (("profiles", routes.profiles), ("clients", routes.clients))
        for name in names
    ]
    return [
        Finding.at(level, code, line, next((at for text, at in places if text in line), None))
        for line in lines
    ]


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(c):02X}" if c in "%\r\n" + more else c for c in text)
