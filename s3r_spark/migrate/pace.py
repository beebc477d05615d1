"""No more bytes a second than a network is to spare."""

from __future__ import annotations

import re
import threading
import time

from s3r_spark.boto import cancellation

__all__ = ["Pace", "bytes_of"]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]?)(i?)B?", re.IGNORECASE)
_POWERS = " kmgt"
_STEP = 0.5  # seconds after which it is looked whether to go on


def bytes_of(text: str) -> int:
    """Bytes of a text such as 50M, 1.5 GiB or 800k.

    Raises:
        ValueError: it is no such text.
    """
    match = _SIZE.fullmatch(text.strip())
    if not match or not float(match[1]):
        raise ValueError(f"{text!r} is no number of bytes: write 50M, or 1.5GiB")
    base = 1024 if match[3] else 1000
    return max(1, int(float(match[1]) * base ** _POWERS.index(match[2].lower() or " ")))


class Pace:
    """Lets bytes of several threads pass at a rate.

    Args:
        rate: bytes a second.
    """

    def __init__(self, rate: float) -> None:
        self._rate, self._lock = rate, threading.Lock()
        self._free = time.monotonic()  # from when on the next bytes may pass

    def __call__(self, count: int) -> None:
        """Wait for as long as so many bytes take."""
        with self._lock:
            self._free = max(self._free, time.monotonic()) + count / self._rate
            end = self._free
        while (left := end - time.monotonic()) > 0:
            cancellation.check()
            time.sleep(min(left, _STEP))
