"""Clients that get and put small objects by obstore, and do all else as boto3.

An object is got by obstore only if its content is proven to be what its ETag says. Where obstore
fails, or can't say what is asked, boto3 is asked: so retries, renewed keys and errors are always
boto3's, for one request more.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from botocore.exceptions import ClientError

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
_PUTS = {"Bucket", "Key", "Body", "ContentMD5", "IfNoneMatch", "Metadata", *_HEADERS}
# Names of metadata that obstore takes for headers.
_TAKEN = {name.lower() for name in _HEADERS} | {name.lower() for name in _HEADERS.values()}


class Whole(NamedTuple):
    """An object that was read whole.

    Attributes:
        content: its content.
        md5: the MD5 of that, which its store says too.
        headers: what it has beside its data, as arguments of PutObject.
    """

    content: bytes
    md5: bytes
    headers: dict[str, Any]


class QuickClient:
    """A store's client that is obstore for small objects.

    Args:
        client: its plain boto3 client.
        store: obstore's store of the bucket that it is asked for.
    """

    def __init__(self, client: Any, store: Any) -> None:
        self._client, self._store = client, store
        self._failures = 0

    def __getattr__(self, name: str) -> Any:
        """Whatever the boto3 client has."""
        return getattr(self._client, name)

    def whole(self, key: str, etag: str) -> Whole | None:
        """Get a whole object whose ETag is its MD5, and that has neither tags nor Expires.

        Returns:
            The object; None: boto3 is to be asked for it.
        """
        return self._tried(partial(self._got, key, etag)) if self._may(key) else None

    def put_object(self, **arguments: Any) -> dict[str, Any]:
        """As boto3's; the body is bytes, or a file."""
        response = None
        if self._can_put(arguments) and self._may(arguments["Key"]):
            response = self._tried(partial(self._put, arguments))
            if response is None and not isinstance(arguments["Body"], bytes):
                arguments["Body"].seek(0)
        return response or self._client.put_object(**arguments)

    def _may(self, key: str) -> bool:
        return self._failures < _FAILURES and has_plain_path(key)

    def _tried(self, work: Callable[[], T | None]) -> T | None:
        """Ask obstore; None: boto3 is to be asked."""
        from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra

        try:
            result = work()
        except (BaseError, OSError, ValueError):
            result = None
        self._failures = 0 if result else self._failures + 1
        return result

    def _got(self, key: str, etag: str) -> Whole | None:
        result = self._store.get(key, options={"if_match": etag})
        content = result.bytes().to_bytes()
        md5 = hashlib.md5(content, usedforsecurity=False)
        if not md5.hexdigest() == etag.strip('"') == (result.meta["e_tag"] or "").strip('"'):
            return None
        attributes = dict(result.attributes)
        headers: dict[str, Any] = {
            name: attributes.pop(key) for name, key in _HEADERS.items() if key in attributes
        }
        headers.pop("StorageClass", None)
        if attributes:
            headers["Metadata"] = attributes
        return Whole(content, md5.digest(), headers)

    @staticmethod
    def _can_put(arguments: dict[str, Any]) -> bool:
        """Tell whether obstore can say it: tags, dates and what isn't ASCII are boto3's."""
        metadata: dict[str, str] = arguments.get("Metadata", {})
        texts = [*metadata, *metadata.values(), *(arguments.get(name, "") for name in _HEADERS)]
        return (
            arguments.keys() <= _PUTS
            and not _TAKEN & {name.lower() for name in metadata}
            and all(text.isascii() and text.isprintable() for text in texts)
        )

    def _put(self, arguments: dict[str, Any]) -> dict[str, Any]:
        body = arguments["Body"]
        content = body if isinstance(body, bytes) else body.read()
        attributes = {key: arguments[name] for name, key in _HEADERS.items() if name in arguments}
        result = self._store.put(
            arguments["Key"],
            content,
            attributes={**attributes, **arguments.get("Metadata", {})},
            mode="create" if "IfNoneMatch" in arguments else "overwrite",
            use_multipart=False,
        )
        response = {
            "ETag": result["e_tag"],
            "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}},
        }
        if result["version"]:
            response["VersionId"] = result["version"]
        known = arguments.get("ContentMD5")
        md5 = _md5(content) if known is None else b64decode(known).hex()
        if md5 == result["e_tag"].strip('"'):
            return response
        # It is no MD5, or not what was sent: which of them, the rest of what the store says tells.
        place = {name: arguments[name] for name in ("Bucket", "Key")}
        try:
            head = self._client.head_object(**place, ChecksumMode="ENABLED")
        except ClientError:
            return {**response, "ServerSideEncryption": _OPAQUE}
        return {**head, **response} if head["ETag"] == result["e_tag"] else response


def has_plain_path(key: str) -> bool:
    """Tell whether obstore takes a key as it is: it drops or refuses some slashes and dots."""
    return key.isprintable() and all(part not in {"", ".", ".."} for part in key.split("/"))


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
