"""A journal's entries of an object: as it is listed, to be copied, and as it was copied."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Copied", "Listed", "Task"]


class Listed(NamedTuple):
    """An object of the old place, as it is listed.

    Attributes:
        bucket: the logical bucket.
        key: the logical key.
        change: the number of the change that it belongs to.
        origin: the identity of its old place.
        target: the identity of its new place.
        size: in bytes.
        etag: with its quotes.
        modified: when it was written, in whole seconds since 1970.
        storage: its storage class; "" where the store names none.
        bare: whether the list says that it has no tags.
    """

    bucket: str
    key: str
    change: int
    origin: bytes
    target: bytes
    size: int
    etag: str
    modified: int
    storage: str
    bare: bool = False


class Task(NamedTuple):
    """A name that is to be copied.

    Attributes:
        listed: what is at the old place.
        there: size and ETag of what is at the new place; None: nothing is.
        doubtful: whether that may be a copy that was begun before, or may be somebody else's.
    """

    listed: Listed
    there: tuple[int, str] | None
    doubtful: bool = False


class Copied(NamedTuple):
    """A copy, and what proves it.

    Attributes:
        etag: of the source, as it was read.
        size: in bytes.
        modified: when the source was written, in whole seconds since 1970.
        target_etag: of the copy.
        md5: the text of the content's MD5 (`s3r_spark.proof.Digest.text`); None where it didn't
            pass through here.
        source_proof: what proves that the source was read well.
        target_proof: what proves that the target has it; None: nothing does.
        note: what was not kept; "" where all was.
    """

    etag: str
    size: int
    modified: int
    target_etag: str
    md5: str | None
    source_proof: str
    target_proof: str | None
    note: str = ""
