"""The templates do what they say: they load without a warning, and their files are `conf`'s own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from golden import assert_golden

from s3r_spark.cli import main

FOLDER = Path(__file__).parents[2] / "conf-templates"
TEMPLATES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
FILES = {"spark-defaults": "spark-defaults.conf", "core-site": "core-site.xml"}


@pytest.fixture(params=TEMPLATES)
def template(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = FOLDER / str(request.param)
    for name in re.findall(r"\$\{(\w+)", (path / "routes.yaml").read_text(encoding="utf-8")):
        monkeypatch.delenv(name, raising=False)
    return path


def test_they_are_there() -> None:
    assert TEMPLATES == [
        "aws-minio", "aws-two-regions", "ceph", "dev-prod", "lakefs-branches",
        "one-bucket-two-services",
    ]  # fmt: skip


def test_a_template_has_nothing_to_warn_of(template: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--strict", str(template / "routes.yaml")])
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("form", FILES)
def test_its_files_are_what_conf_makes_of_its_routes(template: Path, form: str) -> None:
    call = ["conf", str(template / "routes.yaml"), "--hadoop-version", "3.5.0", "--format", form]
    result = CliRunner().invoke(main, [*call, "--router-jar", "local:///opt/s3r/s3r-hadoop.jar"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert_golden(template / FILES[form], result.stdout)


def test_no_file_knows_of_the_machine_it_was_written_on(template: Path) -> None:
    text = "".join((template / name).read_text(encoding="utf-8") for name in FILES.values())
    assert str(FOLDER.parent) not in text
    assert ("spark.jars local:///opt/s3r/s3r-hadoop.jar\n" in text) == ("engine router" in text)


def test_the_page_of_templates_names_each(template: Path) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"- [{template.name}]({template.name}): " in page
