"""`s3r-spark explain` and `check`: what the routes mean, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result


@pytest.fixture
def split(routes: str, tmp_path: Path) -> str:
    """Routes that Spark can't use: the pattern takes some files of a folder."""
    file = tmp_path / routes
    file.write_text(file.read_text().replace("team2/*", "team2/part-*"))
    return routes


def test_every_route_is_a_line_and_the_rest_too(run: Callable[..., Result], routes: str) -> None:
    lines = run("explain", routes).stdout.splitlines()
    assert lines[1].split() == [
        "minio", "s3a://example-bucket/team2/*", "s3a://minio-bucket/data/team2/*", "minio",
        "(https://minio.example.com:9000)", "router",
    ]  # fmt: skip
    assert lines[2].startswith("-        anything else")


def test_the_engine_comes_with_its_reason_and_its_costs(
    run: Callable[..., Result], routes: str
) -> None:
    shown = run("explain", routes).stdout
    assert "engine router: s3a can't: routes.yaml:9: profile 'minio': routes the folder" in shown
    assert "  one small jar more" in shown
    assert "  S3A's magic committer writes files where they belong, by spark-hadoop-cloud" in shown
    assert "engine s3a can't do this:\n" in shown
    assert "renames the bucket 'example-bucket' to 'minio-bucket'" in shown


