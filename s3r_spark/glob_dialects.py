"""Patterns that look like another language than routes.yaml's globs, and what was probably meant.

Such a pattern is no mistake by itself: `.` and `^` may stand in a name. But its author probably
thinks that it takes more, or less, and data would go to the wrong store.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from s3r_spark import globs

_REGEX, _SHELL = "a regular expression", "a shell's escape"
_SIGNS = (
    # At the start of a name alone: `x.*`, any extension, is a plain glob.
    (r"(?:^|(?<=[/)\]-]))\.[*+]", "*", _REGEX, "'.' stands for itself in a glob"),
    (r"\[\^", "[!", _REGEX, "'^' stands for itself in a glob"),
    (r"\\d", "[0-9]", _REGEX, "a backslash stands for itself in a glob"),
    (r"\]\+", "]*", _REGEX, "'+' stands for itself in a glob"),
    (r"^\^", "", _REGEX, "'^' stands for itself in a glob"),
    (r"(?<!_\$folder)\$$", "", _REGEX, "'$' stands for itself in a glob"),
    (r"\\([*?\[])", r"[\1]", _SHELL, "a backslash stands for itself in a glob"),
)
_FOLDERS = re.compile(r"(^|/)\*\*+/")


class Dialect(NamedTuple):
    """Guess the dialect that a pattern is written in.

    Attributes:
        name: the other language.
        why: what the pattern means here instead.
        globs: what was probably meant, each glob for a profile of its own.
    """

    name: str
    why: str
    globs: tuple[str, ...]


def dialect(pattern: str) -> Dialect | None:
    """The other language that a pattern seems to be written in; None: it reads as a glob."""
    name = why = ""
    glob = pattern
    for sign, replacement, language, meaning in _SIGNS:
        if re.search(sign, glob):
            name, why = name or language, why or meaning
            glob = re.sub(sign, replacement, glob)
    if folders := _FOLDERS.search(glob):
        name = name or "a '**' of many folders or none"
        why = why or "a run of stars is one star here, and the '/' behind it must be there"
        direct = glob[: folders.start()] + folders[1] + glob[folders.end() :]
        return Dialect(name, why, (globs.one_star(direct), globs.one_star(glob)))
    return Dialect(name, why, (globs.one_star(glob),)) if name else None
