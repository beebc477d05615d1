"""What is said of routes, for programs and for GitHub's checks; and tables on narrow terminals."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from terminals import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

WRONG = """\
clients:
  default: {service: aws, region: us-east-1}
  bad:
    service: minio
profiles:
  team: {client: default, source_bucket_pattern: a, mapped_bucket: b}
"""
DOUBTFUL = """\
clients: {default: {service: aws, region: us-east-1, verify: false}}
profiles:
  parts:
    client: default
    source_bucket_pattern: a
    source_key_pattern: out/part-*
    mapped_bucket_name: b
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    Path("wrong.yaml").write_text(WRONG)
    Path("doubtful.yaml").write_text(DOUBTFUL)
    Path("broken.yaml").write_text("clients:\n  a: [")
    return ["wrong.yaml", "doubtful.yaml", "broken.yaml"]


Row = tuple[Any, ...]


def rows(result: Result) -> list[Row]:
    keys = ("level", "code", "file", "line", "column", "client", "profile")
    return [tuple(one[key] for key in keys) for one in json.loads(result.stdout)["findings"]]


EXPECTED: list[Row] = [
    ("error", "routes", "wrong.yaml", 3, 3, "bad", None),
    ("error", "routes", "wrong.yaml", 6, 53, None, "team"),
    ("warning", "no-verify", "doubtful.yaml", 1, 61, "default", None),
    ("warning", "jvm-trust", "doubtful.yaml", 1, 11, "default", None),
    ("warning", "engine", "doubtful.yaml", 3, 3, None, "parts"),
    ("error", "routes", "broken.yaml", 3, 1, None, None),
]


def test_a_program_gets_each_with_its_place(run: Callable[..., Result], files: list[str]) -> None:
    result = run("check", "--json", *files)
    assert result.exit_code == 1
    assert [row[:4] for row in rows(result)] == [row[:4] for row in EXPECTED]
    assert rows(run("check", "--json", "wrong.yaml")) == rows(result)[:2] == EXPECTED[:2]
    assert set(rows(run("explain", "--json", "doubtful.yaml"))) == {
        ("error" if row[1] == "engine" else row[0], *row[1:]) for row in rows(result)[2:-1]
    }


def test_github_shows_them_beside_the_lines(run: Callable[..., Result], files: list[str]) -> None:
    result = run("check", "--format", "github", *files)
    lines = result.stdout.splitlines()
    assert len(lines) == len(EXPECTED)
    for line, (level, code, file, number, *_) in zip(lines, EXPECTED, strict=True):
        assert re.fullmatch(rf"::{level} file={file},line={number},col=\d+,title={code}::.+", line)
    assert (result.exit_code, result.stderr) == (1, "")
    one = run("check", "--format", "github", "wrong.yaml")
    assert one.stdout.splitlines() == lines[:2]


def test_each_of_several_files_is_looked_at(run: Callable[..., Result], files: list[str]) -> None:
    result = run("check", *files)
    assert result.exit_code == 1
    assert "doubtful.yaml: 1 client, 1 profile," in result.stdout
    assert all(name in result.stderr for name in ("wrong.yaml:3", "broken.yaml:3"))
    assert run("check", "--live", *files).exit_code == 2


def test_the_repository_s_hook_checks_what_its_own_examples_are(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(__file__).parents[2]
    (hook,) = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    routes = [
        str(path.relative_to(root))
        for path in root.glob("conf-templates/*/*")
        if re.search(hook["files"], str(path.relative_to(root)))
    ]
    assert len(routes) == 6
    monkeypatch.chdir(root)
    program, *words = hook["entry"].split()
    result = run(*words, *routes)
    assert (program, result.exit_code, result.stderr) == ("s3r-spark", 0, "")


def test_a_uri_can_be_copied_from_a_narrow_terminal(routes: str) -> None:
    name = "s3a://example-bucket/team2/year=2026/month=11/day=26/part-00000.snappy.parquet"
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 60, 0, 0))
    env = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
    with subprocess.Popen(
        [sys.executable, "-m", "s3r_spark", "resolve", routes, name],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=env,
    ):
        os.close(terminal)
        text = written(controller)
    assert name in text
    assert name.replace("s3a://example-bucket/", "s3://minio-bucket/data/") in text
