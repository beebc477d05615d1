"""A store that is down, keys that are wrong, a bucket that is missing: Spark says so in time."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import yaml
from servers.handler import Handler, serving, url_of
from servers.process import free_ports
from spark.places import client
from spark.running import JOBS, QUIET, environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow

# Seconds until a job that reads ends: many times what the presets in stores.py state.
FAIL_FAST, SILENT = 30, 600
OUTAGE = 20


class Broken(Handler):
    """A store whose every answer is 500."""

    def fail(self) -> None:
        self.body()
        self.answer(status=500)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = fail  # noqa: N815 - names of the library


@contextmanager
def broken() -> Iterator[str]:
    with serving(Broken) as server:
        yield url_of(server)


@contextmanager
def silent() -> Iterator[str]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def restarting(address: tuple[str, int]) -> Iterator[str]:
    """A store that is away for OUTAGE seconds from when it is first asked, as behind a proxy."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        threading.Thread(target=forward, args=(server, address), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def forward(server: socket.socket, address: tuple[str, int]) -> None:
    """Close the connections of the first seconds, and hand the others on to an address."""
    back = None
    with suppress(OSError):  # the end of the test
        while True:
            near = server.accept()[0]
            back = back or time.monotonic() + OUTAGE
            if time.monotonic() < back:
                near.close()
                continue
            far = socket.create_connection(address)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=pump, args=(one, other), daemon=True).start()


def pump(one: socket.socket, other: socket.socket) -> None:
    """Carry what comes from one end of a connection to the other."""
    with suppress(OSError):
        while data := one.recv(1 << 16):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


def timed(
    clients: Mapping[str, Mapping[str, Any]], folder: Path, *more: str
) -> dict[str, dict[str, Any]]:
    """What reading a bucket of each client ended with."""
    profiles = {name: {"source_bucket_pattern": f"{name}-data"} for name in clients}
    routes = folder / "routes.yaml"
    file = {"clients": {"default": {}, **clients}, "profiles": profiles}
    routes.write_text(yaml.safe_dump(file, sort_keys=False), encoding="utf-8")
    paths = {f"s3a://{name}-data/t": name for name in clients}
    process = subprocess.run(
        [sys.executable, str(JOBS / "timed.py"), str(routes), *paths, *more],
        env=environment(PYSPARK_SUBMIT_ARGS=f"--master local[1] {QUIET} pyspark-shell"),
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in process.stdout.splitlines()]
    return {paths[line["path"]]: line for line in lines}


def nowhere() -> str:
    return f"http://127.0.0.1:{free_ports(1)[0]}"


def test_a_store_that_is_down(tmp_path: Path) -> None:
    keys = {"credentials": {"access_key": "a", "secret_key": "b"}}
    with broken() as url:
        ends = timed(
            {
                "refused": {"endpoint_url": nowhere(), **keys, "fail_fast": True},
                "broken": {"endpoint_url": url, **keys, "fail_fast": True},
            },
            tmp_path,
        )
    assert "Connection refused" in ends["refused"]["end"]
    assert "refused-data" in ends["refused"]["end"]
    assert "Status Code: 500" in ends["broken"]["end"]
    for line in ends.values():
        assert line["seconds"] < FAIL_FAST


def test_an_outage_of_some_seconds_is_survived(west: Store, tmp_path: Path) -> None:
    """Unless a client fails fast, S3A is as patient as without routes: it may be a restart."""
    west.make_bucket("back-data")
    west.client().put_object(Bucket="back-data", Key="t/x", Body=b"there")
    address = urlsplit(west.endpoint_url)
    with restarting((str(address.hostname), address.port or 80)) as url:
        ends = timed({"back": client(west) | {"endpoint_url": url}}, tmp_path)
    assert ends["back"]["end"] == "nothing"


@pytest.mark.timeout(900)
def test_a_store_that_never_answers(tmp_path: Path) -> None:
    keys = {"credentials": {"access_key": "a", "secret_key": "b"}}
    with silent() as url:
        ends = timed({"fast": {"endpoint_url": url, **keys, "fail_fast": True}}, tmp_path)
    assert "AWSApiCallTimeoutException: getFileStatus on s3a://fast-data/t" in ends["fast"]["end"]
    assert ends["fast"]["seconds"] < SILENT


def test_wrong_keys_and_a_missing_bucket(west: Store, tmp_path: Path) -> None:
    west.make_bucket("keys-data")
    west.make_bucket("secret-data")
    right = client(west)
    keys = right["credentials"]
    ends = timed(
        {
            "keys": {**right, "credentials": {**keys, "access_key": "nobody"}},
            "secret": {**right, "credentials": {**keys, "secret_key": "wrong-secret"}},
            "missing": right,
        },
        tmp_path,
    )
    for name in ("keys", "secret"):
        assert "AccessDeniedException" in ends[name]["end"]
    assert "wrong-secret" not in str(ends)
    assert "PATH_NOT_FOUND" in ends["missing"]["end"] or "NoSuchBucket" in ends["missing"]["end"]
    for line in ends.values():
        assert line["seconds"] < FAIL_FAST
