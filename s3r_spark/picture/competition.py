"""Profiles that have names in common: which of them comes first."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from s3r_spark import globs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from s3r_spark.routing import Rule

_EFFORT = 2_000  # states of two globs, after which they count as having something in common


def earlier(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs of a rule and one before it that takes some of its names, in the rules' order.

    Globs can have something in common only where one's fixed beginning begins the other's, so that
    most pairs are never looked at.
    """
    by_bucket: dict[str, list[int]] = defaultdict(list)
    for number, rule in enumerate(rules):
        by_bucket[rule.profile.source_bucket_pattern].append(number)
    pairs: set[tuple[int, int]] = set()
    for bucket, other in [*((b, b) for b in by_bucket), *_meeting(by_bucket)]:
        numbers = sorted({*by_bucket[bucket], *by_bucket[other]})
        keys: dict[str, list[int]] = defaultdict(list)
        for number in numbers:
            keys[rules[number].key_pattern].append(number)
        for key, another in [*((k, k) for k in keys), *_meeting(keys)]:
            pairs.update(
                (max(one, two), min(one, two))
                for one in keys[key]
                for two in keys[another]
                if one != two
                and {rules[n].profile.source_bucket_pattern for n in (one, two)} == {bucket, other}
            )
    for later, first in sorted(pairs):
        yield rules[later], rules[first]


def _meeting(patterns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of different globs that take some text both."""
    around: list[str] = []
    for glob in sorted(patterns, key=globs.head):
        fixed = globs.head(glob)
        around = [other for other in around if fixed.startswith(globs.head(other))]
        yield from ((other, glob) for other in around if _meet(other, glob))
        around.append(glob)


def _meet(one: str, other: str) -> bool:
    if not globs.has_wildcard(one) and not globs.has_wildcard(other):
        return one == other
    try:
        return globs.example([one, other], [], _EFFORT) is not None
    except globs.UndecidedError:
        return True
