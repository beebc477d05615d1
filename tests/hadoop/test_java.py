"""Which Java Spark would start, and what is said where it can't."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyspark
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
    assert java_problem(pyspark.__version__) is None


def test_java_home_comes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = java(tmp_path / "a", "exit 0"), java(tmp_path / "b", "exit 0")
    monkeypatch.setenv("PATH", str(second.parent))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "a"))
    assert java_path() == str(first)
    monkeypatch.delenv("JAVA_HOME")
    assert java_path() == str(second)


def problem(home: Path, version: str, spark: str) -> str | None:
    """What is said of a Java that calls itself a version."""
    java(home, f"echo 'openjdk version \"{version}\" 2024-01-16' >&2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(home))
        return java_problem(spark)


@pytest.mark.parametrize(
    ("version", "number"), [("1.8.0_402", "8"), ("11.0.22", "11"), ("16-ea", "16")]
)
def test_an_old_java_is_refused(version: str, number: str, tmp_path: Path) -> None:
    text = problem(tmp_path, version, "4.2.1")
    assert text == (
        f"Spark 4.2.1 needs Java 17 or newer, and {tmp_path}/bin/java is Java {number} "
        f"(JAVA_HOME is {tmp_path}): install it, and point JAVA_HOME to it"
    )


@pytest.mark.parametrize("spark", ["3.5.9", "4.0.0", "4.1.1"])
@pytest.mark.parametrize("version", ["23", "25.0.3", "26-ea"])
def test_a_java_too_new_for_its_spark_is_refused(version: str, spark: str, tmp_path: Path) -> None:
    text = problem(tmp_path, version, spark) or ""
    assert f"Spark {spark} needs Java {8 if spark < '4' else 17} to 22, and " in text
    assert f"is Java {version[:2]} " in text
    assert text.endswith("or take Spark 4.2 or newer")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("version", "spark"),
    [
        ("1.8.0_402", "3.5.9"),
        ("17.0.1", "3.5.9"),
        ("17.0.1", "4.0.0"),
        ("21", "4.1.1"),
        ("17.0.15", "4.3.0"),
        ("25.0.3", "4.2.1"),
        ("25-ea", "4.3.0"),
    ],
)
def test_a_java_that_will_do(version: str, spark: str, tmp_path: Path) -> None:
    assert problem(tmp_path, version, spark) is None


def test_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is none" in (java_problem("4.3.0") or "")


def test_a_java_home_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert f"JAVA_HOME is {tmp_path}" in (java_problem("4.3.0") or "")


def test_a_java_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(tmp_path, "echo 'No Java runtime present' >&2; exit 1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "can't be run" in (java_problem("4.3.0") or "")
