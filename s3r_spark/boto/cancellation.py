"""Stopping what a thread does for somebody who doesn't wait for it any more (Ctrl-C)."""

from __future__ import annotations

from asyncio import CancelledError
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

_STOP: ContextVar[threading.Event | None] = ContextVar("s3r_stop", default=None)


def until(stop: threading.Event, work: Callable[[], T]) -> T:
    """Do work that ends early when the event is set; to be run in a thread of its own."""
    _STOP.set(stop)
    try:
        return work()
    finally:
        _STOP.set(None)


def check() -> None:
    """Go on only where nobody has stopped this work.

    Raises:
        CancelledError: somebody has; like KeyboardInterrupt it is no Exception, and isn't retried.
    """
    stop = _STOP.get()
    if stop is not None and stop.is_set():
        raise CancelledError
