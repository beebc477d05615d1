"""Errors name the logical name, the real place, client and profile, each once, and what to do."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import asked, entry, forget
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    SSLError,
)

from s3r_spark.boto import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.store import Store

DEAD = {"endpoint_url": "http://127.0.0.1:1", "fail_fast": True}
PLACE = {"Bucket": "example-bucket", "Key": "team2/x"}
COPY = {"Bucket": "example-bucket", "Key": "a", "CopySource": "example-bucket/team2/x"}
BACK = {"Bucket": "example-bucket", "Key": "team2/x", "CopySource": "example-bucket/a"}
NAMED = "s3://example-bucket/team2/x, really s3://minio-bucket/data/team2/x on "
BELOW = "s3://example-bucket/, really s3://minio-bucket/data/team2/ on "


def failing(s3: Any) -> list[tuple[Callable[[], Any], str]]:
    """Calls that ask the store `minio`, and the place that their errors have to name."""
    return [
        (lambda: s3.get_object(**PLACE), NAMED),
        (lambda: s3.list_objects_v2(Bucket="example-bucket"), BELOW),
        (lambda: s3.list_object_versions(Bucket="example-bucket"), BELOW),
        (lambda: s3.list_multipart_uploads(Bucket="example-bucket"), BELOW),
        (lambda: s3.copy_object(**COPY), NAMED),
        (lambda: s3.copy_object(**BACK), NAMED),
    ]


@pytest.mark.parametrize(
    ("fields", "kind", "hint"),
    [
        (DEAD, EndpointConnectionError, "Could not connect"),
        ({"credentials": ...}, NoCredentialsError, "Unable to locate credentials"),
        (
            {"credentials": {"access_key": "no", "secret_key": "no"}},
            ClientError,
            "doesn't know the access_key of 'minio'",
        ),
    ],
)
def test_every_error_says_where(
    routes: dict[str, Any], fields: dict[str, Any], kind: type[Exception], hint: str
) -> None:
    routes["clients"]["minio"].update(fields)
    if fields.get("credentials") is ...:
        del routes["clients"]["minio"]["credentials"]
    s3 = client(routes)
    s3.put_object(Bucket="example-bucket", Key="a")
    endpoint = routes["clients"]["minio"]["endpoint_url"]
    for call, place in failing(s3):
        with pytest.raises(kind) as error:
            call()
        text = str(error.value)
        assert text.count(f"({place}{endpoint}, client 'minio', profile 'minio')") == 1, text
        assert text.count("really ") == text.count("profile ") == 1
        assert hint in text
    delete = {"Objects": [{"Key": "team2/x"}, {"Key": "a"}]}
    answer = s3.delete_objects(Bucket="example-bucket", Delete=delete)
    (left,) = answer["Errors"]
    assert left["Key"] == "team2/x"
    assert f"on {endpoint}, client 'minio', profile 'minio')" in left["Message"]


def test_all_but_the_message_is_the_stores_own(s3: Any, west: Store) -> None:
    plain = west.client()
    with pytest.raises(ClientError) as bare:
        plain.get_object(Bucket="minio-bucket", Key="data/team2/x")
    with pytest.raises(s3.exceptions.NoSuchKey) as error:
        s3.get_object(**PLACE)
    routed, unrouted = error.value.response, bare.value.response
    assert routed["Error"]["Code"] == unrouted["Error"]["Code"] == "NoSuchKey"
    assert routed["Error"]["Message"].startswith(unrouted["Error"]["Message"])
    assert routed["Error"]["Key"] == "team2/x"
    assert set(routed["Error"]) == set(unrouted["Error"])
    assert set(routed["ResponseMetadata"]) - set(unrouted["ResponseMetadata"]) == {"Route"}
    assert "really s3://minio-bucket" in str(pickle.loads(pickle.dumps(error.value)))
    with pytest.raises(ClientError, match=r"\(404\).*Not Found \(s3://example-bucket/b on http"):
        s3.head_object(Bucket="example-bucket", Key="b")


def test_https_on_a_port_that_speaks_http(routes: dict[str, Any]) -> None:
    entry = routes["clients"]["minio"]
    entry.update(endpoint_url=entry["endpoint_url"].replace("http:", "https:"), fail_fast=True)
    with pytest.raises(SSLError, match="says https, and the port speaks http"):
        client(routes).get_object(**PLACE)


@pytest.mark.parametrize(
    ("status", "headers", "body", "hint"),
    [
        (403, {}, "<Error><Code>SignatureDoesNotMatch</Code></Error>", "secret_key of client"),
        (403, {}, "", "the store gives no reason: are the keys of client 'minio' right"),
        (
            301,
            {"x-amz-bucket-region": "eu-west-3"},
            "<Error><Code>PermanentRedirect</Code></Error>",
            "in region 'eu-west-3'",
        ),
        (301, {}, "<Error><Code>PermanentRedirect</Code></Error>", "in another region, or at"),
        (
            400,
            {},
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region></Error>",
            "in region 'eu-west-3'",
        ),
        (400, {}, "", "does the port speak https"),
        (503, {}, "<Error><Code>SlowDown</Code></Error>", None),
    ],
)
def test_hints(
    routes: dict[str, Any], status: int, headers: dict[str, str], body: str, hint: str | None
) -> None:
    routes["clients"]["minio"]["fail_fast"] = True
    s3 = client(routes)

    def server(request: Any, **_: Any) -> AWSResponse:
        answer = AWSResponse(request.url, status, headers, None)
        answer._content = body.encode()
        return answer

    s3.meta.events.register("before-send.s3", server)
    with pytest.raises(ClientError) as error:
        s3.get_object(**PLACE)
    details = str(error.value).partition("profile 'minio')")[2]
    assert (hint in details) if hint else not details


def test_a_missing_bucket_of_a_profile_is_no_empty_one(routes: dict[str, Any], west: Store) -> None:
    """Half a list is a wrong answer, on whichever page it would begin to be one."""
    s3 = client(routes)
    for key in ("a", "b", "x"):
        s3.put_object(Bucket="example-bucket", Key=key)
    west.client().delete_bucket(Bucket="minio-bucket")
    for operation in ("list_objects", "list_objects_v2", "list_object_versions"):
        with pytest.raises(s3.exceptions.NoSuchBucket) as error:
            getattr(s3, operation)(Bucket="example-bucket")
        assert "without this bucket (routes: profile 'minio') a list" in str(error.value)
        assert error.value.response["Error"]["BucketName"] == "example-bucket"
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_multipart_uploads(Bucket="example-bucket")
    first = s3.list_objects_v2(Bucket="example-bucket", MaxKeys=2)
    assert [entry["Key"] for entry in first["Contents"]] == ["a", "b"]
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_objects_v2(
            Bucket="example-bucket", ContinuationToken=first["NextContinuationToken"]
        )
    behind = s3.list_objects_v2(Bucket="example-bucket", StartAfter="team3")
    assert [entry["Key"] for entry in behind["Contents"]] == ["x"]  # nothing of it can be there


def test_nobody_has_said_that_the_default_client_has_a_bucket(s3: Any, east: Store) -> None:
    s3.put_object(**PLACE)
    east.clear()
    assert [f["Key"] for f in s3.list_objects_v2(Bucket="example-bucket")["Contents"]] == [
        "team2/x"
    ]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="example-bucket")


def test_a_bucket_is_there_if_any_of_its_stores_has_it(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    s3 = client(routes)
    forget(east, west)
    s3.head_bucket(Bucket="example-bucket")
    assert (asked(east), asked(west)) == (["HEAD /example-bucket"], [])
    east.clear()
    answer = s3.head_bucket(Bucket="example-bucket")
    assert answer["ResponseMetadata"]["Route"] == {"profile": "minio", "client": "minio"}
    s3.get_waiter("bucket_exists").wait(Bucket="example-bucket")
    where = s3.get_bucket_location(Bucket="example-bucket")["LocationConstraint"]
    assert where == west.region
    url = s3.generate_presigned_url("head_bucket", {"Bucket": "example-bucket"})
    assert url.startswith(f"{east.endpoint_url}/example-bucket?")
    refusing = client({**routes, "unmatched": "refuse"})
    refusing.head_bucket(Bucket="example-bucket")
    west.client().delete_bucket(Bucket="minio-bucket")
    for asking in (s3, refusing):
        with pytest.raises(ClientError, match=r"\(404\).*Not Found") as error:
            asking.head_bucket(Bucket="example-bucket")
        assert error.value.response["Error"]["Code"] == "404"
    routes["clients"]["minio"] = entry(west, **DEAD)
    with pytest.raises(EndpointConnectionError):  # it may be there
        client(routes).head_bucket(Bucket="example-bucket")
