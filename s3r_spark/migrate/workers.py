"""Doing something with each of many things, several at a time, until Ctrl-C."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from s3r_spark.boto import cancellation

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable

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
    waiting: set[Future[None]] = set()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="s3r-migrate")
    try:
        for thing in things:
            if len(waiting) >= 2 * workers:
                ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for one in ended:
                    one.result()
            waiting.add(pool.submit(cancellation.until, stop, partial(work, thing)))
        for one in waiting:
            one.result()
    except BaseException:  # Ctrl-C as well: what is under way ends soon, and leaves no half
        stop.set()
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()
