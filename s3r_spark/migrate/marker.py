"""The marker at the new place: one migration at a time writes there, and from another place.

A small object with the journal's id. Another migration, on whatever machine, finds it and refuses.
Where the store lets one writer alone make an object, all make the same one; elsewhere each makes
its own, and then looks for others': of two that come at once, one at least sees the other.
And where the old place shows it too, the two are one bucket under two addresses, which no
comparison of addresses can tell: then nothing is copied, and nothing is ever deleted.
"""

from __future__ import annotations

import json
import os
import socket
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from s3r_spark import globs
from s3r_spark.boto.error_details import Place, told
from s3r_spark.errors import RefusedError
from s3r_spark.migrate.plan import MARKER
from s3r_spark.migrate.workers import asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.boto.stores import Store
    from s3r_spark.changes import Change
    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move
    from s3r_spark.migrate.sides import Side
    from s3r_spark.routing import Rule

__all__ = ["marked", "unmark"]

_PATIENCE = 5  # seconds that Ctrl-C waits for a store that hangs
_LEFT = "marked"  # whether the journal's marker may be somewhere


class _Spot(NamedTuple):
    """A bucket of a store, with the key that the marker has there.

    Attributes:
        shared: whether all migrations have one marker.
        named: the place, as errors name it.
    """

    store: Store
    service: str
    bucket: str
    key: str
    shared: bool
    named: Place

    def of(self, journal_id: str) -> str:
        """The key of a journal's marker; those of others begin alike."""
        return self.key if self.shared else f"{self.key}-{journal_id}"


@contextmanager
def marked(move: Move, journal: Journal) -> Iterator[None]:
    """Mark the new places, until the block ends.

    Raises:
        RefusedError: another migration has marked one, its bucket isn't there, or it is an old
            place as well.
    """
    mine = journal.get("id")
    text = {"id": mine, "host": socket.gethostname(), "pid": os.getpid()}
    text["since"] = datetime.now(timezone.utc).isoformat(timespec="seconds")
    body = json.dumps(text).encode()
    targets, sources = _spots(move, new=True), _spots(move, new=False)
    patience = None
    try:
        for spot in targets:
            _refuse_other(spot, mine)
            journal.set(_LEFT, 1)
            _mark(move, spot, body, mine)  # a run that was killed has left the same
            _refuse_other(spot, mine)
            _refuse_same(move, spot, sources, mine)
        yield
    except KeyboardInterrupt:
        patience = _PATIENCE
        raise
    finally:
        if journal.get(_LEFT):
            _unmark(targets, journal, patience)


def unmark(move: Move, journal: Journal) -> None:
    """Remove the marks that a run of this journal has left: it was killed, or a store was down."""
    if journal.get(_LEFT):
        _unmark(_spots(move, new=True), journal)


def _mark(move: Move, spot: _Spot, body: bytes, mine: str) -> None:
    marker = _read(spot.store, spot.bucket, spot.of(mine))
    is_mine = marker is not None and marker.get("id") == mine  # another's may have come meanwhile
    first = {"IfNoneMatch": "*"} if spot.shared and not is_mine else {}
    try:
        with told(spot.named):
            spot.store.client.put_object(Bucket=spot.bucket, Key=spot.of(mine), Body=body, **first)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "NoSuchBucket":
            raise RefusedError(
                f"bucket {spot.bucket!r} is not there on client {spot.store.name!r} of "
                f"{move.new.routes.name}: make it first"
            ) from error
        if code not in {"PreconditionFailed", "ConditionalRequestConflict"}:
            raise
        _refuse_other(spot, mine)
        raise RefusedError("another migration has just ended there: run it again") from error


def _spots(move: Move, *, new: bool) -> list[_Spot]:
    side = move.new if new else move.old
    spots = {
        (rule.client, rule.bucket(bucket)): _spot(side, rule, bucket, row)
        for row in move.changes
        for bucket in move.buckets(row)
        for rule in [side.routes.rule(bucket, row.example[1])]
    }
    return list(spots.values())


def _spot(side: Side, rule: Rule, bucket: str, row: Change) -> _Spot:
    folder = globs.folder(row.keys)
    inside = folder if folder.startswith(rule.folder) else rule.folder
    key = rule.key(bucket, inside) + MARKER
    store = side.router.store(rule)
    shared = side.routes.clients[rule.client].preset.conditional_writes
    named = Place(rule, store, bucket, inside + MARKER)
    return _Spot(store, side.service(rule.client), rule.bucket(bucket), key, shared, named)


def _read(store: Store, bucket: str, key: str) -> dict[str, Any] | None:
    """Read a marker; None: there is none, or it can't be read."""
    try:
        body = store.client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError:
        return None
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}


def _refuse_other(spot: _Spot, mine: str) -> None:
    try:
        answer = spot.store.client.list_objects_v2(Bucket=spot.bucket, Prefix=spot.key)
    except ClientError:
        return  # no bucket: who writes hears of it
    for entry in answer.get("Contents", ()):
        marker = _read(spot.store, spot.bucket, entry["Key"])
        if marker is None or marker.get("id") == mine:
            continue
        folder = spot.key.removesuffix(MARKER)
        raise RefusedError(
            f"another migration (of {marker.get('host')}, process {marker.get('pid')}, since "
            f"{marker.get('since')}) writes to s3://{spot.bucket}/{folder} on client "
            f"{spot.store.name!r}: it goes on with its own journal; where that is lost and "
            f"no such process runs any more, delete s3://{spot.bucket}/{entry['Key']}"
        )


def _refuse_same(move: Move, spot: _Spot, sources: list[_Spot], mine: str) -> None:
    for source in sources:
        if (source.service, source.bucket) == (spot.service, spot.bucket):
            continue  # that is known, and names are compared
        marker = _read(source.store, source.bucket, spot.of(mine))
        if marker is not None and marker.get("id") == mine:
            raise RefusedError(
                f"{source.bucket!r} on client {source.store.name!r} of {move.old.routes.name} and "
                f"{spot.bucket!r} on client {spot.store.name!r} of {move.new.routes.name} are one "
                "bucket: give that store one endpoint_url, and the bucket one name, in both files"
            )


def _unmark(spots: list[_Spot], journal: Journal, patience: float | None = None) -> None:
    mine = journal.get("id")
    answer = asked(lambda: sum(not _is_unmarked(spot, mine) for spot in spots))
    with suppress(FutureTimeoutError):  # the next run removes it
        journal.set(_LEFT, answer.result(patience))


def _is_unmarked(spot: _Spot, mine: str) -> bool:
    """Tell whether a journal's marker is there no more; False: its store doesn't answer."""
    with suppress(ClientError, BotoCoreError):
        marker = _read(spot.store, spot.bucket, spot.of(mine))
        if marker is not None and marker.get("id") == mine:
            spot.store.client.delete_object(Bucket=spot.bucket, Key=spot.of(mine))
        return True
    return False
