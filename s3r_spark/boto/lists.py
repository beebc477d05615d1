"""Lists of objects and versions that several stores hold: one list, in byte order, page by page."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from s3r_spark.boto import tokens
from s3r_spark.boto.answers import failure
from s3r_spark.boto.responses import NESTED, encoded
from s3r_spark.boto.scan import PAGE, Ask, Entry, Source
from s3r_spark.errors import UnmatchedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.stores import Stores
    from s3r_spark.routing import Routes, Rule

_PASSED_ON = ("RequestPayer", "ExpectedBucketOwner", "OptionalObjectAttributes")
_PREFIXES = "CommonPrefixes"


@dataclass
class _Page:
    """A page of the merged list.

    Attributes:
        entries: what is on it.
        truncated: whether the list goes on behind it.
    """

    entries: list[Entry] = field(default_factory=list)
    truncated: bool = False


def merged(  # noqa: PLR0913, PLR0917 - what a call is made of; every list answers with the same
    routes: Routes,
    stores: Stores,
    rules: list[Rule],
    operation: str,
    asked: dict[str, Any],
    final: dict[str, Any],
    physical: bool,  # noqa: FBT001 - likewise
) -> dict[str, Any]:
    """Answer ListObjects, ListObjectsV2 or ListObjectVersions from several stores.

    Args:
        routes: which name goes where.
        stores: the stores by client name.
        rules: the rules that can have names under the prefix, in their order.
        operation: the operation's name.
        asked: the parameters as the caller gave them.
        final: the parameters after botocore's own handlers, which add an EncodingType.
        physical: whether entries keep the store's names.

    Raises:
        ClientError: of a store; NoSuchBucket only where no store has its bucket.
    """
    ask, most = _asked(operation, asked, final, physical=physical)
    sources = [
        Source(routes, rule, stores.get(rule.client), _for_rule(ask, routes, rule))
        for rule in rules
    ]
    page = _merge([source for source in sources if not source.is_over], ask, most)
    missing = [source.missing for source in sources if source.missing is not None]
    if len(missing) == len(sources):
        raise missing[0]
    return _answer(operation, asked, final, page, most)


def _asked(
    operation: str, asked: dict[str, Any], final: dict[str, Any], *, physical: bool
) -> tuple[Ask, int]:
    most = asked.get("MaxKeys", PAGE)
    if most < 0:
        raise failure("InvalidArgument", "Argument maxKeys must be 0 or more", 400, operation)
    versions = operation == "ListObjectVersions"
    prefix, delimiter = asked.get("Prefix") or "", asked.get("Delimiter") or ""
    if operation == "ListObjectsV2":
        token = asked.get("ContinuationToken")
        after = tokens.read(token) if token else asked.get("StartAfter") or ""
    else:
        after = asked.get("KeyMarker" if versions else "Marker") or ""
        if delimiter and after.endswith(delimiter) and after.startswith(prefix):
            after += tokens.LAST  # a common prefix as marker: on behind all that is below it
    extra = {key: final[key] for key in _PASSED_ON if key in final}
    if not versions and (asked.get("FetchOwner") or operation == "ListObjects"):
        extra["FetchOwner"] = True
    version_id = asked.get("VersionIdMarker") if versions else None
    ask = Ask(
        asked["Bucket"], prefix, delimiter, after, versions, version_id or None, extra, physical
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
    """Take the smallest entry of all sources until the page is full.

    A source is asked only when none of the others has a smaller name, so that a list costs no
    requests to stores whose names lie before or behind the page.
    """
    page = _Page()
    queue = [(source.bound, at, source) for at, source in enumerate(sources)]
    heapq.heapify(queue)
    last_prefix: str | None = None
    while queue:
        _, at, source = queue[0]
        if source.entry is None:
            if len(page.entries) >= most:
                if most == 0 or any(other.surely_has_more for _, _, other in queue):
                    page.truncated = most > 0
                    return page
                source.page = 2  # only whether there is one more is to be known
            else:
                # Sources that begin at one place will share the page; some more saves a request.
                left = most - len(page.entries)
                sharing = sum(
                    other.began == source.began or bound <= source.bound
                    for bound, _, other in queue
                )
                share = left + 1 if sharing == 1 else left // sharing + left // 20 + 1
                source.page = min(PAGE, share)
            if source.advance():
                heapq.heapreplace(queue, (source.bound, at, source))
            else:
                heapq.heappop(queue)
            continue
        entry, source.entry = source.entry, None
        if entry.field == _PREFIXES:
            # Several stores have it; the list went on from inside of it; nothing is below it.
            if (
                entry.name == last_prefix
                or (ask.after and ask.after.startswith(entry.name))
                or not (entry.sure or source.has_any(entry.name))
            ):
                continue
            last_prefix = entry.name
        if len(page.entries) >= most:
            page.truncated = most > 0
            return page
        page.entries.append(entry)
    return page


def _answer(
    operation: str, asked: dict[str, Any], final: dict[str, Any], page: _Page, most: int
) -> dict[str, Any]:
    # Where botocore asked for encoded names by itself, it would only decode them again.
    url = asked.get("EncodingType") == "url"
    name: Callable[[str], str] = encoded if url else str
    out: dict[str, Any] = {
        "Name": asked["Bucket"],
        "Prefix": name(asked.get("Prefix") or ""),
        "MaxKeys": most,
        "IsTruncated": page.truncated,
    }
    for entry in page.entries:
        if url:
            inner = NESTED[entry.field]
            entry.value[inner] = encoded(entry.value[inner])
        out.setdefault(entry.field, []).append(entry.value)
    if final.get("EncodingType"):
        out["EncodingType"] = final["EncodingType"]
    if asked.get("Delimiter"):
        out["Delimiter"] = name(asked["Delimiter"])
    last = page.entries[-1] if page.truncated else None
    return {**out, **_CURSORS[operation](asked, page, last, name)}


def _objects_v1(
    asked: dict[str, Any], _page: _Page, last: Entry | None, name: Callable[[str], str]
) -> dict[str, Any]:
    goes_on = {} if last is None else {"NextMarker": name(last.name)}
    return {"Marker": name(asked.get("Marker") or ""), **goes_on}


def _objects_v2(
    asked: dict[str, Any], page: _Page, last: Entry | None, name: Callable[[str], str]
) -> dict[str, Any]:
    out: dict[str, Any] = {"KeyCount": len(page.entries)}
    if asked.get("StartAfter"):
        out["StartAfter"] = name(asked["StartAfter"])
    if asked.get("ContinuationToken"):
        out["ContinuationToken"] = asked["ContinuationToken"]
    if last is not None:
        behind = last.name + tokens.LAST if last.field == _PREFIXES else last.name
        out["NextContinuationToken"] = tokens.written(behind)
    return out


def _versions(
    asked: dict[str, Any], _page: _Page, last: Entry | None, name: Callable[[str], str]
) -> dict[str, Any]:
    out = {
        "KeyMarker": name(asked.get("KeyMarker") or ""),
        "VersionIdMarker": asked.get("VersionIdMarker") or "",
    }
    if last is not None:
        out["NextKeyMarker"] = name(last.name)
        if "VersionId" in last.value:
            out["NextVersionIdMarker"] = last.value["VersionId"]
    return out


# What an answer says of where it began, and where the next one is to begin.
_CURSORS = {
    "ListObjects": _objects_v1,
    "ListObjectsV2": _objects_v2,
    "ListObjectVersions": _versions,
}
