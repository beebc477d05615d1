"""Memory that the parts of an object pass through."""

from __future__ import annotations


class PartMemory:
    """A part of an object in memory, which is written as a file is, and used again.

    Fresh memory costs a copy more than all else that a part needs but its digests: the system
    clears each page. So a part's memory is kept for the next one, and sent as it is.

    Attributes:
        content: what was written.
    """

    def __init__(self) -> None:
        self.content = bytearray()
        self._at = 0

    def resize(self, size: int) -> None:
        """Make room for a part of that many bytes."""
        if len(self.content) != size:
            self.content = bytearray(size)

    def seek(self, at: int) -> None:
        """Go to a byte."""
        self._at = at

    def truncate(self) -> None:
        """Do nothing: all of it is written again, or the part fails."""

    def write(self, chunk: bytes | memoryview) -> None:
        """Write what comes next."""
        end = self._at + len(chunk)
        with memoryview(self.content) as view:
            view[self._at : end] = chunk
        self._at = end
