"""Who signs, and where roles are taken, by boto3 and by fsspec: as the routes say, and no more."""

from __future__ import annotations

import json
import os
import sys
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ProfileNotFound
from servers.sts import start_sts
from spark.places import client as entry

from s3r_spark.boto import client
from s3r_spark.boto.credentials import signing
from s3r_spark.fs import S3RFileSystem
from s3r_spark.model import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from servers.store import Store

ELSEWHERE = "http://127.0.0.1:1"
ROLE = "arn:aws:iam::123456789012:role/reader"


def by_boto3(routes: dict[str, Any]) -> Callable[[], Any]:
    s3 = client(routes)
    return lambda: s3.put_object(Bucket="lake", Key="x", Body=b"1")


def by_fsspec(routes: dict[str, Any]) -> Callable[[], Any]:
    fs = S3RFileSystem(routes, skip_instance_cache=True)
    return lambda: fs.pipe_file("lake/x", b"1")


doors = pytest.mark.parametrize("door", [by_boto3, by_fsspec])


def keys_of(store: Store, access_key: str | None = None) -> str:
    return (
        f"aws_access_key_id = {access_key or store.access_key}\n"
        f"aws_secret_access_key = {store.secret_key}\n"
    )


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the AWS files."""
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return tmp_path


def at(store: Store, credentials: dict[str, Any] | None) -> dict[str, Any]:
    """Routes to one store, with these credentials or the usual chain's."""
    plain = {key: value for key, value in entry(store).items() if key != "credentials"}
    return {"clients": {"default": plain | ({"credentials": credentials} if credentials else {})}}


@doors
@pytest.mark.parametrize("credentials", [{"aws_profile": "west"}, None], ids=["profile", "usual"])
def test_keys_in_the_files_of_aws_are_renewed(
    door: Callable[[dict[str, Any]], Callable[[], Any]],
    credentials: dict[str, Any] | None,
    files: Path,
    west: Store,
) -> None:
    west.make_bucket("lake")
    file, head = files / "credentials", "[west]\n" if credentials else "[default]\n"
    file.write_text(head + keys_of(west, "expired"))
    put = door(at(west, credentials))
    with pytest.raises((ClientError, PermissionError)):
        put()
    draft = files / "draft"  # as it was prepared some time ago
    draft.write_text(head + keys_of(west))
    os.utime(draft, (1e9, 1e9))
    draft.replace(file)
    put()
    west.forget_requests()
    for text in ("", "[broken", "[other]\n", f"{head}aws_access_key_id = half\n"):
        file.write_text(text)
        put()
    file.write_text(head + keys_of(west, "expired-again"))
    with pytest.raises((ClientError, PermissionError)):
        put()
    used = {request["access_key"] for request in west.requests()}
    assert used == {west.access_key, "expired-again"}


@doors
@pytest.mark.parametrize("kind", ["keys", "profile", "anonymous", "usual"])
def test_aws_profile_is_for_the_usual_chain_alone(
    door: Callable[[dict[str, Any]], Callable[[], Any]],
    kind: str,
    files: Path,
    west: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    west.make_bucket("lake")
    (files / "credentials").write_text(f"[west]\n{keys_of(west)}")
    monkeypatch.setenv("AWS_PROFILE", "gone")
    credentials = {
        "keys": entry(west)["credentials"],
        "profile": {"aws_profile": "west"},
        "anonymous": {"anonymous": True},
        "usual": None,
    }[kind]
    if kind == "usual":
        with pytest.raises(ProfileNotFound, match="gone"):
            door(at(west, credentials))()
    elif kind == "anonymous":
        with pytest.raises((ClientError, PermissionError), match=r"(?i)denied|refused"):
            door(at(west, credentials))()
    else:
        door(at(west, credentials))()
        assert west.keys("lake") == ["x"]


@pytest.mark.parametrize("where", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "file", "services"])
@pytest.mark.parametrize(("region", "host"), [("eu-west-1", "sts.eu-west-1.amazonaws.com")])
def test_a_role_is_taken_at_aws_whatever_surrounds_it(
    where: str, region: str, host: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = {
        "file": f"[default]\nendpoint_url = {ELSEWHERE}\nregion = us-west-2\n",
        "services": f"[default]\nservices = s\n[services s]\nsts =\n  endpoint_url = {ELSEWHERE}\n",
    }
    if where in written:
        (files / "config").write_text(written[where])
    else:
        monkeypatch.setenv(where, ELSEWHERE)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "usual")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "usual")
    requests: list[str] = []

    def assume(self: Any, operation: str, _: dict[str, Any]) -> Any:
        requests.append(f"{operation} {self.meta.endpoint_url} {self.meta.region_name}")
        keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}
        later = datetime.now(timezone.utc) + timedelta(hours=1)
        return {"Credentials": {**keys, "Expiration": later}, "AssumedRoleUser": {}}

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", assume)
    taken, keys = signing(Credentials(role_arn=ROLE), region)
    assert keys == {}
    assert taken.get_credentials().get_frozen_credentials().access_key == "a"
    assert requests == [f"AssumeRole https://{host} {region}"]


