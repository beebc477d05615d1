"""`s3r-spark init`: a template to start from, and nothing of the user's overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark.cli.init import templates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from click.testing import Result

FILES = ["core-site.xml", "routes.yaml", "spark-defaults.conf"]


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
    done = run("init", "ceph", "-o", str(tmp_path / "new"))
    assert (done.exit_code, done.stderr) == (0, "")
    assert names_in(tmp_path / "new") == FILES
    for name in FILES:
        assert (tmp_path / "new" / name).read_text() == (templates() / "ceph" / name).read_text()
    assert f"s3r-spark check {tmp_path}/new/routes.yaml" in done.stdout


def test_the_next_step_can_be_pasted_into_a_shell(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    done = run("init", "ceph", "-o", str(tmp_path / "a b"))
    assert f"s3r-spark check '{tmp_path}/a b/routes.yaml' &&" in done.stdout
    assert done.stdout.endswith(f"-o '{tmp_path}/a b'\n")


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
    done = run("init", "ceph", "-o", str(tmp_path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{mine}: already there; --force overwrites\n"
    assert names_in(tmp_path) == ["routes.yaml"]
    assert mine.read_text() == "mine"
    assert run("init", "ceph", "-o", str(tmp_path), "--force").exit_code == 0
    assert mine.read_text() != "mine"
