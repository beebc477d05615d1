"""A store that is down, keys that are wrong, a bucket that is missing: Spark says so in time."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from servers.process import free_ports
from spark.places import client
from spark.running import JOBS, QUIET, environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow

# Seconds until a job that reads ends: thrice what the presets in stores.py state.
PLAIN, FAIL_FAST, SILENT = 90, 30, 600


class Broken(BaseHTTPRequestHandler):
    """A store whose every answer is 500."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - names of the library

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def broken() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def silent() -> Iterator[str]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def timed(
    clients: Mapping[str, Mapping[str, Any]], folder: Path, *more: str
) -> dict[str, dict[str, Any]]:
    """What reading a bucket of each client ended with."""
    profiles = {name: {"source_bucket_pattern": f"{name}-data"} for name in clients}
    routes = folder / "routes.yaml"
    file = {"clients": {"default": {}, **clients}, "profiles": profiles}
    routes.write_text(yaml.safe_dump(file, sort_keys=False), encoding="utf-8")
    paths = {f"s3a://{name}-data/t": name for name in clients}
    done = subprocess.run(
        [sys.executable, str(JOBS / "timed.py"), str(routes), *paths, *more],
        env=environment(PYSPARK_SUBMIT_ARGS=f"--master local[1] {QUIET} pyspark-shell"),
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {paths[line["path"]]: line for line in lines}


def nowhere() -> str:
    return f"http://127.0.0.1:{free_ports(1)[0]}"


def test_a_store_that_is_down(tmp_path: Path) -> None:
    keys = {"credentials": {"access_key": "a", "secret_key": "b"}}
    with broken() as url:
        found = timed(
            {
                "refused": {"endpoint_url": nowhere(), **keys},
                "refused-fast": {"endpoint_url": nowhere(), **keys, "fail_fast": True},
                "broken": {"endpoint_url": url, **keys},
                "broken-fast": {"endpoint_url": url, **keys, "fail_fast": True},
            },
            tmp_path,
        )
    for name in ("refused", "refused-fast"):
        assert "Connection refused" in found[name]["said"]
        assert f"{name}-data" in found[name]["said"]
    for name in ("broken", "broken-fast"):
        assert "Status Code: 500" in found[name]["said"]
    for name, line in found.items():
        assert line["seconds"] < (FAIL_FAST if name.endswith("fast") else PLAIN)


@pytest.mark.timeout(900)
def test_a_store_that_never_answers(tmp_path: Path) -> None:
    keys = {"credentials": {"access_key": "a", "secret_key": "b"}}
    with silent() as url:
        found = timed({"fast": {"endpoint_url": url, **keys, "fail_fast": True}}, tmp_path)
    assert "AWSApiCallTimeoutException: getFileStatus on s3a://fast-data/t" in found["fast"]["said"]
    assert found["fast"]["seconds"] < SILENT


def test_wrong_keys_and_a_missing_bucket(west: Store, tmp_path: Path) -> None:
    west.make_bucket("keys-data")
    west.make_bucket("secret-data")
    right = client(west)
    keys = right["credentials"]
    found = timed(
        {
            "keys": {**right, "credentials": {**keys, "access_key": "nobody"}},
            "secret": {**right, "credentials": {**keys, "secret_key": "wrong-secret"}},
            "missing": right,
        },
        tmp_path,
    )
    for name in ("keys", "secret"):
        assert "AccessDeniedException" in found[name]["said"]
    assert "wrong-secret" not in str(found)
    assert (
        "PATH_NOT_FOUND" in found["missing"]["said"] or "NoSuchBucket" in found["missing"]["said"]
    )
    for line in found.values():
        assert line["seconds"] < FAIL_FAST
