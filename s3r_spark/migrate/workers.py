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

    def ask(answer: Future[list[T]]) -> None:
        try:
            answer.set_result(list(islice(left, 1)))
        except BaseException as error:  # noqa: BLE001 - it is raised where the thing is wanted
            answer.set_exception(error)

    def asked() -> Future[list[T]]:
        answer: Future[list[T]] = Future()
        threading.Thread(target=copy_context().run, args=(ask, answer), daemon=True).start()
        return answer

    answer = asked()
    while some := answer.result():
        answer = asked()
        yield from some
