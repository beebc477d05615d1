"""AWS's addresses: S3A's SDK asks for what botocore's rules say, row by row, and offline.

And it signs for the same region. Both are given a proxy that writes down which host they want to be
connected with, and refuses.
"""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore.exceptions import BotoCoreError
from hadoop.routerfs import RouterFs, compiled
from py4j.protocol import Py4JJavaError

import s3r_spark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3r_spark.hadoop.engines import EngineName

pytestmark = pytest.mark.slow
KEYS = {"access_key": "a", "secret_key": "b"}
IRELAND = {"region": "eu-west-1"}
FIPS, DUAL = {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}
REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def at(host: str) -> dict[str, str]:
    return {"service": "aws", "region": "eu-west-1", "endpoint_url": f"https://{host}"}


ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "region": (IRELAND, "lake.s3.eu-west-1.amazonaws.com"),
    "path style": ({**IRELAND, "path_style": True}, "s3.eu-west-1.amazonaws.com"),
    "GovCloud": ({"region": "us-gov-west-1"}, "lake.s3.us-gov-west-1.amazonaws.com"),
    "China": ({"region": "cn-north-1"}, "lake.s3.cn-north-1.amazonaws.com.cn"),
    "sovereign": ({"region": "eusc-de-east-1"}, "lake.s3.eusc-de-east-1.amazonaws.eu"),
    "isolated": ({"region": "us-iso-east-1"}, "lake.s3.us-iso-east-1.c2s.ic.gov"),
    "FIPS": ({"region": "us-west-2", "botocore": FIPS}, "lake.s3-fips.us-west-2.amazonaws.com"),
    "FIPS by Hadoop's name": (
        {"region": "us-west-2", "hadoop": {"fs.s3a.endpoint.fips": "true"}},
        "lake.s3-fips.us-west-2.amazonaws.com",
    ),
    "FIPS in GovCloud": (
        {"region": "us-gov-west-1", "botocore": FIPS},
        "lake.s3-fips.us-gov-west-1.amazonaws.com",
    ),
    "dual-stack": (
        {**IRELAND, "botocore": DUAL},
        "lake.s3.dualstack.eu-west-1.amazonaws.com",
    ),
    "dual-stack in China": (
        {"region": "cn-north-1", "botocore": DUAL},
        "lake.s3.dualstack.cn-north-1.amazonaws.com.cn",
    ),
    "dual-stack with FIPS": (
        {"region": "us-west-2", "botocore": {**DUAL, **FIPS}},
        "lake.s3-fips.dualstack.us-west-2.amazonaws.com",
    ),
    "an address": (at("s3.eu-west-1.amazonaws.com"), "lake.s3.eu-west-1.amazonaws.com"),
    "an address of dual-stack": (
        at("s3.dualstack.eu-west-1.amazonaws.com"),
        "lake.s3.dualstack.eu-west-1.amazonaws.com",
    ),
    "a VPC endpoint": (
        at("bucket.vpce-1a2b-3c4d.s3.eu-west-1.vpce.amazonaws.com"),
        "lake.bucket.vpce-1a2b-3c4d.s3.eu-west-1.vpce.amazonaws.com",
    ),
}
ALIAS = "ap-lake-1234567890abcdefghijklmnopqrs-s3alias"
BUCKETS = {
    ALIAS: f"{ALIAS}.s3.eu-west-1.amazonaws.com",
    "my.lake": "s3.eu-west-1.amazonaws.com",  # no certificate is for a name with a dot before it
}


SIGNED = """
import software.amazon.awssdk.core.interceptor.Context.BeforeTransmission;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Notes how the last request was signed. */
public final class Signed implements ExecutionInterceptor {
  @Override
  public void beforeTransmission(BeforeTransmission context, ExecutionAttributes attributes) {
    String header = context.httpRequest().firstMatchingHeader("Authorization").orElse("");
    System.setProperty("signed", header);
  }
}
"""


class Asked(NamedTuple):
    """Where a request was to go.

    Attributes:
        host: whom the proxy was asked for.
        region: what the request was signed for.
    """

    host: str
    region: str


