"""Objects without tags, as far as lists tell: MinIO's do.

What obstore gets of an object shows neither tags nor Expires. MinIO adds tags to a list that is
asked for metadata (ListObjectsV2, `metadata=true`: what its own clients ask for), so that no object
has to be asked for them. Of Expires no list tells: some objects are asked, and where one has it,
boto3 reads them all. A page with metadata whose name XML doesn't take (`a+b`) MinIO can't write: it
answers 500, and is asked for the page as S3 has it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from s3r_spark.boto.calls import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move
    from s3r_spark.migrate.sides import Side

__all__ = ["BARE", "bare_told", "keep_dates"]

BARE = "Bare"  # of an object of a list, where it says that it has no tags
_SAYS_SO = "minio"  # the kind of store whose lists do
_BEFORE, _AFTER = "before-call.s3.ListObjectsV2", "after-call.s3.ListObjectsV2"
_RETRY = "needs-retry.s3.ListObjectsV2"
_QUESTION = "&metadata=true"  # behind list-type=2
_FAULT = 500  # how it answers where it can't write some metadata
_ASKED = 20  # objects of which it is asked whether they have Expires


@contextmanager
def bare_told(side: Side) -> Iterator[None]:
    """Let the entries of lists have `Bare`, where the store says so, until the block ends."""

    def ask(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        call = context.get(CONTEXT)
        if call is not None and side.routes.clients[call.client].kind == _SAYS_SO:
            params["url"] += _QUESTION

    events = side.client.meta.events
    events.register(_BEFORE, ask)
    events.register_first(_RETRY, _unasked)
    events.register_first(_AFTER, _mark)
    try:
        yield
    finally:
        events.unregister(_BEFORE, ask)
        events.unregister(_RETRY, _unasked)
        events.unregister(_AFTER, _mark)


def _unasked(response: Any, request_dict: dict[str, Any], **_: Any) -> int | None:
    """Ask again at once without metadata where the store fails; None: as botocore would."""
    if response is None or response[0].status_code != _FAULT:
        return None
    if _QUESTION not in request_dict["url"]:
        return None
    request_dict["url"] = request_dict["url"].replace(_QUESTION, "")
    return 0


def _mark(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
    entries = parsed.get("Contents", ())
    texts = http_response.content.split(b"<Contents>")[1:] if entries else ()
    if len(texts) != len(entries):  # the answer is made of several stores'
        return
    for entry, text in zip(entries, texts, strict=True):
        entry[BARE] = b"<UserMetadata>" in text and b"<UserTags>" not in text


def keep_dates(move: Move, journal: Journal) -> int:
    """Let none be taken for bare if one of some that are asked has Expires.

    Returns:
        How many were asked; 0: none is bare.
    """
    some = journal.rows(
        "SELECT bucket, key FROM listed WHERE bare ORDER BY random() LIMIT ?", _ASKED
    )
    for bucket, key in some:
        spot = move.old.spot(bucket, key)
        try:
            head = move.old.store(spot).client.head_object(Bucket=spot.bucket, Key=spot.key)
        except ClientError:
            continue  # it is gone, or can't be read: who copies it says so
        if head.get("ExpiresString") or head.get("Expires"):
            journal.rows("UPDATE listed SET bare = 0")
            return 0
    return len(some)
