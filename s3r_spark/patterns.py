"""Many globs at once: which of them take a text, found by their fixed parts, not one by one."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from s3r_spark import globs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Candidates = list[tuple[int, "_Match | None"]]


class Patterns:
    """Globs by a fixed text in them: how they begin, or else end, or else the longest.

    Only the globs whose fixed text is there are tried, and of those with another text none is even
    looked at: the cost grows with the number of different lengths of such texts, not of globs.
    """

    __slots__ = ("_heads", "_inner", "_skip", "_tails")

    def __init__(self, skip: int = 0) -> None:
        """Make an empty set of globs.

        Args:
            skip: how many characters all the globs begin with; the caller knows they are there.
        """
        self._skip = skip
        self._heads, self._tails, self._inner = _Table(), _Table(), _Table()

    def add(self, glob: str, number: int) -> None:
        """Add a glob under a number that is higher than those of all before it."""
        head, runs = globs.head(glob), globs.runs(glob[self._skip :])
        # A fixed text and a star alone: that the text is there is all there is to test.
        if len(runs) == 1 or glob == head + "*":
            self._heads.add(head, number, None if glob == head + "*" else _Match(glob))
        elif len(head) > self._skip and self._heads.has_room(head):
            self._heads.add(head, number, _Match(glob))
        elif runs[-1] and self._tails.has_room(runs[-1]):
            self._tails.add(runs[-1], number, None if glob == "*" + runs[-1] else _Match(glob))
        else:
            self._inner.add(max(runs, key=self._inner.rank), number, _Match(glob))

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
        size, by_text = len(text), self._heads.by_text
        for length in self._heads.lengths:
            if length > size:
                break
            if numbers := by_text.get(text[:length]):
                yield numbers
        by_text = self._tails.by_text
        for length in self._tails.lengths:
            if length > size:
                break
            if numbers := by_text.get(text[size - length :]):
                yield numbers
        by_text = self._inner.by_text
        for length in self._inner.lengths:
            ends = range(length, size + 1) if length else (0,)
            for piece in {text[end - length : end] for end in ends}:
                if numbers := by_text.get(piece):
                    yield numbers


_CROWD = 16  # globs of one fixed text above which another text of a glob tells it better


class _Table:
    """Globs by one fixed text each, and the lengths of those texts, rising."""

    __slots__ = ("by_text", "lengths")

    def __init__(self) -> None:
        self.by_text: dict[str, Candidates] = {}
        self.lengths: list[int] = []

    def add(self, text: str, number: int, match: _Match | None) -> None:
        if len(text) not in self.lengths:
            insort(self.lengths, len(text))
        self.by_text.setdefault(text, []).append((number, match))

    def has_room(self, text: str) -> bool:
        return len(self.by_text.get(text, ())) < _CROWD

    def rank(self, text: str) -> tuple[bool, bool, int]:
        """Rank a text by how well it tells globs apart: the longest that few have, if any."""
        return bool(text), self.has_room(text), len(text)


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
