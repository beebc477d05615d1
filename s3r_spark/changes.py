"""Names that change place between two routes files: what must be moved when routes are changed.

A place is a service, a bucket and a key, whatever the client is called in the two files. Rules are
compared pair by pair, one of each file: of the names that go by both, either all change place or
none does, so a row stands for a pair, and one name that was proven to be among them is its example.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s3r_spark import globs
from s3r_spark.errors import S3RError
from s3r_spark.model import BUCKET
from s3r_spark.paths import split_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s3r_spark.routing import Routes, Rule

__all__ = ["Change", "Location", "changes", "changes_below"]


@dataclass(frozen=True)
class Location:
    """The place of a change's names in one of the files.

    Attributes:
        profile: the profile that takes them; None: none does, and the default client has them.
        client: the client, as the file calls it.
        endpoint_url: the client's address; None: AWS's own.
        bucket: the physical bucket, with `{bucket}` in it where it follows the logical one.
        keys: a glob over the physical keys.
        pattern: the profile's glob over logical keys, which tells those of a list apart.
    """

    profile: str | None
    client: str
    endpoint_url: str | None
    bucket: str
    keys: str
    pattern: str = "*"

    @property
    def uri(self) -> str:
        """The place as `s3://bucket/keys`."""
        return f"s3://{self.bucket}/{self.keys}"


@dataclass(frozen=True)
class Change:
    """Names that are in one place by the old routes and in another by the new ones.

    Not every name of the pattern need be among them: earlier profiles may take some.

    Attributes:
        bucket: a glob over the logical buckets.
        keys: a glob over the logical keys.
        example: bucket and key of one of the names.
        before: where they are by the old routes; None: these refuse them.
        after: where they are by the new routes; None: these refuse them.
        without: globs over logical buckets that are other rows', though they match.
    """

    bucket: str
    keys: str
    example: tuple[str, str]
    before: Location | None
    after: Location | None
    without: tuple[str, ...] = ()

    @property
    def names(self) -> str:
        """The names as a pattern of URIs."""
        return f"s3a://{self.bucket}/{self.keys}"

    def has_bucket(self, bucket: str) -> bool:
        """Tell whether a logical bucket is one of its."""
        return all(globs.compiled(glob)(bucket) for glob in self.bucket.split(" & ")) and not any(
            globs.compiled(glob)(bucket) for glob in self.without
        )

    def concerns(self, bucket: str, key: str) -> bool:
        """Tell whether it can have names at or below a path."""
        return self.has_bucket(bucket) and bool(
            not key or globs.compiled(self.keys)(key) or globs.may_match_below(self.keys, f"{key}/")
        )


def changes(old: Routes, new: Routes) -> list[Change]:
    """The names that change place, bucket by bucket in the order of the files.

    Raises:
        globs.UndecidedError: the patterns overlap in more ways than can be followed.
    """
    return [
        change
        for bucket, without, example in _buckets(old, new)
        for change in _in_bucket(old, new, bucket, without, example)
    ]


def changes_below(old: Routes, new: Routes, paths: Sequence[str] = ()) -> list[Change]:
    """The names that change place at or below paths such as s3a://bucket/folder, or all of them.

    Raises:
        RoutesError: one of them is no path.
        S3RError: the patterns overlap in more ways than can be followed.
    """
    below = [split_path(path) for path in paths]
    try:
        all_changes = changes(old, new)
    except globs.UndecidedError:
        raise S3RError(
            f"the patterns of {old.name} and {new.name} overlap in too many ways to be compared: "
            "write them with fewer wildcards"
        ) from None
    return [row for row in all_changes if not below or any(row.concerns(*path) for path in below)]


def _buckets(old: Routes, new: Routes) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """The logical buckets that the files tell apart: a glob, those that aren't meant, and one."""
    patterns = dict.fromkeys(
        rule.profile.source_bucket_pattern for routes in (old, new) for rule in routes.rules
    )
    exact = [pattern for pattern in patterns if not globs.has_wildcard(pattern)]
    for name in exact:
        yield name, (), name
    # All other buckets, by which of the globs they match.
    parts: list[tuple[list[str], list[str]]] = [([], exact)]
    for pattern in patterns:
        if globs.has_wildcard(pattern):
            parts = [
                part
                for inside, outside in parts
                for part in (([*inside, pattern], outside), (inside, [*outside, pattern]))
                if globs.example(*part) is not None
            ]
    for inside, outside in parts:
        shown = [p for p in inside if not any(q != p and globs.covers([p], q) for q in inside)]
        example = _example(["?*", *shown], outside)
        if example is not None:
            yield " & ".join(shown) or "*", tuple(outside), example


