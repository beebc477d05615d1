"""The progress of a migration, told while it goes on."""

from __future__ import annotations

__all__ = ["Progress"]


class Progress:
    """Hears what was done; does nothing itself."""

    def bytes(self, count: int) -> None:
        """So many bytes were written."""

    def object(self) -> None:
        """An object was copied."""
