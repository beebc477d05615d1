"""What keeps stores apart: regions, S3 Express sessions, trust, credentials that are renewed."""

from __future__ import annotations

import io
import warnings
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, NoCredentialsError, SSLError
from servers.minio import start_minio

from s3r_spark.boto import client
from s3r_spark.errors import RoutesWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers.store import Store


class Raw(io.BytesIO):
    """A body as urllib3 has it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def answer(request: Any, status: int, headers: dict[str, str], body: str = "") -> AWSResponse:
    return AWSResponse(request.url, status, headers, Raw(body.encode()))


def aws(region: str, key: str) -> dict[str, Any]:
    keys = {"access_key": key, "secret_key": "secret"}
    return {"service": "aws", "region": region, "credentials": keys}


@pytest.fixture
def sales() -> Any:
    """Two regions, or accounts, of AWS with one bucket name."""
    clients = {"default": aws("us-east-1", "KEY-EAST"), "west": aws("us-west-2", "KEY-WEST")}
    rule = {"client": "west", "source_bucket_pattern": "sales", "source_key_pattern": "w/*"}
    return client({"clients": clients, "profiles": {"west": rule}})


def authorization(request: Any) -> str:
    header = request.headers["Authorization"]
    return str(header.decode() if isinstance(header, bytes) else header)


def test_a_region_redirect_is_remembered_for_its_own_store_alone(sales: Any) -> None:
    sent: list[tuple[str, str]] = []

    def server(request: Any, **_: Any) -> AWSResponse:
        host = request.url.split("/")[2]
        sent.append((host, authorization(request)))
        if "KEY-EAST" in authorization(request) and "eu-central-1" not in host:
            return answer(request, 301, {"x-amz-bucket-region": "eu-central-1"})
        return answer(request, 200, {})

    sales.meta.events.register("before-send.s3", server)
    sales.head_object(Bucket="sales", Key="x")
    sales.head_object(Bucket="sales", Key="x")
    sales.head_object(Bucket="sales", Key="w/x")
    assert [host for host, _ in sent] == [
        "sales.s3.amazonaws.com",
        "sales.s3.eu-central-1.amazonaws.com",
        "sales.s3.eu-central-1.amazonaws.com",
        "sales.s3.us-west-2.amazonaws.com",
    ]
    scopes = [header.split("Credential=")[1].split(",")[0].split("/") for _, header in sent]
    assert [(scope[0], scope[2]) for scope in scopes] == [
        ("KEY-EAST", "us-east-1"),
        ("KEY-EAST", "eu-central-1"),
        ("KEY-EAST", "eu-central-1"),
        ("KEY-WEST", "us-west-2"),
    ]


def test_sessions_of_s3_express_are_the_stores_own() -> None:
    bucket = "sales--use1-az4--x-s3"
    clients = {"default": aws("us-east-1", "KEY-ONE"), "two": aws("us-east-1", "KEY-TWO")}
    rule = {"client": "two", "source_bucket_pattern": bucket, "source_key_pattern": "w/*"}
    s3 = client({"clients": clients, "profiles": {"two": rule}})
    sessions: list[str] = []

    def create(name: str) -> Callable[..., AWSResponse]:
        def session(request: Any, **_: Any) -> AWSResponse:
            sessions.append(name)
            until = (datetime.now(timezone.utc) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            body = (
                f"<CreateSessionResult><Credentials><AccessKeyId>SESSION-{name}</AccessKeyId>"
                "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                f"<Expiration>{until}</Expiration></Credentials></CreateSessionResult>"
            )
            return answer(request, 200, {}, body)

        return session

    for name in clients:
        events = s3._s3r_router.stores.plain(name).meta.events
        events.register("before-send.s3.CreateSession", create(name))
    used: list[str] = []

    def server(request: Any, **_: Any) -> AWSResponse:
        used.append(authorization(request).split("Credential=")[1].split("/")[0])
        return answer(request, 200, {})

    s3.meta.events.register("before-send.s3.HeadObject", server)
    for key in ("x", "w/x", "y", "w/y"):
        s3.head_object(Bucket=bucket, Key=key)
    assert used == ["SESSION-default", "SESSION-two", "SESSION-default", "SESSION-two"]
    assert sessions == ["default", "two"]


def test_a_role_is_assumed_with_the_usual_keys_and_renewed(
    monkeypatch: pytest.MonkeyPatch, east: Store
) -> None:
    requests: list[dict[str, Any]] = []

    def assume(self: Any, operation: str, arguments: dict[str, Any]) -> Any:
        assert (operation, self.meta.service_model.service_name) == ("AssumeRole", "sts")
        requests.append(arguments)
        return {
            "Credentials": {
                "AccessKeyId": east.access_key,
                "SecretAccessKey": east.secret_key,
                "SessionToken": "token",
                "Expiration": datetime.now(timezone.utc) + timedelta(seconds=1),
            },
            "AssumedRoleUser": {"AssumedRoleId": "x", "Arn": "x"},
        }

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "usual")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "usual")
    role = {"role_arn": "arn:aws:iam::123456789012:role/reader", "external_id": "me"}
    s3 = client({"clients": {"default": entry(east, credentials=role)}})
    plain = s3._s3r_router.stores.plain("default")
    with monkeypatch.context() as patch:
        patch.setattr("botocore.client.BaseClient._make_api_call", assume)
        for _ in range(2):
            keys = plain._get_credentials().get_frozen_credentials()
            assert keys.access_key == east.access_key
    assert len(requests) == 2  # the first were about to expire
    assert requests[0]["ExternalId"] == "me"
    assert requests[0]["RoleArn"] == role["role_arn"]


def test_a_role_without_keys_to_take_it_with_is_no_credentials(east: Store) -> None:
    role = {"role_arn": "arn:aws:iam::123456789012:role/reader"}
    s3 = client({"clients": {"default": entry(east, credentials=role)}})
    with pytest.raises(NoCredentialsError):
        s3.get_object(Bucket="data", Key="x")


@pytest.mark.slow
def test_each_store_has_its_own_trust(tmp_path: Any, east: Store) -> None:
    east.make_bucket("data")
    with start_minio(tmp_path / "minio", tls=True) as store:
        store.make_bucket("data")
        rule = {"client": "tls", "source_bucket_pattern": "data", "source_key_pattern": "t/*"}

        def routed(**more: Any) -> Any:
            clients = {"default": entry(east), "tls": entry(store, **more)}
            return client({"clients": clients, "profiles": {"tls": rule}})

        retries = {"retries": {"total_max_attempts": 1}}
        with pytest.raises(SSLError, match="named by the ca_bundle of client 'tls'"):
            routed(botocore=retries).put_object(Bucket="data", Key="t/x")
        http = routed(endpoint_url=store.endpoint_url.replace("https", "http"), botocore=retries)
        with pytest.raises(ClientError, match="'tls' says http: does the port speak https"):
            http.head_object(Bucket="data", Key="t/x")
        trusting = routed(ca_bundle=str(store.ca_bundle))
        trusting.put_object(Bucket="data", Key="t/x", Body=b"two")
        trusting.copy_object(Bucket="data", Key="x", CopySource="data/t/x")
        assert east.get("data", "x") == b"two"
        with pytest.warns(RoutesWarning, match="verify: false"):
            careless = routed(verify=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # urllib3 says it again for each connection
            assert careless.get_object(Bucket="data", Key="t/x")["Body"].read() == b"two"
