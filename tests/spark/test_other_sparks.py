"""The everyday tests again, under the other releases of Spark that are supported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = CHECKOUT / ".cache"
EVERYDAY = ["-m", "not slow", "tests/spark/test_data.py", "tests/spark/test_configure.py"]
OF_VIEWFS = [
    "-k",
    "(viewfs-folder and not any_format) or checkpoint",
    "tests/spark/test_data.py",
    "tests/spark/test_sessions.py::test_a_stream_with_its_checkpoint",
]


def installed(version: str) -> Path:
    """A folder with that pyspark, downloaded once."""
    folder = CACHE / f"pyspark-{version}"
    if not folder.is_dir():
        CACHE.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as scratch:
            where = Path(scratch) / "site"
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(where)]
            subprocess.run([*pip, f"pyspark=={version}"], check=True)
            where.rename(folder)
    return folder


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("version", ["4.0.0", "4.1.1"])
def test_spark(version: str) -> None:
    env = os.environ | {"PYTHONPATH": str(installed(version))}
    found = subprocess.run(
        [sys.executable, "-c", "import pyspark; print(pyspark.__version__)"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == version
    for tests in (EVERYDAY, OF_VIEWFS):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
            env=env,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:]
        assert " passed" in done.stdout
