"""The journal of a migration: what was listed, what was begun, and what is proven to be copied.

A SQLite file that outlives whatever stops the process, and is locked while one uses it. Lists are
held in it too, in tables of this connection alone, so that memory doesn't grow with them.
"""

# ruff: noqa: S608 - pieces of SQL are this package's own

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from itertools import islice
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import RefusedError
from s3r_spark.migrate.entries import Listed, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from s3r_spark.migrate.entries import Copied

__all__ = ["Journal"]

_APPLICATION = 0x53335221  # "S3R!"
_VERSION = 1
_BATCH = 1000
_TOGETHER = 16  # copies that are noted to be done at a time
_KEPT = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value);
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT, key TEXT, state TEXT NOT NULL, origin BLOB NOT NULL, target BLOB NOT NULL,
    size INTEGER, etag TEXT, modified INTEGER, target_etag TEXT, md5 TEXT,
    source_proof TEXT, target_proof TEXT, verified INTEGER NOT NULL DEFAULT 0, note TEXT, at REAL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS origins ON objects (origin);
CREATE TABLE IF NOT EXISTS uploads (
    client TEXT, bucket TEXT, key TEXT, upload_id TEXT, PRIMARY KEY (client, bucket, key, upload_id)
) WITHOUT ROWID;
"""
_LISTS = """
CREATE TEMP TABLE listed (
    bucket TEXT, key TEXT, change INTEGER, origin BLOB, target BLOB, size INTEGER, etag TEXT,
    modified INTEGER, storage TEXT, bare INTEGER, PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE INDEX temp.places ON listed (origin);
CREATE TEMP TABLE there (
    bucket TEXT, key TEXT, size INTEGER, etag TEXT, PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
"""
# A name is done where the journal has proven just what both sides list.
_DONE = """o.state IN ('copied', 'deleting') AND o.origin = l.origin AND o.target = l.target
    AND o.size = l.size AND o.etag = l.etag AND o.modified = l.modified
    AND t.etag = o.target_etag AND t.size = l.size"""
# What is at the new place is what a migration has written there.
_OURS = """o.target = l.target AND ((o.state != 'deleted' AND t.etag = o.target_etag)
    OR (o.state IN ('begun', 'failed') AND t.etag = o.etag AND t.size = o.size))"""
# It may be: one was stopped while it wrote, and ETags don't tell.
_DOUBTFUL = f"""t.key IS NOT NULL AND o.target = l.target AND o.state IN ('begun', 'failed')
    AND ({_OURS}) IS NOT TRUE"""
_JOINED = """listed l LEFT JOIN objects o ON o.bucket = l.bucket AND o.key = l.key
    LEFT JOIN there t ON t.bucket = l.bucket AND t.key = l.key"""


class Journal:
    """An open journal; closing it frees it for another process.

    Args:
        path: the file, made where it isn't there; None: one that nobody keeps.

    Raises:
        RefusedError: another process uses it, or it is no such file.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._done: list[tuple[Any, ...]] = []  # copies that are to be noted
        try:
            self._database = sqlite3.connect(
                path or "", timeout=0, isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            raise RefusedError(f"{path}: {error}: is its folder there?") from error
        try:
            self._open()
        except BaseException:  # Ctrl-C as well must free the file for the next process
            self._database.close()
            raise

    def _open(self) -> None:
        run = self._database.execute
        try:
            # Nobody else may use it until it is closed, or its process is gone.
            run("PRAGMA locking_mode = EXCLUSIVE")
            application = run("PRAGMA application_id").fetchone()[0]
            tables = run("SELECT count(*) FROM sqlite_master").fetchone()[0]
            version = run("PRAGMA user_version").fetchone()[0]
            if tables and (application != _APPLICATION or version != _VERSION):
                raise RefusedError(
                    f"{self.path} is no journal of this version of s3r-spark migrate"
                )
            run("PRAGMA journal_mode = WAL")
            run("PRAGMA synchronous = NORMAL")
            run("BEGIN EXCLUSIVE")
            run(f"PRAGMA application_id = {_APPLICATION}")
            run(f"PRAGMA user_version = {_VERSION}")
            run("COMMIT")
            self._database.executescript(_KEPT + _LISTS)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise RefusedError(f"{self.path}: {error}") from error
            raise RefusedError(
                f"{self.path} is in use: another migration goes on; wait until it has ended"
            ) from error
        except sqlite3.DatabaseError as error:
            raise RefusedError(
                f"{self.path} is no journal of s3r-spark migrate: {error}"
            ) from error
        if self.get("id") is None:
            self.set("id", uuid.uuid4().hex)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            try:
                self._write_done()
            finally:
                self._database.close()

    def __enter__(self) -> Journal:  # noqa: PYI034 - Python 3.10 has no Self
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query, for answers that are short."""
        with self._lock:
            self._write_done()
            return self._database.execute(query, values).fetchall()

    def number(self, query: str, *values: Any) -> int:
        """The one number that a query gives."""
        return self.rows(query, *values)[0][0] or 0

    def get(self, name: str) -> Any:
        """Read what is remembered under a name; None: nothing."""
        rows = self.rows("SELECT value FROM meta WHERE name = ?", name)
        return rows[0][0] if rows else None

    def set(self, name: str, value: Any) -> None:
        """Remember something under a name."""
        self.rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value)

    # -- lists ------------------------------------------------------------------------------------

    def list_anew(self, listed: Iterable[Listed], there: Iterable[tuple[Any, ...]]) -> None:
        """Take in the lists of both sides in the place of those before.

        Args:
            listed: the old place.
            there: the new place: bucket, key, size and ETag.
        """
        self._take("listed", listed, 10)
        self.list_there(there)

    def list_there(self, there: Iterable[tuple[Any, ...]]) -> None:
        """Take in the list of the new place in the place of the one before."""
        self._take("there", there, 4)

    def _take(self, table: str, rows: Iterable[tuple[Any, ...]], width: int) -> None:
        self.rows(f"DELETE FROM {table}")
        query = f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * width)})"
        left = iter(rows)
        while some := list(islice(left, _BATCH)):
            self._many(query, some)

    def _many(self, query: str, rows: list[tuple[Any, ...]]) -> None:
        """Run a query with each row, all or none of them."""
        with self._lock:
            self._write_done()
            self._all_or_none(query, rows)

    def _all_or_none(self, query: str, rows: list[tuple[Any, ...]]) -> None:
        self._database.execute("BEGIN")
        try:
            self._database.executemany(query, rows)
        except BaseException:
            if self._database.in_transaction:  # a full disk has ended it already
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def differs(self, listed: Iterable[Listed]) -> int:
        """Count the names of another list of the old place that are not as they are listed here."""
        count = same = 0
        query = """SELECT count(*) FROM listed
            WHERE bucket = ? AND key = ? AND size = ? AND etag = ? AND modified = ?"""
        for one in listed:
            count += 1
            same += self.number(query, one.bucket, one.key, one.size, one.etag, one.modified)
        return max(count, self.number("SELECT count(*) FROM listed")) - same

    def totals(self, of: str = "1") -> tuple[int, int]:
        """Objects and bytes of the old place.

        Args:
            of: a condition in SQL that they fulfil.
        """
        query = f"SELECT count(*), coalesce(sum(l.size), 0) FROM {_JOINED} WHERE {of}"
        return self.rows(query)[0]

    def left(self) -> tuple[int, int]:
        """Objects and bytes that are to be copied."""
        return self.totals(f"({_DONE}) IS NOT TRUE")

    def conflicts(self, most: int) -> tuple[int, list[tuple[str, str]]]:
        """Names whose new place has data that no migration has written: how many, and some."""
        where = f"""FROM {_JOINED} WHERE t.key IS NOT NULL AND ({_OURS}) IS NOT TRUE
            AND ({_DOUBTFUL}) IS NOT TRUE AND NOT (t.size = l.size AND t.etag = l.etag)"""
        some = self.rows(f"SELECT l.bucket, l.key {where} LIMIT ?", most)
        return self.number(f"SELECT count(*) {where}"), some

    def gone(self) -> int:
        """Count the copies that are no more at the new place."""
        return self.totals("o.state = 'copied' AND o.target = l.target AND t.key IS NULL")[0]

    def proven(self, origin: bytes) -> bool:
        """Tell whether all names of an old place are copied from it as it is listed, with proof."""
        query = f"""SELECT count(*) FROM {_JOINED} WHERE l.origin = ? AND
            ({_DONE} AND (o.target_proof IS NOT NULL OR o.verified)) IS {{}}"""
        return not self.number(query.format("NOT TRUE"), origin) and bool(
            self.number(query.format("TRUE"), origin)
        )

    def is_copied(self, bucket: str, key: str, origin: bytes) -> bool:
        """Tell whether a name was copied from a place."""
        query = """SELECT count(*) FROM objects WHERE bucket = ? AND key = ? AND origin = ?
            AND state IN ('copied', 'deleting', 'deleted')"""
        return bool(self.number(query, bucket, key, origin))

    def unproven(self) -> int:
        """Count the copies that nothing proves."""
        return self.totals("o.state = 'copied' AND o.target_proof IS NULL AND NOT o.verified")[0]

    def tasks(self) -> Iterator[Task]:
        """The names that are to be copied, in the order of their keys."""
        at = ("", "")
        while True:
            rows = self.rows(
                f"""SELECT l.*, t.size, t.etag, ({_DOUBTFUL}) IS TRUE FROM {_JOINED}
                WHERE (l.bucket, l.key) > (?, ?) AND ({_DONE}) IS NOT TRUE
                ORDER BY l.bucket, l.key LIMIT ?""",
                *at,
                _BATCH,
            )
            for *listed, size, etag, doubtful in rows:
                yield Task(Listed(*listed), None if etag is None else (size, etag), bool(doubtful))
            if len(rows) < _BATCH:
                return
            at = rows[-1][0], rows[-1][1]

    # -- what becomes of them ---------------------------------------------------------------------

    def begin(self, some: Iterable[Listed]) -> None:
        """Note that objects are about to be copied."""
        rows = [
            (one.bucket, one.key, one.origin, one.target, one.size, one.etag, time.time())
            for one in some
        ]
        self._many(
            """INSERT INTO objects (bucket, key, state, origin, target, size, etag, at)
            VALUES (?, ?, 'begun', ?, ?, ?, ?, ?) ON CONFLICT (bucket, key) DO UPDATE SET
            state = 'begun', verified = 0,
            target_etag = CASE WHEN target = excluded.target THEN target_etag END,
            origin = excluded.origin, target = excluded.target, size = excluded.size,
            etag = excluded.etag, at = excluded.at""",
            rows,
        )

    def done(self, one: Listed, copied: Copied) -> None:
        """Note that an object is copied, and what proves it.

        One by one that takes a while, so some are written at a time, and before all else that is
        asked of the journal; a process that is killed copies these few again.
        """
        row = (
            *(copied.size, copied.etag, copied.modified, copied.target_etag, copied.md5),
            *(copied.source_proof, copied.target_proof, copied.note, time.time()),
            *(one.bucket, one.key),
        )
        with self._lock:
            self._done.append(row)
            if len(self._done) >= _TOGETHER:
                self._write_done()

    def _write_done(self) -> None:
        if not self._done:
            return
        self._all_or_none(
            """UPDATE objects SET state = 'copied', size = ?, etag = ?, modified = ?,
            target_etag = ?, md5 = ?, source_proof = ?, target_proof = ?, verified = 0, note = ?,
            at = ? WHERE bucket = ? AND key = ?""",
            self._done,
        )
        self._done.clear()

    def mark(self, bucket: str, key: str, state: str, note: str = "") -> None:
        """Set the state of an object: failed, deleting or deleted."""
        query = "UPDATE objects SET state = ?, note = ?, at = ? WHERE bucket = ? AND key = ?"
        self.rows(query, state, note, time.time(), bucket, key)

    def verified(self, bucket: str, key: str) -> None:
        """Note that a copy was read, and is what its source is."""
        self.rows("UPDATE objects SET verified = 1 WHERE bucket = ? AND key = ?", bucket, key)

    def mark_place(self, origin: bytes, state: str, before: str) -> None:
        """Set the state of all names of an old place that have another one."""
        query = "UPDATE objects SET state = ?, at = ? WHERE origin = ? AND state = ?"
        self.rows(query, state, time.time(), origin, before)

    def forget(self, bucket: str, key: str) -> None:
        """Forget an object."""
        self.rows("DELETE FROM objects WHERE bucket = ? AND key = ?", bucket, key)

    def forget_uploads(self, bucket: str, key: str) -> None:
        """Forget the upload of an object that is there; of several, some may be left to abort."""
        query = """DELETE FROM uploads WHERE bucket = ?1 AND key = ?2
            AND 1 = (SELECT count(*) FROM uploads WHERE bucket = ?1 AND key = ?2)"""
        self.rows(query, bucket, key)

    def every(self, where: str, *values: Any) -> Iterator[dict[str, Any]]:
        """The journal's objects that fulfil a condition in SQL, in the order of their keys."""
        at = ("", "")
        while True:
            with self._lock:
                self._write_done()
                cursor = self._database.execute(
                    f"""SELECT * FROM objects WHERE (bucket, key) > (?, ?) AND ({where})
                    ORDER BY bucket, key LIMIT ?""",
                    (*at, *values, _BATCH),
                )
                names = [column[0] for column in cursor.description]
                rows = cursor.fetchall()
            yield from (dict(zip(names, row, strict=True)) for row in rows)
            if len(rows) < _BATCH:
                return
            at = rows[-1][0], rows[-1][1]
