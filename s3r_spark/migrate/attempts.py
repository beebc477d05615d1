"""Copying one object, and again where that may help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
)

from s3r_spark.boto import cancellation
from s3r_spark.errors import S3RError
from s3r_spark.migrate.copy import Copier

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from s3r_spark.migrate.entries import Copied, Listed, Task
    from s3r_spark.migrate.plan import Move

__all__ = ["FAILURES", "Attempts", "OverwriteError", "is_fatal"]

FAILURES = (ClientError, BotoCoreError, OSError, S3RError)
"""What an object that can't be copied raises."""

_ATTEMPTS = 4
_PAUSE = 0.5  # seconds before the second attempt; each further one takes four times as long
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


class OverwriteError(S3RError):
    """Something else was written at the new place meanwhile."""


class Attempts:
    """Copies objects, as often as it takes.

    Args:
        move: the migration.
        workers: how many parts of an object may go at a time.
        tell: hears how many bytes were written; to be called from any thread.
        stop: is set where all is to stop.
    """

    def __init__(
        self, move: Move, workers: int, tell: Callable[[int], object], stop: threading.Event
    ) -> None:
        self._move, self._stop = move, stop
        self._copier = Copier(move, workers, tell)

    def copy(self, task: Task) -> Copied | None:
        """Copy an object, again where that may help; None: it is gone from the old place.

        Raises:
            OverwriteError: what is at the new place is no copy made here.
            ClientError: of either store.
            BotoCoreError: a store can't be reached.
        """
        pause = _PAUSE
        for left in range(_ATTEMPTS - 1, -1, -1):
            cancellation.check()
            try:
                return self._copier.copy(task)
            except (ClientError, BotoCoreError) as error:
                again = self._anew(task, error)
                if again is None:
                    return None
                if not left or is_fatal(error) or not _may_pass(error):
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
            raise OverwriteError("something else was written at its new place meanwhile")
        try:
            head = origin.store.client.head_object(**origin.place)
        except ClientError as gone:
            if gone.response["Error"]["Code"] in _GONE:
                return None
            raise
        return task._replace(listed=_as_it_is(listed, head))


def _as_it_is(listed: Listed, head: dict[str, Any]) -> Listed:
    modified = int(head["LastModified"].timestamp())
    size, etag = head["ContentLength"], head["ETag"]
    return listed._replace(size=size, etag=etag, modified=modified, bare=False)


def is_fatal(error: Exception) -> bool:
    """Tell if no object is at fault, and nothing is mended by waiting."""
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
