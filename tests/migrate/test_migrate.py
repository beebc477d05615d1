"""`s3r-spark migrate`: what is copied, what is kept, what is refused, and how it goes on."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from click.testing import CliRunner
from migrate.conftest import TEAM2, asked, contents, without_obstore
from servers.counting import counted

from s3r_spark.cli import main
from s3r_spark.migrate import journal, names
from s3r_spark.migrate.quick import QuickClient

if TYPE_CHECKING:
    from migrate.conftest import Moving

MIB = 1 << 20
ODD = ("ü/ß", "a//b", "a+b c", "%41", "empty", "folder/", "folder", "folder/x", "x" * 1010)


def test_the_plan_says_what_would_be_done_and_changes_nothing(moving: Moving) -> None:
    moving.put("a", "b/1", "b/2", "c/d/e")
    moving.east.put("lake", "team3/not")
    moving.east.forget_requests()
    moving.west.forget_requests()
    plan = moving("--dry-run")["plan"]
    assert (plan["objects"], plan["bytes"], plan["left"]) == (4, 12, 4)
    assert [(one["name"], one["objects"], one["bytes"]) for one in plan["folders"]] == [
        ("s3a://lake/team2/b/", 2, 6),
        ("s3a://lake/team2/c/", 1, 5),
        ("s3a://lake/team2/", 1, 1),
    ]
    assert any("ACLs" in line for line in plan["lost"])
    assert sorted(path.name for path in moving.folder.iterdir()) == ["new.yaml", "old.yaml"]
    methods = {one["method"] for store in (moving.east, moving.west) for one in store.requests()}
    assert methods <= {"GET", "HEAD"}


def test_small_objects_are_put_by_what_the_plan_says(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever reads them: lists of such a source don't tell which have tags."""
    responses: list[Any] = []
    put = QuickClient.put_whole

    def noted(self: QuickClient, *args: Any, **options: Any) -> Any:
        responses.append(put(self, *args, **options))
        return responses[-1]

    monkeypatch.setattr(QuickClient, "put_whole", noted)
    moving.put("a")
    engines = moving()["plan"]["engines"]
    assert [line.rpartition(": ")[2].partition(" ")[0] for line in engines] == ["boto3", "obstore"]
    assert [response["ResponseMetadata"]["HTTPStatusCode"] for response in responses] == [200]


def test_the_plan_tells_what_is_lost(moving: Moving) -> None:
    moving.put("a")
    plain = moving.east.client()
    plain.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    by_kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    plain.put_bucket_encryption(
        Bucket="lake", ServerSideEncryptionConfiguration={"Rules": [by_kms]}
    )
    plain.put_object(Bucket="lake", Key="team2/cold", StorageClass="GLACIER")
    lost = " ".join(moving("--dry-run")["plan"]["lost"])
    for word in ("versions: lake", "encryption keys: lake", "1 objects are archived"):
        assert word in lost


def test_dates_are_asked_for_and_told_of_only_where_obstore_reads(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "BARE", "Size")  # as if each list said that there are no tags
    moving.put("a")
    with counted(moving.east) as east:
        moving.clients["default"] = entry(east)
        assert "Expires" in " ".join(moving("--dry-run")["plan"]["lost"])
        assert "HEAD" in {request["method"] for request in east.requests()}
        east.forget_requests()
        without_obstore(monkeypatch)
        assert "Expires" not in " ".join(moving("--dry-run")["plan"]["lost"])
        assert "HEAD" not in {request["method"] for request in east.requests()}


