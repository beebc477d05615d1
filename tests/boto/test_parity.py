"""One body of boto3 calls on a plain client and on the router, with the same answers."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from s3r_spark.boto import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.store import Store

# What differs from one call to the next on the same client.
VOLATILE = {
    "HTTPHeaders",
    "HostId",
    "LastModified",
    "CreationDate",
    "Initiated",
    "RequestId",
    "RetryAttempts",
    "Route",
    "UploadId",
    "UploadIdMarker",
    "NextUploadIdMarker",
    "VersionId",
    "NextVersionIdMarker",
    "VersionIdMarker",
    "DeleteMarkerVersionId",
    "CopySourceVersionId",
    "NextContinuationToken",
    "ContinuationToken",
    "NextMarker",
    "Location",
    "HostID",
    "Resource",
    "Message",
}


def stable(value: Any) -> Any:
    """An answer without what is another at each call."""
    if isinstance(value, dict):
        return {k: stable(v) for k, v in value.items() if k not in VOLATILE}
    if isinstance(value, list):
        return [stable(item) for item in value]
    if hasattr(value, "iter_chunks"):
        return value.read()
    return "a time" if isinstance(value, datetime) else value


class Body:
    """The calls, and what each answered."""

    def __init__(self, s3: Any) -> None:
        self.s3 = s3
        self.heard: list[tuple[str, Any]] = []

    def __call__(self, name: str, **given: Any) -> Any:
        try:
            response = getattr(self.s3, name)(**given)
        except ClientError as error:
            response = error.response
            self.heard.append(
                (name, (type(error).__name__, error.operation_name, stable(response)))
            )
            return response
        if hasattr(response.get("Body"), "read"):
            response["Body"] = response["Body"].read()
        self.heard.append((name, stable(response)))
        return response


def objects(say: Body, at: dict[str, str]) -> None:
    """Put, get, head, ranges, conditions, headers, delete."""
    say("get_object", **at)
    say("head_object", **at)
    put = say(
        "put_object",
        **at,
        Body=b"0123456789",
        ContentType="text/x-test",
        CacheControl="no-cache",
        Metadata={"colour": "blue"},
    )
    etag = put["ETag"]
    say("get_object", **at)
    say("get_object", **at, Range="bytes=2-4")
    say("get_object", **at, Range="bytes=99-")
    say("get_object", **at, IfMatch=etag)
    say("get_object", **at, IfMatch='"other"')
    say("get_object", **at, IfNoneMatch=etag)
    say("head_object", **at)
    say("put_object", **at, Body=b"", IfNoneMatch="*")
    say("put_object", **at, Body=b"1", ChecksumAlgorithm="SHA256")
    say("get_object", **at, ChecksumMode="ENABLED")
    say("get_object_attributes", **at, ObjectAttributes=["ETag", "ObjectSize"])
    say("delete_object", **at)
    say("get_object", **at)


def tags(say: Body, at: dict[str, str]) -> None:
    say("put_object", **at, Body=b"x", Tagging="a=b")
    say("get_object_tagging", **at)
    say("put_object_tagging", **at, Tagging={"TagSet": [{"Key": "c", "Value": "d"}]})
    say("get_object_tagging", **at)
    say("delete_object_tagging", **at)
    say("get_object_tagging", **at)


def copies(say: Body, at: dict[str, str]) -> None:
    put = say("put_object", **at, Body=b"source", Metadata={"a": "b"})
    to = {**at, "Key": at["Key"] + "-copy"}
    text = f"{at['Bucket']}/{at['Key']}"
    say("copy_object", **to, CopySource=at)
    say("head_object", **to)
    say("copy_object", **to, CopySource=text, MetadataDirective="REPLACE", Metadata={"c": "d"})
    say("head_object", **to)
    say("copy_object", **to, CopySource=at, CopySourceIfMatch=put["ETag"])
    say("copy_object", **to, CopySource=at, CopySourceIfMatch='"other"')
    say("copy_object", **to, CopySource={**at, "Key": at["Key"] + "-nothing"})


def multipart(say: Body, at: dict[str, str]) -> None:
    begun = say("create_multipart_upload", **at, ContentType="text/x-test")
    upload = {**at, "UploadId": begun["UploadId"]}
    say("list_multipart_uploads", Bucket=at["Bucket"], Prefix=at["Key"])
    parts = []
    for number, size in ((1, 5 << 20), (2, 3)):
        part = say("upload_part", **upload, PartNumber=number, Body=bytes(size))
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    say("list_parts", **upload)
    say("complete_multipart_upload", **upload, MultipartUpload={"Parts": parts})
    say("head_object", **at)
    say("head_object", **at, PartNumber=1)
    begun = say("create_multipart_upload", **at)
    say("abort_multipart_upload", **at, UploadId=begun["UploadId"])
    say("list_parts", **at, UploadId=begun["UploadId"])
    again = say("create_multipart_upload", **at)
    upload = {**at, "UploadId": again["UploadId"], "PartNumber": 1}
    part = say("upload_part_copy", **upload, CopySource=at, CopySourceRange="bytes=0-2")
    del upload["PartNumber"]
    parts = [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]
    say("complete_multipart_upload", **upload, MultipartUpload={"Parts": parts})
    say("get_object", **at)


def lists(say: Body, at: dict[str, str]) -> None:
    """Lists of one folder: a plain client's own, since one store has it."""
    bucket, folder = at["Bucket"], at["Key"].rpartition("/")[0]
    for name in ("a", "b c", "d/1", "d/2", "e+ü"):
        say("put_object", Bucket=bucket, Key=f"{folder}/list/{name}", Body=name.encode())
    place = {"Bucket": bucket, "Prefix": f"{folder}/list/"}
    for name in ("list_objects", "list_objects_v2"):
        say(name, **place)
        say(name, **place, Delimiter="/")
        say(name, **place, MaxKeys=2)
        say(name, **place, EncodingType="url")
        say(name, **place, MaxKeys=0)
        marker = "Marker" if name == "list_objects" else "StartAfter"
        say(name, **place, **{marker: f"{folder}/list/b"})
        pages = say.s3.get_paginator(name).paginate(**place, PaginationConfig={"PageSize": 2})
        say.heard.append((name, [stable(entry) for page in pages for entry in page["Contents"]]))
    say("list_object_versions", **place)
    say("delete_objects", Bucket=bucket, Delete={"Objects": [{"Key": f"{folder}/list/a"}]})


