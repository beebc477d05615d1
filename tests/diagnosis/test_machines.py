"""The machines of Spark sessions: what `doctor` finds by S3A, on the driver and on executors."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from diagnosis.conftest import entry, routes
from servers.certificate import make_certificate, sign_certificate
from servers.cluster import start_cluster
from servers.counting import counted
from servers.minio import start_minio
from servers.process import free_ports
from servers.versity import start_versity
from spark.places import buckets, client, profiles, variables
from spark.running import JOBS, QUIET, SPARK_HOME, environment, job
from spark.sessions import builder, jars, own_jvm

import s3r_spark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.certificate import Certificate
    from servers.store import Store

pytestmark = pytest.mark.slow
CHECKS = ["name", "tcp", "http", "list", "read"]


def of_node(findings: list[dict[str, str]], node: str, client: str = "east") -> dict[str, str]:
    """States by check of what a machine has found, in the order of its looks."""
    return {f["check"]: f["state"] for f in findings if node in f["node"] and f["client"] == client}


def write_routes(folder: Path, engine: str, west: Store, east: Store) -> None:
    clients = {"default": client(west, by_variables=True), "east": client(east, by_variables=True)}
    data = {"clients": clients, "profiles": profiles(engine)}
    (folder / "routes.yaml").write_text(json.dumps(data))
    for store in (west, east):
        for bucket in buckets(engine):
            store.make_bucket(bucket)


def everything(*stores: Store) -> list[tuple[str, list[str]]]:
    return [(bucket, store.keys(bucket)) for store in stores for bucket in store.buckets()]


def test_a_worker_without_a_variable(west: Store, east: Store, tmp_path: Path) -> None:
    """With what `conf` writes, each machine reads the variables by itself."""
    write_routes(tmp_path, "router", west, east)
    east.put("shared", "data/team2/t/x", b"x")
    before = everything(west, east)
    env = {**variables(west), **variables(east)}
    tool = str(Path(sys.executable).with_name("s3r-spark"))
    write = [tool, "conf", "routes.yaml", "-o", "conf"]
    subprocess.run(write, cwd=tmp_path, env=environment(**env), check=True)
    lacks = {"EAST_SECRET": None}
    with start_cluster(tmp_path / "cluster", env=env, second=lacks) as cluster:
        submit = [str(SPARK_HOME / "bin" / "spark-submit"), "--master", cluster.master]
        submit += [*QUIET.split(), "--properties-file", "conf/spark-defaults.conf"]
        command = [*submit, str(JOBS / "examined.py"), "routes.yaml", "write"]
        with job(command, tmp_path, environment(**env)) as answer:
            findings = answer["findings"]
    (bad,) = [one for one in findings if one["state"] == "bad"]
    assert (bad["client"], bad["check"]) == ("east", "variables")
    assert bad["node"].endswith("on 127.0.0.2")
    assert "the environment variable EAST_SECRET is not set there" in bad["text"]
    good = dict.fromkeys([*CHECKS, "put", "delete"], "good")
    for node in ("driver on ", "on 127.0.0.1"):
        assert of_node(findings, node) == good
    assert of_node(findings, "on 127.0.0.2") == {"variables": "bad"}
    assert of_node(findings, "on 127.0.0.2", "default") == {k: "good" for k in good if k != "read"}
    assert everything(west, east) == before


def test_engine_s3a_without_the_routers_jar(west: Store, east: Store, tmp_path: Path) -> None:
    """The jar is lent for the check; keys come from the driver."""
    write_routes(tmp_path, "s3a", west, east)
    before = everything(west, east)
    env = environment(**variables(west), **variables(east))
    with start_cluster(tmp_path / "cluster") as cluster:
        env["PYSPARK_SUBMIT_ARGS"] = f"--master {cluster.master} {QUIET} pyspark-shell"
        command = [sys.executable, str(JOBS / "examined.py"), "routes.yaml", "configure", "write"]
        with job(command, tmp_path, env) as answer:
            findings = answer["findings"]
    assert [one for one in findings if one["state"] == "bad"] == []
    for node in ("on 127.0.0.1", "on 127.0.0.2"):
        states = {"variables": "open", "name": "good", "tcp": "good", "http": "good"}
        assert of_node(findings, node) == {
            **states,
            "list": "good",
            "put": "good",
            "delete": "good",
        }
    assert everything(west, east) == before


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The authority that the session's JVM trusts."""
    return make_certificate(tmp_path_factory.mktemp("authority") / "pem")


