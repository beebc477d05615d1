"""Usage of stores: requests, bytes, errors and seconds, by client and profile."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from s3r_spark.html_tables import html_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["RoutesReport", "Usage", "summed"]


@dataclass(frozen=True)
class Usage:
    """Counts of what a client's store was asked for a profile.

    Attributes:
        client: the client's name.
        profile: the profile's; None: what no profile takes, or calls that name no bucket.
        requests: how many were sent, each attempt of a retry counted.
        errors: how many of them had no answer, or one of status 400 or above. A HEAD that is told
            that there is nothing (404) is no error: to look is what it was sent for.
        sent: bytes of bodies that were sent, as their headers say.
        received: bytes of the answers' bodies, as their headers say, whether or not they were read.
        seconds: until the answers' headers were there, in all.
    """

    client: str
    profile: str | None
    requests: int = 0
    errors: int = 0
    sent: int = 0
    received: int = 0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Both together, under this one's names."""
        sums = {
            name: getattr(self, name) + getattr(other, name)
            for name in ("requests", "errors", "sent", "received", "seconds")
        }
        return Usage(self.client, self.profile, **sums)


@dataclass(frozen=True, repr=False)
class RoutesReport:
    """The usage of each store; it shows itself as a table.

    Attributes:
        rows: by client and profile, the busiest first.
        nodes: the same by the machine of a Spark session; empty where there is but this process.
    """

    rows: tuple[Usage, ...]
    nodes: Mapping[str, tuple[Usage, ...]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON."""
        nodes = {node: [asdict(row) for row in rows] for node, rows in self.nodes.items()}
        return {"rows": [asdict(row) for row in self.rows], "nodes": nodes}

    def _cells(self) -> list[list[str]]:
        """The headings, and the cells of each row."""
        names = [each.name for each in fields(Usage)]
        return [names] + [
            [
                row.client,
                row.profile or "-",
                *(f"{getattr(row, name):,}" for name in names[2:-1]),
                f"{row.seconds:.2f}",
            ]
            for row in self.rows
        ]

    def _repr_html_(self) -> str:
        headings, *rows = self._cells()
        return html_table(headings, rows)

    def __repr__(self) -> str:
        cells = self._cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        texts = 2  # columns that are no numbers
        return "\n".join(
            "  ".join(
                cell.ljust(width) if at < texts else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        )


def summed(usages: Iterable[Usage]) -> tuple[Usage, ...]:
    """One for each client and profile, the busiest first."""
    sums: dict[tuple[str, str | None], Usage] = {}
    for usage in usages:
        key = usage.client, usage.profile
        sums[key] = sums[key] + usage if key in sums else usage
    return tuple(sorted(sums.values(), key=lambda of: (-of.requests, of.client, of.profile or "")))
