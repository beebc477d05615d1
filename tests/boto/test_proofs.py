"""A copy between stores is what its source is, or it is none: one flipped byte is found."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from boto.conftest import entry
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from s3transfer.manager import TransferManager
from servers.counting import counted

from s3r_spark.boto import client, transfer_parts
from s3r_spark.fs import S3RFileSystem

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from servers.store import Store

BUCKET = "example-bucket"
FROM = {"Bucket": BUCKET, "Key": "team2/source"}
TO = {"Bucket": BUCKET, "Key": "copy"}
PLACE = {"Bucket": "minio-bucket", "Key": "data/team2/source"}
MIB = 1 << 20
PARTS = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
ALL = range(10**6)
MISREAD = "not what it says that it has"


class Flips:
    """Flips a byte of the answers with data that have one of the numbers."""

    def __init__(self) -> None:
        self.numbers: Container[int] = ()
        self.count = 0

    def __call__(self, method: str, path: str, content: bytes) -> bytes:
        if method != "GET" or not path.partition("?")[0].endswith("/source") or not content:
            return content
        self.count += 1
        return content[:-1] + bytes([content[-1] ^ 1]) if self.count in self.numbers else content


class Spoiled(NamedTuple):
    """Routes by which all that is read of the source's store comes through what flips bytes."""

    routes: dict[str, Any]
    east: Store
    west: Store
    flips: Flips


@pytest.fixture
def spoiled(routes: Any, east: Store, west: Store, monkeypatch: Any) -> Iterator[Spoiled]:
    monkeypatch.setattr(transfer_parts, "PART", 5 * MIB)
    flips = Flips()
    with counted(west, spoiled=flips) as between:
        routes["clients"]["minio"] = entry(between)
        yield Spoiled(routes, east, west, flips)


def copied(routes: Any) -> None:
    client(routes).copy_object(**TO, CopySource=FROM)


def carried(routes: Any) -> None:
    client(routes).copy(FROM, BUCKET, "copy", Config=PARTS)


def managed(routes: Any) -> None:
    with TransferManager(client(routes), PARTS) as manager:
        manager.copy(FROM, BUCKET, "copy").result()


def moved(routes: Any) -> None:
    S3RFileSystem(routes, skip_instance_cache=True).mv(f"{BUCKET}/team2/source", f"{BUCKET}/copy")


WAYS = [copied, carried, moved]


def put(store: Store, data: bytes, part: int | None) -> None:
    """Lay the source into its store, at once or in parts."""
    plain = store.client()
    if part is None:
        plain.put_object(**PLACE, Body=data)
        return
    upload = {**PLACE, "UploadId": plain.create_multipart_upload(**PLACE)["UploadId"]}
    parts = []
    for number, start in enumerate(range(0, len(data), part), 1):
        response = plain.upload_part(**upload, PartNumber=number, Body=data[start : start + part])
        parts.append({"PartNumber": number, "ETag": response["ETag"]})
    plain.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


@pytest.mark.parametrize(
    ("source", "way"),
    [
        *[((7, None), way) for way in WAYS],
        *[((11 * MIB, None), way) for way in WAYS],
        ((13 * MIB, 6 * MIB), copied),
        *[pytest.param((13 * MIB, 6 * MIB), way, marks=pytest.mark.slow) for way in WAYS[1:]],
    ],
)
def test_a_byte_that_is_always_flipped_is_found(
    spoiled: Spoiled, way: Callable[[Any], None], source: tuple[int, int | None]
) -> None:
    east, west = spoiled.east, spoiled.west
    data = os.urandom(source[0])
    put(west, data, source[1])
    spoiled.flips.numbers = ALL
    with pytest.raises((ClientError, OSError), match=MISREAD):
        way(spoiled.routes)
    assert east.keys(BUCKET) == []
    assert "Uploads" not in east.client().list_multipart_uploads(Bucket=BUCKET)
    assert west.keys("minio-bucket") == [PLACE["Key"]]
    spoiled.flips.numbers = ()
    way(spoiled.routes)
    assert east.get(BUCKET, "copy") == data


