"""`s3r-spark resolve`: where names lie, and which names a place can have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result


def test_a_path_is_resolved(run: Callable[..., Result], routes: str) -> None:
    result = run("resolve", routes, "s3a://example-bucket/team2/obj2")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1].split() == [
        "s3a://example-bucket/team2/obj2", "s3://minio-bucket/data/team2/obj2", "minio", "minio",
        "https://minio.example.com:9000",
    ]  # fmt: skip


def test_what_no_profile_takes_is_on_the_default_client(
    run: Callable[..., Result], routes: str
) -> None:
    line = run("resolve", routes, "s3a://other/k").stdout.splitlines()[1]
    assert line.split(maxsplit=4) == [
        "s3a://other/k", "s3://other/k", "-", "default", "AWS S3 us-east-1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("uri", "client"),
    [
        ("s3a://example-bucket/team2", "minio"),  # to Hadoop it may be the folder
        ("s3r://example-bucket/a/../team2/", "minio"),
        ("s3://example-bucket/team2", "default"),  # to boto3 it is an object
        ("s3://example-bucket/team2/", "minio"),
        ("s3://example-bucket/a/../team2/", "default"),
        ("s3://example-bucket", "default"),
    ],
)
def test_paths_and_keys_are_read_as_their_readers_do(
    run: Callable[..., Result], routes: str, uri: str, client: str
) -> None:
    (data,) = json.loads(run("resolve", "--json", routes, uri).stdout)
    assert data["client"] == client


def test_a_file_and_a_folder_of_one_name(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(
        "clients: {default: {}}\n"
        "profiles: {raw: {client: default, source_bucket_pattern: b, mapped_bucket_name: c,"
        " source_key_pattern: raw/2024-*/*}}\n"
    )
    result = run("resolve", "--json", str(file), "s3a://b/raw/2024-01.csv")
    assert [(one["logical"], one["physical"]) for one in json.loads(result.stdout)] == [
        ("s3a://b/raw/2024-01.csv", "s3://b/raw/2024-01.csv"),
        ("s3a://b/raw/2024-01.csv/", "s3://c/raw/2024-01.csv"),
    ]


def test_a_name_as_lakefs_has_it(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(
        "clients: {default: {}, dev: {service: lakefs, endpoint_url: 'http://lakefs'}}\n"
        "profiles: {dev: {source_bucket_pattern: data, mapped_bucket_name: repo,"
        " mapped_prefix: dev}}\n"
    )
    uri = "lakefs://repo/dev/x/y.csv"
    for text in (uri, f"404: {uri} not found"):
        (data,) = json.loads(run("resolve", "--json", "--physical", str(file), text).stdout)
        assert (data["physical"], data["client"], data["logical"]) == (
            uri, "dev", "s3a://data/x/y.csv",
        )  # fmt: skip
    result = run("resolve", "--physical", str(file), "lakefs://other/main/x")
    assert "no logical name of" in result.stderr


def test_a_program_gets_all_that_is_known(run: Callable[..., Result], routes: str) -> None:
    result = run("resolve", "--json", routes, "s3a://example-bucket/team2/é", "s3://other")
    assert json.loads(result.stdout) == [
        {
            "logical": "s3a://example-bucket/team2/é",
            "physical": "s3://minio-bucket/data/team2/é",
            "profile": "minio",
            "client": "minio",
            "bucket": "minio-bucket",
            "key": "data/team2/é",
            "endpoint": "https://minio.example.com:9000",
            "access": "write",
        },
        {
            "logical": "s3://other",
            "physical": "s3://other/",
            "profile": None,
            "client": "default",
            "bucket": "other",
            "key": None,
            "endpoint": None,
            "access": "write",
        },
    ]


def test_what_can_be_resolved_is_shown_though_another_cant(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    file = tmp_path / routes
    file.write_text("unmatched: refuse\n" + file.read_text())
    result = run("resolve", routes, "s3a://typo/x", "s3a://example-bucket/team2/x", "hdfs://x/y")
    assert result.exit_code == 1
    assert "s3://minio-bucket/data/team2/x" in result.stdout
    typo, scheme = result.stderr.splitlines()
    assert "no profile of routes.yaml matches s3://typo/x" in typo
    assert scheme == "'hdfs://x/y' is no path of a bucket: write s3a://bucket/key"


def test_a_program_gets_the_errors_too(run: Callable[..., Result], routes: str) -> None:
    names = ("s3a://example-bucket/team2/x", "hdfs://x/y")
    result = run("resolve", "--json", routes, *names)
    data = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (1, "")
    assert data["errors"] == ["'hdfs://x/y' is no path of a bucket: write s3a://bucket/key"]
    assert [one["logical"] for one in data["found"]] == [names[0]]


@pytest.mark.parametrize(
    "text",
    [
        "s3a://minio-bucket/data/team2/obj2",
        "s3a://minio-bucket/data/team2/obj2: open s3a://minio-bucket/data/team2/obj2: e",
        "java.io.FileNotFoundException: No such file or directory: s3a://minio-bucket/data/team2/obj2",
        "[PATH_NOT_FOUND] Path does not exist: s3a://minio-bucket/data/team2/obj2. SQLSTATE: 42K03",
        "\tat Caused by: open 's3a://minio-bucket/data/team2/obj2'",
    ],
)
def test_a_place_in_an_error_gets_its_names(
    run: Callable[..., Result], routes: str, text: str
) -> None:
    result = run("resolve", "--physical", "--client", "minio", "--json", routes, text)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == [
        {
            "physical": "s3a://minio-bucket/data/team2/obj2",
            "client": "minio",
            "profile": "minio",
            "logical": "s3a://example-bucket/team2/obj2",
        }
    ]


def test_a_key_with_blanks_is_one_key(run: Callable[..., Result], routes: str) -> None:
    result = run("resolve", "--physical", routes, "s3a://minio-bucket/data/team2/my file.csv")
    assert "s3a://example-bucket/team2/my file.csv" in result.stdout


def test_a_folder_is_found_without_its_slash(run: Callable[..., Result], routes: str) -> None:
    result = run("resolve", "--physical", "--client=minio", routes, "s3a://minio-bucket/data/team2")
    assert "s3a://example-bucket/team2\n" in result.stdout


def test_without_a_client_all_that_can_be_meant_are_shown(
    run: Callable[..., Result], routes: str
) -> None:
    result = run("resolve", "--physical", "--json", routes, "s3a://minio-bucket/data/team2/x")
    names = {(one["client"], one["logical"]) for one in json.loads(result.stdout)}
    assert names == {
        ("minio", "s3a://example-bucket/team2/x"),
        ("default", "s3a://minio-bucket/data/team2/x"),
    }


def test_a_place_without_a_name_ends_with_1(run: Callable[..., Result], routes: str) -> None:
    result = run("resolve", "--physical", "--client=minio", routes, "s3a://minio-bucket/other/x")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "no logical name of routes.yaml can lie at s3a://minio-bucket/other/x on client 'minio'\n"
    )


def test_an_object_that_a_profile_hides(run: Callable[..., Result], routes: str) -> None:
    result = run("resolve", "--physical", routes, "s3://example-bucket/team2/x")
    assert result.exit_code == 1
    assert result.stderr == (
        "no logical name of routes.yaml can lie at s3://example-bucket/team2/x: hidden by profile "
        "'minio', which takes s3a://example-bucket/team2/x to s3://minio-bucket/data/team2/x on "
        "client 'minio'\n"
    )
