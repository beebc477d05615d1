"""The physical places that the routes name: what is looked at in each store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from s3r_spark import globs
from s3r_spark.diagnosis.findings import Finding
from s3r_spark.errors import S3RError
from s3r_spark.model import BUCKET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s3r_spark.routing import Routes, Rule

__all__ = ["Place", "places"]


class Place(NamedTuple):
    """A bucket, or a folder of one, that routes lead to.

    Attributes:
        client: the client whose store it is in.
        name: the profile, or the path, that leads there.
        bucket: the physical bucket.
        prefix: the physical folder in it, with a `/` at its end; "" for the whole bucket.
        key: the physical key that it would be, were it a file; "" where it is none.
        named: whether the file or a path names the bucket, so that it must be there.
        read_only: whether nothing may be changed there.
        spark: whether Spark may use it.
    """

    client: str
    name: str
    bucket: str
    prefix: str
    key: str = ""
    named: bool = True
    read_only: bool = False
    spark: bool = True

    @property
    def uri(self) -> str:
        """The place, for people."""
        return f"s3://{self.bucket}/{self.prefix or self.key}"


def places(routes: Routes, paths: Sequence[str] = ()) -> tuple[list[Place], list[Finding]]:
    """The places to look at, and findings of what can't be looked at.

    Args:
        routes: the routes.
        paths: logical paths; where there are any, only they are looked at.
    """
    all_places: list[Place] = []
    open_ones: list[Finding] = []
    if paths:
        for path in paths:
            try:
                to = routes.resolve_path(path)
            except S3RError as error:
                finding = Finding("route", "bad", str(error), "look at the path", place=path)
                open_ones.append(finding)
                continue
            key = to.key or ""
            prefix, only = f"{key}/" if key else "", routes.is_read_only(to.profile)
            spark = to.profile is None or routes.profiles[to.profile].spark
            place = Place(to.client, path, to.bucket, prefix, key, read_only=only, spark=spark)
            all_places.append(place)
        return all_places, open_ones
    for rule in routes.rules:
        of_rule = list(_of_rule(rule))
        if not of_rule:
            text = f"{rule.profile.source_bucket_pattern!r} stands for many buckets"
            mend = "name some with buckets: […], or a path on the command line"
            finding = Finding("bucket", "open", text, mend, rule.client, rule.name or "")
            open_ones.append(finding)
        all_places += of_rule
    all_places += _of_default(routes)
    # Several profiles may lead to one place; it is looked at once.
    first: dict[tuple[str, str, str], Place] = {}
    for place in all_places:
        first.setdefault((place.client, place.bucket, place.prefix), place)
    return list(first.values()), open_ones


def _logical(rule: Rule) -> Sequence[str]:
    pattern = rule.profile.source_bucket_pattern
    if not globs.has_wildcard(pattern):
        return [pattern]
    return rule.profile.buckets or ()


def _of_rule(rule: Rule) -> Iterator[Place]:
    name, pattern = rule.name or "", rule.key_pattern
    place = partial(Place, rule.client, name, read_only=rule.read_only, spark=rule.profile.spark)
    for logical in _logical(rule):
        if globs.has_wildcard(pattern):
            folder = rule.key(logical, globs.folder(pattern))
            yield place(rule.bucket(logical), folder)
        else:
            key = rule.key(logical, pattern)
            yield place(rule.bucket(logical), "", key)
    mapped = rule.profile.mapped_bucket_name
    if not _logical(rule) and mapped and BUCKET not in mapped and BUCKET not in (rule.prefix or ""):
        yield place(mapped, rule.prefix or "")


def _of_default(routes: Routes) -> Iterator[Place]:
    """The default client's buckets of the logical names that it shares with profiles."""
    if routes.refuses_unmatched:
        return
    for rule in routes.rules:
        for logical in _logical(rule):
            if routes.default in routes.under(logical):
                rest, only = f"the rest of {logical}", routes.default.read_only
                yield Place("default", rest, logical, "", named=False, read_only=only)
