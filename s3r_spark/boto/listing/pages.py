"""Pages of one rule's store, one request each, under logical names."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from s3r_spark.boto.error_details import Place, told
from s3r_spark.boto.listing import version_order
from s3r_spark.boto.listing.entries import PAGE, PREFIXES, Ask, Entry
from s3r_spark.boto.responses import NESTED

if TYPE_CHECKING:
    from s3r_spark.boto.stores import Store
    from s3r_spark.routing import Rule

_NO_ETAG = '""'  # SeaweedFS shows an empty folder as an object, without an ETag
_NAME = itemgetter(0)


class Pages:
    """Requests to one rule's store for a list.

    Attributes:
        rule: the rule.
        store: its store.
        ask: what is listed.
        page: how many entries the next request asks for; 0: that isn't settled.
        buffered: entries of the page at hand that were not looked at.
        more: whether the store has more after that page.
    """

    def __init__(self, rule: Rule, store: Store, ask: Ask) -> None:
        self.rule, self.store, self.ask = rule, store, ask
        self._bucket, self._prefix_there = rule.bucket(ask.bucket), rule.prefix_of(ask.bucket)
        self.page = self.buffered = 0
        self.more = False

    @property
    def marker(self) -> str:
        """The parameter behind which a list goes on."""
        return "KeyMarker" if self.ask.versions else "StartAfter"

    def params(self, prefix: str, delimiter: str) -> dict[str, Any]:
        """Make the parameters that ask for the names below a logical prefix."""
        where = {
            "Bucket": self._bucket,
            "Prefix": self.rule.key(self.ask.bucket, prefix),
            **self.ask.extra,
        }
        return {**where, "Delimiter": delimiter} if delimiter else where

    def ask_page(self, where: dict[str, Any]) -> tuple[list[Entry], dict[str, Any]]:
        """One page in byte order under logical names, and what to ask the next one with."""
        with told(Place(self.rule, self.store, self.ask.bucket, self.ask.prefix)):
            page = self._page(where)
        if self.ask.versions:
            fields: tuple[str, ...] = ("Versions", "DeleteMarkers", PREFIXES)
            next_page = {
                "KeyMarker": page.get("NextKeyMarker"),
                "VersionIdMarker": page.get("NextVersionIdMarker"),
            }
        else:
            fields = ("Contents", PREFIXES)
            next_page = {"ContinuationToken": page.get("NextContinuationToken")}
        entries: list[Entry] = []
        for kind, value in version_order.interleaved(page, fields):
            inner = NESTED[kind]
            name = self._named(value, inner)
            if name is not None and not (name[-1:] == "/" and value.get("ETag") == _NO_ETAG):
                entries.append(Entry(name, kind, value))
        entries.sort(key=_NAME)  # a store's own order of one name's versions stays
        goes_on = {key: value for key, value in next_page.items() if value}
        self.buffered, self.more = len(entries), bool(page.get("IsTruncated") and goes_on)
        return entries, goes_on if self.more else {}

    def _page(self, where: dict[str, Any]) -> dict[str, Any]:
        client, most = self.store.client, self.page or PAGE
        if self.ask.versions:
            return version_order.list_object_versions(client, **where, MaxKeys=most)
        page: dict[str, Any] = client.list_objects_v2(**where, MaxKeys=most)
        return page

    def _named(self, value: dict[str, Any], inner: str) -> str | None:
        physical: str = value[inner]
        if self.rule.prefix is None:
            return physical
        if not physical.startswith(self._prefix_there):
            return None
        logical = self.rule.folder + physical[len(self._prefix_there) :]
        if not self.ask.physical:
            value[inner] = logical
        return logical
