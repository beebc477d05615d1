"""Copying what a plan has found: many at a time, until all is proven or it is stopped."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from s3r_spark.boto import cancellation
from s3r_spark.errors import RefusedError, S3RError
from s3r_spark.migrate.attempts import FAILURES, Attempts, OverwriteError, is_fatal
from s3r_spark.migrate.marker import marked, unmark
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

__all__ = ["How", "Outcome", "Run", "copy_all"]

_IN_A_ROW = 20  # failures after which it is no object's fault
_SHOWN = 100  # failures that are told
_BEGUN = 64  # objects that are noted to be begun at a time


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


def copy_all(
    move: Move, journal: Journal, plan: Plan, how: How, run: Callable[..., Run] | None = None
) -> Outcome:
    """Copy all that is left to be copied.

    Args:
        move: the migration.
        journal: with the lists that the plan was made of.
        plan: the plan.
        how: how.
        run: makes what copies, of `move`, `journal` and `how`; None: threads of this process do.

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
    if plan.left or half:
        return (run or Run)(move, journal, how).all()
    unmark(move, journal)  # who was killed after the last object has left the marker
    return Outcome()


class Run:
    """A run that copies all that is left of a migration, in threads of this process.

    Args:
        move: the migration.
        journal: with the lists that the plan was made of.
        how: how.
    """

    def __init__(self, move: Move, journal: Journal, how: How) -> None:
        self._move, self._journal, self._how = move, journal, how
        self._stop = threading.Event()
        self._attempts = Attempts(move, how.workers, self._passed, self._stop)
        self._outcome = Outcome()
        self._lock = threading.Lock()
        self._in_a_row = self._bytes = 0

    def all(self) -> Outcome:
        """Copy all objects, and say what came of it.

        Raises:
            S3RError: so many failed in a row that a store must be down.
        """
        begun = time.monotonic()
        with marked(self._move, self._journal), noted(self._move, self._journal):
            abort_stale(self._move, self._journal)
            try:
                self.carry()
                abort_stale(self._move, self._journal)  # what could not be aborted at once
            finally:
                self._outcome.seconds = time.monotonic() - begun
                self._remember_rate()
        return self._outcome

    def carry(self) -> None:
        """Copy all objects."""
        each(self._how.workers, self._tasks(), self._one, self._stop)

    def _tasks(self) -> Iterator[Task]:
        """The objects to be copied, some noted to be begun at a time: one by one takes a while."""
        left = self._journal.tasks()
        while some := list(islice(left, _BEGUN)):
            self._journal.begin(task.listed for task in some if not task.doubtful)
            yield from some

    def _one(self, task: Task) -> None:
        result: Copied | Exception | None
        try:
            self._begin_doubtful(task)
            result = self._attempts.copy(task)
        except FAILURES as error:
            result = error
        self._settle(task.listed, result)

    def _begin_doubtful(self, task: Task) -> None:
        """Make sure that what is at the new place may be written over, where that is in doubt."""
        if not task.doubtful:
            return
        if not (self._how.overwrite or is_copy(self._move, task)):
            raise OverwriteError("something else was written at its new place meanwhile")
        self._journal.begin([task.listed])

    def _settle(self, listed: Listed, result: Copied | Exception | None) -> None:
        """Note what came of an object.

        Args:
            listed: the object.
            result: what proves its copy, or why there is none; None: it is gone from the old place.
        """
        if isinstance(result, Exception):
            self._failed(listed, result)
            return
        if result is None:
            self._journal.forget(listed.bucket, listed.key)
            with self._lock:
                self._outcome.vanished += 1
            return
        self._journal.done(listed, result)
        if may_be_in_parts(listed.size, listed.etag):
            self._journal.forget_uploads(*self._move.new.spot(listed.bucket, listed.key)[2:])
        self._how.progress.object()
        with self._lock:
            self._outcome.copied += 1
            self._outcome.bytes += result.size
            self._in_a_row = 0

    def _failed(self, listed: Listed, error: Exception) -> None:
        if isinstance(error, OverwriteError):  # what is there is not a copy of ours
            self._journal.forget(listed.bucket, listed.key)
        else:
            self._journal.mark(listed.bucket, listed.key, "failed", str(error))
        if is_fatal(error):
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
