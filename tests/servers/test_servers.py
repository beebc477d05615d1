"""The test servers are what the tests take them for: services that know nothing of each other."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from servers import install
from servers.ceph import start_ceph
from servers.cluster import bare_environment, start_cluster
from servers.counting import counted
from servers.minio import start_minio
from servers.moto import start_moto
from servers.process import running, wait_until
from servers.seaweed import start_seaweed
from servers.store import Store
from servers.versity import start_versity
from servers.web import answers, ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

KEYS = ["a/b", "a/b c", "ü/日本", "q?a=1&b#c+%2F~*'()!", "dt=2024-01-01/part-0.parquet"]

# What an unknown access key and a wrong secret are called elsewhere than in S3.
REFUSALS = {
    "versitygw": ("XAdminUserNotFound", "SignatureDoesNotMatch"),
    "garage": ("AccessDenied", "AccessDenied"),
}


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def test_one_bucket_name_means_two_buckets(west: Store, east: Store) -> None:
    for store in (west, east):
        store.make_bucket("data")
    west.put("data", "in-west", b"1")
    east.put("data", "in-east", b"22")
    assert west.objects("data") == {"in-west": 1}
    assert east.objects("data") == {"in-east": 2}


def test_other_keys_are_refused(west: Store, east: Store) -> None:
    west.make_bucket("data")
    stranger = replace(west, access_key=east.access_key, secret_key=east.secret_key)
    assert code_of(lambda: stranger.put("data", "k", b"x" * 1_000_000)) == "InvalidAccessKeyId"
    assert code_of(lambda: stranger.keys("data")) == "InvalidAccessKeyId"
    mixed = replace(west, secret_key=east.secret_key)
    assert code_of(lambda: mixed.put("data", "k")) == "SignatureDoesNotMatch"
    dated = replace(west, session_token="of-another-account")
    assert code_of(lambda: dated.keys("data")) == "InvalidToken"
    assert west.keys("data") == []


def test_unsigned_requests_are_refused_unless_asked_for(west: Store) -> None:
    west.make_bucket("data")
    assert ask(f"{west.endpoint_url}/data")[0] == 403
    with start_moto("key", "secret", anonymous=True) as moto:
        assert ask(moto.endpoint_url)[0] == 200


def test_a_session_token_can_be_required() -> None:
    with start_moto("key", "secret", "token") as moto:
        store = Store("sts", "generic", moto.endpoint_url, "key", "secret", session_token="token")
        store.make_bucket("data")
        assert code_of(replace(store, session_token=None).buckets) == "InvalidToken"
        assert store.buckets() == ["data"]


def test_requests_are_counted(west: Store) -> None:
    west.make_bucket("data")
    west.put("data", "a b")
    west.forget_requests()
    west.client().copy_object(Bucket="data", Key="c", CopySource={"Bucket": "data", "Key": "a b"})
    assert west.requests() == [
        {
            "method": "PUT",
            "path": "/data/c",
            "query": "",
            "copy_source": "data/a b",
            "referer": "",
            "status": 200,
            "access_key": west.access_key,
            "region": "us-west-1",
        }
    ]


def test_a_proxy_counts_for_servers_that_do_not(west: Store) -> None:
    west.make_bucket("data")
    with counted(west) as proxy:
        for key in KEYS:
            proxy.put("data", key, b"x" * 100_000)
            assert proxy.get("data", key) == b"x" * 100_000
            assert proxy.client().head_object(Bucket="data", Key=key)["ContentLength"] == 100_000
        assert sorted(proxy.keys("data")) == sorted(KEYS)
        west.forget_requests()
        proxy.forget_requests()
        proxy.client().copy_object(Bucket="data", Key="copy", CopySource="data/a/b")
        assert code_of(lambda: proxy.get("data", "none")) == "NoSuchKey"
        same = ("method", "path", "query", "copy_source", "status")
        seen = [{name: request[name] for name in same} for request in west.requests()]
        assert proxy.requests() == seen
        assert [request["status"] for request in seen] == [200, 404]


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_addresses_work(west: Store, version: str) -> None:
    west.make_bucket("data.with-dots")
    for key in KEYS:
        west.put("data.with-dots", key, key.encode())
        place = {"Bucket": "data.with-dots", "Key": key}
        url = west.client(signature_version=version).generate_presigned_url("get_object", place)
        assert ask(url) == (200, key.encode())


def test_conditions_ranges_and_versions(west: Store) -> None:
    west.make_bucket("data")
    client = west.client()
    client.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    for key in (*KEYS, "a//b", "//x"):
        west.put("data", key, b"0123456789")
        west.put("data", key, b"0123456789")
    assert west.keys("data") == sorted((*KEYS, "a//b", "//x"))
    again = {"Bucket": "data", "Key": "a/b", "IfNoneMatch": "*"}
    assert code_of(lambda: client.put_object(**again)) == "PreconditionFailed"
    answer = client.get_object(Bucket="data", Key="a/b", Range="bytes=2-4")
    assert answer["Body"].read() == b"234"
    client.delete_objects(Bucket="data", Delete={"Objects": [{"Key": key} for key in KEYS]})
    assert west.keys("data") == ["//x", "a//b"]
    assert len(client.list_object_versions(Bucket="data")["Versions"]) == 2 * len(KEYS) + 4


def test_the_plain_client_takes_nothing_from_the_environment(
    west: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-somebody-else")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/file")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    west.make_bucket("data")
    assert west.buckets() == ["data"]


def test_a_server_that_is_not_installed_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "find", lambda _: None)
    with pytest.raises(FileNotFoundError, match=r"install\.py seaweed"):
        install.program("weed")


def start_elsewhere(program: str) -> tuple[subprocess.Popen[str], str]:
    """Run a program of Python that says a line and then waits; the line."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_moto_ends_with_whoever_started_it() -> None:
    parent, url = start_elsewhere(
        "from servers.moto import start_moto\n"
        "with start_moto('k', 's') as moto:\n"
        "    print(moto.endpoint_url, flush=True)\n"
        "    input()\n"
    )
    assert ask(f"{url}/_requests") == (200, b"[]")
    parent.kill()
    parent.communicate()
    assert wait_until(lambda: not answers(url), seconds=10)


