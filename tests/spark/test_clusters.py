"""A real cluster, by a script, by a notebook and by spark-submit, with the router."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from servers.cluster import Cluster, start_cluster
from spark.places import client, lay_out, variables
from spark.running import JOBS, QUIET, SPARK_HOME, environment, job
from spark.sessions import jars

from s3r_spark.hadoop.jar import router_jar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store

pytestmark = pytest.mark.slow
OTHER = "org.yaml:snakeyaml:2.4"  # small, and alone
PATHS = ["s3a://shared/team1/t", "s3a://shared/team2/t", "s3r://renamed/t"]
LATE = {  # one executor at first, and another where tasks have to wait
    "dynamicAllocation.enabled": "true",
    "dynamicAllocation.shuffleTracking.enabled": "true",
    "dynamicAllocation.initialExecutors": "1",
    "dynamicAllocation.minExecutors": "1",
    "dynamicAllocation.maxExecutors": "2",
}


@pytest.fixture(scope="module")
def cluster(
    west_store: Store, east_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    keys = {**variables(west_store), **variables(east_store)}
    with start_cluster(tmp_path_factory.mktemp("spark") / "cluster", env=keys) as started:
        yield started


@pytest.fixture
def env(cluster: Cluster, west: Store, east: Store) -> dict[str, str]:
    """The environment of a driver, without how it is to start."""
    submit = f"--master {cluster.master} {QUIET} pyspark-shell"
    return environment(**variables(west), **variables(east), PYSPARK_SUBMIT_ARGS=submit)


@pytest.fixture(autouse=True)
def _routes(west: Store, east: Store, tmp_path: Path) -> None:
    lay_out("router", west, east, tmp_path / "routes.yaml")


def check_places(west: Store, east: Store) -> None:
    """Whether what was written to PATHS is where the routes say, and nowhere else."""
    assert {key.rpartition("/")[0] for key in west.keys("shared")} == {"team1/t"}
    assert {key.rpartition("/")[0] for key in east.keys("shared")} == {"data/team2/t"}
    assert {key.rpartition("/")[0] for key in east.keys("other-name")} == {"sub/t"}


def test_executors_do_all_that_a_driver_does(
    cluster: Cluster, env: dict[str, str], west: Store, east: Store, tmp_path: Path
) -> None:
    """With jars and packages of the user's own, and with an executor that comes late."""
    mine = tmp_path / "mine.jar"
    mine.write_bytes(b"PK\x05\x06" + bytes(18))  # an empty archive
    late = " ".join(f"--conf spark.{key}={value}" for key, value in LATE.items())
    env["PYSPARK_SUBMIT_ARGS"] = f"{late} {env['PYSPARK_SUBMIT_ARGS']}"
    command = [sys.executable, str(JOBS / "executors.py"), "routes.yaml", str(mine), OTHER]
    before = {folder.name for folder in (cluster.folder / "work").glob("*")}
    with job(command, tmp_path, env) as answer:
        assert answer["at first"] == 1
        assert answer["executors"] == ["0", "1"]
        assert answer["rows"] == 80
        assert answer["lines"] == 20
        assert answer["files"] == 4
        assert answer["nodes"] == ["driver", "executor 0", "executor 1"]
        assert answer["bodies"] == [str(number) for number in range(6)]
    (app,) = [f for f in (cluster.folder / "work").glob("*") if f.name not in before]
    for executor in ("0", "1"):
        fetched = {file.name for file in (app / executor).glob("*.jar")}
        # By these names they are on the classpath; what Spark itself resolved has another, and is
        # a mere file to the executors.
        assert {"mine.jar", "snakeyaml-2.4.jar", router_jar().file.name} <= fetched
        assert [name for name in fetched if name.startswith("hadoop-aws-")]
    assert west.keys("shared") == []
    assert {key.split("/")[2] for key in east.keys("shared", "data/team2/")} == {
        "t",
        "text",
        "boto",
    }


def test_packages_of_the_user_beside_the_router(
    env: dict[str, str], west: Store, east: Store, tmp_path: Path
) -> None:
    """Without jars of the user's, Spark resolves all packages, and finds the router's in ours."""
    env["PYSPARK_SUBMIT_ARGS"] = f"--packages {OTHER} {env['PYSPARK_SUBMIT_ARGS']}"
    command = [sys.executable, str(JOBS / "round_trip.py"), "routes.yaml", *PATHS]
    with job(command, tmp_path, env) as answer:
        assert answer["counts"] == dict.fromkeys(PATHS, 90)
    check_places(west, east)


