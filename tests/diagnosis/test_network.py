"""The way to a store: each fault has its own plain message."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import SSLError
from diagnosis.conftest import bad, checks, entry, routes
from servers.certificate import Certificate, make_certificate, sign_certificate
from servers.handler import Handler, serving
from servers.minio import start_minio
from servers.process import free_ports
from servers.seaweed import start_seaweed
from servers.store import Store
from servers.versity import start_versity

from s3r_spark import doctor
from s3r_spark.addresses import Address
from s3r_spark.boto import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Page(Handler):
    """A web page, as a server's console is one."""

    def page(self) -> None:
        self.answer(b"<html>", headers={"Date": self.server.date})

    do_GET = page  # noqa: N815 - http.server's name


@contextmanager
def web(certificate: Certificate | None = None, date: str = "") -> Iterator[str]:
    """A web server that knows no S3; the address."""
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.both)
    with serving(Page, context, date=date) as server:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls") / "own")


def at(url: str, **more: Any) -> dict[str, Any]:
    return entry(Store("web", "generic", url, "key", "secret"), **more)


def refusal(entry: dict[str, Any]) -> str:
    """What a call is told."""
    with pytest.raises(SSLError) as error:
        client(routes(one={**entry, "fail_fast": True})).list_buckets()
    return str(error.value)


def test_a_name_that_nobody_has() -> None:
    finding = bad(at("http://no-such-host.invalid:9000"))
    assert finding == (
        "name: the name no-such-host.invalid is not known: "
        "look at endpoint_url, and at this machine's DNS or VPN"
    )


def test_a_closed_port() -> None:
    (port,) = free_ports(1)
    assert bad(at(f"http://127.0.0.1:{port}")).startswith(
        f"tcp: nobody listens on 127.0.0.1:{port}: look at endpoint_url, at the server"
    )


def test_a_firewall_that_never_answers() -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(8):  # the queue is full then, and the system drops what else knocks
            caller = stack.enter_context(socket.socket())
            caller.settimeout(0)
            caller.connect_ex(address)
        finding = bad(at(f"http://127.0.0.1:{address[1]}"), timeout=3)
    assert finding.startswith(f"tcp: 127.0.0.1:{address[1]} does not answer within 1 s: ")
    assert "firewall" in finding