def versions(say: Body, at: dict[str, str]) -> None:
    bucket = at["Bucket"]
    first = say("put_object", **at, Body=b"1")
    say("put_object", **at, Body=b"2")
    say("delete_object", **at)
    say("get_object", **at)
    if "VersionId" in first:
        say("get_object", **at, VersionId=first["VersionId"])
    say("list_object_versions", Bucket=bucket, Prefix=at["Key"])


def transfers(say: Body, at: dict[str, str]) -> None:
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    data = bytes(range(256)) * (6 << 12)
    counted: list[int] = []
    say.s3.upload_fileobj(
        io.BytesIO(data), at["Bucket"], at["Key"], Config=parts, Callback=counted.append
    )
    buffer = io.BytesIO()
    say.s3.download_fileobj(at["Bucket"], at["Key"], buffer, Config=parts, Callback=counted.append)
    to = at["Key"] + "-copy"
    say.s3.copy(at, at["Bucket"], to, Config=parts, Callback=counted.append)
    say("head_object", Bucket=at["Bucket"], Key=to)
    say.heard.append(("bytes", (buffer.getvalue() == data, sum(counted))))


def buckets(say: Body, at: dict[str, str]) -> None:
    bucket = {"Bucket": at["Bucket"]}
    for name in (
        "head_bucket",
        "get_bucket_location",
        "get_bucket_versioning",
        "get_bucket_tagging",
    ):
        say(name, **bucket)
    say("head_bucket", Bucket="no-such-bucket")
    say("list_objects_v2", Bucket="no-such-bucket")
    say("get_object", Bucket="no-such-bucket", Key="x")


PARTS: list[Callable[[Body, dict[str, str]], None]] = [
    objects,
    tags,
    copies,
    multipart,
    lists,
    versions,
    transfers,
    buckets,
]


def compare(store: Store, other: Store, *, versioned: bool) -> None:
    """Run everything in a folder that is mapped, in one that isn't, and on the plain client."""
    for bucket in ("plain", "routed", "real"):
        store.make_bucket(bucket)
        if versioned:
            store.client().put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
    rule = {
        "client": "store",
        "source_bucket_pattern": "routed",
        "source_key_pattern": "team/*",
        "mapped_bucket_name": "real",
        "mapped_prefix": "data/of/team",
    }
    unmapped = {"client": "store", "source_bucket_pattern": "[pn][lo]*"}  # and no-such-bucket
    s3 = client(
        {
            "clients": {"default": entry(other), "store": entry(store)},
            "profiles": {"mapped": rule, "unmapped": unmapped},
        }
    )
    plain = store.client(signature_version=None)
    for part in PARTS:
        store.empty_bucket("plain")
        expected = Body(plain)
        part(expected, {"Bucket": "plain", "Key": "team/x"})
        for bucket in ("plain",) if part is buckets else ("plain", "routed"):
            store.empty_bucket("plain")
            store.empty_bucket("real")
            call = Body(s3)
            part(call, {"Bucket": bucket, "Key": "team/x"})
            heard = [(name, renamed(answer, bucket)) for name, answer in call.heard]
            for routed, theirs in zip(heard, expected.heard, strict=True):
                assert routed == theirs, (part.__name__, bucket)


def renamed(answer: Any, bucket: str) -> Any:
    """The answer with the plain bucket's name: the only name in which the two runs differ."""
    if isinstance(answer, dict):
        return {key: renamed(value, bucket) for key, value in answer.items()}
    if isinstance(answer, (list, tuple)):
        return type(answer)(renamed(item, bucket) for item in answer)
    return "plain" if answer == bucket else answer


def test_on_moto(west: Store, east: Store) -> None:
    compare(west, east, versioned=False)


@pytest.mark.slow
@pytest.mark.parametrize("versioned", [False, True])
def test_on_minio(minio_store: Store, east: Store, *, versioned: bool) -> None:
    minio_store.clear()
    compare(minio_store, east, versioned=versioned)
    minio_store.clear()


@pytest.mark.slow
def test_on_seaweed(seaweed_store: Store, east: Store) -> None:
    seaweed_store.clear()
    compare(seaweed_store, east, versioned=False)
    seaweed_store.clear()
