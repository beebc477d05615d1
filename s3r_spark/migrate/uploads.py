"""Uploads that a migration has begun: remembered, so that none is left half done."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move
    from s3r_spark.migrate.sides import Spot

_SKEW = 900  # seconds by which a store's clock may be behind this one
_GONE = {"NoSuchUpload", "NoSuchKey", "404"}
_AT_ONCE = 4 << 20  # bytes: nothing smaller is uploaded in parts, but what has been so before
_BEGUN = "after-call.s3.CreateMultipartUpload"


def may_be_in_parts(size: int, etag: str) -> bool:
    """Tell whether an object of that source may be uploaded in parts."""
    return size > _AT_ONCE or "-" in etag


@contextmanager
def noted(move: Move, journal: Journal) -> Iterator[None]:
    """Let the journal know of each upload that is begun at the new place, until the block ends."""
    names = {move.new.routes.rule(*row.example).client for row in move.changes}
    handlers = {name: partial(_note, journal, name) for name in names}
    for name, handler in handlers.items():
        move.new.router.stores.plain(name).meta.events.register(_BEGUN, handler)
    try:
        yield
    finally:
        for name, handler in handlers.items():
            move.new.router.stores.plain(name).meta.events.unregister(_BEGUN, handler)


def _note(journal: Journal, client: str, parsed: dict[str, Any], **_: Any) -> None:
    if "UploadId" in parsed:
        journal.rows(
            "INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)",
            *(client, parsed.get("Bucket"), parsed.get("Key"), parsed["UploadId"]),
        )


def abort_stale(move: Move, journal: Journal) -> None:
    """Abort the uploads that were begun and not completed; those that were completed are gone.

    One may have been begun whose id nobody heard of: it is found by its key, and its time.
    """
    for row in journal.every("state = 'begun'"):
        in_parts = may_be_in_parts(row["size"], row["etag"])
        if in_parts and move.concerns(row["bucket"], row["key"]):
            _, spot = move.spots(row["bucket"], row["key"])
            for upload_id in _begun(move.new.store(spot).client, spot, row["at"] - _SKEW):
                _abort(journal, move, (spot.rule.client, spot.bucket, spot.key, upload_id))
    for upload in journal.rows("SELECT * FROM uploads"):
        if upload[0] in move.new.routes.clients:
            _abort(journal, move, upload)


def abort_begun(move: Move, bucket: str, key: str, since: float) -> None:
    """Abort the uploads of an object that an executor has begun which is lost.

    Args:
        move: the migration.
        bucket: the logical bucket.
        key: the logical key.
        since: when the migration was begun, in seconds since 1970.
    """
    spot = move.new.spot(bucket, key)
    client = move.new.store(spot).client
    for upload_id in _begun(client, spot, since - _SKEW):
        with suppress(ClientError, BotoCoreError):  # the next run tries it again
            client.abort_multipart_upload(Bucket=spot.bucket, Key=spot.key, UploadId=upload_id)


def _begun(client: Any, spot: Spot, since: float) -> list[str]:
    try:
        answer = client.list_multipart_uploads(Bucket=spot.bucket, Prefix=spot.key)
    except (ClientError, BotoCoreError):
        return []
    return [
        upload["UploadId"]
        for upload in answer.get("Uploads", ())
        if upload["Key"] == spot.key and upload["Initiated"].timestamp() >= since
    ]


def _abort(journal: Journal, move: Move, upload: tuple[Any, ...]) -> None:
    client, bucket, key, upload_id = upload
    try:
        move.new.router.stores.plain(client).abort_multipart_upload(
            Bucket=bucket, Key=key, UploadId=upload_id
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            return  # it is tried again by the next run
    except BotoCoreError:
        return
    journal.rows("DELETE FROM uploads WHERE upload_id = ?", upload_id)
