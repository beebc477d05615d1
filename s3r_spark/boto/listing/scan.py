"""The names of one store under a prefix, in byte order, asked for no sooner than needed.

A store that lists in byte order is simply read. Others promise less: SeaweedFS lists folder by
folder (`a/b` before `a-b`). There each folder is listed by itself, and a folder waits until all
names before it have come; so the order is right and no more than a page for each level is kept.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from functools import partial
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from s3r_spark import globs
from s3r_spark.boto.error_details import missing_part
from s3r_spark.boto.listing.entries import PAGE, PREFIXES, Ask, Entry
from s3r_spark.boto.listing.pages import Pages
from s3r_spark.boto.listing.tokens import LAST
from s3r_spark.errors import UnmatchedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from s3r_spark.boto.router import Router
    from s3r_spark.routing import Rule

_Outcome = bool | Exception  # what came of asking, to be given or raised when its turn comes
_EXPRESS = "--x-s3"  # ends the names of S3 Express's buckets, which list in no order


class Source(Pages):
    """One rule's part of a list: its next entries, or the name before which are none.

    Attributes:
        bound: no name of it comes before this one.
        was_asked: whether anything was asked of it.
        missing: the store's error, if the default client has no such bucket.
    """

    def __init__(self, router: Router, rule: Rule, ask: Ask) -> None:
        super().__init__(rule, router.store(rule), ask)
        self.router, self.routes = router, router.routes
        head = globs.head(rule.key_pattern)
        self._start = head if head.startswith(ask.prefix) else ask.prefix
        self._sole = self.routes.under(ask.bucket, self._start) == [rule]
        self._after = self._behind_others(ask.after)
        self.bound = max(self._start, self._after)
        self.was_asked = False
        self.missing: ClientError | None = None
        self._is_express = rule.bucket(ask.bucket).endswith(_EXPRESS)
        self._in_order = self.store.byte_ordered and not self._is_express
        self._run: list[Entry] = []  # entries at hand
        self._at = 0  # the next of them
        self._below: dict[str, _Outcome] = {}  # common prefixes: is anything below?
        self._ahead: _Outcome | None = None  # what came of asking before the turn came
        self._runs = self._guarded()

    @property
    def is_over(self) -> bool:
        """Tell whether no name of it can come behind `after`: it needn't be asked."""
        return bool(self._after) and self._after > self._start + LAST

    @property
    def entry(self) -> Entry | None:
        """The next entry; None: none is at hand."""
        return self._run[self._at] if self._at < len(self._run) else None

    def look(self) -> None:
        """Get entries to hand, and wait with an error until somebody wants them."""
        if self._ahead is None:
            self._ahead = _outcome(self.advance)

    def came(self) -> bool:
        """Tell whether there are entries; to be asked where none are at hand, and after `look`."""
        outcome, self._ahead = self._ahead, None
        return self.advance() if outcome is None else _given(outcome)

    def look_below(self, prefix: str) -> None:
        """Find out whether there is anything below a common prefix, for `has_any`."""
        if prefix not in self._below:
            self._below[prefix] = _outcome(partial(self._has_any, prefix))

    def has_any(self, prefix: str) -> bool:
        """Tell whether it has a name below a common prefix, behind `after`."""
        self.look_below(prefix)
        return _given(self._below.pop(prefix))

    def advance(self) -> bool:
        """Get entries to hand, with a request if need be; False: there are none."""
        self.was_asked = True
        self._run, self._at, self.page = next(self._runs, []), 0, 0
        if self._run:
            self.bound = self._run[0].name
        return bool(self._run)

    def take(self, most: int, before: str | None = None) -> list[Entry]:
        """Take entries at hand, all in one go.

        Args:
            most: how many at most, at least one.
            before: only those of smaller names, but one in any case; None: of any names.
        """
        run, at = self._run, self._at
        end = min(len(run), at + most)
        if before is not None and run[end - 1].name >= before:
            end = max(at + 1, bisect_left(run, (before,), at, end))
        self._at = end
        self.bound = run[end].name if end < len(run) else run[end - 1].name
        return run[at:end]

    @property
    def surely_has_more(self) -> bool:
        """Tell whether a further entry is certain without asking."""
        entry = self.entry
        if entry is not None and entry.field != PREFIXES:
            return True
        # All that the store lists is shown.
        return self._sole and (self.more or self.buffered > 0 or entry is not None)

    def _has_any(self, prefix: str) -> bool:
        below = replace(self.ask, prefix=prefix, delimiter="")
        source = Source(self.router, self.rule, below)
        source.page = 2 if source._sole else PAGE
        # Any name will do, so the store's own order does, unless the list goes on within.
        source._in_order = source._in_order or not self.ask.after.startswith(prefix)
        has_any = not source.is_over and source.advance()
        self.missing = self.missing or source.missing
        return has_any

    def ask_for_bucket(self) -> None:
        """Find out whether the bucket is there, and nothing else."""
        self.page = 1
        try:
            self.ask_page(self.params(self._start, ""))
        except ClientError as error:
            self.missing = missing_part(self.routes, self.rule, error)

    def _guarded(self) -> Iterator[list[Entry]]:
        """The entries, run by run; a bucket that isn't there has none."""
        try:
            if whole := self._whole():
                yield whole
            elif self._in_order and not self._straddles:
                yield from self._ordered()
            elif self._in_order:
                ordered = (entry for run in self._ordered() for entry in run)
                yield from ([entry] for entry in self._grouped(ordered))
            elif self.ask.delimiter in {"", "/"}:
                yield from ([entry] for entry in self._by_folder(self._start))
            else:
                yield from ([entry] for entry in self._grouped(self._by_folder(self._start)))
        except ClientError as error:
            self.missing = missing_part(self.routes, self.rule, error)

    def _whole(self) -> list[Entry]:
        """The one common prefix that all its names are below, if it is so."""
        prefix, delimiter = self.ask.prefix, self.ask.delimiter
        at = self._start.find(delimiter, len(prefix)) if delimiter else -1
        if at < 0:
            return []
        name = self._start[: at + len(delimiter)]
        return [self._prefix(name, sure=False)] if name + LAST > self.ask.after else []

    @property
    def _straddles(self) -> bool:
        """Tell whether a delimiter may begin in the folder below which its store lists.

        The store looks for one behind that folder only, and gives a key as it is.
        """
        fixed, delimiter = self._start[len(self.ask.prefix) :], self.ask.delimiter
        return any(fixed.endswith(delimiter[:end]) for end in range(1, len(delimiter)))

    def _prefix(self, name: str, *, sure: bool) -> Entry:
        mapped = self.ask.physical and name.startswith(self.rule.folder)
        shown = self.rule.key(self.ask.bucket, name) if mapped else name
        return Entry(name, PREFIXES, {"Prefix": shown}, sure)

    # -- stores that list in byte order ------------------------------------------------------------

    def _ordered(self) -> Iterator[list[Entry]]:
        after, start = self._after, self._start
        where = self.params(start, self.ask.delimiter)
        if after and after >= start:
            where[self.marker] = self.rule.key(self.ask.bucket, after)
            if self.ask.version_id:
                where["VersionIdMarker"] = self.ask.version_id
        while True:
            page, goes_on = self.ask_page(where)
            self.buffered = 0
            if self._sole and page and page[0].name > self.ask.after:
                yield page
            elif run := [shown for entry in page if (shown := self._shown(entry))]:
                yield run
            if not goes_on:
                return
            skipped = None
            if page and page[-1].field != PREFIXES:
                skipped = self._shadow(page[-1].name)
            if skipped is None:
                where.update(goes_on)
            else:  # a folder of another route begins: on behind it
                where = self.params(start, self.ask.delimiter)
                where[self.marker] = self.rule.key(self.ask.bucket, skipped + LAST)

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
        if entry.field == PREFIXES:
            if entry.name + LAST <= ask.after:
                return None
            if self._sole:
                return entry
            below = self.routes.under(ask.bucket, entry.name)
            return entry._replace(sure=below == [self.rule]) if self.rule in below else None
        if entry.name <= ask.after and not (ask.version_id and entry.name == ask.after):
            return None
        return entry if self._sole or self.routes.owns(self.rule, ask.bucket, entry.name) else None

    # -- stores that list folder by folder, or promise nothing -------------------------------------

    def _by_folder(self, prefix: str) -> Iterator[Entry]:
        """The entries under a prefix, each folder in its place: where `name/` is in byte order."""
        waiting: list[str] = []
        for entry in self._level(prefix):
            while waiting and waiting[0] < entry.name:
                yield from self._folder(heappop(waiting))
            if entry.field != PREFIXES:
                if shown := self._shown(entry):
                    yield shown
            elif entry.name not in waiting:
                heappush(waiting, entry.name)
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

        When a list goes on behind a name, the rest of that name's versions is to come first.
        """
        where = self.params(prefix, "/")
        after = self.ask.after
        if after.startswith(prefix) and after != prefix:
            step, slash, _ = after[len(prefix) :].partition("/")
            yield from self._beginnings(prefix, step)
            if self.ask.version_id and not slash:
                yield from self._versions_left(after)
            if not self._is_express:  # where lists can't begin behind a name
                where[self.marker] = self.rule.key(self.ask.bucket, prefix + step)
        elif after > prefix:
            return
        while True:
            page, goes_on = self.ask_page(where)
            for entry in page:
                self.buffered -= 1
                if entry.name != after or not self.ask.version_id:  # else it was shown just now
                    yield entry
            if not goes_on:
                return
            where.update(goes_on)

    def _beginnings(self, prefix: str, step: str) -> Iterator[Entry]:
        """Folders that a store lists before `after`, but that come behind it in byte order.

        They are its own beginnings (`a/` behind `a-b`), and are looked at whether found or not.
        """
        # The prefix itself may be the beginning of a folder's name, unless it ends one.
        first = 1 if prefix.endswith("/") or not prefix else 0
        for at in range(first, len(step) + 1):
            name = f"{prefix}{step[:at]}/"
            if name + LAST > self.ask.after and (at == len(step) or step[at] < "/"):
                yield self._prefix(name, sure=False)

    def _versions_left(self, name: str) -> Iterator[Entry]:
        where = self.params(name, "")
        key = self.rule.key(self.ask.bucket, name)
        where.update(KeyMarker=key, VersionIdMarker=self.ask.version_id)
        while True:
            page, goes_on = self.ask_page(where)
            for entry in page:
                self.buffered -= 1
                if entry.name == name:
                    yield entry
            if not goes_on or not page or page[-1].name != name:
                return
            where.update(goes_on)

    def _grouped(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Entries with common prefixes made here, where their store doesn't make them."""
        prefix, delimiter, last = self.ask.prefix, self.ask.delimiter, None
        for entry in entries:
            at = entry.name.find(delimiter, len(prefix))
            if at < 0:
                yield entry
            elif (name := entry.name[: at + len(delimiter)]) != last:
                last = name
                yield self._prefix(name, sure=entry.sure)


def _outcome(asking: Callable[[], bool]) -> _Outcome:
    try:
        return asking()
    except (ClientError, BotoCoreError) as error:
        outcome: Exception = error
        return outcome


def _given(outcome: _Outcome) -> bool:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
