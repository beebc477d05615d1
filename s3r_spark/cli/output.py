"""Output: what people see, and what programs read.

On a terminal tables are framed and folded to its width, or where that would fold a URI, written
a line a cell; elsewhere nothing but text is written, one line a row, however long.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from s3r_spark.diagnosis.findings import MARKS
from s3r_spark.document import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s3r_spark.diagnosis.findings import State
    from s3r_spark.errors import RoutesWarning

_ENDLESS = 100_000  # columns of what is no terminal


def table(headings: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """Show a table; whatever stands in a cell can't act on the terminal.

    Args:
        headings: of its columns.
        rows: their cells; a Text keeps its style.
    """
    out = _console()
    grid = Table(box=box.SIMPLE_HEAD if out.is_terminal else None, pad_edge=False)
    for heading in headings:
        grid.add_column(heading, overflow="fold")
    lines = [
        [cell if isinstance(cell, Text) else Text(one_line(cell)) for cell in row] for row in rows
    ]
    for cells in lines:
        grid.add_row(*cells)
    with out.capture() as shown:
        out.print(grid)
    text = shown.get()
    if out.is_terminal and not _has_uris_whole(text, lines):
        with out.capture() as shown:
            _print_records(out, headings, lines)
        text = shown.get()
    click.echo("\n".join(line.rstrip() for line in text.splitlines()), color=out.is_terminal)


def _has_uris_whole(text: str, rows: Iterable[Sequence[Text]]) -> bool:
    """Tell whether no URI was folded: in pieces it can't be copied."""
    return all(
        word in text
        for cells in rows
        for cell in cells
        for word in cell.plain.split()
        if "://" in word
    )


def _print_records(out: Console, headings: Sequence[str], rows: Iterable[Sequence[Text]]) -> None:
    """Print each row as lines of heading and cell, which the terminal alone breaks."""
    width = max(map(len, headings))
    for number, cells in enumerate(rows):
        if number:
            out.print()
        for heading, cell in zip(headings, cells, strict=True):
            label = Text(heading.ljust(width), "bold")
            out.print(Text.assemble(label, "  ", cell), soft_wrap=True)


def mark(state: State) -> Text:
    """The mark of a finding, in letters where the terminal's encoding has no other."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        "".join(MARKS.values()).encode(encoding)
    except UnicodeEncodeError:
        return Text(state)
    return Text(MARKS[state], {"good": "green", "bad": "bold red", "open": "dim"}[state])


def say(text: str = "", style: str = "") -> None:
    """Show lines of text."""
    _console().print(Text(text, style), soft_wrap=True)


def complain(text: str, kind: str = "") -> None:
    """Show lines on stderr.

    Args:
        text: the lines.
        kind: what stands before them.
    """
    _console(stderr=True).print(Text.assemble((kind, "yellow"), text), soft_wrap=True)


def as_json(data: Any) -> None:
    """Write data for a program; characters outside ASCII are escaped, whatever the locale."""
    click.echo(json.dumps(data, indent=2))


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr,
        highlight=False,
        # NO_COLOR alone would leave bold and underlined
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        # a shell may have closed it (`>&-`)
        width=None if stream is not None and stream.isatty() else _ENDLESS,
    )


def counted(*counts: tuple[int, str]) -> str:
    """Numbers of things, in words: `1 client, 2 warnings`."""
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts)


def listed(findings: Iterable[RoutesWarning]) -> list[dict[str, str]]:
    """Warnings as text and code, for a program."""
    return [{"code": finding.code, "message": str(finding.args[0])} for finding in findings]
