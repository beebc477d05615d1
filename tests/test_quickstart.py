"""The quickstart, copied out: what it shows is its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

JOBS = Path(__file__).parents[1] / "jobs"


@pytest.mark.slow
def test_copied_out_it_shows_its_steps_and_nothing_else(tmp_path: Path) -> None:
    for name in ("quickstart.py", "quickstart.yaml", "flight_delays.py", "embedded.py"):
        shutil.copy(JOBS / name, tmp_path)
    process = subprocess.run(
        [sys.executable, "quickstart.py"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert process.stderr == ""
    steps, _, tables = process.stdout.partition("Delays by weather")
    assert steps.strip().splitlines() == re.findall(r"^done .+$", steps, re.MULTILINE)
    assert "s3://sensors/nyc/2013" in tables
    assert "s3://analytics/team2/delays" in tables
