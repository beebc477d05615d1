"""Ctrl-C: what a file system's loop does for a caller ends with the call.

fsspec leaves its loop at work: its caller stops waiting, and nothing else.
"""

from __future__ import annotations

import asyncio
import threading
from functools import wraps
from typing import TYPE_CHECKING, Any

from fsspec.asyn import _get_batch_size, sync

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

_PATIENCE = 5  # seconds in which what was stopped should have ended


def stoppable(method: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    """Make a method that waits for a coroutine, as fsspec's does, and that Ctrl-C ends."""

    @wraps(method)
    def waiting(self: Any, *args: Any, **kwargs: Any) -> Any:
        tasks: list[Any] = []
        ended = threading.Event()

        async def running() -> Any:
            tasks.append(asyncio.current_task())
            try:
                return await method(self, *args, **kwargs)
            finally:
                ended.set()

        try:
            return sync(self.loop, running)
        except (KeyboardInterrupt, SystemExit):
            for task in tasks:
                self.loop.call_soon_threadsafe(task.cancel)
                ended.wait(_PATIENCE)
            raise

    return waiting


async def together(
    work: Iterable[Coroutine[Any, Any, Any]], limit: int | None, *, return_exceptions: bool = False
) -> list[Any]:
    """Wait for all; where that is stopped, or one fails, none of the others goes on.

    Args:
        work: what is to be done at once.
        limit: of how much at a time; None: fsspec's.
        return_exceptions: as in asyncio.gather.
    """
    turn = asyncio.Semaphore(limit or _get_batch_size(nofiles=True))

    async def in_turn(one: Coroutine[Any, Any, Any]) -> Any:
        async with turn:
            return await one

    tasks = [asyncio.ensure_future(in_turn(one)) for one in work]
    try:
        return await asyncio.gather(*tasks, return_exceptions=return_exceptions)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