def test_all_arrives_as_it_was(moving: Moving) -> None:
    for key in ODD:
        moving.put(key, body=b"" if key in {"empty", "folder/"} else key.encode())
    large = os.urandom(13 * MIB)
    moving.put_parts("large", large, 6 * MIB)
    headers = {"ContentType": "a/b", "CacheControl": "no-store", "Metadata": {"m": "1"}}
    moving.east.client().put_object(
        Bucket="lake", Key="team2/kept", Body=b"kept", Tagging="t=1", **headers
    )
    answer = moving("--report", "report.json")
    assert answer["outcome"]["copied"] == len(ODD) + 2
    assert answer["summary"]["states"] == {"copied": len(ODD) + 2}
    assert moving.moved() == contents(moving.east, "lake", "team2/")
    plain = moving.west.client()
    head = plain.head_object(Bucket="minio-bucket", Key="data/kept")
    assert {name: head[name] for name in headers} == headers
    tags = plain.get_object_tagging(Bucket="minio-bucket", Key="data/kept")["TagSet"]
    assert tags == [{"Key": "t", "Value": "1"}]
    report = json.loads((moving.folder / "report.json").read_text(encoding="utf-8"))
    by_name = {one["name"]: one for one in report["objects"]}
    one = by_name["s3a://lake/team2/large"]
    assert one["etag"] == one["target_etag"], "its parts are its source's"
    assert (one["from"], one["to"]) == ("s3://lake/team2/large", "s3://minio-bucket/data/large")
    assert all(one["source_proof"] and one["target_proof"] for one in by_name.values())


def test_each_name_of_a_list_of_patterns_moves_once(moving: Moving) -> None:
    """The second pattern takes what the first one has too, and that is the first one's."""
    moving.profiles["minio"] = TEAM2 | {"source_key_pattern": ["team2/x*/*", "team2/*"]}
    moving.put("x1/a", "x1/b", "y", "x2")
    command = ["diff", "--live", "--json", *moving.write()]
    rows = json.loads(CliRunner().invoke(main, command).stdout)
    counts = [(row["after"]["pattern"], row["live"]["objects"]) for row in rows]
    assert counts == [("team2/x*/*", 2), ("team2/*", 2)]
    assert moving("--dry-run")["plan"]["objects"] == 4
    assert moving()["outcome"]["copied"] == 4
    assert moving.moved() == contents(moving.east, "lake", "team2/")


def test_a_path_moves_what_is_below_it_alone(moving: Moving) -> None:
    moving.put("a/1", "a/2", "ab", "b/1")
    answer = moving(below=("s3a://lake/team2/a", "s3a://lake/team2/b/1"))
    assert answer["outcome"]["copied"] == 3
    assert sorted(moving.moved()) == ["a/1", "a/2", "b/1"]


def test_a_second_run_only_lists(moving: Moving) -> None:
    moving.put("a", "b")
    moving()
    moving.east.forget_requests()
    moving.west.forget_requests()
    assert moving()["outcome"]["copied"] == 0
    assert asked(moving.east) == asked(moving.west) == []


def test_what_has_changed_since_is_copied_again(moving: Moving) -> None:
    moving.put("same", "other", "gone", "foreign")
    moving()
    moving.put("other", body=b"changed")
    moving.put("new")
    plain = moving.east.client()
    for key in ("gone", "foreign"):
        plain.delete_object(Bucket="lake", Key=f"team2/{key}")
    moving.west.put("minio-bucket", "data/foreign", b"somebody else's")
    answer = moving()
    assert (answer["outcome"]["copied"], answer["plan"]["extra"]) == (2, 2)
    assert "gone" in moving.moved()
    assert moving("--delete-extra")["removed"] == 1
    left = {"same": b"same", "other": b"changed", "new": b"new", "foreign": b"somebody else's"}
    assert moving.moved() == left
    assert moving()["plan"]["extra"] == 1, "what is not its copy is left, and told of"


def test_other_data_at_the_new_place_is_not_written_over(moving: Moving) -> None:
    moving.put("a", "b", "c")
    moving.west.put("minio-bucket", "data/a", b"other")
    moving.west.put("minio-bucket", "data/b", b"b")
    errors = moving(code=1)["errors"]
    assert "s3a://lake/team2/a" in errors[0]
    assert sorted(moving.moved()) == ["a", "b"]
    assert moving("--overwrite")["outcome"]["copied"] == 3
    assert moving.moved() == {"a": b"a", "b": b"b", "c": b"c"}
    moving.west.put("minio-bucket", "data/c", b"newer")
    assert "s3a://lake/team2/c" in moving(code=1)["errors"][0]
    assert moving.moved()["c"] == b"newer"


