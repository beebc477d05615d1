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

_BEGUN = "after-call.s3.CreateMultipartUpload"


@contextmanager
def noted(move: Move, journal: Journal) -> Iterator[None]:
    """Let the journal know of each upload that is begun at the new place, until the block ends."""
    names = {move.new.routes.rule(*row.example).client for row in move.changes}
    handlers = {name: partial(_note, journal, name) for name in names}
    for name, handler in handlers.items():
        move.new.stores.plain(name).meta.events.register(_BEGUN, handler)
    try:
        yield
    finally:
        for name, handler in handlers.items():
            move.new.stores.plain(name).meta.events.unregister(_BEGUN, handler)


def _note(journal: Journal, client: str, parsed: dict[str, Any], **_: Any) -> None:
    if "UploadId" in parsed:
        journal.rows(
            "INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)",
            *(client, parsed.get("Bucket"), parsed.get("Key"), parsed["UploadId"]),
        )


def abort_stale(move: Move, journal: Journal) -> None:
    """Abort the uploads of a run that was killed; those that were completed are gone."""
    for client, bucket, key, upload_id in journal.rows("SELECT * FROM uploads"):
        if client in move.new.routes.clients:
            with suppress(ClientError, BotoCoreError):
                move.new.stores.plain(client).abort_multipart_upload(
                    Bucket=bucket, Key=key, UploadId=upload_id
                )
        journal.rows("DELETE FROM uploads WHERE upload_id = ?", upload_id)