def region_of(authorization: str) -> str:
    """The region in a header of Signature Version 4."""
    match = re.search(r"Credential=[^/]+/\d+/([^/]+)/s3/", authorization)
    assert match, authorization
    return match[1]


class Proxy(NamedTuple):
    """A proxy that connects nobody.

    Attributes:
        port: where it listens.
        hosts: whom it was asked for.
    """

    port: int
    hosts: list[str]


@pytest.fixture(scope="module", autouse=True)
def _interceptor(jvm: Any, classes: Path) -> None:
    compiled(jvm, "Signed", SIGNED, classes)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    hosts: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        match = re.match(rb"CONNECT (\S+):443 ", connection.recv(65536))
                        assert match
                        hosts.append(match[1].decode())
                        connection.sendall(REFUSAL)

        threading.Thread(target=serve, daemon=True).start()
        yield Proxy(server.getsockname()[1], hosts)
        server.shutdown(socket.SHUT_RDWR)


def by_boto3(proxy: Proxy, entry: dict[str, Any], bucket: str) -> set[Asked]:
    proxies = {"https": f"http://127.0.0.1:{proxy.port}"}
    botocore = {**entry.get("botocore", {}), "proxies": proxies}
    botocore["retries"] = {"total_max_attempts": 1}
    client = {**entry, "credentials": KEYS, "botocore": botocore}
    proxy.hosts.clear()
    s3, signed = s3r_spark.client({"clients": {"default": client}}), []

    def note(request: Any, **_: Any) -> None:
        signed.append(request.headers["Authorization"].decode())

    s3.meta.events.register("before-send.s3", note)
    with pytest.raises(BotoCoreError):
        s3.head_object(Bucket=bucket, Key="a/b")
    return {Asked(host, region_of(signed[-1])) for host in proxy.hosts}


def by_s3a(
    jvm: Any, proxy: Proxy, entry: dict[str, Any], bucket: str, engine: EngineName
) -> set[Asked]:
    hadoop = {"fs.s3a.proxy.host": "127.0.0.1", "fs.s3a.proxy.port": str(proxy.port)}
    hadoop |= {"fs.s3a.attempts.maximum": "1", "fs.s3a.retry.limit": "0"}
    client = {**entry, "credentials": KEYS, "hadoop": {**entry.get("hadoop", {}), **hadoop}}
    proxy.hosts.clear()
    noted = {"fs.s3a.audit.execution.interceptors": "Signed"}
    fs = RouterFs(jvm, {"clients": {"default": client}}, bucket, engine, **noted)
    with pytest.raises(Py4JJavaError):
        fs.kind("a/b")
    fs.java.close()
    region = region_of(jvm.java.lang.System.getProperty("signed"))
    return {Asked(host, region) for host in proxy.hosts}


@pytest.mark.parametrize("row", ROWS)
def test_hosts(jvm: Any, proxy: Proxy, row: str) -> None:
    entry, host = ROWS[row]
    asked = Asked(host, entry["region"])
    assert by_boto3(proxy, entry, "lake") == {asked}
    engines: tuple[EngineName, ...] = ("s3a", "router")
    for engine in engines:
        assert by_s3a(jvm, proxy, entry, "lake", engine) == {asked}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_buckets(jvm: Any, proxy: Proxy, bucket: str) -> None:
    asked = {Asked(BUCKETS[bucket], "eu-west-1")}
    assert by_boto3(proxy, IRELAND, bucket) == by_s3a(jvm, proxy, IRELAND, bucket, "s3a") == asked


def test_us_east_1_has_two_names(jvm: Any, proxy: Proxy) -> None:
    """Botocore's usual one is the older; both are the region's."""
    region = "us-east-1"
    entry = {"region": region}
    assert by_boto3(proxy, entry, "lake") == {Asked("lake.s3.amazonaws.com", region)}
    by_java = by_s3a(jvm, proxy, entry, "lake", "s3a")
    assert by_java == {Asked("lake.s3.us-east-1.amazonaws.com", region)}
