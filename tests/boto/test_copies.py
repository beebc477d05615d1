"""Copies between stores, and deletes over several."""

from __future__ import annotations

import errno
import io
import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import asked, forget
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from s3r_spark.boto import client, transfer_parts

if TYPE_CHECKING:
    from servers.store import Store

BUCKET = "example-bucket"
FROM = {"Bucket": BUCKET, "Key": "team2/source"}
TO = {"Bucket": BUCKET, "Key": "copy"}
HEADERS: dict[str, Any] = {
    "ContentType": "text/x-test",
    "CacheControl": "no-cache",
    "ContentDisposition": "inline",
    "ContentLanguage": "de",
    "Metadata": {"colour": "blue"},
}


@pytest.fixture
def source(s3: Any) -> Any:
    """An object in the other store, with all that an object can have."""
    return s3.put_object(**FROM, Body=b"data", Tagging="team=two&kind=a%20b", **HEADERS)


def described(s3: Any, place: dict[str, str]) -> dict[str, Any]:
    head = s3.head_object(**place)
    return {name: head.get(name) for name in HEADERS}


def tags(s3: Any, place: dict[str, str]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(**place)["TagSet"]}


@pytest.mark.usefixtures("source")
def test_a_copy_has_what_the_source_has(s3: Any, east: Store) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=2)
    response = s3.copy_object(**TO, CopySource=FROM)
    assert east.get(BUCKET, "copy") == b"data"
    assert described(s3, TO) == HEADERS
    assert tags(s3, TO) == {"team": "two", "kind": "a b"}
    assert response["CopyObjectResult"]["ETag"] == s3.head_object(**TO)["ETag"]
    assert response["CopyObjectResult"]["LastModified"] > before
    assert [part["client"] for part in response["ResponseMetadata"]["Route"]["parts"]] == [
        "minio",
        "default",
    ]


@pytest.mark.usefixtures("source")
def test_a_copy_can_have_its_own(s3: Any) -> None:
    s3.copy_object(
        **TO,
        CopySource=f"{BUCKET}/team2/source",
        MetadataDirective="REPLACE",
        Metadata={"colour": "red"},
        TaggingDirective="REPLACE",
        Tagging="team=one",
    )
    assert s3.head_object(**TO)["Metadata"] == {"colour": "red"}
    assert "CacheControl" not in s3.head_object(**TO)
    assert tags(s3, TO) == {"team": "one"}


@pytest.mark.usefixtures("source")
def test_a_copy_within_a_store_is_the_stores(s3: Any, east: Store, west: Store) -> None:
    forget(east, west)
    s3.copy_object(Bucket=BUCKET, Key="team2/copy", CopySource=FROM)
    assert asked(west) == ["PUT /minio-bucket/data/team2/copy"]
    assert west.requests()[0]["copy_source"].removeprefix("/") == "minio-bucket/data/team2/source"
    assert asked(east) == []


def test_conditions_are_honoured(s3: Any, source: dict[str, Any], east: Store) -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=timezone.utc)
    refused: list[dict[str, Any]] = [
        {"CopySourceIfMatch": '"nothing"'},
        {"CopySourceIfNoneMatch": source["ETag"]},
        {"CopySourceIfUnmodifiedSince": long_ago},
    ]
    for conditions in refused:
        with pytest.raises(ClientError) as error:
            s3.copy_object(**TO, CopySource=FROM, **conditions)
        assert error.value.response["Error"]["Code"] == "PreconditionFailed"
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert east.keys(BUCKET) == []
    s3.copy_object(**TO, CopySource=FROM, CopySourceIfMatch=source["ETag"])
    copy = s3.meta.service_model.operation_model("CopyObject")
    if "IfNoneMatch" in copy.input_shape.members:  # older botocore doesn't take it
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.copy_object(**TO, CopySource=FROM, IfNoneMatch="*")


def test_an_unknown_source_is_said_under_its_logical_name(s3: Any) -> None:
    with pytest.raises(s3.exceptions.NoSuchKey) as error:
        s3.copy_object(**TO, CopySource={"Bucket": BUCKET, "Key": "team2/nothing"})
    assert error.value.operation_name == "CopyObject"
    assert error.value.response["Error"]["Key"] == "team2/nothing"


@pytest.mark.parametrize(("size", "parts"), [(0, 0), (5 << 20, 0), ((5 << 20) + 1, 2)])
def test_large_objects_go_in_parts(
    s3: Any, size: int, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_parts, "PART", 5 << 20)  # S3's smallest
    data = os.urandom(size)
    s3.put_object(**FROM, Body=data, Tagging="a=b", **HEADERS)
    response = s3.copy_object(**TO, CopySource=FROM)
    assert s3.get_object(**TO)["Body"].read() == data
    assert response["CopyObjectResult"]["ETag"].endswith(f'-{parts}"') == bool(parts)
    assert described(s3, TO) == HEADERS
    assert tags(s3, TO) == {"a": "b"}
    assert response["CopyObjectResult"]["ETag"] == s3.head_object(**TO)["ETag"]


