"""Threads, forked and spawned processes, and several routes in one process."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
import yaml

from s3r_spark.fs import S3RFileSystem

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

BUCKET = "example-bucket"
TEAM = f"{BUCKET}/team2"


def read(fs: Any, name: str) -> bytes:
    data: bytes = fs.cat_file(name)
    return data


def read_anew(routes: Any, name: str) -> tuple[bytes, list[str]]:
    fs = fsspec.filesystem("s3r", routes=routes)
    return read(fs, name), fs.find(BUCKET)


def test_threads_share_a_file_system(fs: Any) -> None:
    names = [f"{folder}/{at}" for folder in (TEAM, BUCKET) for at in range(12)]

    def use(name: str) -> bytes:
        fs.pipe_file(name, name.encode())
        fs.find(f"{BUCKET}/other")
        return read(fs, name)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(use, names)) == [name.encode() for name in names]


def test_a_forked_process_makes_its_own(routes: Any, fs: Any) -> None:
    fs.pipe_file(f"{TEAM}/a", b"a")
    assert fs.find(BUCKET) == [f"{TEAM}/a"]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as children:
        answer = children.submit(read_anew, routes, f"{TEAM}/a").result(60)
        assert answer == (b"a", [f"{TEAM}/a"])
    assert read(fs, f"{TEAM}/a") == b"a"


def test_a_spawned_process_is_sent_one(routes: Any, tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(yaml.safe_dump(routes), encoding="utf-8")
    fs = S3RFileSystem(file)
    fs.pipe_file(f"{TEAM}/a", b"a")
    program = (
        "import pickle, sys; fs = pickle.load(sys.stdin.buffer); "
        f"print(fs.cat_file('{TEAM}/a').decode(), *fs.find('{BUCKET}'))"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(fs), capture_output=True, check=True
    )
    assert process.stdout.decode().split() == ["a", f"{TEAM}/a"]


def test_several_routes_in_one_process(routes: Any, east: Store, west: Store) -> None:
    """The same names, the other way round."""
    west.make_bucket(BUCKET)
    clients = {"default": routes["clients"]["minio"], "minio": routes["clients"]["default"]}
    rule = {**routes["profiles"]["minio"], "mapped_bucket_name": BUCKET, "mapped_prefix": "x"}
    one, two = (
        S3RFileSystem(routes),
        S3RFileSystem({"clients": clients, "profiles": {"minio": rule}}),
    )
    for fs, data in ((one, b"one"), (two, b"two")):
        fs.pipe({f"{TEAM}/a": data, f"{BUCKET}/b": data})
    assert (one.cat_file(f"{TEAM}/a"), two.cat_file(f"{TEAM}/a")) == (b"one", b"two")
    assert east.get(BUCKET, "x/a") == b"two"
    assert west.get(BUCKET, "b") == b"two"


@pytest.mark.slow
def test_nothing_is_left_open_at_exit(routes: Any) -> None:
    program = (
        "from s3r_spark.fs import S3RFileSystem\n"
        f"fs = S3RFileSystem({routes!r})\n"
        f"fs.pipe({{'{TEAM}/a': b'a', '{BUCKET}/b': b'b'}})\n"
        f"assert len(fs.find('{BUCKET}')) == 2\n"
    )
    process = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "default::ResourceWarning", "-c", program],
        capture_output=True,
        check=True,
        timeout=60,
        env=os.environ | {"PYTHONWARNINGS": ""},
    )
    assert "Unclosed" not in process.stderr.decode()


def test_connections_are_closed_with_the_file_system(routes: Any) -> None:
    fs = S3RFileSystem(routes, skip_instance_cache=True)
    fs.pipe({f"{TEAM}/a": b"a", f"{BUCKET}/b": b"b"})
    stores = fs._s3creator._stores
    open_ones = [stores.made(name).client._endpoint.http_session for name in ("default", "minio")]
    assert all(session._sessions for session in open_ones)
    del fs, stores
    gc.collect()
    if any(session._sessions for session in open_ones):
        pytest.fail("a connection is left open")
