"""Rules by where they lead: which of them can be the way to a physical name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark import globs
from s3r_spark.model import BUCKET
from s3r_spark.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s3r_spark.rules import Rule


class Inverse:
    """The rules of all clients by physical bucket and prefix."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._buckets: dict[str, Patterns] = {}  # by client
        self._keys: list[Patterns] = []  # of the rules of one client and physical bucket (pattern)
        numbers: dict[tuple[str, str], int] = {}
        for number, rule in enumerate(rules):
            bucket, key = _globs(rule)
            group = numbers.setdefault((rule.client, bucket), len(numbers))
            if group == len(self._keys):
                self._buckets.setdefault(rule.client, Patterns()).add(bucket, group)
                self._keys.append(Patterns())
            self._keys[group].add(key, number)

    def rules(self, client: str, bucket: str, key: str) -> list[Rule]:
        """The rules whose pattern of places takes the physical name, in their order."""
        groups = self._buckets[client].all(bucket) if client in self._buckets else ()
        numbers = sorted(number for group in groups for number in self._keys[group].all(key))
        return [self._rules[number] for number in numbers]


def logical_buckets(rule: Rule, bucket: str, key: str) -> Iterator[str | None]:
    """The logical buckets that a rule may map to a physical name; None: it can't be told which."""
    logical, prefix = rule.logical_bucket(bucket), rule.prefix or ""
    if logical is None:
        return
    if logical != rule.profile.source_bucket_pattern or not globs.has_wildcard(logical):
        yield logical
    elif BUCKET not in prefix:
        yield None
    else:
        matches = globs.compiled(logical)
        start = prefix.index(BUCKET)
        folder_end = key.find("/", start)
        last = folder_end if folder_end >= 0 else len(key)
        for name in (key[start:end] for end in range(start + 1, last + 1)):
            if key.startswith(prefix.replace(BUCKET, name)) and matches(name):
                yield name


def _globs(rule: Rule) -> tuple[str, str]:
    """The physical buckets and keys that a rule can lead to, as globs."""
    pattern = rule.profile.source_bucket_pattern
    logical = BUCKET if globs.has_wildcard(pattern) else pattern
    bucket, prefix = globs.escaped(rule.bucket(logical)), globs.escaped(rule.prefix_of(logical))
    if logical == BUCKET:
        bucket, prefix = bucket.replace(BUCKET, "*"), prefix.replace(BUCKET, "*")
    return globs.one_star(bucket), globs.one_star(prefix + "*")