def test_back_again_is_the_same_command(moving: Moving) -> None:
    moving.put("a", "b")
    moving()
    moving.east.empty_bucket("lake")
    assert moving(back=True)["outcome"]["copied"] == 2
    assert contents(moving.east, "lake", "team2/") == {"a": b"a", "b": b"b"}


def test_every_copy_is_read_back(moving: Moving) -> None:
    moving.put("a", "b")
    moving.put("at once", body=os.urandom(17 * MIB))
    moving.put_parts("in parts", os.urandom(13 * MIB), 6 * MIB)
    answer = moving("--verify", "read")
    assert (answer["wrong"], answer["summary"]["read_back"]) == ([], 4)
    moving.west.put("minio-bucket", "data/b", b"x")
    assert "data" in moving("--verify", "read", code=1)["errors"][0]


def test_one_store_copies_by_itself(moving: Moving) -> None:
    moving.profiles = {"minio": {**TEAM2, "client": "default", "mapped_bucket_name": "lake"}}
    moving.put("a", "b+ c")
    large = os.urandom(11 * MIB)
    moving.put_parts("large", large, 5 * MIB)
    moving.east.client().put_object(
        Bucket="lake", Key="team2/kept", Body=b"1", Metadata={"m": "1"}, Tagging="t=1"
    )
    moving.east.forget_requests()
    answer = moving()
    assert answer["summary"]["proofs"] == {"MD5 / MD5": 4}
    sent = [one for one in moving.east.requests() if one["path"] == "/lake/data/large"]
    assert [one["copy_source"] for one in sent if one["method"] == "PUT"] == (
        ["lake/team2/large"] * 3
    )
    assert contents(moving.east, "lake", "data/") == contents(moving.east, "lake", "team2/")
    head = moving.east.client().head_object(Bucket="lake", Key="data/kept")
    assert (head["Metadata"], head["TagCount"]) == ({"m": "1"}, 1)
    assert moving()["outcome"]["copied"] == 0


@pytest.mark.parametrize(
    ("prefix", "words"),
    [("team2/deep", "is the old place of"), ("team2/a/b", "is the old place of")],
)
def test_a_place_within_the_old_one_is_refused(moving: Moving, prefix: str, words: str) -> None:
    place = {"client": "default", "mapped_bucket_name": "lake", "mapped_prefix": prefix}
    moving.profiles = {"minio": {**TEAM2, **place}}
    moving.put("a")
    assert words in moving(code=1)["errors"][0]
    assert moving.east.keys("lake") == ["team2/a"]


def test_two_names_never_become_one(moving: Moving) -> None:
    moving.profiles = {
        "minio": TEAM2,
        "third": {**TEAM2, "client": "minio", "source_key_pattern": "team3/*"},
    }
    moving.put("a")
    moving.east.put("lake", "team3/a", b"other")
    assert "would become one object" in moving(code=1)["errors"][0]
    assert moving.moved() == {}


def test_what_may_only_be_read_is_not_written(moving: Moving) -> None:
    moving.profiles = {"minio": {**TEAM2, "access": "read"}}
    moving.put("a")
    assert "access: read" in moving(code=1)["errors"][0]


def test_a_bucket_that_is_missing_is_named(moving: Moving) -> None:
    moving.profiles = {"minio": {**TEAM2, "mapped_bucket_name": "nowhere"}}
    moving.put("a")
    assert "bucket 'nowhere' is not there" in moving(code=1)["errors"][0]


