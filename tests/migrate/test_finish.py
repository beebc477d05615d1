"""The end of a migration: `--finish` and `--delete-source`, and what each refuses."""

from __future__ import annotations

import sqlite3
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from boto.conftest import entry
from click.testing import CliRunner
from migrate.conftest import TEAM2, contents
from servers.counting import counted

from s3r_spark.cli import main

if TYPE_CHECKING:
    from migrate.conftest import Moving


@pytest.fixture
def finished(moving: Moving) -> Moving:
    """Three objects, moved."""
    moving.put("a", "b", "ü//+")
    moving.east.put("lake", "team3/other", b"other")
    moving("--finish")
    return moving


def test_it_says_what_to_switch_and_deletes_nothing(moving: Moving) -> None:
    moving.put("a")
    answer = moving("--finish", "--report", "report.json")
    assert answer["finished"]
    assert "+  minio:" in answer["switch"]
    how = answer["unfrozen"]["s3a://lake/team2/*"]
    profile = yaml.safe_load(how.partition(": ")[2])["frozen"]
    moving.old_profiles = {"frozen": profile}
    assert moving("--finish")["unfrozen"] == {}, "the profile that it names freezes them"
    moving.old_profiles = {"kept": {**profile, "access": "write"}}
    assert "profile 'kept'" in moving("--finish")["unfrozen"]["s3a://lake/team2/*"]
    assert moving.east.secret_key not in answer["switch"]
    assert contents(moving.east, "lake") == {"team2/a": b"a"}
    assert (moving.folder / "report.json").exists()


def test_it_refuses_while_the_old_place_is_written_to(moving: Moving) -> None:
    moving.put("a", "b")
    numbers = count()

    def written(method: str, path: str) -> bool:
        """Write between the two lists of the old place."""
        if method == "GET" and path == "/lake" and next(numbers) == 4:
            moving.put("c")
        return False

    with counted(moving.east, refused=written) as busy:
        moving.clients["default"] = entry(busy)
        answer = moving("--finish", code=1)
        assert "not finished: 1 names of the old place were written" in answer["errors"][0]
        answer = moving("--delete-source", "--yes", code=1)
        assert "before the migration is finished" in answer["errors"][0]
        assert moving("--finish")["outcome"]["copied"] == 1


def test_the_source_goes_once_it_is_finished(finished: Moving) -> None:
    answer = finished("--delete-source", "--dry-run")
    assert answer["deletable"]["objects"] == 3
    assert len(finished.east.keys("lake")) == 4
    assert "needs --yes" in finished("--delete-source", code=1)["errors"][0]
    assert len(finished.east.keys("lake")) == 4
    answer = finished("--delete-source", "--yes")
    assert (answer["deletion"]["deleted"], answer["deletion"]["keeping"]) == (3, 0)
    assert finished.east.keys("lake") == ["team3/other"]
    assert sorted(finished.moved()) == ["a", "b", "ü//+"]
    assert finished("--delete-source", "--yes")["deletable"]["objects"] == 0
    assert finished("--delete-extra")["removed"] == 0, "what was deleted here is not extra"
    assert finished()["outcome"]["copied"] == 0
    assert sorted(finished.moved()) == ["a", "b", "ü//+"]
    assert finished(back=True)["outcome"]["copied"] == 3
    assert contents(finished.east, "lake", "team2/") == finished.moved()


def test_what_is_no_longer_what_was_proven_stays(finished: Moving) -> None:
    finished.put("a", body=b"written since")
    finished.west.put("minio-bucket", "data/b", b"written since")
    answer = finished("--delete-source", "--yes", code=1)
    assert (answer["deletion"]["deleted"], answer["deletion"]["keeping"]) == (1, 2)
    assert sorted(contents(finished.east, "lake", "team2/")) == ["a", "b"]


def test_what_has_got_other_tags_since_stays(finished: Moving) -> None:
    """No list tells, and the object is what it was."""
    here, there = finished.east.client(), finished.west.client()
    for key in ("a", "b"):
        tags = {"TagSet": [{"Key": "team", "Value": key}]}
        here.put_object_tagging(Bucket="lake", Key=f"team2/{key}", Tagging=tags)
    there.put_object_tagging(Bucket="minio-bucket", Key="data/b", Tagging=tags)
    answer = finished("--delete-source", "--yes", code=1)
    assert answer["deletion"]["kept"] == [
        ["s3a://lake/team2/a", "its tags are not those of its copy: they were set since"]
    ]
    assert sorted(contents(finished.east, "lake", "team2/")) == ["a"]


