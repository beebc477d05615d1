"""The order in which a store gives the versions and delete markers of one key.

They come in one list, newest first, and a list goes on behind one of them. botocore makes two lists
of it, and their times don't tell how they were mixed: AWS gives whole seconds.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = {b"Version": "Versions", b"DeleteMarker": "DeleteMarkers"}
_ENTRY = re.compile(rb"<(Version|DeleteMarker)[\s>]")
_ORDER = "_s3r_order"
_ASKING: ContextVar[bool] = ContextVar("s3r_asking_for_versions", default=False)


def list_object_versions(client: Any, **asked: Any) -> dict[str, Any]:
    """A page of versions that tells in which order its entries came."""
    client.meta.events.register("after-call.s3.ListObjectVersions", _note, unique_id=_ORDER)
    token = _ASKING.set(True)
    try:
        page: dict[str, Any] = client.list_object_versions(**asked)
    finally:
        _ASKING.reset(token)
    return page


def _note(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
    if _ASKING.get():  # the client may be somebody else's, too
        parsed[_ORDER] = [_KINDS[tag] for tag in _ENTRY.findall(http_response.content)]


def interleaved(page: dict[str, Any], fields: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """The entries of a page with the field of each, those of one key in their store's order."""
    lists = {field: iter(page.get(field, ())) for field in fields}
    for field in page.get(_ORDER, ()):
        yield field, next(lists[field])
    for field, left in lists.items():
        for entry in left:
            yield field, entry
