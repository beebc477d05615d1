"""The lowest and the newest versions of what the package needs, as pyproject.toml states them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[1]
TOOLS = ["pytest", "pytest-timeout", "hypothesis", "moto[s3,server]", "psutil"]
FRAMES = ["pandas", "pyarrow"]
SUITES = [
    "tests/test_model.py",
    "tests/test_source.py",
    "tests/test_routing_cases.py",
    "tests/boto/test_client.py",
    "tests/boto/test_operations.py",
    "tests/boto/test_private_apis.py",
]


def run(*command: str | Path) -> str:
    process = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, (process.stdout + process.stderr)[-6000:]
    return process.stdout


@pytest.mark.parametrize("resolution", ["lowest-direct", "highest"])
def test_versions(resolution: str, tmp_path: Path) -> None:
    """Core, command line and boto3 client run on them; other tests run on what agrees with s3fs."""
    uv = Path(sys.executable).with_name("uv")
    python, chosen = tmp_path / "venv/bin/python", tmp_path / "chosen.txt"
    compile_command = (uv, "pip", "compile", "--resolution", resolution, "--python", sys.executable)
    run(*compile_command, "pyproject.toml", "--output-file", chosen)
    assert ("\nboto3==1.36.0\n" in chosen.read_text()) is (resolution == "lowest-direct")
    run(uv, "venv", "--python", sys.executable, tmp_path / "venv")
    run(uv, "pip", "install", "--python", python, "--requirements", chosen, *TOOLS)
    assert " passed" in run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES)
    explained = run(python, "-m", "s3r_spark", "explain", "conf-templates/aws-minio/routes.yaml")
    assert "engine" in explained
    environment = run(python, "-m", "s3r_spark", "check", "--environment", "--strict")
    assert "not installed: s3r:// needs it" in environment


def test_lowest_versions_with_fsspec(tmp_path: Path) -> None:
    """The file system on the oldest s3fs and boto3 that go together; the newest is in tests/fs."""
    uv = Path(sys.executable).with_name("uv")
    python, chosen = tmp_path / "venv/bin/python", tmp_path / "chosen.txt"
    compile_command = (
        uv,
        "pip",
        "compile",
        "--resolution",
        "lowest-direct",
        "--python",
        sys.executable,
    )
    run(*compile_command, "--extra", "fsspec", "pyproject.toml", "--output-file", chosen)
    for expected in ("s3fs==2026.6.0", "aiobotocore==2.20.0", "boto3==1.36.0"):
        assert f"\n{expected}\n" in chosen.read_text()
    run(uv, "venv", "--python", sys.executable, tmp_path / "venv")
    run(uv, "pip", "install", "--python", python, "--requirements", chosen, *TOOLS, *FRAMES)
    suites = (
        "tests/fs/test_aio_stores.py",
        "tests/fs/test_filesystem.py",
        "tests/fs/test_private_apis.py",
    )
    # pandas finds the protocol by the package's installation, which this environment lacks.
    selection = ("-m", "not slow", "-k", "not pandas")
    passed = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *selection, *suites)
    assert " passed" in passed
    environment = run(python, "-m", "s3r_spark", "check", "--environment", "--strict")
    assert "not installed" not in environment
