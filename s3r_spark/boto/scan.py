"""The names of one store under a prefix, in byte order, asked for no sooner than needed.

A store that lists in byte order is simply read. Others promise less: SeaweedFS lists folder by
folder (`a/b` before `a-b`). There each folder is listed by itself, and a folder waits until all
names before it have come; so the order is right and no more than a page for each level is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from s3r_spark import globs
from s3r_spark.boto.responses import NESTED
from s3r_spark.boto.tokens import LAST
from s3r_spark.errors import UnmatchedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from s3r_spark.boto.stores import Store
    from s3r_spark.routing import Routes, Rule

PAGE = 1000  # what S3 gives at most
_PREFIXES = "CommonPrefixes"


class Entry(NamedTuple):
    """One thing in a list.

    Attributes:
        name: its logical name.
        field: the list of the answer that it belongs into.
        value: the entry itself, with its logical name.
        sure: False: a common prefix of which it isn't known yet whether anything is below it.
    """

    name: str
    field: str
    value: dict[str, Any]
    sure: bool = True


@dataclass(frozen=True)
class Ask:
    """What is listed.

    Attributes:
        bucket: the logical bucket.
        prefix: the logical prefix.
        delimiter: what common prefixes end with; "" for none.
        after: only names behind this one.
        versions: whether all versions are listed, not only objects.
        version_id: only versions behind this one of the name `after`.
        extra: further parameters for each store.
        physical: whether entries keep the store's names.
    """

    bucket: str
    prefix: str = ""
    delimiter: str = ""
    after: str = ""
    versions: bool = False
    version_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    physical: bool = False


class Source:
    """What one rule contributes to a list: its next entry, or the name before which there is none.

    Attributes:
        rule: the rule.
        began: no name of it comes before this one.
        bound: nor, now, before this one.
        entry: the next entry, once it was asked for.
        page: how many entries the next request asks for.
        missing: the store's error, if the bucket isn't there.
    """

    def __init__(self, routes: Routes, rule: Rule, store: Store, ask: Ask) -> None:
        self.routes, self.rule, self.store, self.ask = routes, rule, store, ask
        head = globs.head(rule.key_pattern)
        self._start = head if head.startswith(ask.prefix) else ask.prefix
        self._bucket = rule.bucket(ask.bucket)
        self._sole = routes.under(ask.bucket, self._start) == [rule]
        self._after = self._behind_others(ask.after)
        self.bound = self.began = max(self._start, self._after)
        self.entry: Entry | None = None
        self.page = PAGE
        self.missing: ClientError | None = None
        self._in_order = store.byte_ordered
        self._buffered = 0  # entries of the page at hand that were not looked at
        self._more = False  # whether the store has more after that page
        self._entries = self._guarded()

    @property
    def is_over(self) -> bool:
        """Whether no name of it can come behind `after`: it needn't be asked."""
        return bool(self._after) and self._after > self._start + LAST

    def advance(self) -> bool:
        """Get the next entry, with a request where none is at hand; False: there is none."""
        self.entry = next(self._entries, None)
        if self.entry is not None:
            self.bound = self.entry.name
        return self.entry is not None

    @property
    def surely_has_more(self) -> bool:
        """Whether a further entry is certain without asking: all that the store lists is shown."""
        return self._sole and (self._more or self._buffered > 0)

    def has_any(self, prefix: str) -> bool:
        """Whether it has a name below a common prefix, behind `after`."""
        below = replace(self.ask, prefix=prefix, delimiter="")
        source = Source(self.routes, self.rule, self.store, below)
        source.page = 2 if source._sole else PAGE
        # Any name will do, so the store's own order does, unless the list goes on within.
        source._in_order = source._in_order or not self.ask.after.startswith(prefix)
        found = not source.is_over and source.advance()
        self.missing = self.missing or source.missing
        return found

    def _guarded(self) -> Iterator[Entry]:
        """The entries; a bucket that isn't there has none."""
        try:
            if self._in_order:
                found = self._ordered()
            elif self.ask.delimiter in {"", "/"}:
                found = self._by_folder(self._start)
            else:
                found = self._grouped(self._by_folder(self._start))
            yield from self._whole() or found
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise
            self.missing = error

    def _whole(self) -> list[Entry]:
        """The one common prefix that all its names are below, if it is so."""
        prefix, delimiter = self.ask.prefix, self.ask.delimiter
        at = self._start.find(delimiter, len(prefix)) if delimiter else -1
        if at < 0:
            return []
        name = self._start[: at + len(delimiter)]
        return [self._prefix(name, sure=False)] if name + LAST > self.ask.after else []

    def _prefix(self, name: str, *, sure: bool) -> Entry:
        mapped = self.ask.physical and name.startswith(self.rule.folder)
        shown = self.rule.key(self.ask.bucket, name) if mapped else name
        return Entry(name, _PREFIXES, {"Prefix": shown}, sure)

    # -- stores that list in byte order ------------------------------------------------------------

    def _ordered(self) -> Iterator[Entry]:
        after, start = self._after, self._start
        where = self._place(start, self.ask.delimiter)
        if after and after >= start:
            where[self._marker] = self.rule.key(self.ask.bucket, after)
            if self.ask.version_id:
                where["VersionIdMarker"] = self.ask.version_id
        while True:
            page, goes_on = self._ask(where)
            last = None
            for last in page:
                self._buffered -= 1
                if shown := self._shown(last):
                    yield shown
            if not goes_on:
                return
            skipped = None
            if last is not None and last.field != _PREFIXES:
                skipped = self._shadow(last.name)
            if skipped is None:
                where.update(goes_on)
            else:  # a folder of another route begins: on behind it
                where = self._place(start, self.ask.delimiter)
                where[self._marker] = self.rule.key(self.ask.bucket, skipped + LAST)

    def _behind_others(self, name: str) -> str:
        """The name, or the end of the folder that it is in, if that is another route's alone."""
        head = self._shadow(name) if name else None
        return name if head is None else head + LAST

    def _shadow(self, name: str) -> str | None:
        """The folder of another route that a name is in, if this rule has nothing there."""
        if self._sole:
            return None
        try:
            rule = self.routes.rule(self.ask.bucket, name)
        except UnmatchedError:
            return None
        head = globs.head(rule.key_pattern)
        if rule is self.rule or not head or not head.startswith(self.rule.folder):
            return None
        return None if self.rule in self.routes.under(self.ask.bucket, head) else head

    def _shown(self, entry: Entry) -> Entry | None:
        """The entry as the caller may see it; None: the name is another route's, or was seen."""
        ask = self.ask
        if entry.field == _PREFIXES:
            if entry.name + LAST <= ask.after:
                return None
            if self._sole:
                return entry
            below = self.routes.under(ask.bucket, entry.name)
            return entry._replace(sure=below == [self.rule]) if self.rule in below else None
        if entry.name <= ask.after and not (ask.version_id and entry.name == ask.after):
            return None
        return entry if self._sole or self._owns(entry.name) else None

    def _owns(self, name: str) -> bool:
        try:
            return self.routes.rule(self.ask.bucket, name) is self.rule
        except UnmatchedError:
            return False

    # -- stores that list folder by folder, or promise nothing -------------------------------------

    def _by_folder(self, prefix: str) -> Iterator[Entry]:
        """The entries under a prefix, each folder in its place: where `name/` is in byte order."""
        waiting: list[str] = []
        for found in self._level(prefix):
            while waiting and waiting[0] < found.name:
                yield from self._folder(heappop(waiting))
            if found.field != _PREFIXES:
                if shown := self._shown(found):
                    yield shown
            elif found.name not in waiting:
                heappush(waiting, found.name)
        while waiting:
            yield from self._folder(heappop(waiting))

    def _folder(self, name: str) -> Iterator[Entry]:
        if name + LAST <= self.ask.after:
            return
        if self.ask.delimiter == "/":
            if shown := self._shown(self._prefix(name, sure=False)):
                yield shown._replace(sure=False)  # SeaweedFS lists folders that are empty, too
        elif self.rule in self.routes.under(self.ask.bucket, name):
            yield from self._by_folder(name)

    def _level(self, prefix: str) -> Iterator[Entry]:
        """Names right below a prefix: objects as they come, and folders at the latest then.

        When a list goes on behind a name, the folders that a store lists before it but that come
        behind it in byte order are its own beginnings (`a/` behind `a-b`): they are looked at as
        well, found or not.
        """
        where = self._place(prefix, "/")
        after = self.ask.after
        if after.startswith(prefix) and after != prefix:
            step, slash, _ = after[len(prefix) :].partition("/")
            # The prefix itself may be the beginning of a folder's name, unless it ends one.
            first = 1 if prefix.endswith("/") or not prefix else 0
            for at in range(first, len(step) + 1):
                name = f"{prefix}{step[:at]}/"
                if name + LAST > after and (at == len(step) or step[at] < "/"):
                    yield self._prefix(name, sure=False)
            if self.ask.version_id and not slash:  # the rest of its versions are to come
                yield from self._versions_left(after)
            where[self._marker] = self.rule.key(self.ask.bucket, prefix + step)
        elif after > prefix:
            return
        while True:
            page, goes_on = self._ask(where)
            for entry in page:
                self._buffered -= 1
                yield entry
            if not goes_on:
                return
            where.update(goes_on)

    def _versions_left(self, name: str) -> Iterator[Entry]:
        where = self._place(name, "")
        key = self.rule.key(self.ask.bucket, name)
        where.update(KeyMarker=key, VersionIdMarker=self.ask.version_id)
        page, _ = self._ask(where)
        yield from (entry for entry in page if entry.name == name)

    def _grouped(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Entries with common prefixes made here, for a delimiter that such stores don't take."""
        prefix, delimiter, last = self.ask.prefix, self.ask.delimiter, None
        for entry in entries:
            at = entry.name.find(delimiter, len(prefix))
            if at < 0:
                yield entry
            elif (name := entry.name[: at + len(delimiter)]) != last:
                last = name
                yield self._prefix(name, sure=True)

    # -- one request -------------------------------------------------------------------------------

    @property
    def _marker(self) -> str:
        return "KeyMarker" if self.ask.versions else "StartAfter"

    def _place(self, prefix: str, delimiter: str) -> dict[str, Any]:
        where = {
            "Bucket": self._bucket,
            "Prefix": self.rule.key(self.ask.bucket, prefix),
            **self.ask.extra,
        }
        return {**where, "Delimiter": delimiter} if delimiter else where

    def _ask(self, where: dict[str, Any]) -> tuple[list[Entry], dict[str, Any]]:
        """One page in byte order under logical names, and what to ask the next one with."""
        client = self.store.client
        if self.ask.versions:
            page = client.list_object_versions(**where, MaxKeys=self.page)
            fields: tuple[str, ...] = ("Versions", "DeleteMarkers", _PREFIXES)
            next_page = {
                "KeyMarker": page.get("NextKeyMarker"),
                "VersionIdMarker": page.get("NextVersionIdMarker"),
            }
        else:
            page = client.list_objects_v2(**where, MaxKeys=self.page)
            fields = ("Contents", _PREFIXES)
            next_page = {"ContinuationToken": page.get("NextContinuationToken")}
        entries = [
            Entry(name, field, value)
            for field in fields
            for value in page.get(field, ())
            if (name := self._named(value, NESTED[field])) is not None
            and not _is_empty_folder(name, value)
        ]
        entries.sort(key=_version_order if self.ask.versions else _name)
        goes_on = {key: value for key, value in next_page.items() if value}
        self._buffered, self._more = len(entries), bool(page.get("IsTruncated") and goes_on)
        return entries, goes_on if self._more else {}

    def _named(self, value: dict[str, Any], name: str) -> str | None:
        physical: str = value[name]
        if self.rule.prefix is None:
            return physical
        logical = self.rule.logical_key(self.ask.bucket, physical)
        if logical is not None and not self.ask.physical:
            value[name] = logical
        return logical


def _is_empty_folder(name: str, value: dict[str, Any]) -> bool:
    """Whether it is no object: SeaweedFS shows an empty folder as one, without an ETag."""
    return name.endswith("/") and value.get("ETag") == '""'


def _name(entry: Entry) -> str:
    return entry.name


def _version_order(entry: Entry) -> tuple[str, bool, float]:
    """By name; the newest version first, as stores give them in two lists."""
    modified = entry.value.get("LastModified")
    age = -modified.timestamp() if modified is not None else 0.0
    return entry.name, not entry.value.get("IsLatest", False), age
