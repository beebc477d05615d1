"""Copying what a plan has found: many at a time, until all is proven or it is stopped."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
)

from s3r_spark.boto import cancellation
from s3r_spark.errors import RefusedError, S3RError
from s3r_spark.migrate.copy import Copier
from s3r_spark.migrate.marker import marked
from s3r_spark.migrate.plan import work
from s3r_spark.migrate.progress import Progress
from s3r_spark.migrate.uploads import abort_stale, may_be_in_parts, noted
from s3r_spark.migrate.verify import is_copy
from s3r_spark.migrate.workers import each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3r_spark.migrate.entries import Copied, Listed, Task
    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move, Plan

__all__ = ["How", "Outcome", "copy_all"]

_ATTEMPTS = 4
_PAUSE = 0.5  # seconds before the second attempt; each further one takes four times as long
_IN_A_ROW = 20  # failures after which it is no object's fault
_SHOWN = 100  # failures that are told
_BEGUN = 64  # objects that are noted to be begun at a time
_SERVER = 500  # and above: the store's own faults
_WRITES = {"PutObject", "CompleteMultipartUpload"}
_GONE = {"NoSuchKey", "404"}
_CHANGED = {"PreconditionFailed", "412"}
# No object's fault, and nothing that passes while one waits: keys, and a disk that is full.
_FATAL = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidToken",
    "QuotaExceeded",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "XMinioStorageFull",
}
_FULL = 507  # HTTP's status for that


@dataclass
class Outcome:
    """The outcome of copying.

    Attributes:
        copied: how many objects were copied.
        bytes: the bytes of these.
        vanished: how many were gone from the old place before they could be copied.
        failed: names, and why they couldn't be copied; no more than a hundred.
        failures: how many there are.
        seconds: how long it took.
    """

    copied: int = 0
    bytes: int = 0
    vanished: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    failures: int = 0
    seconds: float = 0.0


class How(NamedTuple):
    """Settings of copying.

    Attributes:
        workers: objects, or parts of one, at a time.
        overwrite: whether other data at the new place may be written over.
        pace: hears how many bytes were written, and takes its time.
        progress: hears what was done.
    """

    workers: int = 8
    overwrite: bool = False
    pace: Callable[[int], object] = lambda _: None
    progress: Progress = Progress()


def copy_all(move: Move, journal: Journal, plan: Plan, how: How) -> Outcome:
    """Copy all that is left to be copied.

    Args:
        move: the migration.
        journal: with the lists that the plan was made of.
        plan: the plan.
        how: how.

    Raises:
        RefusedError: there is other data at the new place; nothing was copied.
        S3RError: so many failed in a row that a store must be down.
    """
    if plan.conflicts and not how.overwrite:
        some = ", ".join(plan.examples)
        raise RefusedError(
            f"names with other data at their new place: {plan.conflicts:,}, such as {some}; move "
            "it away, or write over it with --overwrite; nothing was copied"
        )
    gone = journal.gone() if journal.get("finished") == move.scope else 0
    if gone and not how.overwrite:
        raise RefusedError(
            f"the migration was finished, and {gone:,} copies are gone from the new place since: "
            "they are copied again with --overwrite; nothing was copied"
        )
    half = journal.number("SELECT count(*) FROM objects WHERE state = 'begun'")
    return _Run(move, journal, how).all() if plan.left or half else Outcome()


class _OverwriteError(S3RError):
    """Something else was written at the new place meanwhile."""


class _Run:
    def __init__(self, move: Move, journal: Journal, how: How) -> None:
        self._move, self._journal, self._how = move, journal, how
        self._copier = Copier(move, how.workers, self._passed)
        self._stop = threading.Event()
        self._outcome = Outcome()
        self._lock = threading.Lock()
        self._in_a_row = self._bytes = 0

    def all(self) -> Outcome:
        begun = time.monotonic()
        with marked(self._move, self._journal), noted(self._move, self._journal):
            abort_stale(self._move, self._journal)
            try:
                each(self._how.workers, self._tasks(), self._one, self._stop)
            finally:
                self._outcome.seconds = time.monotonic() - begun
                self._remember_rate()
        return self._outcome

    def _tasks(self) -> Iterator[Task]:
        """The objects to be copied, some noted to be begun at a time: one by one takes a while."""
        left = self._journal.tasks()
        while some := list(islice(left, _BEGUN)):
            self._journal.begin(task.listed for task in some if not task.doubtful)
            yield from some

    def _one(self, task: Task) -> None:
        listed = task.listed
        try:
            if task.doubtful:
                if not (self._how.overwrite or is_copy(self._move, task)):
                    raise _OverwriteError("something else was written at its new place meanwhile")
                self._journal.begin([listed])
            copied = self._tried(task)
        except (ClientError, BotoCoreError, OSError, S3RError) as error:
            self._failed(listed, error)
            return
        if copied is None:
            self._journal.forget(listed.bucket, listed.key)
            with self._lock:
                self._outcome.vanished += 1
            return
        self._journal.done(listed, copied)
        if may_be_in_parts(listed.size, listed.etag):
            self._journal.forget_uploads(*self._move.new.spot(listed.bucket, listed.key)[2:])
        self._how.progress.object()
        with self._lock:
            self._outcome.copied += 1
            self._outcome.bytes += copied.size
            self._in_a_row = 0

    def _failed(self, listed: Listed, error: Exception) -> None:
        if isinstance(error, _OverwriteError):  # what is there is not a copy of ours
            self._journal.forget(listed.bucket, listed.key)
        else:
            self._journal.mark(listed.bucket, listed.key, "failed", str(error))
        if _is_fatal(error):
            raise S3RError(f"the same command goes on once that is mended: {error}") from error
        with self._lock:
            self._outcome.failures += 1
            self._in_a_row += 1
            if len(self._outcome.failed) < _SHOWN:
                name = f"s3a://{listed.bucket}/{listed.key}"
                self._outcome.failed.append((name, str(error)))
            if self._in_a_row < _IN_A_ROW:
                return
        raise S3RError(
            f"{_IN_A_ROW} objects in a row could not be copied; the same command goes on once that "
            f"is mended: {error}"
        ) from error

    def _tried(self, task: Task) -> Copied | None:
        """Copy an object, again where that may help; None: it is gone from the old place."""
        pause = _PAUSE
        for left in range(_ATTEMPTS - 1, -1, -1):
            cancellation.check()
            try:
                return self._copier.copy(task)
            except (ClientError, BotoCoreError) as error:
                again = self._anew(task, error)
                if again is None:
                    return None
                if not left or _is_fatal(error) or not _may_pass(error):
                    raise
                if again == task:
                    self._stop.wait(pause)
                    pause *= 4
                task = again
        raise AssertionError("unreachable")

    def _anew(self, task: Task, error: Exception) -> Task | None:
        """The task as things are now; None: there is nothing to be copied any more."""
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        if code not in _CHANGED | _GONE:
            return task
        listed = task.listed
        origin, target = self._copier.places(listed)
        if code in _CHANGED and getattr(error, "operation_name", "") in _WRITES:
            there = self._move.new.store(target).client
            head = there.head_object(Bucket=target.bucket, Key=target.key)
            same = head["ETag"].strip('"') == listed.etag.strip('"')
            # An answer that was lost makes a store say so of its own success.
            if same:
                return task._replace(there=(head["ContentLength"], head["ETag"]))
            raise _OverwriteError("something else was written at its new place meanwhile")
        try:
            head = origin.store.client.head_object(**origin.place)
        except ClientError as gone:
            if gone.response["Error"]["Code"] in _GONE:
                return None
            raise
        return task._replace(listed=_as_it_is(listed, head))

    def _passed(self, count: int) -> None:
        cancellation.check()
        with self._lock:
            self._bytes += count
        self._how.progress.bytes(count)
        self._how.pace(count)

    def _remember_rate(self) -> None:
        work_done = work(self._outcome.copied, self._bytes)
        for name, more in (("seconds", self._outcome.seconds), ("work", work_done)):
            self._journal.set(name, (self._journal.get(name) or 0) + more)


def _as_it_is(listed: Listed, head: dict[str, Any]) -> Listed:
    modified = int(head["LastModified"].timestamp())
    size, etag = head["ContentLength"], head["ETag"]
    return listed._replace(size=size, etag=etag, modified=modified, bare=False)


def _is_fatal(error: Exception) -> bool:
    if not isinstance(error, ClientError):
        return isinstance(error, (NoCredentialsError, CredentialRetrievalError))
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    return status == _FULL or error.response["Error"]["Code"] in _FATAL


def _may_pass(error: Exception) -> bool:
    """Tell if another attempt may do: a connection, a server's fault, a byte that was flipped."""
    if not isinstance(error, ClientError):
        return True
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    code = error.response["Error"]["Code"]
    return status >= _SERVER or code in {"BadDigest", "SlowDown", *_CHANGED, *_GONE}
