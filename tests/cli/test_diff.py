"""`s3r-spark diff`: which names change place, and what lies there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result
    from servers.store import Store

Files = tuple[str, str]


@pytest.fixture
def files(routes: str, tmp_path: Path) -> Files:
    """The design's first page before and after team2 moves on."""
    data = yaml.safe_load((tmp_path / routes).read_text(encoding="utf-8"))
    data["profiles"]["minio"]["mapped_prefix"] = "data/second"
    return routes, written(tmp_path / "new.yaml", data)


def written(file: Path, data: Any) -> str:
    file.write_text(yaml.safe_dump({"version": 1, **data}), encoding="utf-8")
    return file.name


def test_a_folder_that_moves(run: Callable[..., Result], files: Files) -> None:
    result = run("diff", *files)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1].split("  ") == [
        "s3a://example-bucket/team2/*",
        "s3://minio-bucket/data/team2/* on minio (https://minio.example.com:9000)",
        "s3://minio-bucket/data/second/* on minio (https://minio.example.com:9000)",
    ]


def test_a_program_gets_all_that_is_known(run: Callable[..., Result], files: Files) -> None:
    (row,) = json.loads(run("diff", "--json", *files).stdout)
    assert (row["names"], row["example"]) == (
        "s3a://example-bucket/team2/*",
        "s3://example-bucket/team2/x",
    )
    assert row["before"] == {
        "profile": "minio",
        "client": "minio",
        "endpoint_url": "https://minio.example.com:9000",
        "bucket": "minio-bucket",
        "keys": "data/team2/*",
        "pattern": "team2/*",
        "uri": "s3://minio-bucket/data/team2/*",
    }
    assert row["after"]["uri"] == "s3://minio-bucket/data/second/*"


def test_nothing_changes(run: Callable[..., Result], files: Files) -> None:
    result = run("diff", "--exit-code", files[0], files[0])
    assert (result.exit_code, result.stdout) == (0, "no name changes its place\n")
    assert run("diff", "--json", files[0], files[0]).stdout == "[]\n"


def test_the_exit_code_tells(run: Callable[..., Result], files: Files) -> None:
    assert run("diff", *files).exit_code == 0
    assert run("diff", "--exit-code", *files).exit_code == 1


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("s3a://example-bucket/team2", 1),
        ("s3a://example-bucket/team2/deep/down", 1),
        ("s3a://example-bucket", 1),
        ("s3a://example-bucket/team", 0),
        ("s3a://other", 0),
    ],
)
def test_a_path_shows_what_is_below_it(
    run: Callable[..., Result], files: Files, path: str, rows: int
) -> None:
    assert len(json.loads(run("diff", "--json", *files, path).stdout)) == rows


def test_a_file_that_is_not_there(run: Callable[..., Result], files: Files) -> None:
    result = run("diff", "gone.yaml", files[1])
    assert result.exit_code == 1
    assert "gone.yaml" in result.stderr


@pytest.fixture
def clients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, east: Store, west: Store
) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    return {
        "default": {"endpoint_url": east.endpoint_url, "credentials": keys(east)},
        "minio": {"endpoint_url": west.endpoint_url, "credentials": keys(west)},
    }


def test_what_the_stores_have_there(
    run: Callable[..., Result],
    tmp_path: Path,
    clients: dict[str, Any],
    east: Store,
    west: Store,
) -> None:
    profile = {
        "source_bucket_pattern": "lake",
        "source_key_pattern": "team2/*",
        "mapped_bucket_name": "minio-bucket",
        "mapped_prefix": "data",
    }
    old = written(tmp_path / "old.yaml", {"clients": clients, "profiles": {}})
    new = written(tmp_path / "new.yaml", {"clients": clients, "profiles": {"minio": profile}})
    east.make_bucket("lake")
    for name, body in (("a", b"12"), ("b", b"345"), ("c", b"6"), ("ü/+", b"78")):
        east.client().put_object(Bucket="lake", Key=f"team2/{name}", Body=body)
    east.client().put_object(Bucket="lake", Key="team3/a", Body=b"9")

    def live() -> Any:
        (row,) = json.loads(run("diff", "--live", "--json", old, new).stdout)
        return row["live"]

    nothing = {"equal": 0, "different": 0, "appearing": 0}
    assert live() == {"objects": 4, "bytes": 8, **nothing}  # its bucket isn't even there
    west.make_bucket("minio-bucket")
    for name, body in (("a", b"12"), ("b", b"999"), ("z", b"0")):
        west.client().put_object(Bucket="minio-bucket", Key=f"data/{name}", Body=body)
    assert live() == {"objects": 4, "bytes": 8, "equal": 1, "different": 1, "appearing": 1}
    line = run("diff", "--live", old, new).stdout.splitlines()[1]
    assert line.split()[-5:] == ["4", "8", "1", "1", "1"]


def test_what_can_not_be_counted_is_one_error_and_no_number(
    run: Callable[..., Result], tmp_path: Path, clients: dict[str, Any], east: Store
) -> None:
    profiles: dict[str, Any] = {
        "team": {
            "client": "minio",
            "source_bucket_pattern": "lake",
            "source_key_pattern": "team/*",
            "mapped_bucket_name": "gone",
        },
        "whole": {
            "client": "default",
            "source_bucket_pattern": "lake",
            "mapped_bucket_name": "first",
        },
    }
    old = written(tmp_path / "old.yaml", {"clients": clients, "profiles": profiles})
    profiles["whole"]["mapped_bucket_name"] = "second"
    new = written(tmp_path / "new.yaml", {"clients": clients, "profiles": profiles})
    result = run("diff", "--live", old, new)
    assert result.stdout.split()[-5:] == ["0"] * 5  # nobody has a bucket
    for bucket in ("first", "second"):
        east.make_bucket(bucket)
    east.put("first", "a")
    result = run("diff", "--live", old, new)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "really s3://gone/" in result.stderr
    assert "(new.yaml:" in result.stderr

    clients["default"] |= {"endpoint_url": "http://127.0.0.1:1", "fail_fast": True}
    new = written(tmp_path / "new.yaml", {"clients": clients, "profiles": {}})
    result = run("diff", "--live", old, new)
    assert result.exit_code == 1
    assert "on http://127.0.0.1:1, client 'default'" in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_each_object_is_counted_in_one_row(
    run: Callable[..., Result],
    tmp_path: Path,
    clients: dict[str, Any],
    east: Store,
    west: Store,
) -> None:
    """A bucket that has rules of its own is not meant by the glob that takes it too."""
    profiles: dict[str, Any] = {
        "first": {
            "client": "minio",
            "source_bucket_pattern": "logs-x",
            "source_key_pattern": "team/*",
            "mapped_bucket_name": "teams",
        },
        "minio": {"source_bucket_pattern": "logs-*"},
    }
    old = written(tmp_path / "old.yaml", {"clients": clients, "profiles": {}})
    new = written(tmp_path / "new.yaml", {"clients": clients, "profiles": profiles})
    west.make_bucket("teams")
    for bucket in ("logs-x", "logs-y"):
        west.make_bucket(bucket)
        east.make_bucket(bucket)
        east.put(bucket, "a")
    rows = json.loads(run("diff", "--live", "--json", old, new).stdout)
    counts = {row["names"]: row["live"]["objects"] for row in rows}
    assert counts == {"s3a://logs-x/team/*": 0, "s3a://logs-x/*": 1, "s3a://logs-*/*": 1}


def keys(store: Store) -> dict[str, str]:
    return {"access_key": store.access_key, "secret_key": store.secret_key}
