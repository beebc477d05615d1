"""Keys that run out, in a Java machine: S3A signs with new ones, and when it gets them."""

from __future__ import annotations

import subprocess
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from hadoop.routerfs import machine
from hadoop.test_surroundings import opened, said, without_keys
from servers.certificate import Certificate, make_certificate, sign_certificate
from servers.key_service import start_key_service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.key_service import KeyService
    from servers.store import Store

pytestmark = pytest.mark.slow
ROLE = "arn:aws:iam::123456789012:role/reader"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """What the Java machine trusts."""
    return make_certificate(tmp_path_factory.mktemp("authority") / "pem")


@pytest.fixture(scope="module")
def certificate(authority: Certificate) -> Certificate:
    """That of AWS's token service."""
    folder = authority.public.parent.parent
    return sign_certificate(folder / "sts", authority, names="DNS:sts.us-west-1.amazonaws.com")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the AWS files of the Java machine."""
    return tmp_path_factory.mktemp("aws")


@pytest.fixture(scope="module")
def jvm(files: Path, authority: Certificate) -> Iterator[Any]:
    store = authority.public.with_name("trust.p12")
    command = ["keytool", "-importcert", "-noprompt", "-file", str(authority.public)]
    command += ["-keystore", str(store), "-storepass", "changeit"]
    subprocess.run(command, check=True, capture_output=True)
    trust = f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(files / "credentials"))
        patch.setenv("AWS_CONFIG_FILE", str(files / "config"))
        patch.setenv("JAVA_TOOL_OPTIONS", trust)
        patch.delenv("AWS_EC2_METADATA_DISABLED")
        with machine() as running:
            yield running


class Kind(NamedTuple):
    """A way to keys.

    Attributes:
        client: of it, what its entry in the routes has.
        properties: of the JVM.
        config: the AWS file.
        early: how long keys are good that aren't renewed yet.
        late: how long those are that are.
    """

    client: dict[str, Any]
    early: timedelta
    late: timedelta
    properties: dict[str, str]
    config: str


def kinds(service: KeyService, files: Path) -> dict[str, Kind]:
    minutes = [timedelta(minutes=number) for number in range(20)]
    west = {"credentials": {"aws_profile": "west"}}
    sts = {"aws.endpointUrlSts": service.url, "aws.region": "us-east-1"}
    identity = {"aws.webIdentityTokenFile": str(files / "token"), "aws.roleArn": ROLE}
    usual = {"aws.accessKeyId": "usual", "aws.secretAccessKey": "usual"}
    of_profile = f"[profile west]\nrole_arn = {ROLE}\nregion = us-east-1\n"
    base = "[profile base]\naws_access_key_id = base\naws_secret_access_key = base\n"
    process = service.process(files)
    role = {"credentials": {"role_arn": ROLE}}
    proxy = urlsplit(service.url)
    of_role = usual | {
        "http.proxyHost": str(proxy.hostname),
        "http.proxyPort": str(proxy.port),
        "http.nonProxyHosts": "127.0.0.1",
    }
    of_container, of_sts = (minutes[16], minutes[1]), (minutes[6], minutes[1])
    of_instance = (minutes[16], timedelta(seconds=3))
    of_process = (minutes[1], timedelta(seconds=10))
    container = {"aws.containerCredentialsFullUri": service.container_url}
    instance = {"aws.ec2MetadataServiceEndpoint": service.url}
    by_token = f"{of_profile}web_identity_token_file = {files}/token\n"
    by_process = f"[profile west]\ncredential_process = {process}\n"
    return {
        "container": Kind({}, *of_container, container, ""),
        "instance": Kind({}, *of_instance, instance, ""),
        "web identity": Kind({}, *of_sts, {**sts, **identity}, ""),
        "role": Kind(role, *of_sts, of_role, ""),
        "role of a profile": Kind(west, *of_sts, sts, f"{of_profile}source_profile = base\n{base}"),
        "web identity of a profile": Kind(west, *of_sts, sts, by_token),
        "process": Kind(west, *of_process, {}, by_process),
    }


@pytest.fixture
def service(west: Store, certificate: Certificate) -> Iterator[KeyService]:
    west.make_bucket("lake")
    with start_key_service(west, certificate) as running:
        yield running


@pytest.mark.parametrize("name", [
    "container", "instance", "web identity", "role", "role of a profile",
    "web identity of a profile", "process",
])  # fmt: skip
def test_temporary_keys_are_renewed(
    jvm: Any, files: Path, west: Store, service: KeyService, name: str
) -> None:
    kind, system = kinds(service, files)[name], jvm.java.lang.System
    (files / "config").write_text(kind.config)
    (files / "token").write_text("one")
    for key, value in kind.properties.items():
        system.setProperty(key, value)

    def files_of(phase: str) -> Any:
        """A store of its own each time: one of equal settings would be kept."""
        own = {"hadoop": {"fs.s3a.user.agent.prefix": f"{name} {phase}"}}
        routes = {"clients": {"default": without_keys(west) | kind.client | own}}
        return opened(jvm, routes, "lake")

    path = jvm.org.apache.hadoop.fs.Path("s3a://lake/x")
    try:
        service.lifetime = kind.early
        early = files_of("early")
        for _ in range(2):
            early.create(path).close()
        assert len(service.keys_used()) == 1

        service.lifetime = kind.late
        late = files_of("late")
        late.create(path).close()
        service.end_keys()
        (files / "token").write_text("two")
        if name == "instance":  # whose keys are kept for half of their time, and 5 minutes or more
            time.sleep(kind.late.total_seconds())
        late.create(path).close()
        assert len(service.keys_used()) >= 3
        if "web identity" in name:
            assert service.asked[-1] == "AssumeRoleWithWebIdentity two"
    finally:
        for key in kind.properties:
            system.clearProperty(key)


SSO = """\
[profile west]
sso_start_url = https://portal.test
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = reader
"""


REFUSED = """\
[profile west]
role_arn = arn
region = us-east-1
source_profile = base
[profile base]
aws_access_key_id = a
aws_secret_access_key = b
"""
NOTHING = "client 'default' has no keys on this machine"
FAILURES = {
    "sso": (SSO, "logs in by SSO, for which this JVM lacks modules of the AWS SDK: add software."),
    "process": (
        "[profile west]\ncredential_process = exit 3\n",
        "the credential_process of client 'default' fails on this machine",
    ),
    "role": (REFUSED, "the token service gives client 'default' no keys"),
    "no keys": ("[profile west]\nregion = us-east-1\n", NOTHING),
    "no profile": ("", NOTHING),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_gives_no_keys_is_named(
    jvm: Any, files: Path, west: Store, service: KeyService, name: str
) -> None:
    config, hint = FAILURES[name]
    service.refusing = True
    (files / "config").write_text(config)
    jvm.java.lang.System.setProperty("aws.endpointUrlSts", service.url)
    credentials = {"credentials": {"aws_profile": "west"}}
    text = said(jvm, {"clients": {"default": without_keys(west) | credentials}}, "lake")
    jvm.java.lang.System.clearProperty("aws.endpointUrlSts")
    assert hint in text
    assert text.count("client 'default'") == 2, "where it is, and one hint"
