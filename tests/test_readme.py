"""What the README shows is run, block by block, in its order, in one folder.

Two embedded services stand for the README's AWS and its MinIO: of its routes.yaml, the addresses
and the default client's keys are replaced, and nothing else of the whole text.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s3r_spark.hadoop.jar import router_jar

if TYPE_CHECKING:
    from servers.store import Store

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.examples


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.fixture
def folder(tmp_path: Path, west: Store, east: Store) -> Path:
    """A folder with the README's routes.yaml, and a job to submit."""
    west.make_bucket("example-bucket")
    east.make_bucket("minio-bucket")
    (routes,) = blocks("yaml")
    keys = "{access_key: '${WEST_ACCESS_KEY}', secret_key: '${WEST_SECRET_KEY}'}"
    place = f"endpoint_url: {west.endpoint_url}\n    region: {west.region}\n    credentials: {keys}"
    routes = replaced(routes, "service: aws\n    region: us-east-1", place)
    routes = replaced(routes, "https://minio.example.com:9000", east.endpoint_url)
    (tmp_path / "routes.yaml").write_text(routes, encoding="utf-8")
    (tmp_path / "jobs").mkdir()
    return tmp_path


@pytest.fixture
def environ(west: Store, east: Store) -> dict[str, str]:
    """The variables that the README's routes.yaml reads, and the programs of this environment."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "WEST_ACCESS_KEY": west.access_key,
        "WEST_SECRET_KEY": west.secret_key,
        "MINIO_ACCESS_KEY": east.access_key,
        "MINIO_SECRET_KEY": east.secret_key,
    }


def run(command: list[str], folder: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_python_and_console_blocks(
    folder: Path, environ: dict[str, str], west: Store, east: Store
) -> None:
    job, notebook, boto, frames, said_once, replaced_import = blocks("python")
    out = run([sys.executable, "-c", f"{job}\nspark.stop()"], folder, environ)
    assert out.splitlines()[-1] == "3"
    assert "data/team2/x/_SUCCESS" in east.keys("minio-bucket")
    assert west.keys("example-bucket") == []

    session = "from pyspark.sql import SparkSession\nimport s3r_spark\n"
    session += "spark = SparkSession.builder.getOrCreate()\n"
    with_jar = environ | {"PYSPARK_SUBMIT_ARGS": f"--jars {router_jar().file} pyspark-shell"}
    out = run([sys.executable, "-W", "ignore", "-c", session + notebook], folder, with_jar)
    assert "engine router" in out

    (folder / "big.bin").write_bytes(b"x" * 9_000_000)
    out = run([sys.executable, "-c", boto], folder, environ)
    assert "team1/big.bin" in out
    assert "team2/big.bin" in out
    assert west.objects("example-bucket") == {"team1/big.bin": 9_000_000}
    assert east.keys("minio-bucket", "data/team2/") == [], "resource() deleted what routes there"
    run([sys.executable, "-c", job + "\nspark.stop()"], folder, environ)

    west.put("example-bucket", "team1/y.csv", b"a,b\n1,2\n")
    east.put("minio-bucket", "data/team2/old/z", b"z")
    shown = 'print(pd.read_parquet("s3r://example-bucket/team2/x", **routes)["id"].sum())'
    out = run([sys.executable, "-c", f"{frames}\n{shown}"], folder, environ)
    assert out.strip() == "3"
    run([sys.executable, "-c", f"import pandas as pd\n{said_once}"], folder, environ)
    assert west.keys("example-bucket", "archive/") == ["archive/z"]
    assert east.keys("minio-bucket", "data/team2/old/") == []

    mapping = "import boto3\nclient_mapping = {'default': boto3.client('s3', region_name='x')}\n"
    program = f"{mapping}profiles = {{}}\n{replaced_import}\nprint(s3.meta.region_name)"
    assert run([sys.executable, "-c", program], folder, environ).strip() == "x"

    (folder / "jobs" / "flight_delays.py").write_text(
        "from pyspark.sql import SparkSession\n"
        "spark = SparkSession.builder.getOrCreate()\n"
        "print(spark.read.parquet('s3a://example-bucket/team2/x').count(), 'rows')\n",
        encoding="utf-8",
    )
    author = ["-c", "user.name=tests", "-c", "user.email=tests@example.com"]
    for words in (["init", "-q"], ["add", "routes.yaml"], [*author, "commit", "-qm", "Routes"]):
        run(["git", *words], folder, environ)
    said = [
        run(["bash", "-c", line.removeprefix("$ ")], folder, environ)
        for block in blocks("console")
        for line in block.splitlines()
    ]
    together = "\n".join(said)
    assert "3 rows" in together
    assert "minio-bucket/data/team2/obj2" in together
    assert "example-bucket" in said[-1], "the last block finds the logical name"


def test_every_block_is_run_or_known_not_to_be() -> None:
    languages = re.findall(r"^```(\w+)$", README, re.MULTILINE)
    # The picture; and what sets up: make and pip are run by CI itself, before any test.
    assert set(languages) - {"text", "sh"} == {"yaml", "python", "console"}
