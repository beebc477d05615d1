"""`s3r-spark check --environment`: whether the libraries here are those that were tested."""

from __future__ import annotations

import json
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from s3r_spark.private_apis import RELIED_ON, TESTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

MERGE = "botocore.config:Config.merge"


def test_all_is_as_it_was_tested(run: Callable[..., Result]) -> None:
    result = run("check", "--environment", "--strict")
    assert (result.exit_code, result.stderr) == (0, "")
    *rows, summary = result.stdout.splitlines()
    assert [row.split()[1:3] for row in rows[1:]] == [
        [name, metadata.version(name)] for name in TESTED
    ]
    assert summary.startswith(f"s3r-spark {metadata.version('s3r-spark')}, Python 3.")
    assert summary.endswith(": 0 warnings, 0 failures")


def test_every_function_has_a_reason_and_digests() -> None:
    assert {module.partition(".")[0] for module in RELIED_ON} == set(TESTED)
    for functions in RELIED_ON.values():
        for reliance in functions.values():
            assert reliance.on
            assert {len(digest) for digest in reliance.digests.split()} == {12}


def changed(monkeypatch: pytest.MonkeyPatch) -> None:
    def merge(self: Any, other: Any) -> Any:
        return other or self

    monkeypatch.setattr(Config, "merge", merge)


def unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, Any] = {}
    exec("def merge(self, other): return other", names)  # noqa: S102 - a function without a file
    monkeypatch.setattr(Config, "merge", names["merge"])


def gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Config, "merge")


@pytest.mark.parametrize(
    ("make", "verb", "codes"),
    [
        (changed, "differs from every release that was tested", (0, 1)),
        (unreadable, "has no source that could be held against", (0, 1)),
        (gone, "is not there", (1, 1)),
    ],
)
def test_what_differs_is_named_with_what_rests_on_it(
    run: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[pytest.MonkeyPatch], None],
    verb: str,
    codes: tuple[int, int],
) -> None:
    make(monkeypatch)
    for strict, code in zip(([], ["--strict"]), codes, strict=True):
        result = run("check", "--environment", *strict)
        assert result.exit_code == code
        (line,) = (line for line in result.stdout.splitlines() if MERGE in line)
        assert line.partition(": ")[0] == ("failure" if make is gone else "warning")
        assert f"botocore {metadata.version('botocore')}: {MERGE} {verb}" in line
        assert line.endswith("all there is to a Config are the options that it was given")
    data = json.loads(run("check", "--environment", "--json").stdout)
    lines = data["errors"] + [finding["message"] for finding in data["warnings"]]
    assert [line for line in lines if MERGE in line] == lines
    states = {one["name"]: one["functions"] for one in data["libraries"]}
    assert states["botocore"].pop(MERGE) == make.__name__
    assert set(states["botocore"].values()) == set(states["s3fs"].values()) == {"tested"}


def test_a_library_that_is_not_installed(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = metadata.version

    def missing(name: str) -> str:
        if name == "aiobotocore":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", missing)
    result = run("check", "--environment")
    assert result.exit_code == 0
    (row,) = (line for line in result.stdout.splitlines() if "aiobotocore" in line)
    assert "not installed: s3r:// needs it (pip install 's3r-spark[fsspec]')" in row


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--environment", "routes.yaml"), "--environment looks at no ROUTES, and asks no store"),
        (("--environment", "--live"), "--environment looks at no ROUTES, and asks no store"),
        (("--environment", "--write"), "--write goes with --live"),
    ],
)
def test_wrong_calls(run: Callable[..., Result], words: tuple[str, ...], says: str) -> None:
    result = run("check", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
