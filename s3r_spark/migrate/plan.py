"""The plan of a migration: counted from lists, and refused where it can't be right."""

# ruff: noqa: S608 - pieces of SQL are this file's own

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from s3r_spark import globs
from s3r_spark.errors import RefusedError
from s3r_spark.migrate.bare import bare_told, keep_dates
from s3r_spark.migrate.engine import Engine, engines, is_read_by_obstore
from s3r_spark.migrate.entries import Listed
from s3r_spark.migrate.losses import losses
from s3r_spark.migrate.names import buckets, goes_by, is_missing, objects
from s3r_spark.paths import split_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from s3r_spark.changes import Change
    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.sides import Side, Spot

__all__ = ["Folder", "Move", "Plan", "extra", "survey", "work"]

MARKER = "_s3r-spark-migrate"  # the object that says at the new place that one goes on
_OBJECT = 256 << 10  # bytes that take about as long as an object's own requests
_FOLDERS, _SHOWN = 20, 5
_LONGEST_KEY = 1024  # bytes
_WITH_OBJECTS = "SELECT DISTINCT change FROM listed"


class Folder(NamedTuple):
    """Names that begin alike.

    Attributes:
        name: what they begin with, as a URI.
        objects: how many there are.
        bytes: the bytes of these.
    """

    name: str
    objects: int
    bytes: int


@dataclass
class Plan:
    """A migration: what is to be moved.

    Attributes:
        objects: how many the old place has.
        bytes: the bytes of these.
        left: how many of them are to be copied.
        left_bytes: the bytes of these.
        folders: what there is, the largest folders of each change first.
        extra: how many copies there are of what is gone from the old place.
        lost: what the copies won't have, in sentences.
        behind: names that NEW refuses, as patterns: they aren't moved.
        missing: buckets that the old place lacks, in sentences.
        conflicts: how many names have other data at the new place, which nobody has moved there.
        examples: some of them.
        engines: what carries the bytes, in sentences.
        seconds: how long it is going to take, by all earlier runs; None: there were none.
    """

    objects: int = 0
    bytes: int = 0
    left: int = 0
    left_bytes: int = 0
    folders: list[Folder] = field(default_factory=list)
    extra: int = 0
    lost: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    conflicts: int = 0
    examples: list[str] = field(default_factory=list)
    engines: list[str] = field(default_factory=list)
    seconds: float | None = None


