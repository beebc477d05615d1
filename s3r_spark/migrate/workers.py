"""Doing something with many things in threads, until Ctrl-C."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextvars import copy_context
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from s3r_spark.boto import cancellation

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

T = TypeVar("T")


def each(
    workers: int, things: Iterable[T], work: Callable[[T], None], stop: threading.Event
) -> None:
    """Do something with each thing, in threads that take the next one when they are free.

    Args:
        workers: how many at a time.
        things: the things; asked for the next one by one thread at a time.
        work: what is done; the first error that it raises stops all.
        stop: is set where all is to stop, so that work that asks ends early.
    """
    left, turn = iter(things), threading.Lock()

    def take() -> list[T]:
        with turn:
            return list(islice(left, 1))

    def work_on() -> None:
        while thing := take():
            cancellation.check()
            work(*thing)

    with ThreadPoolExecutor(workers, thread_name_prefix="s3r-migrate") as pool:
        threads = [pool.submit(cancellation.until, stop, work_on) for _ in range(workers)]
        try:
            for thread in as_completed(threads):
                thread.result()
        except BaseException:  # Ctrl-C as well: what is under way ends soon, and leaves no half
            stop.set()
            raise


def ahead(things: Iterable[T]) -> Generator[T, None, None]:
    """Yield things, while the next one is asked for in a thread.

    Ctrl-C doesn't wait for what is asked for.

    Raises:
        Exception: whatever asking for one raises.
    """
    left = iter(things)
    answer = asked(lambda: list(islice(left, 1)))
    while some := answer.result():
        answer = asked(lambda: list(islice(left, 1)))
        yield from some


def asked(ask: Callable[[], T]) -> Future[T]:
    """Ask for something in a thread that nobody has to wait for."""
    answer: Future[T] = Future()

    def settle() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - it is raised where the thing is wanted
            answer.set_exception(error)

    threading.Thread(target=copy_context().run, args=(settle,), daemon=True).start()
    return answer
