"""Migrations whose objects the executors of a real cluster copy."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from boto.conftest import entry
from migrate.conftest import asked, contents
from servers.cluster import start_cluster
from servers.counting import counted
from servers.process import wait_until
from spark.running import CHECKOUT, QUIET, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.conftest import Moving
    from servers.cluster import Cluster
    from servers.store import Store

pytestmark = pytest.mark.slow
JOB = CHECKOUT / "jobs" / "migrate_on_spark.py"
OBJECTS = 450
TASK = 200  # objects of a task at most


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with start_cluster(tmp_path_factory.mktemp("spark") / "cluster") as cluster:
        yield cluster


def start(moving: Moving, master: str, *words: str, **variables: str) -> subprocess.Popen[str]:
    submit = f"--master {master} {QUIET} pyspark-shell"
    env = environment(PYSPARK_SUBMIT_ARGS=submit, **variables)
    command = [sys.executable, str(JOB), "--json", *words, *moving.write()]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True)


def answer(process: subprocess.Popen[str], code: int = 0) -> Any:
    out, errors = process.communicate(timeout=300)
    assert process.returncode == code, out + errors[-4000:]
    return json.loads(out)


def errors(process: subprocess.Popen[str]) -> str:
    return "".join(f"{one['message']}\n" for one in answer(process, code=1)["findings"])


def executors(cluster: Cluster) -> list[psutil.Process]:
    """The executors that run, the oldest first."""
    found = [
        process
        for process in psutil.process_iter(["cmdline", "cwd"])
        if "CoarseGrainedExecutorBackend" in " ".join(process.info["cmdline"] or ())
        and Path(process.info["cwd"] or "/").is_relative_to(cluster.folder)
    ]
    return sorted(found, key=psutil.Process.create_time)


def test_an_executor_that_is_lost_costs_its_task_alone(
    moving: Moving, cluster: Cluster, minio_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def begin_late(method: str, path: str, content: bytes) -> bytes:
        """Begin an upload as a lost executor that lives on: once its successor has looked."""
        if method == "GET" and "?uploads&prefix=" in path and not begun:
            begun.append(path.partition("prefix=")[2])
            minio_store.client().create_multipart_upload(Bucket="minio-bucket", Key=begun[0])
        return content

    minio_store.make_bucket("minio-bucket")
    with counted(minio_store, spoiled=begin_late) as west:
        moving.west, moving.clients["minio"] = west, entry(west)
        lose_an_executor(moving, cluster, monkeypatch)
        assert begun
        assert "Uploads" not in minio_store.client().list_multipart_uploads(Bucket="minio-bucket")
    minio_store.clear()


def lose_an_executor(moving: Moving, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(OBJECTS):
        moving.put(f"ö {number}+", body=os.urandom(100))
    moving.put_parts("ö 300+", os.urandom(100), 100)  # each list of the first two has one in parts
    moving.put_parts("large", os.urandom(13 << 20), 6 << 20)
    moving.clients["default"]["credentials"] = {
        "access_key": "${EAST_KEY}",
        "secret_key": moving.east.secret_key,
    }
    key = {"EAST_KEY": moving.east.access_key}
    # Executors lack the variable; the driver has it, and could list.
    text = errors(start(moving, cluster.master, **key))
    assert "the environment variable EAST_KEY is not set" in text
    assert moving.moved() == {}

    moving.west.forget_requests()
    there = f"spark.executorEnv.EAST_KEY={moving.east.access_key}"
    process = start(moving, cluster.master, "--conf", there, "--finish", **key)
    wait_until(
        lambda: process.poll() is not None or len(moving.west.keys("minio-bucket")) > TASK // 2, 120
    )
    lost, *others = executors(cluster)
    assert others
    lost.send_signal(signal.SIGKILL)
    data = answer(process)
    assert data["finished"]
    assert (data["outcome"]["copied"], data["outcome"]["failures"]) == (OBJECTS + 1, 0)
    assert moving.moved() == contents(moving.east, "lake", "team2/")
    puts = [one for one in asked(moving.west) if one.startswith("PUT /minio-bucket/data/ö")]
    assert OBJECTS < len(puts) <= OBJECTS + TASK
    monkeypatch.setenv("EAST_KEY", moving.east.access_key)
    assert moving()["outcome"]["copied"] == 0


def test_executors_without_the_package_are_told_of(moving: Moving) -> None:
    moving.put("a")
    bare = str(Path(sys.base_prefix) / "bin" / "python3")
    process = start(moving, "local[2]", PYSPARK_PYTHON=bare, PYTHONPATH="")
    text = errors(process)
    assert f"{bare}): No module named 's3r_spark'" in text
    assert "--archives env.tar.gz#env" in text
    assert moving.moved() == {}
