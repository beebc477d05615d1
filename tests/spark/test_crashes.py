"""Jobs with accidents: what they leave is not to be seen, and the next run is whole.

On a route as on plain S3A: the same holds for the engine s3a, for folders that the router leaves
where they are, for those that it routes, and for a table that spans stores.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from servers.cluster import start_cluster
from spark.places import client
from spark.running import JOBS, QUIET, environment, job, killed

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow
PLAIN, ROUTED, SPANNING = "s3a://lake/plain/t", "s3a://lake/team2/t", "s3a://lake/tbl"
ENGINES = [("s3a", "classic"), ("router", "classic"), ("router", "magic")]
# Rows are written as they come, not sorted first, so that accidents happen in mid-file.
CONF = "--conf spark.sql.maxConcurrentOutputFileWriters=3"


def prepared(engine: str, west: Store, east: Store, folder: Path) -> list[str]:
    """Arguments of writing.py for an engine: the routes, the engine."""
    for store in (west, east):
        store.make_bucket("lake")
    profiles: dict[str, Any] = {
        "team2": {"source_key_pattern": "team2/*", "mapped_prefix": "data/team2"},
        "one": {"source_key_pattern": "tbl/p=1/*", "mapped_prefix": "one"},
    }
    east_of_lake = {"client": "east", "source_bucket_pattern": "lake"}
    entries = {name: east_of_lake | fields for name, fields in profiles.items()}
    clients = {"default": client(west), "east": client(east)}
    file = folder / "routes.yaml"
    file.write_text(
        json.dumps({"clients": clients, "profiles": entries if engine == "router" else {}})
    )
    return [str(file), engine]


def started(committer: str, master: str) -> dict[str, str]:
    """The environment of a job, with a committer; the magic one is what `configure` brings."""
    conf = (
        CONF if committer == "magic" else f"{CONF} --conf spark.hadoop.fs.s3a.committer.name=file"
    )
    return environment(PYSPARK_SUBMIT_ARGS=f"--master {master} {QUIET} {conf} pyspark-shell")


def tables(west: Store, east: Store) -> dict[str, set[str]]:
    """The folders of what a reader sees as data, by store."""
    return {
        store.name: {
            key.rpartition("/")[0]
            for key in store.keys("lake")
            if "part-" in key and not [p for p in key.split("/") if p[0] in "_."]
        }
        for store in (west, east)
    }


def folders(*tables: str) -> set[str]:
    return {f"{table}/p={p}" for table in tables for p in range(3)}


@pytest.mark.parametrize(("engine", "committer"), ENGINES)
def test_a_driver_that_is_killed(
    engine: str, committer: str, west: Store, east: Store, tmp_path: Path
) -> None:
    paths = [PLAIN, ROUTED, SPANNING]
    routes = prepared(engine, west, east, tmp_path)
    env = started(committer, "local[12]")
    command = [sys.executable, str(JOBS / "writing.py"), *routes]
    killed([*command, "hang", *paths], tmp_path, env, (tmp_path / "hanging").exists)
    assert tables(west, east) == {"west": set(), "east": set()}
    with job([*command, "calm", *paths], tmp_path, env) as answer:
        assert answer["before"] == dict.fromkeys(paths, 0)
        assert answer["ends"] == dict.fromkeys(paths, "done")
        assert answer["after"] == dict.fromkeys(paths, 120)
    if engine == "router":
        expected = {
            "west": folders("plain/t", "tbl") - {"tbl/p=1"},
            "east": folders("data/team2/t") | {"one"},
        }
    else:
        expected = {"west": folders("plain/t", "team2/t", "tbl"), "east": set()}
    assert tables(west, east) == expected
    left = [key for store in (west, east) for key in store.keys("lake") if "_temporary/" in key]
    assert left == []


@pytest.mark.parametrize(("engine", "committer"), ENGINES)
def test_tasks_that_fail_are_killed_or_are_overtaken(
    engine: str, committer: str, west: Store, east: Store, tmp_path: Path
) -> None:
    paths = [PLAIN, ROUTED, SPANNING] if engine == "router" else [PLAIN]
    routes = prepared(engine, west, east, tmp_path)
    command = [sys.executable, str(JOBS / "writing.py"), *routes]
    with start_cluster(tmp_path / "cluster", cores=2) as cluster:
        env = started(committer, cluster.master)
        speculation = {
            "speculation": "true",
            "speculation.interval": "200ms",
            "speculation.quantile": "0.5",
            "speculation.multiplier": "1",
            "speculation.efficiency.enabled": "false",
            "speculation.minTaskRuntime": "1s",
        }
        more = " ".join(f"--conf spark.{key}={value}" for key, value in speculation.items())
        env["PYSPARK_SUBMIT_ARGS"] = f"{more} {env['PYSPARK_SUBMIT_ARGS']}"
        with job([*command, "stumble", *paths], tmp_path, env) as answer:
            assert answer["ends"] == dict.fromkeys(paths, "done")
            assert answer["after"] == dict.fromkeys(paths, 120)
    seen = tables(west, east)
    assert sum(map(len, seen.values())) == 3 * len(paths)
    data = [k for s in (west, east) for k in s.keys("lake") if "part-" in k]
    assert len(data) == 3 * 4 * len(paths)  # of four tasks, one file each in each of three folders
    assert not [key for key in data if "_temporary" in key or "__magic" in key]
