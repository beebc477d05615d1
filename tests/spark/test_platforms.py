"""What `s3r-spark conf --format PLATFORM` writes, on the platforms that can be had here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from servers.kubernetes import start_kubernetes
from servers.process import free_ports, running
from spark.places import PLACES, lay_out, variables
from spark.running import QUIET, SPARK_HOME, environment, killed

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow
WRITTEN = [PLACES["router"][name] for name in ("default", "same-bucket", "scheme-s3r")]
CONF = [sys.executable, "-c", "from s3r_spark.cli import main; main()", "conf"]


@pytest.fixture
def routes(west: Store, east: Store, tmp_path: Path) -> Path:
    file = tmp_path / "routes.yaml"
    lay_out("router", west, east, file)
    return file


def test_a_connect_server_and_its_clients(
    routes: Path, west: Store, east: Store, tmp_path: Path
) -> None:
    """Clients need no routes, no keys and no package."""
    env = environment(**variables(west), **variables(east))
    subprocess.run([*CONF, str(routes), "--format", "connect", "-o", str(tmp_path)], check=True)
    (port,) = free_ports(1)
    script = str(SPARK_HOME / "sbin" / "start-connect-server.sh")
    start = [script, "--wait", "--properties-file", "connect.conf", "--master", "local[2]"]
    start += [*QUIET.split(), "--conf", f"spark.connect.grpc.binding.port={port}"]
    program = [
        "from pyspark.sql import SparkSession",
        f"spark = SparkSession.builder.remote('sc://127.0.0.1:{port}').getOrCreate()",
        f"for path in {[f'{place.path}/t' for place in WRITTEN]}:",
        "    spark.range(90).write.parquet(path)",
        "    assert spark.read.parquet(path).count() == 90",
    ]
    with running(start, tmp_path / "server.log", env) as server:
        server.wait_until(lambda: f":{port}" in server.log.read_text(errors="replace"))
        subprocess.run(
            [sys.executable, "-c", "\n".join(program)], env=environment(), cwd=tmp_path, check=True
        )
    for place in WRITTEN:
        store = west if place.store == "west" else east
        assert store.keys(place.bucket, place.key("t/_SUCCESS")), place


def test_pods_get_keys_from_a_secret(
    routes: Path, west: Store, east: Store, tmp_path: Path
) -> None:
    """Of a driver, as spark-submit asks for it, and of executors, as a driver does."""
    jar = "local:///opt/s3r/s3r-hadoop.jar"
    write = [*CONF, str(routes), "--format", "kubernetes", "--router-jar", jar]
    subprocess.run([*write, "-o", str(tmp_path)], check=True)
    (tmp_path / "job.py").write_text(
        "import time\nfrom pyspark.sql import SparkSession\n"
        "SparkSession.builder.getOrCreate()\ntime.sleep(300)\n"
    )
    with start_kubernetes() as kubernetes:
        submit = [str(SPARK_HOME / "bin" / "spark-submit"), "--properties-file", "kubernetes.conf"]
        submit += [
            "--master",
            f"k8s://{kubernetes.url}",
            "--conf",
            "spark.kubernetes.container.image=x",
        ]
        submit += ["--conf", "spark.kubernetes.submission.waitAppCompletion=false"]
        env = environment()
        cluster = ["--deploy-mode", "cluster", "local:///job.py"]
        subprocess.run([*submit, *cluster], cwd=tmp_path, env=env, check=True)
        killed(
            [*submit, *QUIET.split(), "job.py"], tmp_path, env, lambda: kubernetes.pods("executor")
        )
    named = {name: {"name": "s3r", "key": name} for name in (*variables(west), *variables(east))}
    for role in ("driver", "executor"):
        variables_of_pod = kubernetes.pods(role)[0]["spec"]["containers"][0]["env"]
        sources = {each["name"]: each.get("valueFrom", {}) for each in variables_of_pod}
        refs = {k: v["secretKeyRef"] for k, v in sources.items() if "secretKeyRef" in v}
        assert refs == named, role
    names = [each["metadata"]["name"] for each in kubernetes.objects]
    (number,) = (n for n, name in enumerate(names) if name.startswith("spark-drv-"))
    read = properties(kubernetes.objects[number]["data"]["spark.properties"], "=")
    written = properties((tmp_path / "kubernetes.conf").read_text(), " ")
    assert len(written) > 20
    assert written.items() <= read.items()
    assert east.secret_key not in json.dumps(kubernetes.objects)


def properties(text: str, separator: str) -> dict[str, str]:
    """What stands in a properties file whose keys need no quoting."""
    plain = re.sub(r"\\(.)", r"\1", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    return {key: value for key, _, value in (s.partition(separator) for s in plain.splitlines())}
