"""`s3r-spark explain --format`: what the pictures show, whatever form they have."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from cases import CASES, load, routes_dict
from click.testing import CliRunner

from s3r_spark import globs
from s3r_spark.cli import main
from s3r_spark.model import Profile
from s3r_spark.picture.competition import earlier
from s3r_spark.picture.mermaid import mermaid
from s3r_spark.picture.page import page
from s3r_spark.picture.parts import picture
from s3r_spark.picture.svg import svg
from s3r_spark.picture.tree import tree
from s3r_spark.rules import Rule

if TYPE_CHECKING:
    from pathlib import Path

ROUTES: dict[str, Any] = {
    "clients": {
        "default": {"region": "us-east-1"},
        "minio": {"service": "minio", "endpoint_url": "https://minio.example.com:9000"},
        "unused": {"region": "us-west-2"},
    },
    "profiles": {
        "drafts": {
            "client": "minio",
            "source_bucket_pattern": "lake",
            "source_key_pattern": "team2/drafts/*",
            "access": "read",
        },
        "team2": {
            "client": "minio",
            "source_bucket_pattern": "lake",
            "source_key_pattern": "team2/*",
            "mapped_bucket_name": "minio-lake",
            "spark": False,
        },
        "logs": {"client": "minio", "source_bucket_pattern": "logs-*"},
    },
}
TREE = """\
lake
├── team2/drafts/*  →  minio (https://minio.example.com:9000): lake/team2/drafts/*
│     read only: nothing is ever changed under these names
│     shadows: what the default store has under s3a://lake/team2/drafts/* is hidden
├── team2/*         →  minio (https://minio.example.com:9000): minio-lake/team2/*
│     not for Spark: boto3 and fsspec alone use them
│     overlap: profile 'drafts' is tried before, and takes s3a://lake/team2/drafts/*
│     shadows: what the default store has under s3a://lake/team2/* is hidden
└── all else        →  default (AWS S3 us-east-1): lake/*
logs-*
└── *  →  minio (https://minio.example.com:9000): {bucket}/*
any other bucket
└── all else  →  default (AWS S3 us-east-1): as it is"""


def test_the_tree_has_every_name_its_place_and_what_needs_care() -> None:
    assert tree(picture(load(ROUTES))) == TREE


def test_a_profile_of_several_patterns_has_a_line_for_each() -> None:
    profile = {"source_bucket_pattern": "lake", "source_key_pattern": ["a/b/*", "a/*"]}
    clients = {"default": {"endpoint_url": "http://a.test"}, "m": {"endpoint_url": "http://m.test"}}
    drawn = picture(load({"clients": clients, "profiles": {"m": profile}}))
    assert [(folder.key, [mark.word for mark in folder.marks]) for folder in drawn.folders] == [
        ("a/b/*", ["shadows"]),
        ("a/*", ["shadows"]),
        ("all else", []),
        ("all else", []),
    ]


def test_what_no_profile_takes_is_shown_as_refused() -> None:
    drawn = picture(load(ROUTES | {"unmatched": "refuse"}))
    assert tree(drawn).splitlines()[-1] == "└── all else  →  refused"
    assert [store.client for store in drawn.stores] == ["minio"]
    assert "refused{{refused}}" in mermaid(drawn)


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_every_profile_is_in_every_form(case: dict[str, Any]) -> None:
    routes = load(routes_dict(case))
    drawn = picture(routes)
    ET.fromstring(svg(drawn))
    numbers = [folder.number for folder in drawn.folders if folder.profile]
    assert sorted(numbers) == [*range(1, len(routes.rules) + 1)]
    for number in numbers:
        assert f'data-number="{number}"' in page(routes, drawn)
    assert mermaid(drawn).count("-->") == len(drawn.folders)


def test_names_are_text_and_no_markup() -> None:
    routes = load(
        {
            "clients": {"default": {"endpoint_url": "http://a.test"}},
            "profiles": {
                '</script>"<b>&': {
                    "client": "default",
                    "source_bucket_pattern": "<b>&",
                    "source_key_pattern": '"]</script>{{NAME}}/*',
                    "mapped_bucket_name": "c",
                }
            },
        }
    )
    drawn = picture(routes)
    ET.fromstring(svg(drawn))
    html = page(routes, drawn)
    assert html.count("</script>") == 1
    assert "<b>" not in html
    assert "<b>" not in mermaid(drawn)


def test_profiles_with_names_in_common_are_found_as_by_comparing_all() -> None:
    keys = ["a/*", "a/b/*", "a/*/c/*", "*", "b/*", "a/[bc]/*", "*/c/*", "x"]
    buckets = ["lake", "la*", "logs-?", "*-1"]
    rules = [
        Rule(f"{b} {k}", "m", Profile(source_bucket_pattern=b, source_key_pattern=k))
        for k in keys
        for b in buckets
    ]
    expected = {
        (two.name, one.name)
        for one, two in combinations(rules, 2)
        if globs.example([r.profile.source_bucket_pattern for r in (one, two)], []) is not None
        and globs.example([r.key_pattern for r in (one, two)], []) is not None
    }
    assert {(rule.name, first.name) for rule, first in earlier(rules)} == expected
    assert 10 < len(expected) < len(rules) ** 2 / 2


@pytest.mark.parametrize("form", ["tree", "mermaid", "svg", "html"])
def test_the_command(form: str, tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(
        "clients:\n  default: {}\nprofiles:\n  d: {client: default, source_bucket_pattern: b, "
        "mapped_bucket_name: c}\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(main, ["explain", "--format", form, str(file)])
    assert result.exit_code == 0, result.output
    assert "c/*" in result.stdout.replace("#42;", "*")
