"""Objects that a profile hides: they lie where its names would lead without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from s3r_spark import globs
from s3r_spark.physical_index import Inverse, logical_buckets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.routing import Routes

__all__ = ["Hidden", "hidden_names", "hidden_places"]


class Hidden(NamedTuple):
    """Names that a profile takes, and that would otherwise be elsewhere.

    Attributes:
        profile: the profile.
        name: the name, or a pattern of names, as a URI.
    """

    profile: str | None
    name: str


def hidden_places(routes: Routes) -> Iterator[Hidden]:
    """Names under which profiles hide what the default store has, if it has anything there.

    That is where a profile takes some names of a bucket, and the default client has others of it.
    A bucket that is a profile's whole may be there in the default store too; no file tells that.
    """
    if routes.refuses_unmatched:
        return
    there = routes.clients["default"].service_id
    for rule in routes.rules:
        pattern = rule.profile.source_bucket_pattern
        is_same = not rule.maps and routes.clients[rule.client].service_id == there
        if not is_same and routes.default in routes.under(globs.sample(pattern)):
            yield Hidden(rule.name, rule.names)


def hidden_names(routes: Routes, client: str, bucket: str, key: str) -> Iterator[Hidden]:
    """The names that an object would have, if no other profile took them."""
    for rule in Inverse(routes.rules).rules(client, bucket, key):
        for logical in logical_buckets(rule, bucket, key):
            name = None if logical is None else rule.logical_key(logical, key)
            if logical is None or name is None or not globs.compiled(rule.key_pattern)(name):
                continue
            owner = routes.rule(logical, name)
            if owner is not rule:
                yield Hidden(owner.name, f"s3a://{logical}/{name}")
    if client == "default" and not routes.refuses_unmatched:
        owner = routes.rule(bucket, key)
        if owner is not routes.default:
            yield Hidden(owner.name, f"s3a://{bucket}/{key}")