def _example(inside: list[str], outside: list[str]) -> str | None:
    """A text that matches all of some globs and none of others, if possible a plain one."""
    plain = re.sub(r"[*?]", "x", inside[-1])
    fits = all(globs.compiled(glob)(plain) for glob in inside)
    if fits and not any(globs.compiled(glob)(plain) for glob in outside):
        return plain
    return globs.example(inside, outside)


def _in_bucket(
    old: Routes, new: Routes, bucket: str, without: tuple[str, ...], example: str
) -> Iterator[Change]:
    before_rules = _rules(old, example)
    for before in before_rules:
        for after in _rules(new, example, globs.head(_keys(before))):
            if _same_place(old, new, before, after, bucket):
                continue
            key = _example_key(old, new, example, before, after)
            if key is not None:
                keys = _narrower(_keys(before), _keys(after))
                yield Change(
                    bucket,
                    keys,
                    (example, key),
                    _location(old, before, bucket, keys),
                    _location(new, after, bucket, keys),
                    without,
                )


def _rules(routes: Routes, bucket: str, prefix: str = "") -> list[Rule | None]:
    """The rules that can have names below a prefix, in order; None: the names are refused."""
    return [*routes.under(bucket, prefix), *([None] if routes.refuses_unmatched else [])]


def _keys(rule: Rule | None) -> str:
    return rule.key_pattern if rule else "*"


def _same_place(
    old: Routes, new: Routes, before: Rule | None, after: Rule | None, bucket: str
) -> bool:
    """Tell whether two rules put each name that both take in one place."""
    if before is None or after is None:
        return before is after
    if old.clients[before.client].service_id != new.clients[after.client].service_id:
        return False
    if _of_bucket(_bucket(before), bucket) != _of_bucket(_bucket(after), bucket):
        return False
    # A key is the folder and a rest: the prefix and the rest is where it lies.
    (short, short_prefix), (long, long_prefix) = sorted(
        (rule.folder, _of_bucket(rule.prefix or "", bucket)) for rule in (before, after)
    )
    return not long.startswith(short) or short_prefix + long[len(short) :] == long_prefix


def _bucket(rule: Rule) -> str:
    return rule.profile.mapped_bucket_name or BUCKET


def _of_bucket(template: str, bucket: str) -> str:
    """A template for one logical bucket; as it is for a pattern of many."""
    return template if globs.has_wildcard(bucket) else template.replace(BUCKET, bucket)


def _example_key(
    old: Routes, new: Routes, bucket: str, before: Rule | None, after: Rule | None
) -> str | None:
    """A key that goes by both rules; None: there is none."""
    narrower = _narrower(_keys(before), _keys(after))
    inside = [_keys(before), _keys(after), narrower]
    head = max(map(globs.head, inside), key=len)
    outside = [
        _keys(earlier)
        for routes, rule in ((old, before), (new, after))
        for earlier in _until(_rules(routes, bucket, head), rule)
    ]
    return _example(list(dict.fromkeys(inside)), outside)


def _until(rules: list[Rule | None], rule: Rule | None) -> list[Rule | None]:
    return rules[: rules.index(rule)] if rule in rules else rules


def _narrower(one: str, other: str) -> str:
    """Of two globs the one that takes fewer texts, as far as it can be told."""
    return one if globs.covers([other], one) else other


def _location(routes: Routes, rule: Rule | None, bucket: str, keys: str) -> Location | None:
    if rule is None:
        return None
    shown = keys if keys.startswith(rule.folder) else rule.key_pattern
    return Location(
        rule.name,
        rule.client,
        routes.clients[rule.client].endpoint_url,
        _of_bucket(_bucket(rule), bucket),
        _of_bucket(rule.prefix or "", bucket) + shown[len(rule.folder) :],
        rule.key_pattern,
    )