def test_a_pattern_whose_folders_can_be_files_elsewhere(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    assert "a file named as" not in run("explain", routes).stdout
    file = tmp_path / routes
    file.write_text(file.read_text().replace("team2/*", "team2/2024-*/*"))
    assert "profile 'minio': a file named as 'team2/2024-*' lies where" in (
        run("explain", routes).stdout
    )


def test_errors_and_warnings_are_shown_together(run: Callable[..., Result], routes: str) -> None:
    Path(routes).write_text(
        "clients:\n  default: {verify: false}\n  m: {regoin: x}\nprofiles:\n"
        "  m: {source_bucket_pattern: b}\n  d: {client: default, source_bucket_pattern: logs-.*}\n"
    )
    for command in ("check", "explain"):
        result = run(command, routes)
        assert result.exit_code == 1
        error, *warnings = result.stderr.splitlines()
        assert "routes.yaml:3: client 'm': unknown key 'regoin'" in error
        assert [line.rpartition(" [")[2] for line in warnings] == ["no-verify]", "dialect]"]
    data = json.loads(run("check", "--json", routes).stdout)
    assert len(data["errors"]) == 1
    assert [one["code"] for one in data["warnings"]] == ["no-verify", "dialect"]


@pytest.mark.parametrize(
    ("old", "new"), [("team2/*", "team2/"), (": minio-bucket", ": Minio_Bucket")]
)
def test_what_spark_refuses_is_told_once(
    run: Callable[..., Result], routes: str, old: str, new: str
) -> None:
    file = Path(routes)
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    (warning,) = json.loads(run("check", "--json", routes).stdout)["warnings"]
    assert warning["code"] == "engine"
    assert new.removeprefix(": ") in warning["message"]


def test_viewfs_is_for_a_hadoop_too_old_for_the_router(
    run: Callable[..., Result], routes: str
) -> None:
    shown = run("explain", routes, "--hadoop-version", "3.3").stdout
    assert "; router can't: it needs Hadoop 3.4.1 or newer, and this is 3.3\n" in shown
    assert "engine viewfs: s3a can't" in shown
    assert "  no magic committer" in shown


def test_what_the_lack_of_spark_hadoop_cloud_costs(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text("clients: {default: {}}\n")
    lacking = "there is no spark-hadoop-cloud for this Spark, and so no magic committer"
    assert f"  {lacking}" in run("explain", "--hadoop-version", "3.3", str(file)).stdout
    assert lacking not in run("explain", "--hadoop-version", "3.4.1", str(file)).stdout


def test_a_program_gets_the_same(run: Callable[..., Result], routes: str) -> None:
    data = json.loads(run("explain", "--json", "--hadoop-version", "3.4.1", routes).stdout)
    assert data["hadoop_version"] == "3.4.1"
    assert data["engine"]["name"] == "router"
    assert list(data["refusals"]) == ["s3a"]
    assert [route["profile"] for route in data["routes"]] == ["minio", None]
    assert (data["errors"], data["warnings"]) == ([], [])


def test_what_is_refused_is_said_so(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    file = tmp_path / routes
    file.write_text("unmatched: refuse\n" + file.read_text())
    assert "refused: no profile takes it" in run("explain", routes).stdout


def test_an_engine_that_cant_is_an_error_below_the_table(
    run: Callable[..., Result], routes: str
) -> None:
    result = run("explain", "--engine", "s3a", routes)
    assert result.exit_code == 1
    assert "s3a://minio-bucket/data/team2/*" in result.stdout
    assert "engine s3a: routes.yaml:9: profile 'minio'" in result.stderr
    assert "(engine router can do it)" in result.stderr


def test_routes_that_no_engine_can_follow_end_with_1(
    run: Callable[..., Result], split: str
) -> None:
    result = run("explain", split)
    assert result.exit_code == 1
    assert "a table would be split over two stores" in result.stderr


def test_what_a_hadoop_lacks_is_told_for_that_version(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text("clients: {default: {hadoop: {fs.s3a.access.grants.enabled: true}}}\n")
    assert run("explain", "--hadoop-version", "3.5.0", str(file)).stderr == ""
    old = run("explain", "--hadoop-version", "3.4.1", str(file))
    assert "Hadoop 3.4.1 has no option fs.s3a.access.grants.enabled" in old.stderr
    assert old.stderr.endswith("[unknown-option]\n")
    assert old.exit_code == 0


def test_check_counts_what_it_found_nothing_wrong_with(
    run: Callable[..., Result], routes: str
) -> None:
    result = run("check", "--strict", routes)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1:] == ["routes.yaml: 2 clients, 1 profile, 0 warnings"]


def test_check_shows_warnings_and_strict_fails_for_them(
    run: Callable[..., Result], split: str
) -> None:
    result = run("check", split)
    assert (result.exit_code, result.stderr) == (0, "")
    warning, _, summary = result.stdout.splitlines()
    assert warning.startswith("warning: routes.yaml:9: profile 'minio': Spark can't use")
    assert warning.endswith("[engine]")
    assert summary == "routes.yaml: 2 clients, 1 profile, 1 warning"
    assert run("check", "--strict", split).exit_code == 1


def test_check_tells_programs_of_warnings_and_errors(
    run: Callable[..., Result], split: str, tmp_path: Path
) -> None:
    result = run("check", "--json", split)
    (warning,) = json.loads(result.stdout)["warnings"]
    assert warning["code"] == "engine"
    (tmp_path / split).write_text("clients: {default: {}}\nprofile: {}\nversion: 2\n")
    result = run("check", "--json", split)
    data = json.loads(result.stdout)
    assert (result.exit_code, result.stderr, data["warnings"]) == (1, "", [])
    assert all(line.startswith("routes.yaml:") for line in data["errors"])
    assert len(data["errors"]) == 2


def test_check_shows_no_secret(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(
        "clients: {default: {credentials: {access_key: AKIAOPEN, secret_key: hunter2}}}\n"
    )
    for words in (["check"], ["check", "--json"], ["explain"], ["explain", "--json"]):
        result = run(*words, str(file))
        assert "plain-secret" in result.output
        assert "hunter2" not in result.output
        assert "AKIAOPEN" not in result.output


def test_the_schema_is_that_of_the_model(run: Callable[..., Result]) -> None:
    schema = json.loads(run("schema").stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == {"version", "unmatched", "clients", "profiles"}


def test_what_may_only_be_read_is_shown(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    file = tmp_path / routes
    file.write_text(file.read_text() + "    access: read\n    spark: false\n")
    assert "s3a://minio-bucket/data/team2/* (read only)" in run("explain", routes).stdout
    shown = json.loads(run("explain", "--json", routes).stdout)["routes"]
    assert [route["access"] for route in shown] == ["read", "write"]
    for uri, access in (("s3a://example-bucket/team2/x", "read"), ("s3a://other/x", "write")):
        assert ("(read only)" in run("resolve", routes, uri).stdout) is (access == "read")
        (place,) = json.loads(run("resolve", "--json", routes, uri).stdout)
        assert place["access"] == access


@pytest.mark.parametrize("command", ["check", "explain"])
def test_what_a_profile_hides_is_told(
    run: Callable[..., Result], routes: str, command: str
) -> None:
    line = (
        "hidden by profile 'minio': what the default store has under s3a://example-bucket/team2/*"
    )
    assert line in run(command, routes).stdout.splitlines()
    (hidden,) = json.loads(run(command, "--json", routes).stdout)["hidden"]
    assert hidden == {"profile": "minio", "name": "s3a://example-bucket/team2/*"}
