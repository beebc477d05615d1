"""Findings between profiles: places that meet, names that are taken already, or nearly the same."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from s3r_spark import globs
from s3r_spark.model import BUCKET
from s3r_spark.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from s3r_spark.model import Client
    from s3r_spark.rules import Rule

    Found = tuple[str, Rule, str]  # code, profile, text

_TOGETHER = 20  # profiles above which it isn't asked what they cover together: it would take long


def findings(rules: Sequence[Rule], clients: Mapping[str, Client]) -> Iterator[Found]:
    """The findings, with their codes and the rules that they are about."""
    yield from _shared(rules, clients)
    yield from _into_logical(rules)
    yield from _covered_together(rules)
    yield from _case_alone(rules)


def _place(rule: Rule) -> tuple[str, str, str]:
    """Client, physical bucket (a pattern where it has one) and physical prefix."""
    logical = rule.profile.source_bucket_pattern
    if globs.has_wildcard(logical) and rule.prefix and BUCKET in rule.prefix:
        prefix = rule.prefix.partition(BUCKET)[0] + globs.head(logical)
    else:
        prefix = rule.key(logical, globs.folder(rule.key_pattern))
    return rule.client, rule.bucket(logical), prefix


def _service(clients: Mapping[str, Client], name: str) -> str:
    """Make what two clients of one service have in common; an unknown client is by itself."""
    client = clients.get(name)
    return name if client is None else client.service_id


def _shared(rules: Sequence[Rule], clients: Mapping[str, Client]) -> Iterator[Found]:
    """Profiles whose places lie in one another; sorted, a place comes before what is in it."""
    by_bucket: dict[tuple[str, str], list[tuple[str, Rule, str | None]]] = defaultdict(list)
    for rule in rules:
        client, bucket, prefix = _place(rule)
        # Profiles of the same buckets that keep the keys can't meet: a name has one of them. So has
        # a list's, which keeps its patterns apart.
        kin = rule.profile.source_bucket_pattern if rule.prefix is None else None
        by_bucket[_service(clients, client), bucket].append((prefix, rule, kin))
    for (_, bucket), places in by_bucket.items():
        around: list[tuple[str, Rule, str | None]] = []
        for prefix, rule, kin in sorted(places, key=lambda place: place[0]):
            while around and not prefix.startswith(around[-1][0]):
                around.pop()
            met = [
                other
                for _, other, its in around
                if (its is None or its != kin) and other.name != rule.name
            ]
            if unlike := [other for other in met if other.read_only is not rule.read_only]:
                writer, reader = sorted((rule, unlike[0]), key=lambda one: one.read_only)
                text = f"has {bucket}/{prefix} on {rule.client!r}, where profile "
                text += f"{writer.name!r} writes and profile {reader.name!r} may only read"
                yield "read-place", rule, text
            elif other := next((other for other in met if not other.read_only), None):
                where = f"{bucket}/{prefix} on {rule.client!r}"
                text = f"writes to {where}, where profile {other.name!r} does too"
                yield "shared-place", rule, text
            if all(its != kin for _, _, its in around):  # its kin stands for it already
                around.append((prefix, rule, kin))


def _into_logical(rules: Sequence[Rule]) -> Iterator[Found]:
    """Places whose name, used in a job, would lead elsewhere."""
    patterns, groups = Patterns(), dict[str, _ByHead]()
    for rule in rules:
        logical = rule.profile.source_bucket_pattern
        if logical not in groups:
            patterns.add(logical, len(groups))
            groups[logical] = _ByHead()
        groups[logical].add(rule)
    keys = list(groups.values())
    for rule in rules:
        client, bucket, prefix = _place(rule)
        if rule.profile.mapped_bucket_name is None or globs.has_wildcard(bucket):
            continue
        meeting = (o for group in patterns.all(bucket) for o in keys[group].meeting(prefix))
        if (other := next((o for o in meeting if o is not rule), None)) is not None:
            text = (
                f"its place {bucket}/{prefix} on {client!r} is also a logical name, which profile "
                f"{other.name!r} takes elsewhere"
            )
            yield "mapped-into-logical", rule, text


class _ByHead:
    """Rules by what their key patterns begin with, to find those with names below a prefix."""

    def __init__(self) -> None:
        self._by_head: dict[str, list[Rule]] = {}
        self._heads: list[str] = []

    def add(self, rule: Rule) -> None:
        self._by_head.setdefault(globs.head(rule.key_pattern), []).append(rule)

    def meeting(self, prefix: str) -> Iterator[Rule]:
        if len(self._heads) != len(self._by_head):
            self._heads = sorted(self._by_head)
        for size in range(len(prefix)):
            for rule in self._by_head.get(prefix[:size], ()):
                if globs.may_match_below(rule.key_pattern, prefix):
                    yield rule
        for at in range(bisect_left(self._heads, prefix), len(self._heads)):
            if not self._heads[at].startswith(prefix):
                break
            yield from self._by_head[self._heads[at]]


def _covered_together(rules: Sequence[Rule]) -> Iterator[Found]:
    """Profiles that several earlier ones of the same bucket pattern take every name of."""
    earlier: dict[str, tuple[Patterns, list[Rule]]] = {}
    for rule in rules:
        key = rule.key_pattern
        patterns, same = earlier.setdefault(rule.profile.source_bucket_pattern, (Patterns(), []))
        # Where no earlier one takes a sample of it, they don't take all together.
        if patterns.first(globs.sample(key), len(same)) < len(same):
            head = globs.head(key)
            all_meeting = (
                other
                for other in same
                if (its := globs.head(other.key_pattern)).startswith(head) or head.startswith(its)
            )
            meeting = list(islice(all_meeting, _TOGETHER + 1))  # more are not looked at
            together = [other.key_pattern for other in meeting]
            if 1 < len(meeting) <= _TOGETHER and globs.covers(together, key):
                names = ", ".join(dict.fromkeys(repr(other.name) for other in meeting))
                text = (
                    f"{key!r} can never match: what is before it, in {names}, takes all its names"
                )
                yield "covered-together", rule, text
        patterns.add(key, len(same))
        same.append(rule)


def _case_alone(rules: Sequence[Rule]) -> Iterator[Found]:
    """Buckets that are one to whoever doesn't heed case, as Hadoop's cache of file systems."""
    logical: dict[str, tuple[str, Rule]] = {}
    physical: dict[tuple[str, str], tuple[str, Rule]] = {}
    for rule in rules:
        pattern = rule.profile.source_bucket_pattern
        for name in (pattern, *(rule.profile.buckets or ())):
            real = rule.bucket(name)
            for bucket, (spelling, other) in (
                (name, logical.setdefault(name.lower(), (name, rule))),
                (real, physical.setdefault((rule.client, real.lower()), (real, rule))),
            ):
                if bucket != spelling:
                    text = (
                        f"the bucket {bucket!r} differs from profile {other.name!r}'s {spelling!r} "
                        "in case alone, which S3A takes for one: give one another name"
                    )
                    yield "case-alone", rule, text
                    break
