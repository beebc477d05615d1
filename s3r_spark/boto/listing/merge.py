"""Lists of objects and versions that several stores hold: one list, in byte order, page by page."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from s3r_spark.boto.listing import tokens
from s3r_spark.boto.listing.entries import PAGE, PREFIXES, Ask, Entry
from s3r_spark.boto.listing.scan import Source
from s3r_spark.boto.parallel import at_once
from s3r_spark.boto.responses import NESTED, cursor, encoded
from s3r_spark.boto.synthetic import failure
from s3r_spark.errors import UnmatchedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.listing.entries import ListCall
    from s3r_spark.boto.router import Router
    from s3r_spark.routing import Routes, Rule

    _Queued = tuple[str, int, Source]  # by the name before which it has none, and its place

_AT_ONCE = 8  # stores that are asked before it is sure that they have to be; a pool has 10
_PASSED_ON = ("RequestPayer", "ExpectedBucketOwner", "OptionalObjectAttributes")


@dataclass
class _Page:
    """A page of the merged list.

    Attributes:
        entries: what is on it.
        truncated: whether the list goes on behind it.
    """

    entries: list[Entry] = field(default_factory=list)
    truncated: bool = False

    def add(self, entries: list[Entry], most: int) -> None:
        """Take entries, of which none follow but on the next page if it is full already."""
        if len(self.entries) >= most:
            self.truncated = True
        else:
            self.entries += entries


def merged(router: Router, call: ListCall) -> dict[str, Any]:
    """Answer ListObjects, ListObjectsV2 or ListObjectVersions from several stores.

    Raises:
        ClientError: of a store; NoSuchBucket where the default client has none and nobody has
            names, and of a profile's own bucket: half a list is a wrong one.
    """
    ask, most = _asked(call, physical=router.physical)
    sources = [Source(router, rule, _for_rule(ask, router.routes, rule)) for rule in call.rules]
    if most:
        page = _merge([source for source in sources if not source.is_over], ask, most)
    else:
        page = _Page()
        for source in sources:
            source.ask_for_bucket()
            if source.missing is None:
                break
    missing = [source.missing for source in sources if source.missing is not None]
    if len(missing) == len(sources):
        raise missing[0]
    return _answer(call, page, most)


def _asked(call: ListCall, *, physical: bool) -> tuple[Ask, int]:
    """The question to the stores, and how many entries are wanted."""
    operation, params = call.operation, call.params
    most = params.get("MaxKeys", PAGE)
    if most < 0:
        raise failure("InvalidArgument", "Argument maxKeys must be 0 or more", 400, operation)
    versions = operation == "ListObjectVersions"
    prefix, delimiter = params.get("Prefix") or "", params.get("Delimiter") or ""
    if operation == "ListObjectsV2":
        token = params.get("ContinuationToken")
        after = tokens.read(token) if token else params.get("StartAfter") or ""
    else:
        after = params.get("KeyMarker" if versions else "Marker") or ""
        if delimiter and after.endswith(delimiter) and after.startswith(prefix):
            after += tokens.LAST  # a common prefix as marker: on behind all that is below it
    extra = {key: call.final[key] for key in _PASSED_ON if key in call.final}
    if not versions and (params.get("FetchOwner") or operation == "ListObjects"):
        extra["FetchOwner"] = True
    version_id = params.get("VersionIdMarker") if versions else None
    ask = Ask(
        params["Bucket"], prefix, delimiter, after, versions, version_id or None, extra, physical
    )
    return ask, min(PAGE, most)


def _for_rule(ask: Ask, routes: Routes, rule: Rule) -> Ask:
    """The question to one rule's store: a version's id means something to its own store alone."""
    if ask.version_id is None:
        return ask
    try:
        owner = routes.rule(ask.bucket, ask.after)
    except UnmatchedError:
        owner = None
    return ask if owner is rule else replace(ask, version_id=None)


def _merge(sources: list[Source], ask: Ask, most: int) -> _Page:
    """Take the smallest entries of all sources until the page is full.

    A source is asked only when none of the others has a smaller name, so that a list costs no
    requests to stores whose names lie before or behind the page. Only where sources come to their
    end before the page does, as many of the following are asked along with the next one.
    """
    page = _Page()
    queue = [(source.bound, at, source) for at, source in enumerate(sources)]
    heapq.heapify(queue)
    last_prefix: str | None = None
    while queue:
        _, at, source = queue[0]
        ahead = min(_AT_ONCE, len(sources) - len(queue))
        entry, left = source.entry, most - len(page.entries)
        if entry is None:
            if left <= 0 and _goes_on(page, queue, most):
                break
            at_once([one.look for one in _together(queue, left, ahead)])
            queue = [(one.bound, n, one) for _, n, one in queue if one is not source or one.came()]
            heapq.heapify(queue)
            continue
        if entry.field == PREFIXES:
            at_once(_looks_below(queue, ahead))
            source.take(1)
            if entry.name != last_prefix and _is_shown(entry, source, ask):
                last_prefix = entry.name
                page.add([entry], most)
        else:
            following = min(queue[1:3], default=None)  # a heap's second is one of these
            before = None if following is None else following[0]
            page.add(source.take(1 if ask.delimiter else max(left, 1), before), most)
        if page.truncated:
            break
        heapq.heapreplace(queue, (source.bound, at, source))
    return page


def _goes_on(page: _Page, queue: list[_Queued], most: int) -> bool:
    """Tell whether it is known without a request that the list goes on behind a full page."""
    page.truncated = any(source.surely_has_more for _, _, source in queue)
    if not page.truncated and most == PAGE:
        # Its last entry, left for the next page, tells that there is one: to ask whether another
        # one follows would cost each page a request, and S3 promises no more than a page's most.
        page.entries.pop()
        page.truncated = True
    return page.truncated


def _is_shown(entry: Entry, source: Source, ask: Ask) -> bool:
    """Tell whether a common prefix is one to show: not if the list went on from inside of it."""
    if ask.after and ask.after.startswith(entry.name):
        return False
    return entry.sure or source.has_any(entry.name)


def _together(queue: list[_Queued], left: int, ahead: int) -> list[Source]:
    """The first of the queue, those that begin with it, and some of those that follow."""
    first = queue[0][2]
    _share(queue, left)
    if first.was_asked or left <= 0:
        return [first]
    fresh = (queued for queued in queue if not queued[2].was_asked)
    beginning = sum(1 for queued in queue if queued[0] == first.bound)
    out = [source for _, _, source in heapq.nsmallest(beginning + ahead, fresh)]
    for source in out:
        source.page = source.page or min(PAGE, left + 1)
    return out


def _looks_below(queue: list[_Queued], ahead: int) -> list[Callable[[], None]]:
    """Make calls that find out whether there is anything below the next common prefixes."""
    unsure = (
        (entry.name, at, source)
        for _, at, source in queue
        if (entry := source.entry) and entry.field == PREFIXES and not entry.sure
    )
    nearest = heapq.nsmallest(1 + ahead, unsure)
    return [partial(source.look_below, name) for name, _, source in nearest] if ahead else []


def _share(queue: list[_Queued], left: int) -> None:
    """Settle how many entries the first of the queue asks for.

    Sources that begin at one place will share the page, so it is settled for all of them; some
    more than their share saves a second request.
    """
    first = queue[0][2]
    if left <= 0:
        first.page = 2  # only whether there is one more is to be known
    if first.page:
        return
    sharing = [source for bound, _, source in queue if bound <= first.bound and not source.entry]
    share = left + 1 if len(sharing) == 1 else left // len(sharing) + left // 20 + 1
    for source in sharing:
        source.page = min(PAGE, share)


def _answer(call: ListCall, page: _Page, most: int) -> dict[str, Any]:
    params, final = call.params, call.final
    # Where botocore asked for encoded names by itself, it would only decode them again.
    url = params.get("EncodingType") == "url"
    name: Callable[[str], str] = encoded if url else str
    out: dict[str, Any] = {
        "Name": params["Bucket"],
        "Prefix": name(params.get("Prefix") or ""),
        "MaxKeys": most,
        "IsTruncated": page.truncated,
    }
    for _, kind, value, _ in page.entries:
        if url:
            inner = NESTED[kind]
            value[inner] = encoded(value[inner])
        if kind not in out:
            out[kind] = []
        out[kind].append(value)
    if final.get("EncodingType"):
        out["EncodingType"] = final["EncodingType"]
    if params.get("Delimiter"):
        out["Delimiter"] = name(params["Delimiter"])
    last = page.entries[-1] if page.truncated else None
    return {**out, **_CURSORS[call.operation](params, page, last, name)}


def _objects_v1(
    params: dict[str, Any], _page: _Page, last: Entry | None, name: Callable[[str], str]
) -> dict[str, Any]:
    goes_on = {} if last is None else {"NextMarker": cursor(last.name, url=name is encoded)}
    return {"Marker": name(params.get("Marker") or ""), **goes_on}


def _objects_v2(
    params: dict[str, Any], page: _Page, last: Entry | None, name: Callable[[str], str]
) -> dict[str, Any]:
    out: dict[str, Any] = {"KeyCount": len(page.entries)}
    if params.get("StartAfter"):
        out["StartAfter"] = name(params["StartAfter"])
    if params.get("ContinuationToken"):
        out["ContinuationToken"] = params["ContinuationToken"]
    if last is not None:
        behind = last.name + tokens.LAST if last.field == PREFIXES else last.name
        out["NextContinuationToken"] = tokens.written(behind)
    return out


def _versions(
    params: dict[str, Any], _page: _Page, last: Entry | None, name: Callable[[str], str]
) -> dict[str, Any]:
    out = {
        "KeyMarker": name(params.get("KeyMarker") or ""),
        "VersionIdMarker": params.get("VersionIdMarker") or "",
    }
    if last is not None:
        out["NextKeyMarker"] = cursor(last.name, url=name is encoded)
        if "VersionId" in last.value:
            out["NextVersionIdMarker"] = last.value["VersionId"]
    return out


# What an answer says of where it began, and where the next one is to begin.
_CURSORS = {
    "ListObjects": _objects_v1,
    "ListObjectsV2": _objects_v2,
    "ListObjectVersions": _versions,
}
