"""The example notebook, copied out and run in a kernel as it is, cell by cell."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

JOBS = Path(__file__).parents[1] / "jobs"
MONTHS = [f"2013-{month:02}.csv" for month in range(1, 13)]


def read() -> Any:
    return nbformat.read(JOBS / "notebook.ipynb", as_version=4)


def test_it_is_short_and_has_nothing_of_the_machine_that_ran_it() -> None:
    cells = read().cells
    assert len(cells) < 20
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@pytest.mark.slow
def test_it_runs_and_shows_where_the_bytes_are(tmp_path: Path) -> None:
    for file in ("notebook.ipynb", "embedded.py"):
        shutil.copy(JOBS / file, tmp_path)
    notebook = read()
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pages = [output["data"].get("text/html", "") for output in outputs if "data" in output]
    text = "".join(output["text"] for output in outputs if "text" in output)
    assert pages[0].startswith("<svg")
    assert "<td>s3://cold-weather/archive/2013-01.csv</td>" in pages[1]
    (hot, cold), (hot_after, cold_after) = (
        [int(size.replace(",", "")) for size in re.findall(r"([\d,]+) bytes", page)]
        for page in pages
        if " bytes" in page
    )
    assert (cold, hot_after + cold_after) == (0, hot)
    assert 0 < cold_after < hot
    assert "6/6" in text
    assert f"hot-weather {MONTHS[6:]}" in text
    assert f"cold-weather {[f'archive/{name}' for name in MONTHS[:6]]}" in text
