"""Patterns of other languages, and the globs that say the same."""

from __future__ import annotations

import pytest

from s3r_spark.glob_dialects import dialect


@pytest.mark.parametrize(
    ("pattern", "globs"),
    [
        ("team2/.*", ["team2/*"]),
        ("^team2/.+$", ["team2/*"]),
        ("logs-.*", ["logs-*"]),
        ("t/[^a]/*", ["t/[!a]/*"]),
        (r"year=\d+/.*", ["year=[0-9]*/*"]),
        (r"a\*/*", ["a[*]/*"]),
        ("**/x/*", ["x/*", "*/x/*"]),
        ("a/**/b/**", ["a/b/*", "a/*/b/*"]),
        ("**/.*", ["*", "*/*"]),
    ],
)
def test_what_was_meant(pattern: str, globs: list[str]) -> None:
    finding = dialect(pattern)
    assert finding is not None
    assert list(finding.globs) == globs
    assert [dialect(glob) for glob in globs] == [None] * len(globs)


@pytest.mark.parametrize(
    "pattern",
    ["*", "**", "team2/*", "team2/**", "a/*/b/*", "*.csv", "x.*", "*.*", "*_$folder$", "a[*]/*"],
)
def test_what_reads_as_a_glob(pattern: str) -> None:
    assert dialect(pattern) is None
