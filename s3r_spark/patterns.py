"""Many globs at once: which of them take a text, found by their fixed parts, not one by one."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from s3r_spark import globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Candidates = list[tuple[int, Callable[[str], object] | None]]


class Patterns:
    """Globs by the fixed text that they begin with, or else end with.

    Only the globs whose fixed text is there are tried, and of those with another text none is even
    looked at: the cost grows with the number of different lengths of such texts, not of globs.
    """

    __slots__ = ("_by_head", "_by_tail", "_heads", "_skip", "_tails")

    def __init__(self, skip: int = 0) -> None:
        """Make an empty set of globs.

        Args:
            skip: how many characters all the globs begin with; the caller knows they are there.
        """
        self._skip = skip
        self._by_head: dict[str, Candidates] = {}
        self._by_tail: dict[str, Candidates] = {}
        self._heads: list[int] = []  # the lengths of the texts, rising
        self._tails: list[int] = []

    def add(self, glob: str, number: int) -> None:
        """Add a glob under a number that is higher than those of all before it."""
        text, table, lengths = globs.head(glob), self._by_head, self._heads
        simple = glob == text + "*"
        if len(text) <= self._skip and (tail := globs.tail(glob)):
            text, table, lengths = tail, self._by_tail, self._tails
            simple = glob == "*" + tail
        if len(text) not in lengths:
            insort(lengths, len(text))
        # A fixed text and a star alone: that the text is there is all there is to test.
        match = None if simple else _Match(glob)
        table.setdefault(text, []).append((number, match))

    def first(self, text: str, best: int) -> int:
        """The lowest number below `best` whose glob matches, or `best`."""
        for candidates in self._candidates(text):
            for number, match in candidates:
                if number >= best:
                    break
                if match is None or match(text):
                    best = number
                    break
        return best

    def all(self, text: str) -> list[int]:
        """The numbers of all whose globs match, rising."""
        return sorted(
            number
            for candidates in self._candidates(text)
            for number, match in candidates
            if match is None or match(text)
        )

    def _candidates(self, text: str) -> Iterator[Candidates]:
        size = len(text)
        for length in self._heads:
            if length > size:
                break
            if found := self._by_head.get(text[:length]):
                yield found
        for length in self._tails:
            if length > size:
                break
            if found := self._by_tail.get(text[size - length :]):
                yield found


class _Match:
    """A glob that is compiled when it is first tried: of many, most never are."""

    __slots__ = ("_glob", "_match")

    def __init__(self, glob: str) -> None:
        self._glob = glob
        self._match: Callable[[str], object] | None = None

    def __call__(self, text: str) -> object:
        match = self._match
        if match is None:
            match = self._match = globs.compiled(self._glob)
        return match(text)
