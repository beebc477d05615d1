"""The source of a copy between stores: its conditions, and reading it whole."""

from __future__ import annotations

import tempfile
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from botocore.exceptions import (
    ClientError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.utils import parse_to_aware_datetime

from s3r_spark.boto import cancellation
from s3r_spark.boto.error_details import Place, logical_key, told
from s3r_spark.boto.synthetic import failure
from s3r_spark.proof import Digest, claims

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3r_spark.boto.stores import Store
    from s3r_spark.proof import Claim
    from s3r_spark.routing import Rule

CHUNK = 1 << 20  # bytes that are read at once
_COPY, _PARTIAL = "CopyObject", 206
_READS = 5  # s3transfer also reads five times before it gives up
_AGAIN = 64 << 20  # bytes of one request where all is read again
MISREAD = "What the source store gave is not what it says that it has"
_HEAD_TAKES = {
    "ExpectedBucketOwner",
    "IfMatch",
    "RequestPayer",
    "SSECustomerAlgorithm",
    "SSECustomerKey",
    "SSECustomerKeyMD5",
}


class Origin(NamedTuple):
    """The source of a copy.

    Attributes:
        store: the store.
        rule: the rule that chose it.
        bucket: the logical bucket.
        place: Bucket, Key and perhaps VersionId there.
        md5_etags: whether ETags there are MD5s, as far as an answer says nothing else.
    """

    store: Store
    rule: Rule
    bucket: str
    place: dict[str, str]
    md5_etags: bool

    @property
    def named(self) -> Place:
        """The place that errors name."""
        key = logical_key(self.rule, self.bucket, self.place["Key"])
        return Place(self.rule, self.store, self.bucket, key)

    def get(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """GetObject; errors have the caller's names, and say as a copy's that a condition fails."""
        try:
            with told(self.named):
                response: dict[str, Any] = self.store.client.get_object(**self.place, **arguments)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in {304, 412}:
                raise _precondition() from error
            raise
        if not _holds(arguments, response):  # some stores ignore conditions
            response["Body"].close()
            raise _precondition()
        return response


def _holds(conditions: dict[str, Any], head: dict[str, Any]) -> bool:
    """Check conditions; as in S3, one on the ETag goes before the like one on the time."""

    def same(etag: str) -> bool:
        return etag == "*" or etag.strip('"') == head["ETag"].strip('"')

    def is_newer(time: Any) -> bool:
        newer: bool = head["LastModified"] > parse_to_aware_datetime(time)
        return newer

    if "IfMatch" in conditions:
        if not same(conditions["IfMatch"]):
            return False
    elif "IfUnmodifiedSince" in conditions and is_newer(conditions["IfUnmodifiedSince"]):
        return False
    if "IfNoneMatch" in conditions:
        return not same(conditions["IfNoneMatch"])
    return "IfModifiedSince" not in conditions or is_newer(conditions["IfModifiedSince"])


def _precondition() -> ClientError:
    return failure(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        412,
        _COPY,
    )


class Writable(Protocol):
    """A file that is written from its beginning, and again."""

    def seek(self, at: int, /) -> object:
        """Go to a byte."""

    def truncate(self) -> object:
        """Drop what follows."""

    def write(self, chunk: bytes, /) -> object:
        """Write what comes next."""


def fetch(
    get: Callable[[], dict[str, Any]],
    body: Writable,
    first: dict[str, Any] | None = None,
    place: Place | None = None,
) -> None:
    """Read an answer into a file, anew where the connection breaks or botocore's checksum is wrong.

    Args:
        get: asks for it.
        body: the file; it is left at its beginning.
        first: the answer, where it was asked for already.
        place: where that is, for what errors say.

    Raises:
        BotoCoreError, OSError: of the last try; or the file can't be written, which is tried once.
        ClientError: BadDigest: the checksum was wrong to the last.
    """
    response, left = first or get(), _READS
    while True:
        left -= 1
        body.seek(0)
        body.truncate()
        try:
            for chunk in _chunks(response):
                body.write(chunk)
        except _BrokenError as broken:
            if not left:
                with nullcontext() if place is None else told(place):
                    raise broken.error from None
        else:
            body.seek(0)
            return
        response = get()


def fetch_range(origin: Origin, params: dict[str, Any], body: Writable) -> dict[str, Any]:
    """Read a range into a file.

    Args:
        origin: the source.
        params: the arguments of GetObject; Range among them is `bytes=first-last`.
        body: the file; it is left at its beginning.

    Returns:
        The store's answer.

    Raises:
        ClientError: InvalidRange: the store doesn't give that range.
    """
    response = origin.get(params)
    first, _, last = params["Range"].removeprefix("bytes=").partition("-")
    partial = response["ResponseMetadata"]["HTTPStatusCode"] == _PARTIAL
    if not partial or response["ContentLength"] != int(last) - int(first) + 1:
        response["Body"].close()
        raise failure("InvalidRange", "The source did not give the range asked for", 416, _COPY)
    fetch(lambda: origin.get(params), body, response, origin.named)
    return response


def content_md5(
    get: Callable[[dict[str, str]], dict[str, Any]],
    size: int,
    place: Place | None = None,
    part: int = 0,
) -> str:
    """The text of the MD5 of a whole object, read in ranges (`s3r_spark.proof.Digest.text`).

    Args:
        get: asks for it, with more arguments of GetObject.
        size: in bytes.
        place: where it is, for what errors say.
        part: bytes of each part but the last, where it is to be the MD5 of the parts' MD5s.
    """
    digest = Digest("MD5", part)
    with tempfile.SpooledTemporaryFile(max_size=_AGAIN) as body:
        for start in range(0, size, _AGAIN):
            span = {"Range": f"bytes={start}-{min(start + _AGAIN, size) - 1}"}
            fetch(lambda: get(span), body, None, place)  # noqa: B023 - asked before the next one
            while chunk := body.read(CHUNK):
                digest.update(chunk)
    return digest.text()


class _BrokenError(Exception):
    """Not all was read, or not what was sent; apart from what goes wrong in writing it.

    Attributes:
        error: what is to be said of it.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def _chunks(response: dict[str, Any]) -> Iterator[bytes]:
    """The content of an answer.

    Raises:
        _BrokenError: the connection broke, or what came is not what was announced.
    """
    length, read = response["ContentLength"], 0
    with closing(response["Body"]) as stream:
        chunks = stream.iter_chunks(CHUNK)
        while True:
            cancellation.check()
            try:
                chunk = next(chunks, b"")
            except FlexibleChecksumError as error:
                raise _BrokenError(corrupt(f"{MISREAD}: {error}")) from error
            except (HTTPClientError, IncompleteReadError, OSError) as error:
                raise _BrokenError(error) from error
            if not chunk:
                break
            read += len(chunk)
            yield chunk
    if read != length:
        raise _BrokenError(IncompleteReadError(actual_bytes=read, expected_bytes=length))


class Reading:
    """An object as it is read from its beginning to its end, for the proof that it was read well.

    Args:
        origin: where it is.
        access: what it is asked with, to the end as the same object.
        head: what its store says of it.

    Attributes:
        size: in bytes.
        md5: of what was read; of its parts, where that is what the store says of it.
        digests: what is to take in what was read.
    """

    def __init__(self, origin: Origin, access: dict[str, Any], head: dict[str, Any]) -> None:
        self._origin, self._access, self.size = origin, access, head["ContentLength"]
        self.md5 = self._digest = Digest("MD5")
        self._claim: Claim | None = None
        for claim in claims(head, md5_etags=origin.md5_etags):
            part = self._part_size(claim.parts) if claim.parts else 0
            if part is not None:
                self._claim = claim
                if part or claim.algorithm != "MD5":
                    self._digest = Digest(claim.algorithm, part)
                if claim.algorithm == "MD5":
                    self.md5 = self._digest  # MD5 is what costs the most: one of them is enough
                break
        self.digests = [self.md5] if self._digest is self.md5 else [self.md5, self._digest]

    def prove(self) -> str:
        """Hold what was read against what the store says, or else against another reading.

        Returns:
            What proves it: an algorithm, or "read twice".

        Raises:
            ClientError: BadDigest: it isn't what the store has.
        """
        with told(self._origin.named):
            return self._proof()

    def _proof(self) -> str:
        if claim := self._claim:
            if self._digest.proves(claim):
                return claim.algorithm
            if claim.certain and (not claim.parts or self._are_alike(claim.parts)):
                raise corrupt(MISREAD)
        again = content_md5(
            lambda span: self._origin.get({**self._access, **span}),
            *(self.size, self._origin.named, self.md5.part),
        )
        if again != self.md5.text():
            raise corrupt(MISREAD)
        return "read twice"

    def is_there(self) -> bool:
        """Tell whether the object is still what is read."""
        try:
            self._head()
        except ClientError:
            return False
        return True

    def _head(self, **more: Any) -> dict[str, Any]:
        access = {key: v for key, v in self._access.items() if key in _HEAD_TAKES}
        head: dict[str, Any] = self._origin.store.client.head_object(
            **{**self._origin.place, **access, **more}
        )
        if head["ETag"].strip('"') != self._access["IfMatch"].strip('"'):
            raise _precondition()  # some stores ignore conditions
        return head

    def _part(self, number: int) -> int | None:
        """Bytes of a part that the object was uploaded in; None: the store doesn't say."""
        try:
            size: int = self._head(PartNumber=number)["ContentLength"]
        except ClientError:
            return None
        return size or None

    def _part_size(self, parts: int) -> int | None:
        """Bytes of each part but the last, if all can be as large as the first; None: unknown."""
        first = self._part(1)
        return first if first is not None and -(-self.size // first) == parts else None

    def _are_alike(self, parts: int) -> bool:
        """Tell whether all parts but the last are really as large as the first."""
        first = self._part(1)
        return all(self._part(number) == first for number in range(2, parts))


def corrupt(message: str, operation: str = _COPY) -> ClientError:
    """The error of content that isn't what it is to be."""
    return failure("BadDigest", message, 400, operation)
