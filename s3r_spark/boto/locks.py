"""A lock that does not outlive a fork."""

from __future__ import annotations

import os
import threading


class Lock:
    """A reentrant lock that a forked process has anew.

    Whoever else held it in the parent does not exist there, and would never let go of it.
    """

    def __init__(self) -> None:
        self._lock, self._pid = threading.RLock(), os.getpid()

    def __enter__(self) -> None:
        if self._pid != os.getpid():
            self._lock, self._pid = threading.RLock(), os.getpid()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
