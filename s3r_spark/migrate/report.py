"""The report of a migration, object by object: how each was proven."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move

__all__ = ["summary", "write"]

_SHOWN = ("state", "size", "etag", "target_etag", "md5", "source_proof", "target_proof", "note")


def summary(move: Move, journal: Journal) -> dict[str, Any]:
    """Counts of the journal's objects: by state, by proof, and their bytes."""
    states: dict[str, int] = {}
    proofs: dict[str, int] = {}
    size = verified = 0
    for row in _rows(move, journal):
        states[row["state"]] = states.get(row["state"], 0) + 1
        if row["state"] in {"copied", "deleting", "deleted"}:
            proof = f"{row['source_proof']} / {row['target_proof'] or 'not proven'}"
            proofs[proof] = proofs.get(proof, 0) + 1
            size += row["size"]
            verified += row["verified"]
    return {"states": states, "bytes": size, "proofs": proofs, "read_back": verified}


def write(path: Path, move: Move, journal: Journal) -> None:
    """Write the report: a JSON document with a line for each object, however many there are."""
    with path.open("w", encoding="utf-8") as file:
        head = json.dumps({"summary": summary(move, journal)}, indent=1)
        file.write(head.removesuffix("\n}") + ',\n "objects": [')
        separator = "\n  "
        for row in _rows(move, journal):
            origin, target = move.spots(row["bucket"], row["key"])
            data: dict[str, Any] = {"name": f"s3a://{row['bucket']}/{row['key']}"}
            data |= {"from": origin.uri, "to": target.uri}
            data |= {name: row[name] for name in _SHOWN}
            data["read_back"] = bool(row["verified"])
            file.write(separator + json.dumps(data))
            separator = ",\n  "
        file.write("\n ]\n}\n")


def _rows(move: Move, journal: Journal) -> Iterator[dict[str, Any]]:
    return (row for row in journal.every("1") if move.concerns(row["bucket"], row["key"]))