@doors
@pytest.mark.parametrize("where", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "file", "services"])
def test_no_surroundings_say_where_aws_is(
    door: Callable[[dict[str, Any]], Callable[[], Any]],
    where: str,
    files: Path,
    west: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The store that they name would take the keys; nothing is asked of it."""
    written = {
        "file": f"[default]\nendpoint_url = {west.endpoint_url}\n",
        "services": "[default]\nservices = s\n[services s]\ns3 =\n  endpoint_url = "
        f"{west.endpoint_url}\n",
    }
    if where in written:
        (files / "config").write_text(written[where])
    else:
        monkeypatch.setenv(where, west.endpoint_url)
    aws = {**entry(west), "endpoint_url": None, "service": "aws", "fail_fast": True}
    proxies = {"https": ELSEWHERE, "http": ELSEWHERE}  # instead of AWS itself
    routes = {"clients": {"default": {**aws, "botocore": {"proxies": proxies}}}}
    with pytest.raises(Exception, match=r"amazonaws\.com|proxy|127\.0\.0\.1:1"):
        door(routes)()
    assert west.requests() == []


def test_a_web_identity_is_read_again_when_its_keys_run_out(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both doors sign with this: fsspec's session lends from boto3's."""
    token = files / "token"
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token))
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
    with start_sts() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        token.write_text("token-one")
        credentials = signing(None, "eu-west-1")[0].get_credentials()
        assert credentials.get_frozen_credentials().access_key == "token-one"
        token.write_text("token-two")
        assert credentials.refresh_needed()
        assert credentials.get_frozen_credentials().access_key == "token-two"


@doors
@pytest.mark.parametrize("credentials", [{"aws_profile": "west"}, None], ids=["profile", "usual"])
def test_a_credential_process_is_asked_again_before_its_keys_run_out(
    door: Callable[[dict[str, Any]], Callable[[], Any]],
    credentials: dict[str, Any] | None,
    files: Path,
    west: Store,
) -> None:
    west.make_bucket("lake")
    program, runs = files / "keys.py", files / "runs"
    soon = (datetime.now(timezone.utc) + timedelta(minutes=5)).isoformat()
    keys = {"AccessKeyId": west.access_key, "SecretAccessKey": west.secret_key}
    answer = {"Version": 1, **keys, "Expiration": soon}  # within botocore's 15 minutes
    program.write_text(
        f"import pathlib\npathlib.Path({str(runs)!r}).open('a').write('x')\n"
        f"print({json.dumps(json.dumps(answer))})"
    )
    head = "[profile west]\n" if credentials else "[default]\n"
    (files / "config").write_text(f"{head}credential_process = {sys.executable} {program}\n")
    put = door(at(west, credentials))
    put()
    first = len(runs.read_text())
    put()
    assert len(runs.read_text()) > first
    assert west.keys("lake") == ["x"]


class Metadata(BaseHTTPRequestHandler):
    """As much of a container's and an instance's metadata service as SDKs ask for keys."""

    def do_PUT(self) -> None:
        self._say("a-token")

    def do_GET(self) -> None:
        soon = (datetime.now(timezone.utc) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
        store: Store = self.server.store  # type: ignore[attr-defined]
        keys = {"AccessKeyId": store.access_key, "SecretAccessKey": store.secret_key, "Token": "t"}
        if self.path.endswith("/security-credentials/"):
            self._say("a-role")
        else:
            self.server.given += 1  # type: ignore[attr-defined]
            self._say(json.dumps({**keys, "Code": "Success", "Expiration": soon}))

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("x-aws-ec2-metadata-token-ttl-seconds", "600")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.mark.parametrize("kind", ["container", "instance"])
def test_keys_of_metadata_services(
    kind: str, files: Path, west: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By stand-ins for the services; what boto3 signs with is theirs."""
    assert not (files / "config").exists()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
    server.store, server.given = west, 0  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    if kind == "container":
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/keys")
    else:
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
    s3 = client(at(west, None))
    held = s3._s3r_router.stores.plain("default")._request_signer._credentials
    for _ in range(2):
        assert held.get_frozen_credentials().access_key == west.access_key
    # An instance's keys that are about to run out botocore goes on using for a while, on purpose.
    assert server.given >= (2 if kind == "container" else 1)  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