class Move:
    """A migration: which names are to go from where to where.

    Args:
        old: the routes that hold.
        new: the routes that are to hold.
        changes: the names that change place.
        paths: only what lies at or below these; none: all.
        only_boto3: whether obstore is to carry nothing.

    Attributes:
        old, new, only_boto3: as they were given.
        engine: gives the clients that small objects are carried with.
        changes: those whose names have a place in both files.
        behind: the names of the others, which NEW refuses.
        below: the paths, as buckets and keys.
    """

    def __init__(
        self,
        old: Side,
        new: Side,
        changes: Sequence[Change],
        paths: Sequence[str] = (),
        *,
        only_boto3: bool = False,
    ) -> None:
        self.old, self.new, self.only_boto3 = old, new, only_boto3
        self.engine = Engine(self)
        self.behind = [row.names for row in changes if row.after is None]
        self.changes = [row for row in changes if row.before and row.after]
        self.below = [split_path(path) for path in paths]

    def refuse_read_only(self) -> None:
        """Let nothing be written where NEW says `access: read`.

        Raises:
            RefusedError: it says so of a new place.
        """
        for row in self.changes:
            self.new.routes.refuse_change(self.new.routes.rule(*row.example), row.names, "migrate")

    def listed(self) -> Iterator[Listed]:
        """List what the old place has.

        Raises:
            RefusedError: a name's new place is its old one, or another's that is to be moved, or
                no object can be there.
        """
        for number, row in enumerate(self.changes):
            for bucket, prefix in self._parts(row):
                for entry in objects(row, row.before, self.old, bucket, prefix):
                    key = entry.key
                    if not goes_by(self.new.routes, bucket, key, row.after):
                        continue
                    if not self._is_below(bucket, key) or _is_marker(key):
                        continue
                    try:
                        origin, target = self.spots(bucket, key)
                    except RefusedError:
                        if entry.size:
                            raise
                        continue  # the mark of a folder that becomes a bucket's root
                    self._refuse_chain(bucket, key, origin, target)
                    time = int(entry.modified.timestamp())
                    places = origin.identity, target.identity
                    size, etag, storage, bare = entry.size, entry.etag, entry.storage, entry.bare
                    yield Listed(bucket, key, number, *places, size, etag, time, storage, bare)

    def there(self) -> Iterator[tuple[str, str, int, str]]:
        """List what the new place has under these names."""
        for row in self.changes:
            for bucket, prefix in self._parts(row):
                for entry in objects(row, row.after, self.new, bucket, prefix):
                    if goes_by(self.old.routes, bucket, entry.key, row.before):
                        yield bucket, entry.key, entry.size, entry.etag

    def concerns(self, bucket: str, key: str) -> bool:
        """Tell whether a name is one of those that are to go."""
        return self._is_below(bucket, key) and any(
            row.concerns(bucket, key)
            and goes_by(self.old.routes, bucket, key, row.before)
            and goes_by(self.new.routes, bucket, key, row.after)
            for row in self.changes
        )

    @property
    def scope(self) -> str:
        """A text that is the same for the same names and places, whatever else the files say."""
        data = [[asdict(row) for row in self.changes], sorted(self.below)]
        text = json.dumps(data).encode()
        return blake2b(text, digest_size=16).hexdigest()

    def spots(self, bucket: str, key: str) -> tuple[Spot, Spot]:
        """Find the place where a name is, and the one where it is to be."""
        return self.old.spot(bucket, key), self.new.spot(bucket, key)

    def is_one_store(self, old: str, new: str) -> bool:
        """Tell whether a client of OLD and one of NEW reach one store, by the same keys."""
        one, other = self.old.routes.clients[old], self.new.routes.clients[new]
        same = self.old.service(old) == self.new.service(new)
        return same and one.credentials == other.credentials

    def creates(self, new: str) -> bool:
        """Tell whether a client of NEW can write so that nothing is written over."""
        return self.new.routes.clients[new].preset.conditional_writes

    def buckets(self, row: Change) -> list[str]:
        """The logical buckets of a change."""
        return buckets(row, self.old, self.new)

    def _parts(self, row: Change) -> Iterator[tuple[str, str]]:
        """The buckets of a change, with the prefixes that are to be listed in each."""
        head = globs.head(row.keys)
        for bucket in self.buckets(row):
            keys = [key for name, key in self.below if name == bucket]
            if self.below and not keys:
                continue
            keys = [key for key in keys if key.startswith(head) or head.startswith(key)] or (
                [] if self.below else [""]
            )
            for key in sorted(set(keys)):
                if not any(key != other and key.startswith(other) for other in keys):
                    yield bucket, key

    def _is_below(self, bucket: str, key: str) -> bool:
        return not self.below or any(
            name == bucket and (not path or key == path or key.startswith(f"{path}/"))
            for name, path in self.below
        )

    def _refuse_chain(self, bucket: str, key: str, origin: Spot, target: Spot) -> None:
        """Let no name go to where another name is that is to go as well: one would be lost."""
        name = f"s3a://{bucket}/{key}"
        if len(target.key.encode("utf-8", "surrogatepass")) > _LONGEST_KEY:
            raise RefusedError(f"{name}: its key {target.uri} would be longer than 1,024 bytes")
        if origin.identity == target.identity:
            raise RefusedError(f"{name}: its old and its new place are one: {target.uri}")
        for other in self.old.names_at(target):
            if globs.has_wildcard(other.bucket) or not self.concerns(other.bucket, other.key):
                continue
            if self.new.spot(other.bucket, other.key).identity != target.identity:
                raise RefusedError(
                    f"{name}: its new place {target.uri} is the old place of s3a://{other.bucket}/"
                    f"{other.key}, which is to go elsewhere: go by a third place, in two steps"
                )


def _is_marker(key: str) -> bool:
    return key.rpartition("/")[2].startswith(MARKER)


