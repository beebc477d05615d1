"""`s3r-spark init`: a template to start from, and nothing of the user's overwritten."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from terminals import written

from s3r_spark.cli.init import templates
from s3r_spark.json_schema import json_schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

MADE = ["core-site.xml", "spark-defaults.conf"]
FILES = [
    ".env.example",
    "core-site.xml",
    "routes.schema.json",
    "routes.yaml",
    "spark-defaults.conf",
]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_lists_the_templates(run: Callable[..., Result]) -> None:
    lines = run("init").stdout.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [
        "aws-minio", "aws-two-regions", "ceph", "dev-prod", "lakefs-branches",
        "one-bucket-two-services",
    ]  # fmt: skip
    assert "AWS S3, and one team's folder on the MinIO in the data centre" in lines[0]


def test_it_copies_one(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("init", "ceph", "-o", str(tmp_path / "new"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert names_in(tmp_path / "new") == FILES
    for name in MADE:
        assert (tmp_path / "new" / name).read_text() == (templates() / "ceph" / name).read_text()
    modeline, _, rest = (tmp_path / "new" / "routes.yaml").read_text().partition("\n")
    assert modeline == "# yaml-language-server: $schema=routes.schema.json"
    assert rest == (templates() / "ceph" / "routes.yaml").read_text()
    assert json.loads((tmp_path / "new" / "routes.schema.json").read_text()) == json_schema()
    variables = (tmp_path / "new" / ".env.example").read_text().splitlines()[2:]
    assert variables[:2] == ["ARCHIVE_ACCESS_KEY=", "ARCHIVE_SECRET_KEY="]
    assert f"s3r-spark check {tmp_path}/new/routes.yaml" in result.stdout


def test_the_next_step_can_be_pasted_into_a_shell(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    result = run("init", "ceph", "-o", str(tmp_path / "a b"))
    assert f"s3r-spark check '{tmp_path}/a b/routes.yaml' &&" in result.stdout
    assert result.stdout.endswith(f"-o '{tmp_path}/a b'\n")


def test_it_copies_into_the_current_folder(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("init", "aws-minio")
    assert names_in(tmp_path) == FILES


def test_what_is_there_stays_unless_it_is_forced(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    mine = tmp_path / "routes.yaml"
    mine.write_text("mine")
    result = run("init", "ceph", "-o", str(tmp_path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{mine}: already there; --force overwrites\n"
    assert names_in(tmp_path) == ["routes.yaml"]
    assert mine.read_text() == "mine"
    assert run("init", "ceph", "-o", str(tmp_path), "--force").exit_code == 0
    assert mine.read_text() != "mine"


def on_a_terminal(folder: Path, *answers: str) -> tuple[int, str]:
    """Call init as at a terminal, and answer what it asks."""
    controller, terminal = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "s3r_spark", "init", "aws-minio", "-o", str(folder)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    os.write(controller, "".join(f"{answer}\n" for answer in answers).encode())
    text = written(controller)
    return child.wait(), text


def test_on_a_terminal_it_asks(tmp_path: Path) -> None:
    code, text = on_a_terminal(
        tmp_path, "minio.test:9000", "http://minio.test:9000", "lake", "raw/blue"
    )
    assert code == 0
    assert "must be a URL like https://" in text  # of the first answer
    routes = (tmp_path / "routes.yaml").read_text()
    data = yaml.safe_load(routes)
    assert data["clients"]["minio"]["endpoint_url"] == "http://minio.test:9000"
    profile = next(iter(data["profiles"].values()))
    assert profile["source_bucket_pattern"] == "lake"
    assert profile["source_key_pattern"] == "raw/blue/*"
    # What was made of the template is no longer true of it.
    assert names_in(tmp_path) == [".env.example", "routes.schema.json", "routes.yaml"]


@pytest.mark.slow
def test_what_it_asks_can_be_left_as_it_is(tmp_path: Path) -> None:
    code, _ = on_a_terminal(tmp_path, "", "", "")
    assert (code, names_in(tmp_path)) == (0, FILES)


def test_whoever_leaves_early_leaves_nothing(tmp_path: Path) -> None:
    code, _ = on_a_terminal(tmp_path, "http://minio.test:9000", "\x04")  # Ctrl-D
    assert (code, names_in(tmp_path)) == (1, [])
