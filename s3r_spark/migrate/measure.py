"""What stores have under names that change place: objects and bytes, counted from both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from s3r_spark import globs
from s3r_spark.errors import UnmatchedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.changes import Change, Location
    from s3r_spark.routing import Routes

__all__ = ["Tally", "measure"]

_MISSING = {"NoSuchBucket", "404"}


@dataclass
class Tally:
    """Objects under the names of one change.

    Attributes:
        objects: how many the old place has: they vanish from their names when the routes change.
        bytes: the bytes of these.
        equal: how many of them the new place has too, with the same size and ETag.
        different: how many of them the new place has with other data.
        appearing: how many only the new place has: they come to these names.
    """

    objects: int = 0
    bytes: int = 0
    equal: int = 0
    different: int = 0
    appearing: int = 0


def measure(change: Change, old: Routes, new: Routes, old_client: Any, new_client: Any) -> Tally:
    """Count the objects of one change, by lists alone.

    Args:
        change: names that change place.
        old: the routes that hold.
        new: the routes that are to hold.
        old_client: a router client of the old routes.
        new_client: a router client of the new routes.

    Raises:
        ClientError: a store refuses to be listed, or a route whose names a list has as well lacks
            its bucket.
    """
    tally = Tally()
    for bucket in _buckets(change, old_client, new_client):
        there = {
            name: (size, etag)
            for name, size, etag in _objects(change, change.after, new, new_client, bucket)
            if _goes_by(old, bucket, name, change.before)
        }
        for name, size, etag in _objects(change, change.before, old, old_client, bucket):
            if not _goes_by(new, bucket, name, change.after):
                continue
            tally.objects += 1
            tally.bytes += size
            other = there.pop(name, None)
            tally.equal += other == (size, etag)
            tally.different += other not in {None, (size, etag)}
        tally.appearing += len(there)
    return tally


def _buckets(change: Change, *clients: Any) -> list[str]:
    """The logical buckets of a change that are there."""
    patterns = change.bucket.split(" & ")
    if not any(map(globs.has_wildcard, patterns)):
        return patterns
    names = dict.fromkeys(
        bucket["Name"] for client in clients for bucket in client.list_buckets()["Buckets"]
    )
    matches = [globs.compiled(pattern) for pattern in patterns]
    return [name for name in names if all(match(name) for match in matches)]


def _objects(
    change: Change, location: Location | None, routes: Routes, client: Any, bucket: str
) -> Iterator[tuple[str, int, str]]:
    """Key, size and ETag of the objects that routes have under the names of a change."""
    if location is None:
        return
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=globs.head(change.keys)
    )
    try:
        for page in pages:
            for item in page.get("Contents", ()):
                if _goes_by(routes, bucket, item["Key"], location):
                    yield item["Key"], item["Size"], item["ETag"]
    except ClientError as error:
        if not _is_missing(error) or _is_cut_short(error, location, client, bucket):
            raise


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _MISSING


def _is_cut_short(error: ClientError, location: Location, client: Any, bucket: str) -> bool:
    """Whether it is another route's bucket that a list lacks: then not all was listed."""
    if error.response["ResponseMetadata"]["Route"]["profile"] == location.profile:
        return False
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as nowhere:
        return not _is_missing(nowhere)
    return True


def _goes_by(routes: Routes, bucket: str, key: str, location: Location | None) -> bool:
    """Whether a name goes by the rule of a location; None: whether it is refused."""
    try:
        rule = routes.rule(bucket, key)
    except UnmatchedError:
        return location is None
    return location is not None and rule.name == location.profile
