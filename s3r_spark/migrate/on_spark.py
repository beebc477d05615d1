"""A migration whose objects are copied by the executors of a Spark session.

The driver has the plan and the journal. It sends some objects at a time, as a small job of one
task, and notes what came of them; so an executor that is lost costs the task that it had, which
Spark gives to another one.
"""

from __future__ import annotations

import pickle
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from s3r_spark.errors import S3RError, SetupError
from s3r_spark.migrate.attempts import FAILURES, OverwriteError
from s3r_spark.migrate.executor import Failure, Order
from s3r_spark.migrate.run import Run
from s3r_spark.migrate.uploads import abort_begun, may_be_in_parts
from s3r_spark.migrate.workers import each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from s3r_spark.migrate.entries import Listed, Task
    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move
    from s3r_spark.migrate.run import How

__all__ = ["SparkRun"]

_OBJECTS, _BYTES = 200, 256 << 20  # of a task
_LOST = (Py4JError, PySparkException)
_HOW = (
    "give executors this package and what it needs: an image, or an archive (venv-pack -o "
    "env.tar.gz; PYSPARK_PYTHON=./env/bin/python spark-submit --archives env.tar.gz#env)"
)


class SparkRun(Run):
    """Copies on executors.

    Args:
        context: the SparkContext.
        move: the migration.
        journal: with the lists that the plan was made of.
        how: how; `workers` are those of each task.
        rate: bytes a second at most, of all executors together; None: no limit.
    """

    def __init__(
        self, context: Any, move: Move, journal: Journal, how: How, rate: int | None
    ) -> None:
        super().__init__(move, journal, how)
        self._context = context
        self._slots = max(1, context.defaultParallelism)
        self._since = time.time()
        self._given_again: list[Listed] = []
        order = Order(
            move.old.routes,
            move.new.routes,
            move.changes,
            how.workers,
            None if rate is None else rate / self._slots,
            self._since,
            move.only_boto3,
        )
        self._run = _shipped(pickle.dumps(order))

    def carry(self) -> None:
        """Copy all objects that are left.

        Raises:
            SetupError: an executor lacks what it needs.
            S3RError: so many failed in a row that a store must be down.
        """
        try:
            self._job([None] * self._slots)
        except _LOST as error:
            raise SetupError(f"executors can't run a migration: {_words(error)}") from error
        try:
            each(self._slots, _batches(self._tasks()), self._batch, self._stop)
        finally:
            # An executor that Spark holds to be lost may live on for a while: what it has begun
            # after the one that took its task looked is still there.
            for listed in self._given_again:
                abort_begun(self._move, listed.bucket, listed.key, self._since)

    def _batch(self, batch: list[Task]) -> None:
        tasks = [task for task in batch if self._is_begun(task)]
        try:
            rows = self._job([pickle.dumps(tasks)]) if tasks else []
            results = [result for kind, result in rows if kind == "result"]
            if ("again", None) in rows:
                self._given_again += (
                    one.listed for one in tasks if may_be_in_parts(one.listed.size, one.listed.etag)
                )
        except _LOST as error:  # its executors were lost, again and again
            results = [Failure(_words(error))] * len(tasks)
        for task, result in zip(tasks, results, strict=True):
            if isinstance(result, Failure):
                if result.fatal:
                    self._journal.mark(*task.listed[:2], "failed", result.text)
                    raise S3RError(f"the same command goes on once that is mended: {result.text}")
                kind = OverwriteError if result.foreign else S3RError
                self._settle(task.listed, kind(result.text))
                continue
            if result is not None:
                self._passed(result.size)
            self._settle(task.listed, result)

    def _is_begun(self, task: Task) -> bool:
        """Tell whether a task may be given out; where not, that is noted."""
        try:
            self._begin_doubtful(task)
        except FAILURES as error:
            self._settle(task.listed, error)
            return False
        return True

    def _job(self, parts: list[bytes | None]) -> list[tuple[str, Any]]:
        """Run a task for each part, and give their rows.

        Raises:
            SetupError: an executor lacks what it needs.
        """
        rows = self._context.parallelize(parts, len(parts)).mapPartitions(self._run).collect()
        lacking = sorted({text for kind, text in rows if kind == "lacks"})
        if lacking:
            raise SetupError(f"nothing can be copied on {'; on '.join(lacking)}: {_HOW}")
        return list(rows)


def _shipped(order: bytes) -> Callable[[Iterable[bytes | None]], Iterator[tuple[str, Any]]]:
    """What an executor runs; pickled by value, since it may lack this package, and is to say so.

    It takes pickled lists of tasks, or None, which is to say what it lacks. It yields the result of
    each as a row of the kind "result", after one of the kind "again" where Spark has given the list
    to an executor before, which is lost; and what it lacks as rows of the kind "lacks".
    """
    on_driver = version("s3r-spark")

    def run(parts: Iterable[bytes | None]) -> Iterator[tuple[str, Any]]:
        import pickle  # noqa: PLC0415 - an executor's, as all that follows
        import socket  # noqa: PLC0415
        import sys  # noqa: PLC0415
        from importlib.metadata import version  # noqa: PLC0415

        from pyspark import TaskContext  # noqa: PLC0415

        here = f"{socket.gethostname()} ({sys.executable})"
        try:
            from s3r_spark.migrate import executor  # noqa: PLC0415

            installed = version("s3r-spark")
        except ImportError as error:
            yield "lacks", f"{here}: {error}"
            return
        if installed != on_driver:
            yield "lacks", f"{here}: s3r-spark is {installed} there, and {on_driver} on the driver"
            return
        again = TaskContext.get().attemptNumber() > 0
        for part in parts:
            if part is None:
                yield from (("lacks", f"{here}: {text}") for text in executor.problems(order))
            else:
                tasks = pickle.loads(part)  # noqa: S301 - the driver's
                if again:
                    yield "again", None
                for result in executor.copy_batch(order, tasks, again=again):
                    yield "result", result

    return run


def _batches(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    """Tasks in lists, each not too long for one that is lost to be copied again."""
    batch: list[Task] = []
    size = 0
    for task in tasks:
        if batch and (len(batch) == _OBJECTS or size + task.listed.size > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append(task)
        size += task.listed.size
    if batch:
        yield batch


def _words(error: Exception) -> str:
    java = getattr(error, "java_exception", None)
    return str(java.getMessage() if java is not None else error).strip().partition("\n")[0]