@pytest.mark.parametrize(
    ("scheme", "says"),
    [
        ("http", "http: {} takes the connection and answers no request within 1 s: "),
        ("https", "tls: {} takes the connection and says nothing within 1 s: "),
    ],
)
def test_a_host_that_takes_connections_and_says_nothing(scheme: str, says: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        assert bad(at(f"{scheme}://{place}"), timeout=3).startswith(says.format(place))


def test_many_silent_hosts_wait_together() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        data: dict[str, Any] = {"clients": {f"c{number}": at(url) for number in range(40)}}
        diagnosis = doctor({**data, "unmatched": "refuse"}, timeout=3)
    assert {finding.client for finding in diagnosis.bad} == set(data["clients"])


def test_https_to_a_port_that_speaks_http(west: Store) -> None:
    place = west.endpoint_url.removeprefix("http://")
    assert bad(entry(west, endpoint_url=f"https://{place}")) == (
        f"tls: {place} speaks plain http, not https: write endpoint_url: http://{place}"
    )


def test_http_to_a_port_that_speaks_https(certificate: Certificate) -> None:
    with web(certificate) as url:
        place = url.removeprefix("https://")
        assert bad(at(f"http://{place}")) == (
            f"http: {place} speaks https, not plain http: write https://{place}"
        )


def test_certificates(certificate: Certificate, tmp_path: Path) -> None:
    other = make_certificate(tmp_path / "other")
    with web(certificate) as url:
        self_signed = "tls: the certificate is self-signed, and not trusted here: give the client"
        assert bad(at(url)).startswith(self_signed)
        assert bad(at(url, ca_bundle=str(other.public))).startswith(self_signed)
        assert bad(at(url, ca_bundle=str(tmp_path / "none.pem"))).startswith(
            f"tls: ca_bundle {tmp_path}/none.pem can't be used: No such file"
        )
        (tmp_path / "key.pem").write_text("no certificate")
        assert "key.pem can't be used" in bad(at(url, ca_bundle=str(tmp_path / "key.pem")))
        trusted = doctor(routes(one=at(url, ca_bundle=str(certificate.public))))
        assert checks(trusted.findings)["tls"] == "good"
        unchecked = doctor(routes(one=at(url, verify=False)))
        assert checks(unchecked.findings)["tls"] == "open"
    leaf = sign_certificate(tmp_path / "leaf", certificate)
    with web(leaf) as url:
        finding = bad(at(url, ca_bundle=str(other.public)))
        assert finding.startswith("tls: the certificate is not trusted here (unable to get local")
        finding = bad(at(url.replace("127.0.0.1", "127.0.0.2"), ca_bundle=str(certificate.public)))
        assert "127.0.0.2" in finding
    expired = sign_certificate(tmp_path / "expired", certificate, days=-1)
    with web(expired) as url:
        assert bad(at(url, ca_bundle=str(certificate.public))) == (
            "tls: the certificate has expired: renew it on the server"
        )
        assert "renewed on the server" in refusal(at(url, ca_bundle=str(certificate.public)))
    stranger = sign_certificate(tmp_path / "stranger", certificate, names="DNS:store.example.com")
    with web(stranger) as url:
        assert bad(at(url, ca_bundle=str(certificate.public))).startswith(
            "tls: the certificate is not for 127.0.0.1: "
        )
        words = "the certificate is for another host than the endpoint_url of client 'one' names"
        assert words in refusal(at(url, ca_bundle=str(certificate.public)))


def test_a_port_that_is_no_s3() -> None:
    with web() as url:
        assert bad(at(url)).startswith("identity: what answers there is no S3 service: ")


def test_clocks() -> None:
    with web(date="Wed, 25 Nov 2020 12:00:00 GMT") as url:
        findings = {one.check: one for one in doctor(routes(one=at(url))).findings}
    assert findings["clock"].state == "bad"
    assert re.fullmatch(r"this machine is \d+ s ahead of the store", findings["clock"].text)
    with web() as url:
        assert checks(doctor(routes(one=at(url))).findings)["clock"] == "open"


def test_a_proxy_is_named_without_its_password(west: Store) -> None:
    proxy = {"proxies": {"http": "http://user:proxy-secret@127.0.0.1:1"}}
    diagnosis = doctor(routes(one=entry(west, botocore=proxy)))
    assert "through the proxy 127.0.0.1:1" in str(diagnosis)
    assert "proxy can't be reached" in str(diagnosis)
    assert "proxy-secret" not in str(diagnosis.as_dict())


def test_addresses() -> None:
    assert Address.of_url("http://[::1]:9000") == ("::1", 9000, False)
    assert str(Address.of_url("http://[::1]:9000")) == "[::1]:9000"
    assert str(Address.of_url("https://store.test")) == "store.test:443"


@pytest.mark.slow
@pytest.mark.parametrize("start", [start_minio, start_seaweed, start_versity])
def test_real_servers(start: Callable[..., Any], tmp_path: Path) -> None:
    with start(tmp_path / "tls", tls=True) as secure, start(tmp_path / "plain") as plain:
        secure.make_bucket("data")
        assert doctor(routes(one=entry(secure))).healthy
        place = secure.endpoint_url.removeprefix("https://")
        assert f"{place} speaks https" in bad(entry(secure, endpoint_url=f"http://{place}"))
        place = plain.endpoint_url.removeprefix("http://")
        assert f"{place} speaks plain" in bad(entry(plain, endpoint_url=f"https://{place}"))
        assert "self-signed" in bad(entry(replace(secure, ca_bundle=None)))
    assert "nobody listens" in bad(entry(secure))


@pytest.mark.slow
def test_minio_with_certificates_of_an_authority(certificate: Certificate, tmp_path: Path) -> None:
    other = str(make_certificate(tmp_path / "other").public)
    leaf = sign_certificate(tmp_path / "leaf", certificate)
    with start_minio(tmp_path / "good", tls=leaf) as store:
        trusting = replace(store, ca_bundle=certificate.public)
        trusting.make_bucket("data")
        assert doctor(routes(one=entry(trusting))).healthy
        assert "certificate is not trusted" in bad(entry(store, ca_bundle=other))
    expired = sign_certificate(tmp_path / "expired", certificate, days=-1)
    with start_minio(tmp_path / "old", tls=expired) as store:
        assert "has expired" in bad(entry(store, ca_bundle=str(certificate.public)))