def test_nothing_half_written_is_left(
    s3: Any, east: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_parts, "PART", 5 << 20)
    s3.put_object(**FROM, Body=bytes(12 << 20))
    plain = s3._s3r_router.stores.plain("minio")
    calls: list[str] = []

    def change(request: Any, **_: Any) -> None:
        calls.append(request.url)
        if len(calls) == 3:  # the second part's: somebody writes the source meanwhile
            plain.put_object(Bucket="minio-bucket", Key="data/team2/source", Body=b"new")

    plain.meta.events.register("before-send.s3.GetObject", change)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.copy_object(**TO, CopySource=FROM)
    assert east.keys(BUCKET) == []
    assert "Uploads" not in east.client().list_multipart_uploads(Bucket=BUCKET)


def test_an_upload_is_aborted_as_it_was_begun(
    s3: Any, east: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an owner is expected, or the requester pays, one that doesn't say so is refused."""
    monkeypatch.setattr(transfer_parts, "PART", 5 << 20)
    s3.put_object(**FROM, Body=bytes((5 << 20) + 1))
    aborted: dict[str, Any] = {}

    def hear(request: Any, **_: Any) -> None:
        aborted.update(request.headers)

    def fail(**_: Any) -> None:
        raise OSError(errno.ENOSPC, "no")

    events = s3._s3r_router.stores.plain("default").meta.events
    events.register("before-send.s3.AbortMultipartUpload", hear)
    events.register("before-call.s3.CompleteMultipartUpload", fail)
    owner = {"ExpectedBucketOwner": "1" * 12, "RequestPayer": "requester"}
    with pytest.raises(OSError, match="no"):
        s3.copy_object(**TO, CopySource=FROM, **owner)
    assert aborted["x-amz-expected-bucket-owner"] == ("1" * 12).encode()
    assert aborted["x-amz-request-payer"] == b"requester"
    assert "Uploads" not in east.client().list_multipart_uploads(Bucket=BUCKET)


@pytest.mark.usefixtures("source")
def test_a_full_disk_is_no_broken_connection(
    s3: Any, west: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    spooled = "s3r_spark.boto.transfer.tempfile.SpooledTemporaryFile"
    monkeypatch.setattr(spooled, lambda **_: Full())
    forget(west)
    with pytest.raises(OSError, match="No space left"):
        s3.copy_object(**TO, CopySource=FROM)
    assert len([path for path in asked(west) if path.startswith("GET")]) == 2  # one is of its tags


@pytest.mark.usefixtures("source")
def test_no_body_stays_open_where_tags_cant_be_read(s3: Any) -> None:
    bodies: list[Any] = []

    def keep(parsed: dict[str, Any], **_: Any) -> None:
        bodies.append(parsed["Body"])

    def refuse(**_: Any) -> None:
        raise PermissionError("tags")

    events = s3._s3r_router.stores.plain("minio").meta.events
    events.register("after-call.s3.GetObject", keep)
    events.register("before-call.s3.GetObjectTagging", refuse)
    with pytest.raises(PermissionError, match="tags"):
        s3.copy_object(**TO, CopySource=FROM)
    assert [body._raw_stream.closed for body in bodies] == [True]


@pytest.mark.usefixtures("source")
def test_what_arrives_damaged_is_removed(s3: Any, east: Store) -> None:
    def damage(params: dict[str, Any], **_: Any) -> None:
        params["Body"] = b"date"

    events = s3._s3r_router.stores.plain("default").meta.events
    events.register("provide-client-params.s3.PutObject", damage)
    with pytest.raises(ClientError, match=r"BadDigest.*it was removed"):
        s3.copy_object(**TO, CopySource=FROM)
    assert east.keys(BUCKET) == []


@pytest.mark.parametrize("size", [4, (5 << 20) + 1])
def test_what_another_writes_meanwhile_is_left(
    s3: Any, east: Store, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(transfer_parts, "PART", 5 << 20)
    s3.put_object(**FROM, Body=bytes(size))

    def damage(params: dict[str, Any], **_: Any) -> None:
        if params.get("PartNumber") != 1:
            params["Body"] = b"else"

    def overwrite(**_: Any) -> None:
        east.put(BUCKET, "copy", b"newer")

    events = s3._s3r_router.stores.plain("default").meta.events
    for operation in ("PutObject", "UploadPart"):
        events.register(f"provide-client-params.s3.{operation}", damage)
    for operation in ("PutObject", "CompleteMultipartUpload"):
        events.register(f"after-call.s3.{operation}", overwrite)
    with pytest.raises(ClientError, match=r"BadDigest.*it was left"):
        s3.copy_object(**TO, CopySource=FROM)
    assert east.get(BUCKET, "copy") == b"newer"


@pytest.mark.usefixtures("source")
def test_what_is_read_damaged_is_not_written(s3: Any, east: Store) -> None:
    def damage(parsed: dict[str, Any], **_: Any) -> None:
        parsed["ETag"] = '"00000000000000000000000000000000"'

    s3._s3r_router.stores.plain("minio").meta.events.register("after-call.s3.GetObject", damage)
    with pytest.raises(ClientError, match=r"BadDigest.*source store"):
        s3.copy_object(**TO, CopySource=FROM)
    assert east.keys(BUCKET) == []


def test_conditions_that_a_store_ignores_are_honoured(
    s3: Any, source: dict[str, Any], east: Store
) -> None:
    def ignore(request: Any, **_: Any) -> None:
        for name in [name for name in request.headers if name.lower().startswith("if-")]:
            del request.headers[name]

    s3._s3r_router.stores.plain("minio").meta.events.register("before-sign.s3.GetObject", ignore)
    past, future = (datetime(year, 1, 1, tzinfo=timezone.utc) for year in (2001, 2101))
    for conditions in (
        {"CopySourceIfMatch": '"nothing"'},
        {"CopySourceIfNoneMatch": source["ETag"]},
        {"CopySourceIfUnmodifiedSince": past},
        {"CopySourceIfModifiedSince": "2101-01-01T00:00:00Z"},
    ):
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.copy_object(**TO, CopySource=FROM, **conditions)
    assert east.keys(BUCKET) == []
    tag = source["ETag"]
    s3.copy_object(**TO, CopySource=FROM, CopySourceIfMatch=tag, CopySourceIfUnmodifiedSince=past)
    s3.copy_object(
        **TO, CopySource=FROM, CopySourceIfNoneMatch='"x"', CopySourceIfModifiedSince=future
    )


@pytest.mark.parametrize("to", [TO, {**TO, "Key": "team2/copy"}], ids=["across", "within"])
@pytest.mark.parametrize("large", [False, True])
def test_headers_that_are_not_ascii_arrive_as_they_are(
    s3: Any, to: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, large: bool
) -> None:
    """Browsers send a file's name in UTF-8; botocore reads it as latin-1."""
    headers = {name: f'a; b="ü{name}"' for name in HEADERS if name != "Metadata"}
    s3.put_object(**FROM, Body=bytes((5 << 20) + 1 if large else 1), **headers)
    assert described(s3, FROM)["ContentDisposition"] == 'a; b="Ã¼ContentDisposition"'
    monkeypatch.setattr(transfer_parts, "PART", 5 << 20)
    s3.copy_object(**to, CopySource=FROM)
    assert described(s3, to) == described(s3, FROM)


def test_an_expiry_that_is_no_date_stays_one_in_the_past(s3: Any, west: Store) -> None:
    def expired(request: Any, **_: Any) -> None:
        request.headers["Expires"] = "0"

    plain = west.client()
    plain.meta.events.register("before-sign.s3.PutObject", expired)
    plain.put_object(Bucket="minio-bucket", Key="data/team2/source")
    s3.copy_object(**TO, CopySource=FROM)
    assert s3.head_object(**TO)["Expires"].year == 1970


@pytest.mark.usefixtures("source")
def test_who_is_expected_to_own_a_bucket_is_said_in_every_request(s3: Any) -> None:
    owners: dict[str, Any] = {}

    def hear(request: Any, event_name: str, **_: Any) -> None:
        owners[event_name] = request.headers["x-amz-expected-bucket-owner"].decode()

    for name in ("default", "minio"):
        s3._s3r_router.stores.plain(name).meta.events.register("before-send.s3", hear)
    s3.copy_object(
        **TO,
        CopySource=FROM,
        ExpectedBucketOwner="1" * 12,
        ExpectedSourceBucketOwner="2" * 12,
    )
    assert owners == {
        "before-send.s3.GetObject": "2" * 12,
        "before-send.s3.GetObjectTagging": "2" * 12,
        "before-send.s3.PutObject": "1" * 12,
    }
    s3.list_multipart_uploads(Bucket=BUCKET, ExpectedBucketOwner="3" * 12)
    assert owners["before-send.s3.ListMultipartUploads"] == "3" * 12


@pytest.mark.usefixtures("source")
def test_a_broken_connection_is_read_again(s3: Any, east: Store) -> None:
    broken: list[bool] = []

    def cut(parsed: dict[str, Any], **_: Any) -> None:
        if not broken:
            broken.append(True)
            parsed["Body"].read(2)  # two bytes of four are gone

    s3._s3r_router.stores.plain("minio").meta.events.register("after-call.s3.GetObject", cut)
    s3.copy_object(**TO, CopySource=FROM)
    assert broken
    assert east.get(BUCKET, "copy") == b"data"


def test_managed_copies_count_every_byte(s3: Any, east: Store) -> None:
    data = os.urandom(12 << 20)
    s3.put_object(**FROM, Body=data)
    counted: list[int] = []
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    s3.copy(FROM, BUCKET, "copy", Callback=counted.append, Config=parts)
    assert east.get(BUCKET, "copy") == data
    assert sum(counted) == len(data)
    assert s3.head_object(**TO)["ETag"].endswith('-3"')


@pytest.mark.usefixtures("source")
def test_parts_of_a_source(s3: Any, east: Store) -> None:
    upload = s3.create_multipart_upload(**TO)["UploadId"]
    part = {**TO, "UploadId": upload, "PartNumber": 1, "CopySource": FROM}
    for wrong in ("bytes=1", "bytes=3-1", "0-1"):
        with pytest.raises(ClientError, match="InvalidArgument"):
            s3.upload_part_copy(**part, CopySourceRange=wrong)
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.upload_part_copy(**part, CopySourceRange="bytes=0-99")
    response = s3.upload_part_copy(**part, CopySourceRange="bytes=1-2")
    parts = [{"PartNumber": 1, "ETag": response["CopyPartResult"]["ETag"]}]
    s3.complete_multipart_upload(**TO, UploadId=upload, MultipartUpload={"Parts": parts})
    assert east.get(BUCKET, "copy") == b"at"


def test_deletes_of_several_stores_are_one_answer_in_the_requests_order(
    s3: Any, east: Store, west: Store
) -> None:
    keys = ["z", "team2/b", "a", "team2/a", "missing"]
    for key in keys[:4]:
        s3.put_object(Bucket=BUCKET, Key=key)
    east.put(BUCKET, "team2/b")
    forget(east, west)
    response = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys]})
    assert [entry["Key"] for entry in response["Deleted"]] == keys
    assert (len(asked(east)), len(asked(west))) == (1, 1)
    assert (east.keys(BUCKET), west.keys("minio-bucket")) == (["team2/b"], [])


