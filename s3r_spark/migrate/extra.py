"""Copies of what isn't at the old place any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from s3r_spark.migrate.plan import extra

if TYPE_CHECKING:
    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move

__all__ = ["remove_extra"]

_GONE = {"NoSuchKey", "404"}


def remove_extra(move: Move, journal: Journal) -> int:
    """Remove copies of what was deleted from the old place, as they were written; how many.

    What somebody else has written there since stays. So does a copy whose source has come back.
    """
    removed = 0
    for row in extra(move, journal):
        bucket, key = row["bucket"], row["key"]
        origin, target = move.spots(bucket, key)
        if row["target"] != target.identity or row["origin"] != origin.identity:
            continue  # another migration's
        source, store = move.old.store(origin).client, move.new.store(target).client
        if _etag(source, origin.bucket, origin.key) is not None:
            continue
        etag = _etag(store, target.bucket, target.key)
        if etag is not None:
            if etag != str(row["target_etag"] or row["etag"]).strip('"'):
                continue
            store.delete_object(Bucket=target.bucket, Key=target.key)
            removed += 1
        journal.forget(bucket, key)
    return removed


def _etag(client: Any, bucket: str, key: str) -> str | None:
    """An object's ETag; None: there is none."""
    try:
        head = client.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        raise
    return str(head["ETag"]).strip('"')
