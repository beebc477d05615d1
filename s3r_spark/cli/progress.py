"""Progress of a migration: a bar on a terminal, elsewhere a line every ten seconds."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bars

from s3r_spark.cli.output import complain
from s3r_spark.migrate.plan import work
from s3r_spark.migrate.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY = 10.0  # seconds

__all__ = ["shown"]


@contextmanager
def shown(objects: int, size: int) -> Iterator[Progress]:
    """Show on stderr how far something has come, until the block ends.

    Args:
        objects: how many there are to be done; none: nothing is shown.
        size: the bytes of these.
    """
    console = Console(stderr=True)
    if not objects:
        yield Progress()
        return
    if not console.is_terminal:
        yield _Lines(objects, size)
        return
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    with bars:
        yield _Bar(bars, objects, size)


class _Bar(Progress):
    def __init__(self, bars: Bars, objects: int, size: int) -> None:
        self._bars, self._objects, self._count = bars, objects, 0
        self._lock = threading.Lock()
        self._task = bars.add_task(self._words(), total=size)

    def _words(self) -> str:
        return f"{self._count:,} of {self._objects:,}"

    def bytes(self, count: int) -> None:
        self._bars.update(self._task, advance=count)

    def object(self) -> None:
        with self._lock:
            self._count += 1
            self._bars.update(self._task, description=self._words())


class _Lines(Progress):
    def __init__(self, objects: int, size: int) -> None:
        self._objects, self._size, self._count, self._bytes = objects, size, 0, 0
        self._begun = self._told = 0.0  # when the first byte was written: executors start late
        self._lock = threading.Lock()

    def bytes(self, count: int) -> None:
        with self._lock:
            self._bytes += count
            self._tell()

    def object(self) -> None:
        with self._lock:
            self._count += 1
            self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if not self._begun:
            self._begun = self._told = now
        if now - self._told < _EVERY:
            return
        self._told = now
        seconds = now - self._begun
        whole, work_done = work(self._objects, self._size), work(self._count, self._bytes)
        complain(
            f"{self._count:,} of {self._objects:,} objects, {decimal(self._bytes)} of "
            f"{decimal(self._size)}, {decimal(int(self._bytes / seconds))}/s, "
            f"{seconds * max(0, whole - work_done) / (work_done or 1):,.0f} s left"
        )