def test_deletes_in_one_store_are_one_plain_request(s3: Any, west: Store) -> None:
    s3.put_object(**FROM)
    forget(west)
    response = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "team2/source"}]})
    assert [entry["Key"] for entry in response["Deleted"]] == ["team2/source"]
    assert response["ResponseMetadata"]["Route"] == {"profile": "minio", "client": "minio"}
    assert len(asked(west)) == 1


@pytest.mark.parametrize("broken", ["keys", "bucket", "address"])
def test_one_stores_errors_leave_the_others_results(
    routes: dict[str, Any], west: Store, broken: str
) -> None:
    minio = routes["clients"]["minio"]
    minio["botocore"] = {"retries": {"total_max_attempts": 1}}
    if broken == "keys":
        minio["credentials"] = {"access_key": "wrong", "secret_key": "wrong"}
    elif broken == "bucket":
        west.clear()
    else:
        minio["endpoint_url"] = "http://127.0.0.1:9"
    s3 = client(routes)
    s3.put_object(Bucket=BUCKET, Key="a")
    objects = [{"Key": "team2/x"}, {"Key": "a"}, {"Key": "team2/y"}]
    response = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects})
    assert [entry["Key"] for entry in response["Deleted"]] == ["a"]
    assert [entry["Key"] for entry in response["Errors"]] == ["team2/x", "team2/y"]
    code = {
        "keys": "InvalidAccessKeyId",
        "bucket": "NoSuchBucket",
        "address": "EndpointConnectionError",
    }
    assert {entry["Code"] for entry in response["Errors"]} == {code[broken]}


def test_names_of_deletes_are_the_stores_where_they_are_asked_for(routes: dict[str, Any]) -> None:
    objects = [{"Key": "team2/x"}, {"Key": "a"}]
    response = client(routes, names="physical").delete_objects(
        Bucket=BUCKET, Delete={"Objects": objects}
    )
    assert [entry["Key"] for entry in response["Deleted"]] == ["data/team2/x", "a"]


@pytest.mark.filterwarnings("ignore::s3r_spark.errors.RoutesWarning")  # shared, as they say
def test_an_object_of_two_names_is_deleted_under_both(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    routes["profiles"]["strip"] = {
        "client": "default",
        "source_bucket_pattern": BUCKET,
        "source_key_pattern": "strip/*",
        "mapped_prefix": "",
    }
    s3 = client(routes)
    for keys in (["strip/x", "x"], ["x", "strip/x", "team2/x"]):
        east.put(BUCKET, "x")
        forget(east, west)
        response = s3.delete_objects(
            Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys]}
        )
        assert [entry["Key"] for entry in response["Deleted"]] == keys
        assert east.keys(BUCKET) == []