def test_a_bucket_that_the_old_place_lacks_is_told_of(moving: Moving) -> None:
    """A new bucket may be at the new place alone; but a name may be wrong as well."""
    moving.put("a")
    wrong = {"source_bucket_pattern": "laek", "mapped_prefix": "b", "client": "minio"}
    moving.profiles = {"minio": TEAM2, "other": {**TEAM2, **wrong}}
    assert moving()["plan"]["missing"] == [
        "bucket 'laek' is not there for client 'default': nothing of s3a://laek/team2/* is moved"
    ]
    moving.profiles = {"minio": TEAM2}
    assert moving()["plan"]["missing"] == []


def test_buckets_that_cant_be_listed_are_not_passed_over(moving: Moving) -> None:
    """A store that is down would seem to have no bucket, and all to be moved."""
    glob = {"source_bucket_pattern": "la*", "client": "minio"}
    moving.profiles = {"minio": glob}
    moving.put("a")
    moving.west.make_bucket("lake")
    minio = moving.clients["minio"]
    down = {**minio, "endpoint_url": "http://127.0.0.1:1", "fail_fast": True}
    moving.clients["minio"] = down
    for back in (False, True):
        error = moving("--finish", back=back, code=1)["errors"][0]
        assert "client 'minio' can't list its own" in error
    moving.clients["minio"] = minio
    assert moving("--finish")["outcome"]["copied"] == 1
    assert moving.west.keys("lake") == ["team2/a"]


def test_one_store_under_two_names_is_refused(moving: Moving) -> None:
    """No address tells that they are one: the marker does."""
    with counted(moving.east) as elsewhere:
        moving.clients["minio"] = entry(elsewhere)
        for bucket, prefix in (("lake", "team2"), ("lake", "data")):
            place = {"mapped_bucket_name": bucket, "mapped_prefix": prefix}
            moving.profiles = {"minio": {**TEAM2, **place}}
            moving.put("a")
            assert "are one bucket" in moving(code=1)["errors"][0]
            assert contents(moving.east, "lake") == {"team2/a": b"a"}


def test_one_migration_at_a_time(moving: Moving) -> None:
    moving.put("a")
    with journal.Journal(moving.folder / "new.yaml.journal"):
        assert "is in use" in moving(code=1)["errors"][0]
    there = json.dumps({"id": "another", "host": "elsewhere", "pid": 7, "since": "today"})
    moving.west.put("minio-bucket", "data/_s3r-spark-migrate", there.encode())
    assert "another migration (of elsewhere" in moving(code=1)["errors"][0]
    assert sorted(moving.moved()) == ["_s3r-spark-migrate"]
    moving.west.empty_bucket("minio-bucket")
    moving()
    assert sorted(moving.moved()) == ["a"]


def test_a_file_that_is_no_journal_is_left_alone(moving: Moving) -> None:
    nowhere = str(moving.folder / "nowhere" / "journal")
    assert "is its folder there?" in moving("--journal", nowhere, code=1)["errors"][0]
    file = moving.folder / "notes.txt"
    file.write_text("my notes, of some length: " + "x" * 200, encoding="utf-8")
    assert "is no journal" in moving("--journal", str(file), code=1)["errors"][0]
    assert file.read_text(encoding="utf-8").startswith("my notes")


def test_more_objects_than_are_held_at_a_time(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_BATCH", 7)
    moving.put(*map(str, range(30)))
    assert moving()["summary"]["states"] == {"copied": 30}
    assert len(moving.moved()) == 30
    moving.east.empty_bucket("lake")
    assert moving("--delete-extra")["removed"] == 30


def test_a_storage_class_is_kept(moving: Moving) -> None:
    moving.east.client().put_object(
        Bucket="lake", Key="team2/a", Body=b"a", StorageClass="STANDARD_IA"
    )
    assert any("storage classes, of 1" in line for line in moving()["plan"]["lost"])
    head = moving.west.client().head_object(Bucket="minio-bucket", Key="data/a")
    assert head["StorageClass"] == "STANDARD_IA"
