"""`s3r-spark check --live`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from diagnosis.conftest import entry
from servers.process import free_ports

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result
    from servers.store import Store


@pytest.fixture
def file(west: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Routes to one store, whose keys are variables."""
    west.make_bucket("data")
    west.put("data", "a/b", b"x")
    monkeypatch.setenv("K", west.access_key)
    monkeypatch.setenv("S", west.secret_key)
    keys = {"access_key": "${K}", "secret_key": "${S}"}
    data: dict[str, Any] = {
        "clients": {"one": entry(west, credentials=keys)},
        "profiles": {"p": {"client": "one", "source_bucket_pattern": "data"}},
        "unmatched": "refuse",
    }
    (tmp_path / "routes.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    return str(tmp_path / "routes.yaml")


def test_a_table(run: Callable[..., Result], file: str, west: Store) -> None:
    result = run("check", "--live", "--write", "--print-preset", file)
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["✓", "one", "-", "keys", "access_key", "from", "K,", "secret_key", "from", "S"] in rows
    assert ["✓", "one", "p", "list", "s3://data/", "has", "objects"] in rows
    assert result.stdout.endswith("routes.yaml: 1 client, 1 profile, 0 warnings, 0 failures\n")
    assert west.keys("data") == ["a/b"]
    shown = result.stdout.partition("# what fits the store of one")[2].partition("\n")[2]
    assert yaml.safe_load(shown[: shown.index("\n\n")]) == {
        "one": {"service": "minio", "endpoint_url": west.endpoint_url, "region": "us-west-1"}
    }


def test_a_failure_is_exit_code_1(run: Callable[..., Result], file: str, west: Store) -> None:
    west.clear()
    result = run("check", "--live", file)
    assert result.exit_code == 1
    assert (
        "✗  one     p      bucket    there is no bucket 'data': look at its name" in result.stdout
    )
    assert result.stdout.endswith("0 warnings, 1 failure\n")


def test_json(run: Callable[..., Result], file: str, west: Store) -> None:
    data = json.loads(run("check", "--live", "--json", file, "s3a://data/a/b").stdout)
    assert data["errors"] == []
    (read,) = [finding for finding in data["live"]["findings"] if finding["check"] == "read"]
    assert read == {
        "check": "read",
        "state": "good",
        "text": "s3://data/a/b (1 bytes)",
        "mend": "",
        "client": "one",
        "place": "s3a://data/a/b",
        "node": "",
    }
    west.clear()
    result = run("check", "--live", "--json", file)
    assert result.exit_code == 1
    errors = json.loads(result.stdout)["errors"]
    assert errors == ["✗ one p: bucket: there is no bucket 'data': look at its name, or make it"]


def test_without_live_no_store_is_asked(run: Callable[..., Result], file: str, west: Store) -> None:
    west.forget_requests()
    assert run("check", file).exit_code == 0
    assert west.requests() == []
    for words in (["check", "--write", file], ["check", file, "s3a://data/a"]):
        result = run(*words)
        assert result.exit_code == 2
        assert "goes with --live" in result.stderr
    assert "--live --write" in run("check", "--live", "--print-preset", file).stderr


def test_marks_are_words_where_the_terminal_has_no_such_letters(
    start: Callable[..., Any], file: str
) -> None:
    process = start("check", "--live", file, PYTHONIOENCODING="latin-1")
    shown = process.communicate()[0]
    assert process.returncode == 0
    assert "good  one" in shown


@pytest.mark.slow
def test_spark_asks_too(start: Callable[..., Any], file: str, west: Store) -> None:
    words = ["--json", "--conf", "spark.master=local[1]", "--conf", "spark.ui.enabled=false"]
    keys = {"K": west.access_key, "S": west.secret_key}
    process = start("check", "--live", "--spark", "--write", *words, file, **keys)
    data = json.loads(process.communicate()[0])["live"]["findings"]  # and nothing of Spark's beside
    of_driver = {one["check"] for one in data if one["node"].startswith("driver on ")}
    assert of_driver == {"name", "tcp", "http", "list", "read", "put", "delete"}
    assert process.returncode == 0
    assert west.keys("data") == ["a/b"]


def test_spark_goes_with_live(run: Callable[..., Result], file: str) -> None:
    for words in (["--spark", file], ["--live", "--conf", "a=b", file]):
        result = run("check", *words)
        assert result.exit_code == 2
        assert "goes with --live" in result.stderr


def test_a_closed_port(run: Callable[..., Result], tmp_path: Path) -> None:
    (port,) = free_ports(1)
    data = {"clients": {"default": {"endpoint_url": f"http://127.0.0.1:{port}"}}}
    (tmp_path / "routes.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    result = run("check", "--live", str(tmp_path / "routes.yaml"))
    assert result.exit_code == 1
    assert f"nobody listens on 127.0.0.1:{port}: look at endpoint_url" in result.stdout
