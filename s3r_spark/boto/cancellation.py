"""Stopping what a thread does for somebody who doesn't wait for it any more (Ctrl-C)."""

from __future__ import annotations

from asyncio import CancelledError
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from typing import TypeVar

    from botocore.client import BaseClient

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


def register(client: BaseClient) -> None:
    """Let a plain client not try again what nobody waits for any more: a store may hang."""
    client.meta.events.register_first("needs-retry.s3", _check_failed)


def _check_failed(caught_exception: Exception | None = None, **_: Any) -> None:
    if caught_exception is not None:  # an answer is always heard: it may name what was begun
        check()