@pytest.fixture(scope="module")
def spark(authority: Certificate) -> Iterator[Any]:
    """A session that follows no routes yet."""
    store = authority.public.with_name("trust.p12")
    command = ["keytool", "-importcert", "-noprompt", "-file", str(authority.public)]
    command += ["-keystore", str(store), "-storepass", "changeit"]
    subprocess.run(command, check=True, capture_output=True)
    trust = f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit"
    with own_jvm():
        session_builder = builder(spark__jars=jars(), spark__driver__extraJavaOptions=trust)
        yield session_builder.getOrCreate()


@pytest.fixture(scope="module")
def minio(
    authority: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Store]]:
    """MinIO, and MinIO with certificates of all kinds."""
    folder = tmp_path_factory.mktemp("minio")
    stranger = make_certificate(folder / "stranger")
    certificates = {
        "good": sign_certificate(folder / "good", authority),
        "expired": sign_certificate(folder / "expired", authority, days=-1),
        "of another name": sign_certificate(folder / "name", authority, names="DNS:other.test"),
        "self-signed": stranger,
        "of another authority": sign_certificate(folder / "signed", stranger),
    }
    with ExitStack() as servers:
        stores = {"plain": servers.enter_context(start_minio(folder / "data"))}
        for kind, certificate in certificates.items():
            server = start_minio(folder / f"data {kind}", tls=certificate)
            # It can be started, and used by those that check no certificate.
            stores[kind] = servers.enter_context(server)
        for kind in ("plain", "good"):
            store = replace(stores[kind], ca_bundle=authority.public)
            store.make_bucket("data")
            store.put("data", "a/b", b"x")
        yield stores


def bad(spark: Any, entry: dict[str, Any], **asked: Any) -> str:
    """The one thing that a driver finds to be wrong, as people read it."""
    asked_of = routes(one=entry)
    s3r_spark.apply(spark, asked_of, engine="router")
    (finding,) = [f for f in s3r_spark.doctor(asked_of, spark=spark, **asked).bad if f.node]
    assert finding.node.startswith("driver on ")
    assert finding.client == "one"
    return f"{finding.check}: {finding.text}: {finding.mend}" if finding.mend else str(finding.text)


def test_each_failure_has_its_words(spark: Any, minio: dict[str, Store]) -> None:
    store = minio["plain"]
    place = store.endpoint_url.removeprefix("http://")
    (closed,) = free_ports(1)
    assert bad(spark, entry(replace(store, access_key="nobody"))).startswith(
        "list: the store doesn't know the access key: look at credentials.access_key"
    )
    assert bad(spark, entry(replace(store, secret_key="another-one"))).startswith(
        "list: the secret key is not the access key's: look at credentials.secret_key"
    )
    assert bad(spark, entry(store, endpoint_url=f"http://127.0.0.1:{closed}")).startswith(
        f"tcp: nobody listens on 127.0.0.1:{closed}: look at endpoint_url"
    )
    assert bad(spark, entry(store, endpoint_url="http://no-such-store.invalid")).startswith(
        "name: the name no-such-store.invalid is not known"
    )
    assert bad(spark, entry(store, endpoint_url=f"https://{place}")) == (
        f"tls: {place} speaks plain http, not https: write endpoint_url: http://{place}"
    )
    at = minio["good"].endpoint_url.removeprefix("https://")
    assert bad(spark, entry(minio["good"], endpoint_url=f"http://{at}")) == (
        f"http: {at} speaks https, not plain http: write https://{at}"
    )


def test_certificates(spark: Any, minio: dict[str, Store], authority: Certificate) -> None:
    data = routes(one=entry(minio["good"], ca_bundle=str(authority.public)))
    s3r_spark.apply(spark, data, engine="router")
    diagnosis = s3r_spark.doctor(data, spark=spark)
    assert diagnosis.healthy
    (finding,) = [f for f in diagnosis.findings if f.node and f.check == "tls"]
    assert finding.text.startswith("trusted, certificate good for ")
    for kind in ("self-signed", "of another authority"):
        assert bad(spark, entry(minio[kind])).startswith(
            "tls: the certificate is of no authority that this JVM trusts: give driver and "
        )
    assert bad(spark, entry(minio["expired"])) == (
        "tls: the certificate has expired: renew it on the server"
    )
    assert bad(spark, entry(minio["of another name"])).startswith(
        "tls: the certificate is not for 127.0.0.1: ask for the store by a name that"
    )


