"""The lowest and the newest versions of what the package needs, as pyproject.toml states them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[1]
TOOLS = ["pytest", "pytest-timeout", "hypothesis", "moto[s3,server]", "psutil"]
SUITES = [
    "tests/test_model.py",
    "tests/test_source.py",
    "tests/test_routing_cases.py",
    "tests/boto/test_client.py",
    "tests/boto/test_operations.py",
    "tests/boto/test_pinned.py",
]


def run(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout


@pytest.mark.parametrize("resolution", ["lowest-direct", "highest"])
def test_versions(resolution: str, tmp_path: Path) -> None:
    """Core, command line and boto3 client run on them; other tests run on what agrees with s3fs."""
    uv = Path(sys.executable).with_name("uv")
    python, chosen = tmp_path / "venv/bin/python", tmp_path / "chosen.txt"
    asked = (uv, "pip", "compile", "--resolution", resolution, "--python", sys.executable)
    run(*asked, "pyproject.toml", "--output-file", chosen)
    assert ("\nboto3==1.36.0\n" in chosen.read_text()) is (resolution == "lowest-direct")
    run(uv, "venv", "--python", sys.executable, tmp_path / "venv")
    run(uv, "pip", "install", "--python", python, "--requirements", chosen, *TOOLS)
    assert " passed" in run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES)
    explained = run(python, "-m", "s3r_spark", "explain", "conf-templates/aws-minio/routes.yaml")
    assert "engine" in explained