def test_a_notebook(env: dict[str, str], west: Store, east: Store, tmp_path: Path) -> None:
    path = "s3a://shared/team2/t"
    cells = [
        "import s3r_spark\nfrom pyspark.sql import SparkSession",
        'spark = s3r_spark.configure(SparkSession.builder, "routes.yaml").getOrCreate()',
        f'spark.range(90, numPartitions=2).write.parquet("{path}")',
        f'spark.read.parquet("{path}").count()',
        "spark.stop()",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    where = {"metadata": {"path": str(tmp_path)}}
    kernel = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where)
    kernel.execute(env=env)
    (result,) = [o for o in notebook.cells[3].outputs if o.output_type == "execute_result"]
    assert result.data["text/plain"] == "90"
    assert west.keys("shared") == []
    assert east.keys("shared", "data/team2/t/_SUCCESS")


def test_spark_submit_with_what_conf_writes(
    cluster: Cluster, env: dict[str, str], west: Store, east: Store, tmp_path: Path
) -> None:
    del env["PYSPARK_SUBMIT_ARGS"]
    conf = tmp_path / "conf"
    tool = Path(sys.executable).with_name("s3r-spark")
    subprocess.run([tool, "conf", "routes.yaml", "-o", conf], cwd=tmp_path, env=env, check=True)
    submit = [str(SPARK_HOME / "bin" / "spark-submit"), "--master", cluster.master, *QUIET.split()]
    submit += ["--properties-file", str(conf / "spark-defaults.conf")]
    program = [str(JOBS / "round_trip.py"), "-", *PATHS]
    with job([*submit, *program], tmp_path, env) as answer:
        assert answer["counts"] == dict.fromkeys(PATHS, 90)
    check_places(west, east)


def test_a_driver_that_the_cluster_starts(
    cluster: Cluster, env: dict[str, str], west: Store, east: Store, tmp_path: Path
) -> None:
    """By `--deploy-mode cluster`: it is of Java, and hands executors files, but no packages."""
    del env["PYSPARK_SUBMIT_ARGS"]

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )

    tool = str(Path(sys.executable).with_name("s3r-spark"))
    path = PATHS[1]
    assert run(tool, "conf", "routes.yaml", "--no-packages", "-o", "conf").returncode == 0
    assert run(tool, "jars", "-o", "jars").returncode == 0
    source = str(JOBS / "RoundTrip.java")
    run("javac", "-proc:none", "-cp", f"{SPARK_HOME}/jars/*", "-d", "classes", source)
    run("jar", "cf", "job.jar", "-C", "classes", ".")
    submit = [str(SPARK_HOME / "bin" / "spark-submit"), "--master", cluster.master]
    submit += ["--deploy-mode", "cluster", "--properties-file", "conf/spark-defaults.conf"]
    submit += ["--conf", "spark.standalone.submit.waitAppCompletion=true"]
    submit += ["--jars", f"{tmp_path}/jars/*", "--class", "RoundTrip"]
    submitted = run(*submit, str(tmp_path / "job.jar"), path)
    assert submitted.returncode == 0, submitted.stderr[-3000:]
    (out,) = (cluster.folder / "work").glob("driver-*/stdout")
    log = out.with_name("stderr").read_text(errors="replace")
    assert out.read_text() == f"{path} 90\n", log[-6000:]
    assert east.keys("shared", "data/team2/t/_SUCCESS")
    assert west.keys("shared") == []
    python = run(*submit, str(JOBS / "round_trip.py"))
    assert "not supported for python applications on standalone clusters" in python.stderr


def test_an_executor_that_is_lost_between_apply_and_a_write(
    env: dict[str, str], west: Store, east: Store, tmp_path: Path
) -> None:
    """A bucket in use on the driver and on executors changes place on all of them, or on none."""
    for store in (west, east):
        store.make_bucket("moved")
    clients = {"default": client(west), "east": client(east)}
    data = {"clients": clients, "profiles": {"east": {"source_bucket_pattern": "moved"}}}
    (tmp_path / "routes.yaml").write_text(json.dumps(data))
    options = {
        "endpoint": west.endpoint_url,
        "path.style.access": "true",
        "access.key": west.access_key,
        "secret.key": west.secret_key,
    }
    plain = " ".join(f"--conf spark.hadoop.fs.s3a.{key}={value}" for key, value in options.items())
    env["PYSPARK_SUBMIT_ARGS"] = f"{plain} {env['PYSPARK_SUBMIT_ARGS']}"
    command = [sys.executable, str(JOBS / "replaced.py"), jars(), "routes.yaml"]
    with job(command, tmp_path, env) as answer:
        assert "in use, and S3A keeps them where they are: s3a://moved" in answer["refused"]
        assert answer["closed"] == [True, "s3a://moved"]
        assert (answer["living"], answer["living again"]) == (["1", "2"], ["2", "3"])
        assert answer["back"] == [True, 40]
        assert answer["router"] == ["router", True]
        assert (answer["plain"], answer["by s3a"], answer["by router"]) == (40, 40, 40)
    assert {key.split("/")[0] for key in west.keys("moved")} == {"plain", "back"}
    assert {key.split("/")[0] for key in east.keys("moved")} == {"s3a", "router"}
