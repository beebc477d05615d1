"""Clients that get and put small objects by obstore, and do all else as boto3.

An object is got by obstore only if its content is proven to be what its ETag says. Where obstore
fails, or can't say what is asked, boto3 is asked: so retries, renewed keys and errors are always
boto3's, for one request more.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from s3r_spark.boto import cancellation

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

__all__ = ["SMALL", "QuickClient", "Whole", "has_plain_path"]

SMALL = 4 << 20  # bytes of the largest object that is held whole
_OPAQUE = "aws:kms"  # how stores say of an object that its ETag is no MD5
_FAILURES = 20  # in a row, after which obstore isn't asked any more
_HEADERS = {
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
    "ContentEncoding": "Content-Encoding",
    "ContentLanguage": "Content-Language",
    "ContentType": "Content-Type",
    "StorageClass": "Storage-Class",
}
_PUTS = {"Bucket", "Key", "Body", "IfNoneMatch", "Metadata", *_HEADERS}
_NAMES = set(_HEADERS.values())
_TAKEN = {name.lower() for name in (*_HEADERS, *_NAMES)}
_ODD_PATH = re.compile(r"//|/\.{1,2}/")


class Whole(NamedTuple):
    """An object that was read whole.

    Attributes:
        content: its content.
        md5: the MD5 of that, in hex, which is its store's ETag too.
        attributes: what it has beside its data, as obstore names it.
    """

    content: bytes
    md5: str
    attributes: dict[str, str]

    def headers(self) -> dict[str, Any]:
        """What it has beside its data, as arguments of PutObject."""
        left = dict(self.attributes)
        out: dict[str, Any] = {name: left.pop(key) for name, key in _HEADERS.items() if key in left}
        return {**out, "Metadata": left} if left else out


class QuickClient:
    """A store's client that is obstore for small objects.

    Args:
        client: its plain boto3 client.
        store: obstore's store of a bucket.
        bucket: that bucket, the only one that the client is asked for.
    """

    def __init__(self, client: Any, store: Any, bucket: str) -> None:
        from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra

        self._client, self._store, self._bucket = client, store, bucket
        self._errors = (BaseError, OSError, ValueError)
        self._failures = 0

    def __getattr__(self, name: str) -> Any:
        """Whatever the boto3 client has."""
        return getattr(self._client, name)

    def whole(self, key: str, etag: str) -> Whole | None:
        """Get a whole object whose ETag is its MD5, and that has neither tags nor Expires.

        Returns:
            The object; None: boto3 is to be asked for it.
        """
        return self._tried(key, lambda: self._got(key, etag))

    def put_whole(self, key: str, whole: Whole, *, create: bool) -> dict[str, Any] | None:
        """Put an object that was got.

        Args:
            key: its key here.
            whole: the object.
            create: whether nothing may be there that would be written over.

        Returns:
            What boto3's PutObject would answer; None: boto3 is to be asked.
        """
        if not _can_say(whole.attributes):
            return None
        return self._tried(key, lambda: self._put(key, whole, create=create))

    def put_object(self, **arguments: Any) -> dict[str, Any]:
        """As boto3's; the body is a file."""
        body, metadata = arguments["Body"], arguments.get("Metadata", {})
        headers = {key: arguments[name] for name, key in _HEADERS.items() if name in arguments}
        response = None
        # What a checksum would prove, the ETag proves too.
        is_sayable = all(name in _PUTS or name.startswith("Checksum") for name in arguments)
        if is_sayable and not any(name.lower() in _TAKEN for name in metadata):
            content = body.read()
            whole = Whole(content, _md5(content), {**headers, **metadata})
            response = self.put_whole(arguments["Key"], whole, create="IfNoneMatch" in arguments)
            body.seek(0)
        return response or self._client.put_object(**arguments)

    def _tried(self, key: str, work: Callable[[], T | None]) -> T | None:
        """Ask obstore; None: boto3 is to be asked."""
        if self._failures >= _FAILURES or not has_plain_path(key):
            return None
        try:
            result = work()
        except self._errors:
            cancellation.check()  # after a timeout, boto3's would be another one
            result = None
        self._failures = 0 if result else self._failures + 1
        return result

    def _got(self, key: str, etag: str) -> Whole | None:
        result = self._store.get(key, options={"if_match": etag})
        content = result.bytes().to_bytes()
        md5 = _md5(content)
        if md5 != etag.strip('"'):
            return None
        attributes = result.attributes
        attributes.pop(_HEADERS["StorageClass"], None)
        return Whole(content, md5, attributes)

    def _put(self, key: str, whole: Whole, *, create: bool) -> dict[str, Any]:
        result = self._store.put(
            key,
            whole.content,
            attributes=whole.attributes,
            mode="create" if create else "overwrite",
            use_multipart=False,
        )
        response = {
            "ETag": result["e_tag"],
            "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}},
        }
        if result["version"]:
            response["VersionId"] = result["version"]
        if whole.md5 == result["e_tag"].strip('"'):
            return response
        # It is no MD5, or not what was sent: which of them, the rest of what the store says tells.
        try:
            head = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        except ClientError:
            return {**response, "ServerSideEncryption": _OPAQUE}
        return {**head, **response} if head["ETag"] == result["e_tag"] else response


def has_plain_path(key: str) -> bool:
    """Tell whether obstore takes a key as it is: it drops or refuses some slashes and dots."""
    return key.isprintable() and not _ODD_PATH.search(f"/{key}/")


def _can_say(attributes: dict[str, str]) -> bool:
    """Tell whether obstore can write them.

    What isn't ASCII is boto3's, and so is metadata whose name obstore takes for a header.
    """
    return all(
        (name in _NAMES or name.lower() not in _TAKEN)
        and (name + text).isascii()
        and (name + text).isprintable()
        for name, text in attributes.items()
    )


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