def survey(move: Move, journal: Journal) -> Plan:
    """List both sides into the journal, and say what is to be done.

    Raises:
        RefusedError: what is asked for can't be right; see `Move`.
        ClientError: a store can't be listed.
    """
    move.refuse_read_only()
    with bare_told(move.old):
        journal.list_anew(move.listed(), move.there())
    _refuse_one_place(journal)
    plan = Plan(*journal.totals(), *journal.left(), behind=move.behind)
    plan.folders = [
        folder for row in range(len(move.changes)) for folder in _folders(move, row, journal)
    ]
    plan.missing = list(_missing(move, {one for (one,) in journal.rows(_WITH_OBJECTS)}))
    plan.extra = sum(1 for _ in extra(move, journal))
    plan.lost = losses(move, journal) if plan.left else []
    if plan.left:
        _choose_engines(move, journal, plan)
    plan.conflicts, some = journal.conflicts(_SHOWN)
    plan.examples = [f"s3a://{bucket}/{key}" for bucket, key in some]
    seconds, work_done = journal.get("seconds"), journal.get("work")
    if work_done and plan.left:
        plan.seconds = seconds * work(plan.left, plan.left_bytes) / work_done
    return plan


def _missing(move: Move, filled: set[int]) -> Iterator[str]:
    """Say which buckets of changes that have no objects are not there: a name may be wrong."""
    for row in (row for number, row in enumerate(move.changes) if number not in filled):
        for bucket in move.buckets(row):
            rule = move.old.routes.rule(bucket, row.example[1])
            if is_missing(move.old.router.store(rule).client, rule.bucket(bucket)):
                yield (
                    f"bucket {rule.bucket(bucket)!r} is not there for client {rule.client!r}: "
                    f"nothing of {row.names} is moved"
                )


def _choose_engines(move: Move, journal: Journal, plan: Plan) -> None:
    if not is_read_by_obstore(move):
        journal.rows("UPDATE listed SET bare = 0")
    if count := keep_dates(move, journal):
        plan.lost.append(
            f"Expires of small objects ({count} were asked, and have none): --engine boto3 keeps it"
        )
    plan.engines = engines(move, bare=bool(count))


def work(objects: int, size: int) -> int:
    """The work that objects are, in bytes: one for itself is as much as some bytes more."""
    return size + objects * _OBJECT


def extra(move: Move, journal: Journal) -> Iterator[dict[str, Any]]:
    """The journal's copies of what isn't at the old place any more, unless it was deleted here."""
    gone = """state IN ('copied', 'begun', 'failed') AND NOT EXISTS (SELECT 1 FROM listed l
        WHERE l.bucket = objects.bucket AND l.key = objects.key)"""
    return (row for row in journal.every(gone) if move.concerns(row["bucket"], row["key"]))


def _refuse_one_place(journal: Journal) -> None:
    rows = journal.rows(
        """SELECT min(bucket || '/' || key), max(bucket || '/' || key) FROM listed
        GROUP BY target HAVING count(DISTINCT origin) > 1 LIMIT 1"""
    )
    if rows:
        one, other = rows[0]
        raise RefusedError(f"s3a://{one} and s3a://{other} would become one object")


def _folders(move: Move, number: int, journal: Journal) -> list[Folder]:
    """The names of one change by their first folder below what they have in common."""
    start = len(globs.folder(move.changes[number].keys)) + 1
    grouped = """SELECT bucket, substr(key, 1, ?1 - 1 + instr(substr(key, ?1), '/')) AS head,
        count(*) AS objects, sum(size) AS bytes FROM listed WHERE change = ?2
        GROUP BY bucket, head ORDER BY bytes DESC, bucket, head"""
    rows = journal.rows(f"{grouped} LIMIT {_FOLDERS}", start, number)
    shown = [Folder(f"s3a://{bucket}/{head}", *counts) for bucket, head, *counts in rows]
    rest = f"SELECT count(*), sum(objects), sum(bytes) FROM ({grouped} LIMIT -1 OFFSET {_FOLDERS})"
    ((folders, *counts),) = journal.rows(rest, start, number)
    if folders:
        shown.append(Folder(f"{move.changes[number].names}: {folders:,} more folders", *counts))
    return shown
