"""Who signs, and where roles are taken, by boto3 and by fsspec: as the routes say, and no more."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ProfileNotFound
from servers.certificate import Certificate, make_certificate, sign_certificate
from servers.key_service import start_key_service
from spark.places import client as entry

from s3r_spark.boto import client
from s3r_spark.boto.credentials import signing
from s3r_spark.fs import S3RFileSystem
from s3r_spark.model import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servers.key_service import KeyService
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


def role_of_profile(service: KeyService, files: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    role = f"[profile west]\nrole_arn = {ROLE}\nsource_profile = base\nregion = eu-west-1\n"
    (files / "config").write_text(role)
    (files / "credentials").write_text(
        "[base]\naws_access_key_id = base\naws_secret_access_key = base\n"
    )
    patch.setenv("AWS_ENDPOINT_URL_STS", service.url)
    return {"aws_profile": "west"}


def identity_of_profile(
    service: KeyService, files: Path, patch: pytest.MonkeyPatch
) -> dict[str, Any]:
    (files / "token").write_text("shown")
    profile = f"[profile west]\nrole_arn = {ROLE}\nregion = eu-west-1\n"
    (files / "config").write_text(f"{profile}web_identity_token_file = {files / 'token'}\n")
    patch.setenv("AWS_ENDPOINT_URL_STS", service.url)
    return {"aws_profile": "west"}


def role(service: KeyService, _: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Taken at AWS's own address, by a proxy that stands in for it."""
    patch.setenv("AWS_ACCESS_KEY_ID", "usual")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "usual")
    patch.setenv("HTTPS_PROXY", service.url)
    patch.setenv("AWS_CA_BUNDLE", str(service.authority))
    return {"role_arn": ROLE}


def web_identity(service: KeyService, files: Path, patch: pytest.MonkeyPatch) -> None:
    (files / "token").write_text("shown")
    patch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(files / "token"))
    patch.setenv("AWS_ROLE_ARN", ROLE)
    patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    patch.setenv("AWS_ENDPOINT_URL_STS", service.url)


def process(service: KeyService, files: Path, _: pytest.MonkeyPatch) -> dict[str, Any]:
    command = service.process(files)
    (files / "config").write_text(f"[profile west]\ncredential_process = {command}\n")
    return {"aws_profile": "west"}


def container(service: KeyService, _: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", service.container_url)


def instance(service: KeyService, _: Path, patch: pytest.MonkeyPatch) -> None:
    patch.delenv("AWS_EC2_METADATA_DISABLED")
    patch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url)
    # Where those are new that botocore has got late, it waits for 2 to 10 minutes, which it draws.
    patch.setattr("botocore.utils.random.randint", lambda *_: 0)


def sso(service: KeyService, files: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    (files / "config").write_text(
        "[profile west]\nsso_start_url = https://portal.test\nsso_region = eu-west-1\n"
        "sso_account_id = 123456789012\nsso_role_name = reader\n"
    )
    until = datetime.now(timezone.utc) + timedelta(hours=8)
    login = {"accessToken": "a", "expiresAt": until.strftime("%Y-%m-%dT%H:%M:%SZ")}
    name = hashlib.sha1(b"https://portal.test").hexdigest()  # noqa: S324 - as the AWS tools name it
    (files / f"{name}.json").write_text(json.dumps(login))
    patch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(files))
    patch.setenv("AWS_ENDPOINT_URL_SSO", service.url)
    return {"aws_profile": "west"}


KINDS = [
    role, role_of_profile, web_identity, identity_of_profile, process, container, instance, sso,
]  # fmt: skip


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Certificate, Certificate]:
    """AWS's token service's, and its authority's."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = make_certificate(folder / "authority")
    names = "DNS:sts.us-west-1.amazonaws.com"
    return sign_certificate(folder / "sts", authority, names=names), authority


@pytest.fixture
def service(west: Store, certificates: tuple[Certificate, Certificate]) -> Iterator[KeyService]:
    west.make_bucket("lake")
    with start_key_service(west, *certificates) as running:
        yield running


@doors
@pytest.mark.parametrize("kind", KINDS)
def test_temporary_keys_are_renewed_15_minutes_before_they_run_out(
    door: Callable[[dict[str, Any]], Callable[[], Any]],
    kind: Callable[[KeyService, Path, pytest.MonkeyPatch], dict[str, Any] | None],
    files: Path,
    service: KeyService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By stand-ins for the services, whose keys the store knows."""
    routes = at(service.store, kind(service, files, monkeypatch))
    service.lifetime = timedelta(minutes=16)
    put = door(routes)
    put()
    put()
    assert len(service.asked) == 1
    service.lifetime = timedelta(minutes=14)
    put = door(routes)
    put()
    service.end_keys()
    put()
    assert len(service.keys_used()) >= 3
    if kind is web_identity:
        (files / "token").write_text("as it is then")
        put()
        assert "AssumeRoleWithWebIdentity as it is then" in service.asked
