"""Which engine carries small objects, and that both say and prove the same."""

from __future__ import annotations

import threading
from asyncio import CancelledError
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from servers.process import free_ports

from s3r_spark.boto import cancellation
from s3r_spark.migrate import obstores
from s3r_spark.migrate.obstores import UnsayableError, obstore_of
from s3r_spark.migrate.quick import QuickClient, has_plain_path
from s3r_spark.migrate.sides import Side
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from pathlib import Path


MINIO = {
    "service": "minio",
    "endpoint_url": "https://minio.example:9000",
    "credentials": {"access_key": "a", "secret_key": "b"},
}


def obstore_for(bucket: str = "bucket", **more: Any) -> Any:
    routes = Routes.load({"clients": {"default": {**MINIO, **more}}})
    side = Side.of(routes)
    try:
        store = side.router.stores.get("default")
        return obstore_of(store, routes.clients["default"], routes.folder, bucket)
    finally:
        side.close()


def test_it_goes_where_the_client_goes() -> None:
    assert obstore_for().config["endpoint_url_s3"] == "https://minio.example:9000"
    in_host = obstore_for(path_style=False).config
    assert in_host["endpoint_url_s3"] == "https://bucket.minio.example:9000"
    aws = obstore_for(service="aws", region="eu-west-1", endpoint_url=None)
    assert aws.config["endpoint_url_s3"] == ("https://bucket.s3.eu-west-1.amazonaws.com")


def test_its_trust_and_patience_are_the_client_s(tmp_path: Path) -> None:
    options = obstore_for(botocore={"connect_timeout": 3, "read_timeout": 7}).client_options
    assert "botocore" in options["user_agent"].lower()
    assert {options["timeout"], options["connect_timeout"]} == {"7s", "3s"}
    (tmp_path / "ca.pem").write_text("none", encoding="utf-8")
    with pytest.raises(ValueError, match="No certificates found"):
        obstore_for(ca_bundle=str(tmp_path / "ca.pem"))


@pytest.mark.parametrize(
    ("more", "bucket", "why"),
    [
        ({"botocore": {"proxies": {"https": "http://proxy:1"}}}, "bucket", "a proxy"),
        ({"botocore": {"signature_version": "s3"}}, "bucket", "signature"),
        ({"botocore": {"s3": {"payload_signing_enabled": True}}}, "bucket", "S3 settings"),
        ({"botocore": {"client_cert": "cert.pem"}}, "bucket", "certificate"),
        ({"path_style": False}, "a.bucket", "dots"),
        ({}, "bucket--use1-az4--x-s3", "its kind"),
    ],
)
def test_what_it_can_t_say_is_left_to_boto3(more: dict[str, Any], bucket: str, why: str) -> None:
    with pytest.raises(UnsayableError, match=why):
        obstore_for(bucket, **more)


@pytest.mark.parametrize(
    ("name", "value"), [("HTTPS_PROXY", "http://proxy:1"), ("AWS_CHECKSUM_ALGORITHM", "sha256")]
)
def test_what_the_environment_tells_it_alone_is_left_to_boto3(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UnsayableError):
        obstore_for()


def test_keys_that_are_renewed_are_asked_for_again() -> None:
    class Renewing:
        def get_frozen_credentials(self) -> Any:
            return type("Keys", (), {"access_key": "a", "secret_key": "b", "token": "t"})

    keys = obstores._Keys(Renewing())()
    assert keys["token"] == "t"
    assert (keys["expires_at"] - datetime.now(timezone.utc)).total_seconds() <= 1


@pytest.mark.parametrize("key", ["a/", "/a", "a//b", "a/./b", "../a", ".", "a\nb", "a\u2028b"])
def test_keys_that_it_would_change_are_left_to_boto3(key: str) -> None:
    assert not has_plain_path(key)


@pytest.mark.parametrize("key", ["a", "ü/ß", "a+b c", "%41", "..a/.b", "a=1/?#&*", "x" * 1024])
def test_keys_that_it_takes(key: str) -> None:
    assert has_plain_path(key)


def test_after_ctrl_c_neither_is_asked_again() -> None:
    """A store that hangs would hold it up for all that time again."""
    address = f"http://127.0.0.1:{free_ports(1)[0]}"
    routes = Routes.load({"clients": {"default": {**MINIO, "endpoint_url": address}}})
    side, stop, sent = Side.of(routes), threading.Event(), []
    store = side.router.stores.get("default")
    quick = obstore_of(store, routes.clients["default"], routes.folder, "bucket")
    client = QuickClient(store.client, quick, "bucket")

    def note(**_: Any) -> None:
        stop.set()
        sent.append(1)

    store.client.meta.events.register("before-send.s3", note)
    with pytest.raises(CancelledError):
        cancellation.until(stop, lambda: client.get_object(Bucket="bucket", Key="a"))
    assert len(sent) == 1
    with pytest.raises(CancelledError):
        cancellation.until(stop, lambda: client.whole("a", "etag"))
    side.close()
