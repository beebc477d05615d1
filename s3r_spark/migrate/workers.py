"""Doing something with each of many things, several at a time, until Ctrl-C."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from s3r_spark.boto import cancellation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

T = TypeVar("T")


def each(
    workers: int, things: Iterable[T], work: Callable[[T], None], stop: threading.Event
) -> None:
    """Do something with each thing, in threads; no more things are held than are soon done.

    Args:
        workers: how many at a time.
        things: the things.
        work: what is done; the first error that it raises stops all.
        stop: is set where all is to stop, so that work that asks ends early.
    """
    room = threading.Semaphore(2 * workers)
    errors: list[BaseException] = []
    pool = ThreadPoolExecutor(workers, thread_name_prefix="s3r-migrate")

    def ended(future: Future[None]) -> None:
        if not future.cancelled() and (error := future.exception()):
            errors.append(error)
        room.release()

    def wait() -> None:
        room.acquire()
        if errors:
            raise errors[0]

    try:
        for thing in things:
            wait()
            task = pool.submit(cancellation.until, stop, partial(work, thing))
            task.add_done_callback(ended)
        for _ in range(2 * workers):
            wait()
    except BaseException:  # Ctrl-C as well: what is under way ends soon, and leaves no half
        stop.set()
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()
