"""From physical names back to logical ones: what a store's answer becomes for the caller."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_plus

from s3r_spark.boto.error_details import location, tell
from s3r_spark.boto.listing.tokens import LAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.calls import Call

# Where lists hold names; Deleted and Errors are delete_objects'.
NESTED = {
    "Contents": "Key",
    "CommonPrefixes": "Prefix",
    "Versions": "Key",
    "DeleteMarkers": "Key",
    "Uploads": "Key",
    "Deleted": "Key",
    "Errors": "Key",
}
_CURSORS = ("NextMarker", "NextKeyMarker")  # asked with again, so logical whatever the caller sees
_ECHOED = ("Prefix", "Marker", "KeyMarker", "StartAfter")


def encoded(name: str) -> str:
    """A name as lists with EncodingType=url have it."""
    return quote(name, safe="/~")


def cursor(name: str, *, url: bool) -> str:
    """A cursor of a list with EncodingType=url, be it decoded or handed back as it is.

    S3 gives it encoded and takes it unencoded: a paginator, which hands it back, never ends.
    """
    return encoded(name) if url and unquote_plus(name) != name else name


def route_of(call: Call) -> dict[str, Any]:
    """Make `ResponseMetadata["Route"]`: who served the call."""
    if call.answered and len(call.parts) > 1:
        parts = [{"profile": rule.name, "client": rule.client} for rule in call.parts]
        return {"profile": None, "client": None, "parts": parts}
    return {"profile": call.rule.name, "client": call.client}


def map_back(call: Call, parsed: dict[str, Any], *, physical: bool) -> None:
    """Give an answer, or an error, the names of the call that asked for it, in place.

    Args:
        call: the call.
        parsed: the answer, before botocore decodes url-encoded keys.
        physical: whether names are to stay the store's; what a list goes on with is mapped all the
            same.
    """
    if "Error" in parsed and not call.answered:  # which has said so itself
        tell(parsed, call.place, physical=physical)
        return
    parsed.setdefault("ResponseMetadata", {}).setdefault("Route", route_of(call))
    if call.bucket is not None and not call.answered:
        _map_names(call, parsed, physical=physical)


def _map_names(call: Call, parsed: dict[str, Any], *, physical: bool) -> None:
    url = parsed.get("EncodingType") == "url"
    up: Callable[[str], str] = partial(_recode, call) if url else call.logical_key
    if call.rule.prefix is not None or call.keys:
        _map_cursors(call, parsed, url=url, physical=physical)
        if not physical:
            _map_keys(call, parsed, up, url=url)
    if physical:
        return
    for field in ("Name", "Bucket"):
        if parsed.get(field) == call.physical:
            parsed[field] = call.bucket
    if isinstance(parsed.get("Location"), str):
        parsed["Location"] = location(call.rule, call.bucket or "", parsed["Location"])


def _map_cursors(call: Call, parsed: dict[str, Any], *, url: bool, physical: bool) -> None:
    """Put the cursors of the next page under logical names.

    moto's NextMarker is no name; the last name of the page, which it is on S3, does as well. Where
    S3 gives no NextMarker a paginator takes the last key: with physical names it would be that one.
    """
    for field in _CURSORS:
        position = parsed.get(field)
        if position:
            name = call.rule.logical_key(
                call.bucket or "", unquote_plus(position) if url else position
            )
            if name is None:
                name = _last(call, parsed, url=url)
            parsed[field] = cursor(name, url=url)
    if physical and parsed.get("IsTruncated") and "NextContinuationToken" not in parsed:
        name = _last(call, parsed, url=url)
        parsed.setdefault("NextMarker", cursor(name, url=url))


def _last(call: Call, parsed: dict[str, Any], *, url: bool) -> str:
    """A marker behind the last logical name on a page."""
    last = ""
    for field, name in NESTED.items():
        for entry in (parsed.get(field) or ())[-1:]:
            logical = call.logical_key(unquote_plus(entry[name]) if url else entry[name])
            last = max(last, logical + LAST if field == "CommonPrefixes" else logical)
    return last


def _map_keys(call: Call, parsed: dict[str, Any], up: Callable[[str], str], *, url: bool) -> None:
    if isinstance(parsed.get("Key"), str):
        parsed["Key"] = up(parsed["Key"])
    for field in _ECHOED:
        if field in parsed:
            prefix = call.echoed.get(field, "")
            parsed[field] = encoded(prefix) if url else prefix
    for field, name in NESTED.items():
        for entry in parsed.get(field) or ():
            if isinstance(entry.get(name), str):
                entry[name] = up(entry[name])


def _recode(call: Call, name: str) -> str:
    """Map a url-encoded name; what follows the prefix stays encoded as its store does it."""
    if unquote_plus(name) in call.keys or call.bucket is None:
        return encoded(call.logical_key(unquote_plus(name)))
    prefix, at = call.rule.prefix_of(call.bucket), 0
    for _ in prefix.encode():
        at += 3 if name[at : at + 1] == "%" else 1
    if unquote_plus(name[:at]) != prefix:
        return name
    return encoded(call.rule.folder) + name[at:]