def test_programs_and_what_they_start_end_with_whoever_started_them(tmp_path: Path) -> None:
    parent, guard = start_elsewhere(
        "from pathlib import Path\n"
        "from servers.process import running\n"
        f"with running(['sh', '-c', 'sleep 300 & sleep 300'], Path('{tmp_path}/log')) as sleep:\n"
        "    print(sleep.guard.pid, flush=True)\n"
        "    input()\n"
    )
    family = psutil.Process(int(guard))
    assert wait_until(lambda: len(family.children(recursive=True)) == 3)
    started = family.children(recursive=True)
    parent.kill()
    parent.communicate()
    assert psutil.wait_procs(started, timeout=10)[1] == []


def test_a_program_that_ends_too_early_says_its_last_words(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo no such disk; exit 3"]
    with (
        running(command, tmp_path / "server.log") as server,
        pytest.raises(RuntimeError, match=r"server ended(.|\n)*no such disk"),
    ):
        server.wait_until(lambda: False)


def check_service(store: Store) -> None:
    """What every kind of server has to do."""
    store.make_bucket("data")
    for key in KEYS:
        store.put("data", key, key.encode())
        assert store.get("data", key) == key.encode()
    assert sorted(store.keys("data")) == sorted(KEYS)
    body = b"0123456789abcdef" * (1 << 20)
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    store.client().upload_fileobj(io.BytesIO(body), "data", "large", Config=parts)
    assert store.get("data", "large") == body
    unknown, wrong = REFUSALS.get(store.kind, ("InvalidAccessKeyId", "SignatureDoesNotMatch"))
    assert code_of(replace(store, access_key="nobody").buckets) == unknown
    assert code_of(replace(store, secret_key="wrong-secret").buckets) == wrong
    store.clear()
    assert store.buckets() == []


def test_moto(west: Store) -> None:
    check_service(west)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("start", [start_minio, start_seaweed, start_ceph, start_versity])
def test_real_server(
    start: Callable[..., AbstractContextManager[Store]], scheme: str, tmp_path: Path
) -> None:
    with start(tmp_path / "server", tls=scheme == "https") as store:
        assert store.endpoint_url.startswith(f"{scheme}://")
        check_service(store)
    assert not answers(store.endpoint_url)


@pytest.mark.slow
def test_garage(garage_store: Store) -> None:
    check_service(garage_store)


@pytest.mark.slow
def test_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "of the driver")
    job = (
        "import json, os, time\n"
        "from pyspark.sql import SparkSession\n"
        "def look(_):\n"
        "    time.sleep(0.5)\n"
        "    yield os.getcwd(), dict(os.environ)\n"
        "spark = SparkSession.builder.getOrCreate()\n"
        "seen = spark.sparkContext.range(4, numSlices=4).mapPartitions(look).collect()\n"
        "print(json.dumps(seen))\n"
    )
    with start_cluster(tmp_path / "cluster", env={"MARK": "given"}) as cluster:
        options = [
            "--conf=spark.scheduler.minRegisteredResourcesRatio=1",
            f"--master={cluster.master}",
        ]
        run = subprocess.run(
            [sys.executable, "-c", job],
            env=bare_environment() | {"PYSPARK_SUBMIT_ARGS": " ".join([*options, "pyspark-shell"])},
            capture_output=True,
            text=True,
            check=True,
        )
    data = json.loads(run.stdout)
    assert len({folder for folder, _ in data}) == 2
    assert all(folder.startswith(str(cluster.folder)) for folder, _ in data)
    assert all(env["MARK"] == "given" and "A_SECRET" not in env for _, env in data)
    left = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    assert not [command for command in left if command and cluster.master in command]
