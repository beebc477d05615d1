"""The everyday tests again, under the other releases of Spark that are supported."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from spark import releases
from spark.releases import installed
from spark.running import CHECKOUT

EVERYDAY = ["-m", "not slow", "tests/spark/test_data.py", "tests/spark/test_configure.py"]
OF_OTHER_ENGINES = [
    "-k",
    "((s3a-bucket or viewfs-folder) and not any_format) or checkpoint",
    "tests/spark/test_data.py",
    "tests/spark/test_sessions.py::test_a_stream_with_its_checkpoint",
]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("version", ["4.0.0", "4.1.1"])
def test_spark(version: str) -> None:
    env = os.environ | {"PYTHONPATH": str(installed(version))}
    process = subprocess.run(
        [sys.executable, "-c", "import pyspark; print(pyspark.__version__)"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.strip() == version
    for tests in (EVERYDAY, OF_OTHER_ENGINES):
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
            env=env,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout[-6000:]
        assert " passed" in run.stdout


def test_who_asks_for_a_release_at_the_same_time_gets_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []

    def install(command: list[str], **_: Any) -> None:
        runs.append(command[-1])
        time.sleep(0.2)
        Path(command[command.index("--target") + 1]).mkdir()

    monkeypatch.setattr(releases, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(subprocess, "run", install)
    with ThreadPoolExecutor(3) as threads:
        folders = set(threads.map(installed, ["3.5"] * 3))
    assert folders == {tmp_path / "cache" / "pyspark-3.5"}
    assert runs == ["pyspark==3.5.*"]
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [
        "pyspark-3.5",
        "pyspark-3.5.lock",
    ]
