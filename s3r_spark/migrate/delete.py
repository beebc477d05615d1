"""Deleting what was moved from its old place, once the migration is finished.

An object is deleted only if the journal has proven its copy, if both are at this moment what was
proven, tags too, and if no name of the new routes means its place.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from s3r_spark.boto.copy_target import NO_TAGS
from s3r_spark.boto.error_details import Place, told
from s3r_spark.errors import RefusedError
from s3r_spark.migrate.marker import marked
from s3r_spark.migrate.progress import Progress
from s3r_spark.migrate.workers import each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move
    from s3r_spark.migrate.sides import Spot

__all__ = ["Deletion", "deletable", "delete_source"]

_SHOWN = 100  # names that are told
_GONE = {"NoSuchKey", "404"}
_CHANGED = {"PreconditionFailed", "412"}


@dataclass
class Deletion:
    """The result of a deletion.

    Attributes:
        deleted: how many objects.
        bytes: the bytes of these.
        kept: names that were not deleted, and why; no more than a hundred.
        keeping: how many there are.
    """

    deleted: int = 0
    bytes: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)
    keeping: int = 0


def deletable(move: Move, journal: Journal) -> tuple[int, int]:
    """Objects and bytes of the old place whose copies are proven.

    Raises:
        RefusedError: the migration isn't finished, or OLD says `access: read`.
    """
    if journal.get("finished") != move.scope:
        raise RefusedError(
            "nothing is deleted before the migration is finished: run it with --finish, and switch "
            "to the new file"
        )
    for row in move.changes:
        rule = move.old.routes.rule(*row.example)
        move.old.routes.refuse_change(rule, row.names, "--delete-source")
    return journal.totals("o.state IN ('copied', 'deleting')")


def delete_source(
    move: Move, journal: Journal, workers: int, progress: Progress | None = None
) -> Deletion:
    """Delete what was moved from its old place.

    Args:
        move: the migration.
        journal: with the lists of both sides as they are.
        workers: how many objects at a time.
        progress: hears what was deleted.

    Raises:
        RefusedError: see `deletable` and `marked`.
    """
    deletable(move, journal)
    run = _Run(move, journal, progress or Progress())
    with marked(move, journal):
        each(workers, run.rows(), run.one, threading.Event())
    return run.deletion


class _Run:
    def __init__(self, move: Move, journal: Journal, progress: Progress) -> None:
        self._move, self._journal, self._progress = move, journal, progress
        self._lock = threading.Lock()
        self.deletion = Deletion()

    def rows(self) -> Iterator[dict[str, Any]]:
        there = """state IN ('copied', 'deleting') AND EXISTS (SELECT 1 FROM listed l
            WHERE l.bucket = objects.bucket AND l.key = objects.key)"""
        rows = self._journal.every(there)
        return (row for row in rows if self._move.concerns(row["bucket"], row["key"]))

    def one(self, row: dict[str, Any]) -> None:
        origin, target = self._move.spots(row["bucket"], row["key"])
        why = next(self._reasons(row, origin, target), None)
        if why is None:
            why = self._deleted(row, origin)
        with self._lock:
            if why is None:
                self._progress.bytes(row["size"])
                self._progress.object()
                self.deletion.deleted += 1
                self.deletion.bytes += row["size"]
                return
            self.deletion.keeping += 1
            if len(self.deletion.kept) < _SHOWN:
                self.deletion.kept.append((f"s3a://{row['bucket']}/{row['key']}", why))

    def _reasons(self, row: dict[str, Any], origin: Spot, target: Spot) -> Iterator[str]:
        """The reasons why an object stays, one after the other; none: it may go."""
        old, new = self._move.old, self._move.new
        if (row["origin"], row["target"]) != (origin.identity, target.identity):
            yield "it was copied from or to another place"
        if origin.identity == target.identity:
            yield "it is the copy itself"
        if not self._journal.proven(origin.identity):
            yield "not all names of its place are proven to be copied as they are"
        for other in new.names_at(origin):
            yield f"s3a://{other.bucket}/{other.key} is there by the new routes"
        for other in old.names_at(origin):
            if not self._journal.is_copied(other.bucket, other.key, origin.identity):
                yield f"s3a://{other.bucket}/{other.key} is there too, and was not moved"
        here, there = old.store(origin).client, new.store(target).client
        source = _state(here, origin)
        if source and source[:3] != (row["etag"].strip('"'), row["size"], row["modified"]):
            yield "it was written since it was copied"
        copy = _state(there, target)
        if copy is None or copy[:2] != (row["target_etag"].strip('"'), row["size"]):
            yield "the new place has no longer what was copied"
        if source and source.tags and _tags(there, target) not in (None, _tags(here, origin)):
            yield "its tags are not those of its copy: they were set since"

    def _deleted(self, row: dict[str, Any], origin: Spot) -> str | None:
        """The reason why an object was not deleted; None: it was."""
        # From here on copies are all there is: they are never taken for those of what is gone.
        self._journal.mark_place(origin.identity, "deleting", "copied")
        place = {"Bucket": origin.bucket, "Key": origin.key}
        # Others ignore the condition, or don't know it.
        if self._move.old.routes.clients[origin.rule.client].preset.conditional_deletes:
            place["IfMatch"] = row["etag"]
        store = self._move.old.store(origin)
        try:
            with told(Place(origin.rule, store, row["bucket"], row["key"])):
                store.client.delete_object(**place)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _CHANGED:
                raise
            self._journal.mark_place(origin.identity, "copied", "deleting")
            return "it was written since it was copied"
        self._journal.mark(row["bucket"], row["key"], "deleted", row["note"] or "")
        return None


class _State(NamedTuple):
    """An object as its store says that it is.

    Attributes:
        etag: without quotes.
        size: in bytes.
        modified: when it was written, in whole seconds since 1970.
        tags: how many there are, as far as the store says.
    """

    etag: str
    size: int
    modified: int
    tags: int


def _state(client: Any, spot: Spot) -> _State | None:
    """Ask for an object; None: there is none."""
    try:
        head = client.head_object(Bucket=spot.bucket, Key=spot.key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        raise
    modified = int(head["LastModified"].timestamp())
    etag = str(head["ETag"]).strip('"')
    return _State(etag, head["ContentLength"], modified, head.get("TagCount", 0))


def _tags(client: Any, spot: Spot) -> dict[str, str] | None:
    """The tags of an object; None: its store has none for any."""
    try:
        answer = client.get_object_tagging(Bucket=spot.bucket, Key=spot.key)
    except ClientError as error:
        if error.response["Error"]["Code"] in NO_TAGS:
            return None
        raise
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}
