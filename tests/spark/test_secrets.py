"""Secrets of a job that runs: seen by the stores, and by nobody else."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from servers.cluster import start_cluster
from servers.process import wait_until
from servers.web import answers, ask
from spark.places import PLACES, buckets, client, profiles, strays, variables
from spark.running import JOBS, QUIET, SPARK_HOME, command_lines, environment, files_with, job

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow


def write_routes(folder: Path, engine: str, west: Store, east: Store) -> Path:
    """A routes.yaml whose secrets are variables, and the buckets that it speaks of."""
    for store in (west, east):
        for bucket in buckets(engine):
            store.make_bucket(bucket)
    clients = {
        "default": client(west, by_variables=True),
        "east": client(east, by_variables=True),
    }
    file = folder / "routes.yaml"
    routes = {"version": 1, "clients": clients, "profiles": profiles(engine)}
    file.write_text(yaml.safe_dump(routes, sort_keys=False), encoding="utf-8")
    return file


def paths(engine: str) -> list[str]:
    return [f"{place.path}/t" for place in PLACES[engine].values()]


def check_places(engine: str, west: Store, east: Store) -> None:
    """Each place has its table, and its store was never asked with another's keys."""
    stores = {"west": west, "east": east}
    for place in PLACES[engine].values():
        files = stores[place.store].keys(place.bucket, place.key("t/"))
        assert len([file for file in files if file.endswith(".parquet")]) == 2
    homes = {(place.store, place.bucket) for place in PLACES[engine].values()}
    for place in PLACES[engine].values():
        apart = strays(place, stores)
        assert {tuple(name.split(":")) for name in apart} <= homes
    assert [r for store in (west, east) for r in store.requests() if r["status"] == 403] == []


def environment_page(expected: dict[str, str]) -> bytes:
    """What Spark shows of its settings to whoever asks."""
    page = f"{expected['ui']}/api/v1/applications/{expected['application']}/environment"
    assert wait_until(lambda: answers(page, 200))  # the first answer takes long
    shown = ask(page)[1]
    names = dict(json.loads(shown)["sparkProperties"])
    assert any(name.endswith(".access.key") for name in names)
    return shown


@pytest.mark.parametrize("engine", PLACES)
def test_spark_submit_with_a_properties_file(
    engine: str, west: Store, east: Store, tmp_path: Path
) -> None:
    routes = write_routes(tmp_path, engine, west, east)
    env = environment(
        **variables(west), **variables(east), SPARK_LOCAL_DIRS=str(tmp_path / "scratch")
    )
    events = tmp_path / "events"
    events.mkdir()
    with command_lines() as seen:
        main = "from s3r_spark.cli import main; main()"
        conf = [sys.executable, "-c", main, "conf", str(routes), "-o", str(tmp_path / "conf")]
        conf += ["--engine", engine]
        subprocess.run(conf, cwd=tmp_path, env=env, check=True)
        command = [
            str(SPARK_HOME / "bin" / "spark-submit"),
            f"--properties-file={tmp_path / 'conf' / 'spark-defaults.conf'}",
            "--master=local[2]",
            *QUIET.split(),
            f"--conf=spark.eventLog.dir={events.as_uri()}",
            "--conf=spark.eventLog.enabled=true",
            str(JOBS / "round_trip.py"),
            "-",
            *paths(engine),
        ]
        with job(command, tmp_path, env) as answer:
            shown = environment_page(answer)
    assert answer["counts"] == dict.fromkeys(paths(engine), 90)
    check_places(engine, west, east)
    assert any("spark-defaults.conf" in line for line in seen)
    assert any(events.iterdir())
    for secret in (west.secret_key, east.secret_key):
        assert secret.encode() not in shown
        assert not [line for line in seen if secret in line]
        assert files_with(secret, tmp_path) == []


@pytest.mark.parametrize("engine", PLACES)
def test_executors_without_the_variables(
    engine: str, west: Store, east: Store, tmp_path: Path
) -> None:
    """On a real cluster, `configure` alone: the jars and the secrets reach the executors."""
    routes = write_routes(tmp_path, engine, west, east)
    with start_cluster(tmp_path / "cluster") as cluster, command_lines() as seen:
        env = environment(
            **variables(west),
            **variables(east),
            ENGINE=engine,
            PYSPARK_SUBMIT_ARGS=f"--master {cluster.master} {QUIET} pyspark-shell",
            SPARK_LOCAL_DIRS=str(tmp_path / "scratch"),
        )
        command = [sys.executable, str(JOBS / "round_trip.py"), str(routes), *paths(engine)]
        with job(command, tmp_path, env) as answer:
            shown = environment_page(answer)
    assert answer["counts"] == dict.fromkeys(paths(engine), 90)
    check_places(engine, west, east)
    assert any("CoarseGrainedExecutorBackend" in line for line in seen)
    for secret in (west.secret_key, east.secret_key):
        assert secret.encode() not in shown
        assert not [line for line in seen if secret in line]
        assert files_with(secret, tmp_path) == []