@pytest.mark.parametrize("way", [*WAYS, managed])
@pytest.mark.parametrize("number", [2, pytest.param(1, marks=pytest.mark.slow)])
def test_one_flipped_byte_in_any_part_is_found(
    spoiled: Spoiled, way: Callable[[Any], None], number: int
) -> None:
    """Here the store promises nothing about its ETags, so that a wrong one proves nothing."""
    spoiled.routes["clients"]["minio"]["service"] = "generic"
    put(spoiled.west, os.urandom(11 * MIB), None)
    spoiled.flips.numbers = {number + (way is not managed)}  # the first one is of the whole object
    with pytest.raises((ClientError, OSError), match=MISREAD):
        way(spoiled.routes)
    assert spoiled.east.keys(BUCKET) == []
    assert spoiled.west.keys("minio-bucket") == [PLACE["Key"]]


# -- stores whose ETags are no MD5s ----------------------------------------------------------------


def opaque(plain: Any) -> None:
    """Let a store seem to encrypt by SSE-KMS: its ETags look like MD5s, and are none."""

    def turn(parsed: dict[str, Any], **_: Any) -> None:
        if "ETag" in parsed:
            parsed["ETag"] = turned(parsed["ETag"])
            parsed["ServerSideEncryption"] = "aws:kms"
            for name in [name for name in parsed if name.startswith("Checksum")]:
                del parsed[name]

    def turn_back(params: dict[str, Any], **_: Any) -> None:
        if "IfMatch" in params:
            params["IfMatch"] = turned(params["IfMatch"])

    for operation in ("GetObject", "HeadObject", "PutObject", "CompleteMultipartUpload"):
        plain.meta.events.register(f"after-call.s3.{operation}", turn)
        plain.meta.events.register(f"before-parameter-build.s3.{operation}", turn_back)


def turned(etag: str) -> str:
    value, dash, parts = etag.strip('"').partition("-")
    return f'"{value[::-1]}{dash}{parts}"'


@pytest.mark.parametrize("size", [7, 11 * MIB])
def test_where_no_store_says_anything_both_are_read_again(spoiled: Spoiled, size: int) -> None:
    data = os.urandom(size)
    put(spoiled.west, data, None)
    s3 = client(spoiled.routes)
    for name in ("default", "minio"):
        opaque(s3._s3r_router.stores.plain(name))
    response = s3.copy_object(**TO, CopySource=FROM)
    assert response["ResponseMetadata"]["Proof"] == {"source": "read twice", "target": "read back"}
    assert spoiled.east.get(BUCKET, "copy") == data
    spoiled.east.empty_bucket(BUCKET)

    def damage(params: dict[str, Any], **_: Any) -> None:
        if params.get("PartNumber") in {None, 3}:
            params["Body"] = b"other"

    for operation in ("PutObject", "UploadPart"):
        event = f"provide-client-params.s3.{operation}"
        s3._s3r_router.stores.plain("default").meta.events.register(event, damage)
    with pytest.raises(ClientError, match=r"BadDigest.*it was removed"):
        s3.copy_object(**TO, CopySource=FROM)
    assert spoiled.east.keys(BUCKET) == []


def test_a_move_that_cant_be_proven_deletes_nothing(routes: Any, east: Store, west: Store) -> None:
    """Who may write to a store, but not read, gets no ETag that is an MD5."""
    put(west, b"data", None)
    with counted(
        east, lambda method, path: method in {"GET", "HEAD"} and path.endswith("/copy")
    ) as blind:
        routes["clients"]["default"] = entry(blind, service="generic")
        fs: Any = S3RFileSystem(routes)
        fs.cp_file(f"{BUCKET}/team2/source", f"{BUCKET}/copy")
        opaque(fs.session._last._router.stores.plain("default"))
        with pytest.raises(PermissionError, match="nothing was deleted"):
            fs.mv([f"{BUCKET}/team2/source"], [f"{BUCKET}/copy"])
    assert west.keys("minio-bucket") == [PLACE["Key"]]