def test_what_changes_after_the_lists_stays_too(moving: Moving) -> None:
    now = False

    def written(method: str, path: str) -> bool:
        """Write just before the object is looked at for the last time."""
        if now and method == "HEAD" and path.endswith("team2/a"):
            moving.put("a", body=b"new")
        return False

    moving.put("a", "b")
    with counted(moving.east, refused=written) as busy:
        moving.clients["default"] = entry(busy)
        moving("--finish")
        now = True
        answer = moving("--delete-source", "--yes", code=1)
    assert "written since it was copied" in answer["deletion"]["kept"][0][1]
    assert contents(moving.east, "lake") == {"team2/a": b"new"}


def test_the_file_that_says_read_keeps_its_source(finished: Moving) -> None:
    finished.clients["default"] = entry(finished.east, access="read")
    assert "access: read" in finished("--delete-source", "--yes", code=1)["errors"][0]
    assert len(finished.east.keys("lake")) == 4
    finished.put("c")
    assert finished("--finish")["outcome"]["copied"] == 1, "to copy is to read"


def test_what_a_name_of_the_new_file_means_stays(moving: Moving) -> None:
    moving.profiles = {
        "minio": TEAM2,
        "second": {
            "client": "default",
            "source_bucket_pattern": "alias",
            "mapped_bucket_name": "lake",
        },
    }
    moving.put("a")
    moving("--finish")
    answer = moving("--delete-source", "--yes", code=1)
    assert "s3a://alias/team2/a is there by the new routes" in answer["deletion"]["kept"][0][1]
    assert contents(moving.east, "lake") == {"team2/a": b"a"}


def test_copies_that_are_gone_after_the_end_are_not_brought_back(finished: Moving) -> None:
    finished.west.client().delete_object(Bucket="minio-bucket", Key="data/a")
    assert "gone from the new place" in finished(code=1)["errors"][0]
    assert sorted(finished.moved()) == ["b", "ü//+"]
    assert finished("--overwrite")["outcome"]["copied"] == 1


def test_a_deletion_that_was_killed_goes_on(finished: Moving) -> None:
    """Killed after the delete and before the journal knew: the copy is the only one."""
    database = sqlite3.connect(finished.folder / "new.yaml.journal")
    database.execute("UPDATE objects SET state = 'deleting' WHERE key IN ('team2/a', 'team2/b')")
    database.commit()
    database.close()
    finished.east.client().delete_object(Bucket="lake", Key="team2/a")
    assert finished("--delete-extra")["removed"] == 0
    assert finished("--delete-source", "--yes")["deletion"]["deleted"] == 2
    assert sorted(finished.moved()) == ["a", "b", "ü//+"]
    assert finished.east.keys("lake") == ["team3/other"]


def test_names_of_one_place_go_together(moving: Moving) -> None:
    """Two names mean an object; it stays until both are moved, and goes once."""
    name = {"client": "default", "mapped_bucket_name": "lake"}
    second = {**name, "source_bucket_pattern": "alias"}
    place = {"client": "minio", "mapped_bucket_name": "minio-bucket"}
    moving.old_profiles = {"second": second}
    moving.profiles = {
        "minio": {**TEAM2, **place},
        "second": {**second, **place, "mapped_prefix": "alias"},
    }
    moving.put("a")
    below = ("s3a://lake",)
    moving("--finish", below=below)
    answer = moving("--delete-source", "--yes", below=below, code=1)
    assert "s3a://alias/team2/a is there too, and was not moved" in answer["deletion"]["kept"][0][1]
    moving("--finish")
    assert moving("--delete-source", "--yes")["deletion"]["deleted"] == 2
    assert contents(moving.east, "lake") == {}
    assert sorted(moving.west.keys("minio-bucket")) == ["alias/team2/a", "data/a"]


@pytest.mark.parametrize(
    "words",
    [
        ("--delete-source", "--finish"),
        ("--delete-source", "--delete-extra"),
        ("--yes",),
        ("--bandwidth", "fast"),
    ],
)
def test_calls_that_make_no_sense(moving: Moving, words: tuple[str, ...]) -> None:
    result: Any = CliRunner().invoke(main, ["migrate", *words, *moving.write()])
    assert result.exit_code == 2


def test_what_nothing_proves_is_not_finished(moving: Moving) -> None:
    moving.put("a")
    moving()
    database = sqlite3.connect(moving.folder / "new.yaml.journal")
    database.execute("UPDATE objects SET target_proof = NULL")
    database.commit()
    database.close()
    assert "1 copies are not proven" in moving("--finish", code=1)["errors"][0]
    assert moving("--finish", "--verify", "read")["finished"]
    assert moving("--delete-source", "--yes")["deletion"]["deleted"] == 1
