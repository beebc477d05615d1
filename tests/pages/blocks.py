"""What stands in fences in README.md and docs/, and what is to be done with it.

A fence's language says how it is tried (test_pages.py). What a reader sees is run, but for:

    ```yaml title="routes.yaml"       written to this file
    ```text title="output"            what the Python block before it prints
    <!-- before                       run, and not shown: what the page takes for granted
    <!-- not run: REASON -->          looked at by a parser alone
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(
    r"(?:^<!-- (?:before|not run: (?P<reason>[^\n]+?) -->)\n)?"
    r'^```(?P<language>\w*)(?: title="(?P<title>[^"\n]+)")?\n(?P<text>.*?)^```$',
    re.DOTALL | re.MULTILINE,
)


class Block(NamedTuple):
    """One fence.

    Attributes:
        line: of its first line, in the page.
        language: as it is highlighted.
        title: of a file; or `output`.
        text: between the fences.
        is_run: whether no comment keeps it from being run.
    """

    line: int
    language: str
    title: str
    text: str
    is_run: bool


def blocks(page: Path) -> list[Block]:
    """The fences of a page, in its order."""
    source = page.read_text(encoding="utf-8")
    return [
        Block(
            source.count("\n", 0, match.start("text")) + 1,
            match["language"],
            match["title"] or "",
            match["text"],
            match["reason"] is None,
        )
        for match in _FENCE.finditer(source)
    ]


def fences(page: Path) -> int:
    """How many lines of a page open or close a fence, wherever on the line."""
    return len(re.findall(r"^\s*(?:```|~~~)", page.read_text(encoding="utf-8"), re.MULTILINE))
