"""Doing several things that wait for answers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def at_once(calls: list[Callable[[], None]]) -> None:
    """Call all, each but the first in a thread of its own, and wait until they are done."""
    first, *others = calls or [lambda: None]
    if not others:
        first()
        return
    with ThreadPoolExecutor(len(others)) as threads:
        waiting = [threads.submit(copy_context().run, call) for call in others]
        first()
    for future in waiting:
        future.result()
