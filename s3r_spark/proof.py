"""Proof of content: what stores say of an object's bytes, and digests to hold against it.

A length proves nothing, and neither does an ETag of which nobody says that it is an MD5. What a
store says is a `Claim`; while bytes pass, a `Digest` of the claim's kind is computed. Nothing here
knows a client: answers are dicts as boto3 gives them.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ETAG = re.compile(r'"?([0-9a-f]{32})(?:-([1-9]\d{0,4}))?"?')
_CHECKSUM = re.compile(r"([A-Za-z0-9+/]+=*)(?:-([1-9]\d{0,4}))?")
# In the order in which they are looked for: of the content first what any Python can compute.
CHECKSUMS = ("SHA256", "SHA1", "CRC32", "CRC64NVME", "CRC32C")


class Claim(NamedTuple):
    """Claims of a store about an object's content.

    Attributes:
        algorithm: MD5 or one of CHECKSUMS.
        value: the digest.
        parts: it is a digest of the digests of so many parts; 0: of the content itself.
        certain: whether another digest proves other content. Where it isn't, only an equal one
            proves anything: an ETag may look like an MD5 and be none.
    """

    algorithm: str
    value: bytes
    parts: int
    certain: bool


def claims(answer: Mapping[str, Any], *, md5_etags: bool) -> list[Claim]:
    """List the claims of an answer about an object's content, the best first.

    An ETag is an MD5 of what the store got neither where the object is encrypted by SSE-KMS or
    SSE-C, nor in S3 Express:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html

    Args:
        answer: of GetObject, HeadObject, PutObject, UploadPart or CompleteMultipartUpload.
        md5_etags: whether ETags of this store are MD5s, as far as the answer says nothing else.
    """
    out: list[Claim] = []
    if match := _ETAG.fullmatch(answer.get("ETag", "")):
        certain = md5_etags and not is_opaque(answer)
        out.append(Claim("MD5", bytes.fromhex(match[1]), int(match[2] or 0), certain))
    for algorithm in CHECKSUMS:
        text = answer.get(f"Checksum{algorithm}")
        checksum = _CHECKSUM.fullmatch(text) if text else None
        if checksum is None or algorithm not in _makers():
            continue
        parts = int(checksum[2] or 0)
        if not parts and answer.get("ChecksumType") == "COMPOSITE":
            continue  # of parts whose number isn't said
        try:
            out.append(Claim(algorithm, b64decode(checksum[1], validate=True), parts, certain=True))
        except NotBase64:
            continue
    return sorted(out, key=lambda claim: (not claim.certain, claim.parts > 0))


def is_opaque(answer: Mapping[str, Any]) -> bool:
    """Tell whether a store says of an object that its ETag is no MD5, whatever others are."""
    return (
        str(answer.get("ServerSideEncryption", "")).startswith("aws:kms")
        or "SSECustomerAlgorithm" in answer
        or answer.get("StorageClass") == "EXPRESS_ONEZONE"
    )


def computable() -> set[str]:
    """The algorithms that can be computed here."""
    return set(_makers())


class Digest:
    """A digest of content as it passes, of the kind that a claim is of.

    Args:
        algorithm: MD5 or one of CHECKSUMS.
        part: bytes of each part but the last, where it is to be a digest of the parts' digests;
            0: of the content itself.

    Attributes:
        algorithm, part: as they were given.
    """

    def __init__(self, algorithm: str, part: int = 0) -> None:
        self.algorithm, self.part = algorithm, part
        self._make = _makers()[algorithm]
        self._now = self._make()
        self._left = part
        self._done = bytearray()

    def update(self, content: bytes | bytearray | memoryview) -> None:
        """Take in what comes next."""
        if not self.part:
            self._now.update(content)
            return
        view = memoryview(content)
        while view:
            if not self._left:
                self._next_part()
            some, view = view[: self._left], view[self._left :]
            self._now.update(some)
            self._left -= len(some)

    def _next_part(self) -> None:
        self._done += self._now.digest()
        self._now, self._left = self._make(), self.part

    def digest(self) -> bytes:
        """The digest of all that has passed."""
        if not self.part:
            return self._now.digest()
        whole = self._make()
        whole.update(bytes(self._done) + self._now.digest())
        return whole.digest()

    def text(self) -> str:
        """The digest in hex; of parts, with the bytes of each behind a slash."""
        return f"{self.digest().hex()}/{self.part}" if self.part else self.digest().hex()

    def proves(self, claim: Claim) -> bool:
        """Tell whether what has passed is what the claim is of."""
        return self.digest() == claim.value


def part_of(text: str) -> int:
    """The bytes of each part that a digest's text is of; 0: it is of the content itself."""
    return int(text.partition("/")[2] or 0)


class _Hash(Protocol):
    def update(self, data: bytes | bytearray | memoryview, /) -> None: ...
    def digest(self) -> bytes: ...


class _Crc:
    def __init__(self, function: Callable[[Any, int], int], size: int) -> None:
        self._function, self._size, self._value = function, size, 0

    def update(self, data: bytes | bytearray | memoryview, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


@cache
def _makers() -> dict[str, Callable[[], _Hash]]:
    """Map algorithms to what computes them; AWS's own CRCs are there where awscrt is installed."""
    out: dict[str, Callable[[], _Hash]] = {
        "MD5": lambda: hashlib.md5(usedforsecurity=False),
        "SHA256": hashlib.sha256,
        "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
        "CRC32": lambda: _Crc(zlib.crc32, 4),
    }
    try:
        from awscrt import checksums  # noqa: PLC0415 - the extra of boto3's, which few have
    except ImportError:
        return out
    out["CRC32C"] = lambda: _Crc(lambda data, value: checksums.crc32c(bytes(data), value), 4)
    if hasattr(checksums, "crc64nvme"):
        out["CRC64NVME"] = lambda: _Crc(
            lambda data, value: checksums.crc64nvme(bytes(data), value), 8
        )
    return out
