"""CHANGELOG.md, in the form of Keep a Changelog, and the one version that the project has."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_newest_release_is_the_project_s_version() -> None:
    (version,) = re.findall(r'^version = "(.+)"$', PROJECT, re.MULTILINE)
    (source,) = re.findall(r'^Source = "(.+)"$', PROJECT, re.MULTILINE)
    headings = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert re.fullmatch(rf"\[{re.escape(version)}\] - 20\d\d-[01]\d-[0-3]\d", headings[1])
    assert f"\n[Unreleased]: {source}/compare/v{version}...HEAD\n" in CHANGELOG
    for name in re.findall(r"^## \[(\d.*)\]", CHANGELOG, re.MULTILINE):
        assert f"\n[{name}]: {source}/" in CHANGELOG


def test_the_files_that_it_names_are_there() -> None:
    names = set(re.findall(r"`((?:jobs|docs|conf-templates)/[\w./-]*)`", CHANGELOG))
    assert len(names) > 5
    assert not [name for name in names if not (ROOT / name).exists()]
