"""Copying one object from its old place to its new one, and what proves it."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from s3r_spark.boto.copies import origin_at, target_at
from s3r_spark.boto.error_details import Place, told
from s3r_spark.boto.transfer import carry_object
from s3r_spark.boto.transfer_parts import SMALLEST_PART, Carrying, carried
from s3r_spark.migrate.entries import Copied
from s3r_spark.migrate.lane import Ends
from s3r_spark.migrate.quick import SMALL
from s3r_spark.migrate.within import StoreCopy

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.copy_source import Origin
    from s3r_spark.migrate.entries import Listed, Task
    from s3r_spark.migrate.plan import Move
    from s3r_spark.migrate.sides import Spot

__all__ = ["Copier"]

_PART = 8 << 20  # bytes, where the source's own parts are unknown
_AT_ONCE = 16 << 20  # bytes of the largest object that goes in one request
_LARGEST_PART = 64 << 20  # bytes of the largest part of a source that is kept
_HELD = 32 << 20  # bytes of parts that a large object may hold, if not on disk
_LARGE_ONES = 2  # objects in parts that are carried at a time
_IN_PARTS = re.compile(r'"?[^"]+-([1-9]\d*)"?')
_WHOLE = re.compile(r'"?[0-9a-f]{32}"?')  # an ETag that may be the content's MD5
_USUAL = {"", "STANDARD"}
_NO_CLASS = {"InvalidStorageClass", "NotImplemented", "InvalidArgument"}


def _is_small(listed: Listed) -> bool:
    """Tell whether an object is held whole, and may be what its ETag is the MD5 of."""
    return listed.size <= SMALL and _WHOLE.fullmatch(listed.etag) is not None


class Copier:
    """Copies objects of a migration, many at a time.

    Args:
        move: the migration.
        workers: how many parts of an object may go at a time.
        tell: hears how many bytes were written; to be called from any thread.
    """

    def __init__(self, move: Move, workers: int, tell: Callable[[int], object]) -> None:
        self._move, self._workers, self._tell = move, workers, tell
        self._large = threading.BoundedSemaphore(_LARGE_ONES)

    def copy(self, task: Task) -> Copied:
        """Copy an object.

        Where nothing was at the new place, nothing that came there meanwhile is overwritten, as far
        as the store can see to that.

        Raises:
            ClientError: of either store; BadDigest where what arrived isn't what was sent,
                PreconditionFailed where one of the two was written meanwhile.
            BotoCoreError: a store can't be reached.
        """
        listed = task.listed
        source, target = self._move.spots(listed.bucket, listed.key)
        is_usual = listed.storage in _USUAL
        if is_usual and (copied := self._quickly(task, source, target)):
            return copied
        origin, params = self._origin(listed, source), self._params(task, target)
        with told(self._place(listed, target)):
            if is_usual:
                return self._copy(listed, origin, target, params)
            try:
                return self._copy(
                    listed, origin, target, {**params, "StorageClass": listed.storage}
                )
            except ClientError as error:
                if error.response["Error"]["Code"] not in _NO_CLASS:
                    raise
                copied = self._copy(listed, origin, target, params)
                return copied._replace(note=f"storage class {listed.storage} not kept")

    def places(self, listed: Listed) -> tuple[Origin, Spot]:
        """An object's source, ready to be read, and the place where it is to be."""
        source, target = self._move.spots(listed.bucket, listed.key)
        return self._origin(listed, source), target

    def _origin(self, listed: Listed, source: Spot) -> Origin:
        place = {"Bucket": source.bucket, "Key": source.key}
        return origin_at(self._move.old.router, source.rule, listed.bucket, place)

    def _params(self, task: Task, target: Spot) -> dict[str, Any]:
        params = {"Bucket": target.bucket, "Key": target.key, "CopySourceIfMatch": task.listed.etag}
        if task.there is None and self._move.creates(target.rule.client):
            params["IfNoneMatch"] = "*"
        return params

    def _place(self, listed: Listed, target: Spot) -> Place:
        return Place(target.rule, self._move.new.store(target), listed.bucket, listed.key)

    def _quickly(self, task: Task, source: Spot, target: Spot) -> Copied | None:
        """Copy a small object by one GET and one PUT; None: it has to go the long way."""
        listed = task.listed
        lane = self._move.engine.lane(source, target) if listed.bare and _is_small(listed) else None
        if lane is None:
            return None

        def ends() -> Ends:
            params = self._params(task, target)
            new = target_at(self._move.new.router, target.rule.client, params)
            return Ends(self._origin(listed, source), new, self._place(listed, target))

        copied = lane.copy(task, (source.key, target.key), ends)
        if copied:
            self._tell(listed.size)
        return copied

    def _copy(self, listed: Listed, origin: Origin, spot: Spot, params: dict[str, Any]) -> Copied:
        target = target_at(self._move.new.router, spot.rule.client, params)
        part = self._part(listed, origin)
        if self._move.is_one_store(origin.rule.client, spot.rule.client):
            return StoreCopy(listed, origin, target, params, part, self._tell).run()
        settings = self._how(part)
        if _is_small(listed):
            target = self._move.engine.writing(target, spot.rule.client, spot.bucket)
            response = self._carried(settings, origin, target, params)
        elif listed.size <= settings.largest:
            response = self._carried(settings, origin, target, params)
        else:
            with self._large:
                response = self._carried(settings, origin, target, params)
        meta = response["ResponseMetadata"]
        return Copied(
            listed.etag,
            listed.size,
            listed.modified,
            response["CopyObjectResult"]["ETag"],
            meta["ContentMD5"],
            meta["Proof"]["source"],
            meta["Proof"]["target"],
        )

    @staticmethod
    def _carried(settings: Carrying, origin: Origin, target: Any, params: Any) -> dict[str, Any]:
        with carried(settings):
            return carry_object(origin, target, params)

    def _how(self, part: int | None) -> Carrying:
        """Choose the parts of a copy: its source's, so that the ETags are alike."""
        largest = _AT_ONCE if part is None else 0
        part = part or _PART
        threads = max(2, min(self._workers, _HELD // part))
        return Carrying(part, largest, threads, self._tell)

    @staticmethod
    def _part(listed: Listed, origin: Origin) -> int | None:
        """Bytes of the parts that the source was uploaded in; None: none, or none to be kept."""
        parts = _IN_PARTS.fullmatch(listed.etag)
        if not parts or not listed.size:
            return None
        try:
            head = origin.store.client.head_object(**origin.place, PartNumber=1)
        except ClientError:
            return None
        count, first = int(parts[1]), int(head["ContentLength"])
        fits = first and -(-listed.size // first) == count
        small = first < SMALLEST_PART and count > 1
        return first if fits and not small and first <= _LARGEST_PART else None