def test_a_wrong_region(spark: Any, tmp_path: Path) -> None:
    with start_versity(tmp_path / "versity") as store:
        store.make_bucket("data")
        assert bad(spark, entry(store, region="eu-west-3")) == (
            "list: requests are signed for the region 'eu-west-3', and the store wants "
            "'us-east-1': write region: us-east-1"
        )


def test_a_variable_that_is_not_set(
    spark: Any, minio: dict[str, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which the session's JVM lacks, too: its values came from Python."""
    monkeypatch.setenv("MINIO_KEY", minio["plain"].access_key)
    monkeypatch.setenv("MINIO_SECRET", minio["plain"].secret_key)
    keys = {"access_key": "${MINIO_KEY}", "secret_key": "${MINIO_SECRET}"}
    data = routes(one=entry(minio["plain"], credentials=keys))
    s3r_spark.apply(spark, data, engine="router")
    diagnosis = s3r_spark.doctor(data, spark=spark)
    assert diagnosis.healthy
    (finding,) = [f for f in diagnosis.findings if f.check == "variables"]
    assert finding.state == "open"
    assert finding.text == (
        "the environment variables MINIO_KEY and MINIO_SECRET are not set there: S3A has what the "
        "driver has"
    )


def test_what_never_answers(spark: Any, minio: dict[str, Store]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:  # takes connections, and says nothing
        silent = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert "takes the connection and says nothing in time: is it the port of an S3" in bad(
            spark, entry(minio["plain"], endpoint_url=silent)
        )
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()  # where connections are left to wait, as by a firewall
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        url = f"http://127.0.0.1:{address[1]}"
        assert bad(spark, entry(minio["plain"], endpoint_url=url), timeout=9).startswith(
            f"tcp: 127.0.0.1:{address[1]} does not answer in time: look at endpoint_url"
        )
        for one in waiting:
            one.close()


def test_keys_that_may_only_read(spark: Any, minio: dict[str, Store]) -> None:
    def changes(method: str, _path: str) -> bool:
        return method in {"PUT", "POST", "DELETE"}

    with counted(minio["plain"], refused=changes) as proxy:
        assert bad(spark, entry(proxy), write=True).startswith(
            "put: the keys may not do that in the bucket 'data' ("
        )
        data = routes(one=entry(proxy, access="read"))
        s3r_spark.apply(spark, data, engine="router")
        assert s3r_spark.doctor(data, spark=spark, write=True).healthy


def test_paths(spark: Any, minio: dict[str, Store]) -> None:
    data = routes(one=entry(minio["plain"]))
    s3r_spark.apply(spark, data, engine="router")
    paths = ["s3a://of-one/a", "s3a://of-one/a/b", "s3a://of-one/none"]
    findings = [f for f in s3r_spark.doctor(data, spark=spark, paths=paths).findings if f.node]
    by_path = {path: {f.check: f.state for f in findings if f.place == path} for path in paths}
    read = {"list": "good", "read": "good"}
    assert by_path == {paths[0]: read, paths[1]: read, paths[2]: {"list": "bad"}}


def test_a_missing_bucket(spark: Any, minio: dict[str, Store]) -> None:
    data = routes(bucket="none", one=entry(minio["plain"]))
    s3r_spark.apply(spark, data, engine="router")
    (finding,) = [f for f in s3r_spark.doctor(data, spark=spark).bad if f.node]
    assert (finding.check, finding.text) == ("bucket", "there is no bucket 'none'")


def test_other_routes_than_the_sessions(spark: Any, minio: dict[str, Store]) -> None:
    s3r_spark.apply(spark, routes(one=entry(minio["plain"])), engine="router")
    data = routes(two=entry(minio["plain"]))
    findings = [f for f in s3r_spark.doctor(data, spark=spark).findings if f.node]
    assert [(f.check, f.state) for f in findings] == [("routes", "bad")]
    assert "the session follows other routes: " in findings[0].text
