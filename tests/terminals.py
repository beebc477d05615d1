"""What a program writes to a terminal."""

from __future__ import annotations

import os


def written(controller: int) -> str:
    """Read all that is written to a terminal until nobody has it open, and close it."""
    text = b""
    try:
        while data := os.read(controller, 1000):
            text += data
    except OSError:  # how a terminal says that nobody writes any more
        pass
    os.close(controller)
    return text.decode()
