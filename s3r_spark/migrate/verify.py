"""Reading every copy back, and holding it against its source."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from s3r_spark.boto.copy_source import content_md5
from s3r_spark.migrate.workers import each
from s3r_spark.proof import part_of

if TYPE_CHECKING:
    from s3r_spark.migrate.entries import Task
    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move
    from s3r_spark.migrate.sides import Side, Spot

__all__ = ["is_copy", "read_back"]

# It is gone, or another one, or what came isn't what its store says that it has.
_OTHER = {"NoSuchKey", "404", "PreconditionFailed", "412", "BadDigest"}


def read_back(move: Move, journal: Journal, workers: int) -> list[str]:
    """Read all copies that weren't read since they were made.

    Returns:
        The names of those that aren't what their sources are; they are copied anew by the next run.

    Raises:
        ClientError: a store refuses to be read.
    """
    wrong: list[str] = []

    def look(row: dict[str, Any]) -> None:
        bucket, key = row["bucket"], row["key"]
        if _is_equal(move, row):
            journal.verified(bucket, key)
        else:
            journal.mark(bucket, key, "failed", "what was read back is not what its source is")
            wrong.append(f"s3a://{bucket}/{key}")

    unread = journal.every("state = 'copied' AND NOT verified")
    mine = (row for row in unread if move.concerns(row["bucket"], row["key"]))
    each(workers, mine, look, threading.Event())
    return sorted(wrong)


def is_copy(move: Move, task: Task) -> bool:
    """Tell whether what is at the new place has the content of what is at the old one.

    Raises:
        ClientError: a store refuses to be read.
    """
    listed = task.listed
    if task.there is None or task.there[0] != listed.size:
        return False
    origin, target = move.spots(listed.bucket, listed.key)
    source = _digest(move.old, origin, listed.etag, listed.size)
    return source is not None and source == _digest(move.new, target, task.there[1], listed.size)


def _is_equal(move: Move, row: dict[str, Any]) -> bool:
    """Tell whether what is read of a copy is what was read of its source, or is read of it now.

    Args:
        move: the migration.
        row: of the journal.

    Raises:
        ClientError: a store refuses to be read.
    """
    origin, target = move.spots(row["bucket"], row["key"])
    md5 = row["md5"]
    copy = _digest(move.new, target, row["target_etag"], row["size"], part_of(md5 or ""))
    if copy is not None and md5 is None:
        md5 = _digest(move.old, origin, row["etag"], row["size"])
    return copy is not None and copy == md5


def _digest(side: Side, spot: Spot, etag: str, size: int, part: int = 0) -> str | None:
    """The text of an object's MD5; None: it isn't there any more, or can't be read well."""
    client, place = side.store(spot).client, {"Bucket": spot.bucket, "Key": spot.key}

    def get(span: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = client.get_object(**place, **span, IfMatch=etag)
        return answer

    try:
        if client.head_object(**place)["ContentLength"] != size:
            return None
        return content_md5(get, size, part=part)
    except ClientError as error:
        if error.response["Error"]["Code"] in _OTHER:
            return None
        raise
