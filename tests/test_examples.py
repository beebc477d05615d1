"""The examples among the jobs, copied out and run: they check their own results."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

JOBS = Path(__file__).parents[1] / "jobs"


def run(name: str, folder: Path) -> str:
    """What an example prints, in a folder that has its file and embedded.py, and no others."""
    for file in (name, "embedded.py"):
        shutil.copy(JOBS / file, folder)
    with (folder / "job.log").open("w") as log:
        return subprocess.run(
            [sys.executable, name],
            cwd=folder,
            check=True,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ).stdout


@pytest.mark.slow
def test_two_regions(tmp_path: Path) -> None:
    steps = run("two_regions.py", tmp_path)
    east, west = steps.split("the east is off, and reads fail\n")
    assert east.startswith("from the east:\n")
    assert west.splitlines()[2:5] == east.splitlines()[1:]


@pytest.mark.slow
def test_multi_store_etl(tmp_path: Path) -> None:
    *months, cloud, site = run("multi_store_etl.py", tmp_path).splitlines()
    assert [line for line in months if not line.startswith("  ")] == [
        "27,004 flights arrived, 27,004 were taken in",
        "24,951 flights arrived, 24,951 were taken in",
    ]
    bucket, *folders = cloud.split()
    assert bucket == "lake"
    assert {"checkpoints/flights/commits", "flights/month=1", "flights/month=2"} <= {*folders}
    assert site.split() == [
        "site-data",
        "landing/flights",
        "landing/weather",
        "marts/delays/month=1",
        "marts/delays/month=2",
    ]


@pytest.mark.slow
def test_lakefs_branch(tmp_path: Path) -> None:
    assert run("lakefs_branch.py", tmp_path).splitlines() == [
        "run-1 was merged into main",
        "run-2 is wrong: it stays as it is, and main too",
        "main has 3,322 planes, all with a maker",
    ]
