"""The names that change place, as the stores list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from s3r_spark import globs
from s3r_spark.errors import S3RError, UnmatchedError
from s3r_spark.migrate.bare import BARE
from s3r_spark.migrate.workers import ahead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from s3r_spark.changes import Change, Location
    from s3r_spark.migrate.sides import Side
    from s3r_spark.routing import Routes

__all__ = ["Found", "buckets", "goes_by", "is_missing", "objects"]

_MISSING = {"NoSuchBucket", "404"}


class Found(NamedTuple):
    """An object as a list has it.

    Attributes:
        key: the logical key.
        size: in bytes.
        etag: with its quotes.
        modified: when it was written.
        storage: its storage class; "" where the store names none.
        bare: whether the list says that it has no tags.
    """

    key: str
    size: int
    etag: str
    modified: datetime
    storage: str
    bare: bool


def buckets(change: Change, old: Side, new: Side) -> list[str]:
    """The logical buckets of a change that are there, by either side.

    Raises:
        S3RError: the pattern takes many, and a store that may have some can't be asked.
    """
    if not globs.has_wildcard(change.bucket):
        return [change.bucket]
    names: dict[str, None] = {}
    for side, location in ((old, change.before), (new, change.after)):
        answer = side.client.list_buckets()
        names |= dict.fromkeys(bucket["Name"] for bucket in answer["Buckets"])
        for missing in answer["ResponseMetadata"]["Route"].get("missing", ()):
            if location is not None and missing["client"] == location.client:
                raise S3RError(
                    f"{side.routes.name}: the buckets of {change.names} are not known, since "
                    f"client {location.client!r} can't list its own: {missing['error']}"
                )
    return [name for name in names if change.has_bucket(name)]


def objects(
    change: Change, location: Location | None, side: Side, bucket: str, prefix: str = ""
) -> Iterator[Found]:
    """The objects that routes have under the names of a change, in their store's order.

    Args:
        change: the names.
        location: where they are by these routes; None: these refuse them.
        side: the routes.
        bucket: the logical bucket.
        prefix: only keys that begin so.

    Raises:
        ClientError: a store refuses to be listed, or a route whose names the list has as well lacks
            its bucket.
    """
    if location is None:
        return
    head = globs.head(change.keys)
    pages = side.client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=max(head, prefix, key=len)
    )
    try:
        for page in ahead(pages):
            for item in page.get("Contents", ()):
                if goes_by(side.routes, bucket, item["Key"], location):
                    yield Found(
                        item["Key"],
                        item["Size"],
                        item["ETag"],
                        item["LastModified"],
                        item.get("StorageClass", ""),
                        item.get(BARE, False),
                    )
    except ClientError as error:
        if not _is_missing(error) or _is_cut_short(error, location, side.client, bucket):
            raise


def goes_by(routes: Routes, bucket: str, key: str, location: Location | None) -> bool:
    """Tell whether a name goes by the rule of a location; None: whether it is refused."""
    try:
        rule = routes.rule(bucket, key)
    except UnmatchedError:
        return location is None
    if location is None:
        return False
    return (rule.name, rule.key_pattern) == (location.profile, location.pattern)


def is_missing(client: Any, bucket: str) -> bool:
    """Tell whether a store has no such bucket; False: it has, or doesn't say."""
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        return _is_missing(error)
    return False


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _MISSING


def _is_cut_short(error: ClientError, location: Location, client: Any, bucket: str) -> bool:
    """Tell whether it is another route's bucket that a list lacks: then not all was listed."""
    if error.response["ResponseMetadata"]["Route"]["profile"] == location.profile:
        return False
    return not is_missing(client, bucket)
