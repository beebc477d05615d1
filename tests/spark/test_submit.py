"""`configure` under spark-submit, and beside packages that the user has named elsewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from servers.cluster import start_cluster
from spark.places import PLACES, client, lay_out, variables
from spark.running import JOBS, QUIET, SPARK_HOME, environment, job

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow
OTHER = "com.google.code.findbugs:jsr305:3.0.2"  # small, and alone
PATHS = [f"{place.path}/t" for place in PLACES["s3a"].values()]


@pytest.fixture
def routes(west: Store, east: Store, tmp_path: Path) -> Path:
    file = tmp_path / "routes.yaml"
    lay_out("s3a", west, east, file)
    return file


def test_spark_submit_without_the_jars(
    routes: Path, west: Store, east: Store, tmp_path: Path
) -> None:
    """What the error says to add is what is missing."""
    env = environment(**variables(west), **variables(east))
    submit = [str(SPARK_HOME / "bin" / "spark-submit"), "--master=local[2]", *QUIET.split()]
    program = [str(JOBS / "round_trip.py"), str(routes), *PATHS]
    with pytest.raises(RuntimeError) as caught, job([*submit, *program], tmp_path, env):
        pass
    text = str(caught.value)
    assert "s3r_spark.errors.SetupError: this spark-submit has no S3A on its classpath" in text
    match = re.search(r"^ +(--packages .*)$", text, re.MULTILINE)
    assert match
    (tmp_path / "job.log").unlink()
    with job([*submit, *shlex.split(match[1]), *program], tmp_path, env) as answer:
        assert answer["counts"] == dict.fromkeys(PATHS, 90)
    assert "is set already" not in (tmp_path / "job.log").read_text()


@pytest.mark.parametrize("where", ["conf file", "argument", "setting"])
def test_other_packages_reach_the_executors_with_ours(
    where: str, routes: Path, west: Store, east: Store, tmp_path: Path
) -> None:
    conf = tmp_path / "conf"
    conf.mkdir()
    flag = ""
    if where == "conf file":
        (conf / "spark-defaults.conf").write_text(f"spark.jars.packages {OTHER}\n")
    elif where == "argument":
        flag = f"--packages {OTHER}"
    else:
        flag = f"--conf spark.jars.packages={OTHER}"
    with start_cluster(tmp_path / "cluster", workers=1) as cluster:
        env = environment(
            **variables(west),
            **variables(east),
            SPARK_CONF_DIR=str(conf),
            PYSPARK_SUBMIT_ARGS=f"--master {cluster.master} {QUIET} {flag} pyspark-shell",
        )
        command = [sys.executable, str(JOBS / "round_trip.py"), str(routes), *PATHS]
        with job(command, tmp_path, env) as answer:
            assert answer["counts"] == dict.fromkeys(PATHS, 90)
            assert "jsr305" in answer["jars"]
            assert "hadoop-aws" in answer["jars"]
        fetched = {file.name for file in (cluster.folder / "work").rglob("*.jar")}
    assert any("jsr305" in name for name in fetched)


def test_own_jars_reach_the_session_with_ours(
    routes: Path, west: Store, east: Store, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.jar"
    mine.write_bytes(b"PK\x05\x06" + bytes(18))  # an empty archive
    env = environment(
        **variables(west),
        **variables(east),
        PYSPARK_SUBMIT_ARGS=f"--master local[2] {QUIET} --conf spark.jars={mine} pyspark-shell",
    )
    command = [sys.executable, str(JOBS / "round_trip.py"), str(routes), *PATHS]
    with job(command, tmp_path, env) as answer:
        assert answer["counts"] == dict.fromkeys(PATHS, 90)
        assert "mine.jar" in answer["jars"]
        assert "hadoop-aws" in answer["jars"]


def test_a_job_on_a_routed_name_starts_on_kubernetes(west: Store, tmp_path: Path) -> None:
    """In cluster mode the driver fetches it before spark.jars; Spark believes here to be one.

    The job needs no cluster: that it runs at all is what was fetched by the router.
    """
    west.make_bucket("real")
    west.client().put_object(Bucket="real", Key="jobs/job.py", Body=b"print('the job ran')")
    code = {"source_bucket_pattern": "code", "mapped_bucket_name": "real", "mapped_prefix": "jobs"}
    routes = {
        "clients": {"default": client(west, by_variables=True)},
        "profiles": {"code": {"client": "default", **code}},
    }
    (tmp_path / "routes.yaml").write_text(yaml.safe_dump(routes))
    env = environment(**variables(west))
    main = "from s3r_spark.cli import main; main()"
    conf = [sys.executable, "-c", main, "conf", "routes.yaml", "-o", "conf"]
    subprocess.run(conf, cwd=tmp_path, env=env, check=True, capture_output=True)
    command = [
        str(SPARK_HOME / "bin" / "spark-submit"),
        "--properties-file=conf/spark-defaults.conf",
        "--master=k8s://http://127.0.0.1:1",
        "--conf=spark.kubernetes.submitInDriver=true",
        "s3a://code/job.py",
    ]
    process = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert (process.returncode, "the job ran" in process.stdout) == (0, True), process.stderr[
        -3000:
    ]
