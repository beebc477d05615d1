"""The report of all benchmarks: what is told of growth, and what is told where programs lack."""

from __future__ import annotations

import sys

import pytest
import report


@pytest.mark.slow
def test_lists_are_told_beside_plain_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "FILES", (10,))
    (listing,) = report.lists_by_files()
    assert (listing.requests, listing.plain) == (3, 3)
    assert listing.ratio > 0


def test_a_benchmark_is_not_run_without_its_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told with what would bring them; where they can be made, it is run and makes them."""
    monkeypatch.setattr(report, "find", lambda _: None)
    monkeypatch.setattr(report, "which", lambda _: None)
    benchmark = report.Benchmark("nowhere.py", needs=("minio", "rclone"))
    text, is_good = report.ran(benchmark, full=False)
    assert is_good
    assert "Not run, for want of minio (python tests/servers/install.py minio" in text
    assert "rclone (apt install rclone" in text
    monkeypatch.setattr(report, "which", lambda name: f"/bin/{name}")
    assert report.can_have("minio")
    assert not report.can_have("rclone")


def test_a_benchmark_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "false")
    text, is_good = report.ran(report.Benchmark("any.py"), full=True)
    assert not is_good
    assert "Exit code 1." in text
