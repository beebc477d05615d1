"""What a store's answer says of an object's content, and digests to hold against it."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from typing import Any

import pytest

from s3r_spark.proof import Claim, Digest, claims

DATA = b"0123456789"
MD5 = hashlib.md5(DATA, usedforsecurity=False)
KMS = {"ServerSideEncryption": "aws:kms"}


def test_an_etag_is_an_md5_only_where_all_says_so() -> None:
    etag = {"ETag": f'"{MD5.hexdigest()}"'}
    certain = [Claim("MD5", MD5.digest(), 0, certain=True)]
    assert claims(etag, md5_etags=True) == certain
    assert claims({**etag, "ServerSideEncryption": "AES256"}, md5_etags=True) == certain
    opaque: list[dict[str, Any]] = [
        KMS,
        {"ServerSideEncryption": "aws:kms:dsse"},
        {"SSECustomerAlgorithm": "AES256"},
        {"StorageClass": "EXPRESS_ONEZONE"},
    ]
    for more in opaque:
        assert claims({**etag, **more}, md5_etags=True) == [certain[0]._replace(certain=False)]
    assert claims(etag, md5_etags=False) == [certain[0]._replace(certain=False)]
    for odd in ("", '"abc"', f'"{MD5.hexdigest()}-0"', f'"{MD5.hexdigest().upper()}"'):
        assert claims({"ETag": odd}, md5_etags=True) == []


def test_checksums_count_by_their_kind() -> None:
    value = zlib.crc32(DATA).to_bytes(4, "big")
    text = b64encode(value).decode()
    answer = {"ETag": f'"{MD5.hexdigest()}"', "ChecksumCRC32": text, **KMS}
    assert claims(answer, md5_etags=True)[0] == Claim("CRC32", value, 0, certain=True)
    answer["ChecksumCRC32"] = f"{text}-3"
    assert claims(answer, md5_etags=True)[0] == Claim("CRC32", value, 3, certain=True)
    for odd in ({"ChecksumCRC32": text, "ChecksumType": "COMPOSITE"}, {"ChecksumCRC32": "§"}):
        assert claims({**answer, **odd}, md5_etags=True)[0].algorithm == "MD5"


@pytest.mark.parametrize("steps", [1, 3, 10])
@pytest.mark.parametrize(
    ("algorithm", "function"),
    [
        ("MD5", lambda data: hashlib.md5(data, usedforsecurity=False).digest()),
        ("SHA1", lambda data: hashlib.sha1(data, usedforsecurity=False).digest()),
        ("SHA256", lambda data: hashlib.sha256(data).digest()),
        ("CRC32", lambda data: zlib.crc32(data).to_bytes(4, "big")),
    ],
)
def test_digests_of_content_and_of_parts(algorithm: str, function: Any, steps: int) -> None:
    expected = {
        0: function(DATA),
        4: function(b"".join(function(DATA[at : at + 4]) for at in range(0, 10, 4))),
        5: function(function(DATA[:5]) + function(DATA[5:])),
        10: function(function(DATA)),
    }
    for part, value in expected.items():
        digest = Digest(algorithm, part)
        for at in range(0, 10, steps):
            digest.update(DATA[at : at + steps])
        assert digest.digest() == value
        assert digest.proves(Claim(algorithm, value, -(-10 // part) if part else 0, certain=True))
