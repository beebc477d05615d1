"""Routes that nobody names: where every door finds them, and where none looks."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING

import pytest
from fsspec import filesystem

import s3r_spark
from s3r_spark import Routes, RoutesError
from s3r_spark.discovery import default_routes

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
clients: {default: {service: aws, region: us-east-1}}
profiles: {team: {client: default, source_bucket_pattern: a, mapped_bucket_name: b}}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a folder `jobs/daily`, which is the current one."""
    monkeypatch.delenv("S3R_ROUTES", raising=False)
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "jobs" / "daily").mkdir(parents=True)
    monkeypatch.chdir(folder / "jobs" / "daily")
    return folder


def test_the_nearest_file_above_is_taken(repository: Path) -> None:
    root, near = repository / "routes.yaml", repository / "jobs" / "routes.yaml"
    root.write_text(TEXT)
    assert default_routes().path == str(root)
    near.write_text(TEXT)
    assert default_routes().path == str(near)
    (repository / "jobs" / "daily" / "routes.yaml").write_text(TEXT)
    assert default_routes().path == "routes.yaml"


def test_nothing_is_taken_from_above_the_repository(repository: Path) -> None:
    (repository.parent / "routes.yaml").write_text(TEXT)
    with pytest.raises(RoutesError, match=rf"up to the repository's root {repository}: name a"):
        default_routes()


def test_outside_a_repository_the_current_folder_alone_counts(repository: Path) -> None:
    (repository / ".git").rmdir()
    (repository / "jobs" / "routes.yaml").write_text(TEXT)
    with pytest.raises(RoutesError, match=r"there is no routes\.yaml in \S+/jobs/daily: name a"):
        default_routes()
    (repository / "jobs" / "daily" / "routes.yaml").write_text(TEXT)
    assert default_routes().path == "routes.yaml"


def test_the_variable_comes_first(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "routes.yaml").write_text("not: routes")
    other = repository.parent / "other.yaml"
    monkeypatch.setenv("S3R_ROUTES", str(other))
    with pytest.raises(RoutesError, match=r"other\.yaml: there is no such file, and S3R_ROUTES"):
        default_routes()
    other.write_text(TEXT)
    assert default_routes() == (str(other), "S3R_ROUTES names it")
    monkeypatch.setenv("S3R_ROUTES", "")
    assert default_routes().path == str(repository / "routes.yaml")


def test_every_door_takes_it(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "routes.yaml").write_text(TEXT)
    explicit = Routes.load(repository / "routes.yaml")
    assert Routes.load() == explicit
    assert s3r_spark.settings(hadoop_version="3.5.0") == s3r_spark.settings(
        explicit, hadoop_version="3.5.0"
    )
    routed = s3r_spark.client()
    assert routed._s3r_router.routes == explicit
    fs = filesystem("s3r")
    assert (fs.routes, fs.storage_options["routes"]) == (explicit, str(repository / "routes.yaml"))
    # Other processes, whatever their folder, get the content or the absolute path.
    pickled = pickle.dumps((routed, fs))
    monkeypatch.chdir(repository.parent)
    again, fs_again = pickle.loads(pickled)
    assert again._s3r_router.routes == fs_again.routes == explicit


def test_s3r_says_all_that_would_do(repository: Path) -> None:
    assert not (repository / "routes.yaml").exists()
    with pytest.raises(RoutesError, match=r"s3r:// has no routes: .*S3R_ROUTES.*storage_options"):
        filesystem("s3r")


def test_a_dash_is_standard_input(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT + "    ca: x\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    routes = Routes.load("-")
    assert (routes.name, routes.folder) == ("stdin", repository / "jobs" / "daily")
    assert routes.line_of("profiles", "team") == "stdin:2: profile 'team'"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    with pytest.raises(RoutesError, match=r"^stdin:3: "):
        Routes.load("-")
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(RoutesError, match="stdin: there is no such file"):
        Routes.load("-")
