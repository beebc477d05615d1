"""Which Java Spark would start, and what is said where it can't."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s3r_spark.hadoop.java import java_path, java_problem

if TYPE_CHECKING:
    from pathlib import Path


def java(home: Path, script: str) -> Path:
    """A program named java that does what a script says."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def test_the_java_here_will_do() -> None:
    assert java_problem() is None


def test_java_home_comes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = java(tmp_path / "a", "exit 0"), java(tmp_path / "b", "exit 0")
    monkeypatch.setenv("PATH", str(second.parent))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "a"))
    assert java_path() == str(first)
    monkeypatch.delenv("JAVA_HOME")
    assert java_path() == str(second)


@pytest.mark.parametrize(
    ("version", "found"), [("1.8.0_402", "8"), ("11.0.22", "11"), ("16-ea", "16")]
)
def test_an_old_java_is_refused(
    version: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = java(tmp_path, f"echo 'openjdk version \"{version}\" 2024-01-16' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    problem = java_problem()
    assert problem is not None
    assert f"{program} is Java {found}" in problem
    assert "install Java 17 or newer" in problem


@pytest.mark.parametrize("version", ["17.0.1", "21", "25-ea"])
def test_a_new_java_will_do(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(tmp_path, f"echo 'openjdk version \"{version}\" 2024-01-16' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java_problem() is None


def test_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is none" in (java_problem() or "")


def test_a_java_home_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert f"JAVA_HOME is {tmp_path}" in (java_problem() or "")


def test_a_java_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(tmp_path, "echo 'No Java runtime present' >&2; exit 1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "can't be run" in (java_problem() or "")
