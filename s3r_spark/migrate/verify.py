"""Reading every copy back, and holding it against its source."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from s3r_spark.boto.copy_source import content_md5
from s3r_spark.migrate.workers import each

if TYPE_CHECKING:
    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move

__all__ = ["read_back"]

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


def _is_equal(move: Move, row: dict[str, Any]) -> bool:
    """Tell whether what is read of a copy is what was read of its source, or is read of it now.

    Args:
        move: the migration.
        row: of the journal.

    Raises:
        ClientError: a store refuses to be read.
    """
    origin, target = move.spots(row["bucket"], row["key"])
    sides = [(move.new.store(target), target, row["target_etag"])]
    if row["md5"] is None:
        sides.append((move.old.store(origin), origin, row["etag"]))
    digests = []
    for store, spot, etag in sides:
        place = {"Bucket": spot.bucket, "Key": spot.key}

        def get(
            span: dict[str, str],
            store: Any = store,
            place: Any = place,
            etag: str = etag,
        ) -> dict[str, Any]:
            answer: dict[str, Any] = store.client.get_object(**place, **span, IfMatch=etag)
            return answer

        try:
            if store.client.head_object(**place)["ContentLength"] != row["size"]:
                return False
            digests.append(content_md5(get, row["size"]).hex())
        except ClientError as error:
            if error.response["Error"]["Code"] in _OTHER:
                return False
            raise
    return len({*digests, row["md5"] or digests[0]}) == 1
