"""The rules of one logical bucket, found by how their key patterns begin, not tried one by one."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from s3r_spark import globs
from s3r_spark.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s3r_spark.rules import Rule


class Keys:
    """The rules of one logical bucket, by the fixed folder of their key patterns.

    A key has few folders, whatever the number of rules: each is looked up once.
    """

    __slots__ = ("_any", "_below", "_deepest", "_folders", "_root", "rules")

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules
        self._any = len(rules)  # the first that takes every key, or the end
        self._folders: dict[str, tuple[int, Patterns | None]] = {}
        for number, rule in enumerate(rules):
            if rule.whole:
                self._any = min(self._any, number)
                continue
            folder = globs.folder(rule.key_pattern)
            whole, patterns = self._folders.get(folder, (len(rules), None))
            if rule.key_pattern == folder + "*":
                whole = min(whole, number)
            else:
                patterns = patterns or Patterns(len(folder))
                patterns.add(rule.key_pattern, number)
            self._folders[folder] = whole, patterns
        self._deepest = max(map(len, self._folders), default=0)
        self._root = "" in self._folders
        self._below: _Below | None = None  # made when a prefix is first asked for

    @property
    def whole(self) -> Rule | None:
        """The first rule that takes every key."""
        return self.rules[self._any] if self._any < len(self.rules) else None

    def find(self, key: str) -> Rule | None:
        """The first rule that takes the key."""
        best, folders = self._any, self._folders
        if folders:
            # The root folder first, where it has rules of its own.
            end = 0 if self._root else key.find("/") + 1
            while True:
                if rule := folders.get(key[:end]):
                    whole, patterns = rule
                    if whole < best:  # noqa: PLR1730 - a call of min() costs more than all else here
                        best = whole
                    if patterns is not None:
                        best = patterns.first(key, best)
                end = key.find("/", end) + 1
                if not 0 < end <= self._deepest:
                    break
        return self.rules[best] if best < len(self.rules) else None

    def below(self, prefix: str) -> tuple[list[Rule], bool]:
        """The rules that can hold keys which start with the prefix, in their order.

        Returns:
            The rules, and whether the last of them takes all such keys: no later one is listed.
        """
        if self._below is None:
            self._below = _Below([rule.key_pattern for rule in self.rules])
        numbers, last = self._below.numbers(prefix)
        rules = [self.rules[number] for number in numbers] if prefix else self.rules[: last + 1]
        return rules, last < len(self.rules)


class _Below:
    """Globs by their heads, the fixed texts before the first wildcard."""

    __slots__ = ("_globs", "_heads", "_lengths", "_numbers")

    def __init__(self, patterns: list[str]) -> None:
        self._globs = patterns
        self._numbers: dict[str, list[int]] = {}
        for number, glob in enumerate(patterns):
            self._numbers.setdefault(globs.head(glob), []).append(number)
        self._heads = sorted(self._numbers)
        self._lengths = sorted({len(head) for head in self._heads})

    def numbers(self, prefix: str) -> tuple[Sequence[int], int]:
        """The globs that can match below a prefix, up to the first that takes all, and that one.

        The second is the number of globs where none takes all.
        """
        numbers: list[int] = []
        last, size = len(self._globs), len(prefix)
        for length in self._lengths:
            if length > size:
                break
            for number in self._numbers.get(prefix[:length], ()):
                if number > last:
                    break
                glob = self._globs[number]
                if len(glob) == length + 1 and glob[-1] == "*":  # the head and a star: by far most
                    numbers.append(number)
                    last = number
                elif globs.may_match_below(glob, prefix):
                    numbers.append(number)
                    if globs.owns_all_below(glob, prefix):
                        last = number
        if not prefix:  # below which they all match
            return range(min(last + 1, len(self._globs))), last
        numbers += self._longer(prefix)
        if len(numbers) > 1:
            numbers = sorted(number for number in numbers if number <= last)
        return numbers, last

    def _longer(self, prefix: str) -> Iterator[int]:
        """The globs whose heads begin with the prefix and are longer."""
        heads = self._heads
        for at in range(bisect_right(heads, prefix), len(heads)):
            if not heads[at].startswith(prefix):
                break
            yield from self._numbers[heads[at]]
