"""The end of a migration: all is there, nothing is written any more, and the files may be switched.

Two lists of the old place are held against each other, one from before the last objects were copied
and one from after. Who writes later isn't seen; nothing of the old place is deleted here.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from s3r_spark.errors import RefusedError

if TYPE_CHECKING:
    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move

__all__ = ["finish", "switch", "unfrozen"]

_SECRET = re.compile(r"\b((?:access_key|secret_key|session_token)\s*:\s*)(?!['\"]?\$\{)[^\s,}#]+")


def finish(move: Move, journal: Journal) -> None:
    """Make sure that all names can go by the new routes from now on, and remember it.

    Raises:
        RefusedError: not all is copied and proven, or the old place is still written to.
    """
    if changed := journal.differs(move.listed()):
        raise RefusedError(
            f"not finished: {changed:,} names of the old place were written or deleted while this "
            "ran; stop who writes there, and run it again"
        )
    journal.list_there(move.there())
    if left := journal.left()[0]:
        raise RefusedError(
            f"not finished: of {left:,} names the new place doesn't have what was copied there"
        )
    if unproven := journal.unproven():
        raise RefusedError(
            f"not finished: {unproven:,} copies are not proven, since who writes there may not "
            "read; --verify read needs keys that may"
        )
    journal.set("finished", move.scope)


def unfrozen(move: Move) -> dict[str, str]:
    """Say how names that OLD still lets be written are frozen, by the names as a pattern."""
    routes, out = move.old.routes, {}
    for row in move.changes:
        rule = routes.rule(*row.example)
        if rule.read_only:
            continue
        if rule.name is not None:
            out[row.names] = f"write `access: read` to {routes.line_of('profiles', rule.name)}"
            continue
        profile = {"client": rule.client, "source_bucket_pattern": row.bucket}
        profile |= {"source_key_pattern": row.keys, "access": "read"}
        text = yaml.safe_dump({"frozen": profile}, default_flow_style=True, width=10**6).strip()
        out[row.names] = f"add a profile to {routes.name}: {text[1:-1]}"
    return out


def switch(old: str, new: str) -> str:
    """The unified diff from one file to the other, without keys that stand in it.

    Args:
        old: the path of one.
        new: the path of the other.

    Returns:
        The diff; "" where one of them is no file that can be read again.
    """
    if not (Path(old).is_file() and Path(new).is_file()):
        return ""
    before, after = (Path(path).read_text(encoding="utf-8").splitlines() for path in (old, new))
    lines = difflib.unified_diff(before, after, old, new, lineterm="")
    return "\n".join(_SECRET.sub(r"\1***", line) for line in lines)
