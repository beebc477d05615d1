"""The processes of the router's benchmark: one for each way, with a Spark session of its own."""

from __future__ import annotations

import time
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING

from router_work import Job, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from servers.store import Store


def serve(way: str, store: Store, work: Work, orders: Connection) -> None:
    """Be one way's process: do each line that is asked for, and say how long it took."""
    job = Job(way, store, work)
    lines = job.lines()
    orders.send(list(lines))
    while (order := orders.recv()) is not None:
        line, turn = order
        job.prepare(line, turn)
        orders.send(None)
        orders.recv()
        begun = time.perf_counter()
        lines[line](turn)
        orders.send(time.perf_counter() - begun)
    job.spark.stop()


class Session:
    """A way's process, seen from here."""

    def __init__(self, orders: Connection) -> None:
        self.orders = orders
        self.lines: list[str] = orders.recv()

    def do(self, line: str, turn: str, ready: Callable[[], object] = lambda: None) -> float:
        """Do one line in a round; the seconds it took.

        Args:
            line: the line.
            turn: the round.
            ready: is called when all that the line needs is there.
        """
        self.orders.send((line, turn))
        self.orders.recv()
        ready()
        self.orders.send(None)
        return float(self.orders.recv())


@contextmanager
def session(way: str, store: Store, work: Work) -> Iterator[Session]:
    """Run a way's process until the block ends."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(way, store, work, there))
    process.start()
    there.close()

    try:
        yield Session(here)
        here.send(None)
    finally:
        here.close()
        process.join()
