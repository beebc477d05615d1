"""What an executor of Spark does of a migration: it copies objects, and tells what came of each."""

from __future__ import annotations

import pickle
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from s3r_spark import globs
from s3r_spark.errors import S3RError
from s3r_spark.migrate.attempts import FAILURES, Attempts, OverwriteError, is_fatal
from s3r_spark.migrate.pace import Pace
from s3r_spark.migrate.plan import Move
from s3r_spark.migrate.sides import Side
from s3r_spark.migrate.uploads import abort_begun, may_be_in_parts
from s3r_spark.migrate.verify import is_copy
from s3r_spark.migrate.workers import each

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s3r_spark.changes import Change
    from s3r_spark.migrate.entries import Copied, Task
    from s3r_spark.routing import Routes, Rule

__all__ = ["Failure", "Order", "copy_batch", "problems"]

_GONE = {"NoSuchKey", "404"}
_NO_BUCKET = {"NoSuchBucket", "404"}  # which the driver tells of


class Order(NamedTuple):
    """What executors need to know of a migration.

    Attributes:
        old: the routes that hold.
        new: the routes that are to hold.
        changes: the names that change place.
        workers: objects, or parts of one, at a time in a task.
        rate: bytes a second at most, of a task; None: no limit.
        since: when the migration was begun, in seconds since 1970.
        only_boto3: whether obstore is to carry nothing.
    """

    old: Routes
    new: Routes
    changes: Sequence[Change]
    workers: int
    rate: float | None
    since: float
    only_boto3: bool


class Failure(NamedTuple):
    """An object that could not be copied.

    Attributes:
        text: why.
        foreign: whether what is at its new place is no copy of a migration.
        fatal: whether no object is at fault, but keys, or a target that is full.
    """

    text: str
    foreign: bool = False
    fatal: bool = False


def copy_batch(
    order: bytes, tasks: Sequence[Task], *, again: bool
) -> list[Copied | Failure | None]:
    """Copy some objects.

    Args:
        order: a pickled `Order`.
        tasks: the objects.
        again: whether an executor that was lost may have begun to.

    Returns:
        What came of each, in the order of the tasks; None: it is gone from the old place.
    """
    how, move = _loaded(order)
    stop = threading.Event()
    pace = Pace(how.rate) if how.rate else lambda _: None
    attempts = Attempts(move, how.workers, pace, stop)
    results: list[Copied | Failure | None] = [None] * len(tasks)

    def one(numbered: tuple[int, Task]) -> None:
        number, task = numbered
        try:
            if again:
                task = _taken_up(move, task, how.since)
            results[number] = attempts.copy(task)
        except FAILURES as error:
            is_foreign = isinstance(error, OverwriteError)
            results[number] = Failure(str(error), is_foreign, is_fatal(error))

    each(how.workers, enumerate(tasks), one, stop)
    return results


def _taken_up(move: Move, task: Task, since: float) -> Task:
    """A task as a lost executor has left it: without its uploads, perhaps with its copy.

    Raises:
        OverwriteError: what is at the new place is no such copy.
    """
    listed = task.listed
    if may_be_in_parts(listed.size, listed.etag):
        abort_begun(move, listed.bucket, listed.key, since)
    if task.there is not None:
        return task
    spot = move.new.spot(listed.bucket, listed.key)
    try:
        head = move.new.store(spot).client.head_object(Bucket=spot.bucket, Key=spot.key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return task
        raise
    task = task._replace(there=(head["ContentLength"], head["ETag"]))
    if not is_copy(move, task):
        raise OverwriteError("something else was written at its new place meanwhile")
    return task


def problems(order: bytes) -> Iterator[str]:
    """What keeps this machine from copying: a store that it can't list as the driver can.

    Args:
        order: a pickled `Order`.
    """
    try:
        how, move = _loaded(order)
    except S3RError as error:
        yield str(error)
        return
    for side in (move.old, move.new):
        places = {}
        for row in how.changes:
            rule = side.routes.rule(*row.example)
            location = row.before if side is move.old else row.after
            if location is not None:
                place = {"Bucket": rule.bucket(row.example[0]), "Prefix": globs.head(location.keys)}
                places[rule.client, place["Bucket"]] = rule, place
        for rule, place in places.values():
            if text := _problem(side, rule, place):
                yield f"client {rule.client!r} of {side.routes.name}: {text}"


def _problem(side: Side, rule: Rule, place: dict[str, str]) -> str | None:
    try:
        side.router.store(rule).client.list_objects_v2(**place, MaxKeys=1)
    except FAILURES as error:
        no_bucket = isinstance(error, ClientError) and error.response["Error"]["Code"] in _NO_BUCKET
        return None if no_bucket else str(error)
    return None


@lru_cache(maxsize=1)
def _loaded(order: bytes) -> tuple[Order, Move]:
    """The order and its migration, for as long as this process has tasks of it."""
    how: Order = pickle.loads(order)  # noqa: S301 - the driver's
    old, new = Side.of(how.old, how.workers), Side.of(how.new, how.workers)
    return how, Move(old, new, how.changes, only_boto3=how.only_boto3)
