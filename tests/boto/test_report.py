"""What each store has served: by boto3, and by fsspec, which is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from servers.process import free_ports
from spark.places import client

import s3r_spark
from s3r_spark.fs.filesystem import S3RFileSystem
from s3r_spark.usage import RoutesReport, Usage, summed

if TYPE_CHECKING:
    from servers.store import Store


@pytest.fixture
def routes(west: Store, east: Store) -> dict[str, Any]:
    west.make_bucket("lake")
    east.make_bucket("real")
    rule = {"client": "east", "source_bucket_pattern": "lake"}
    profiles = {
        "team2": {**rule, "source_key_pattern": "team2/*", "mapped_bucket_name": "real"},
        "team3": {**rule, "source_key_pattern": "team3/*", "mapped_bucket_name": "real"},
    }
    for store in (west, east):
        store.forget_requests()
    return {"clients": {"default": client(west), "east": client(east)}, "profiles": profiles}


def rows(report: RoutesReport) -> dict[tuple[str, str | None], Usage]:
    return {(row.client, row.profile): row for row in report.rows}


def test_calls_are_counted_by_client_and_profile(
    routes: dict[str, Any], west: Store, east: Store
) -> None:
    s3 = s3r_spark.client(routes)
    assert s3.routes_report().rows == ()
    s3.put_object(Bucket="lake", Key="team2/a", Body=b"12345")
    s3.put_object(Bucket="lake", Key="team3/a", Body=b"123")
    s3.put_object(Bucket="lake", Key="other", Body=b"1")
    s3.get_object(Bucket="lake", Key="team2/a")["Body"].read()
    s3.head_object(Bucket="lake", Key="team2/a")
    with pytest.raises(ClientError):
        s3.get_object(Bucket="lake", Key="team3/none")
    counts = rows(s3.routes_report())
    team2, team3, rest = counts["east", "team2"], counts["east", "team3"], counts["default", None]
    assert (team2.requests, team2.errors, team2.sent, team2.received) == (3, 0, 5, 5)
    assert (team3.requests, team3.errors, team3.sent) == (2, 1, 3)
    assert (rest.requests, rest.sent) == (1, 1)
    assert all(row.seconds > 0 for row in counts.values())
    assert sum(row.requests for row in counts.values()) == len([*west.requests(), *east.requests()])


def test_to_look_for_what_is_not_there_is_no_error(
    routes: dict[str, Any], west: Store, east: Store
) -> None:
    s3 = s3r_spark.client(routes)
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket="lake", Key="team2/none")
    fs = S3RFileSystem(routes, skip_instance_cache=True)
    for key in ("team2/a", "team2/b"):
        fs.pipe_file(f"lake/{key}", b"12345")
    fs.mv("lake/team2", "lake/moved", recursive=True)
    assert not fs.exists("lake/team2/a")
    answers = [answer["status"] for store in (west, east) for answer in store.requests()]
    assert answers.count(404) > 2
    for report in (s3.routes_report(), fs.routes_report()):
        assert [row.errors for row in report.rows] == [0] * len(report.rows)


def test_what_several_stores_answer_is_counted_at_each(
    routes: dict[str, Any], west: Store, east: Store
) -> None:
    s3 = s3r_spark.client(routes)
    for key in ("team2/a", "team3/a", "other"):
        s3.put_object(Bucket="lake", Key=key, Body=b"12345")
    before = rows(s3.routes_report())
    for store in (west, east):
        store.forget_requests()
    s3.list_objects_v2(Bucket="lake")
    s3.copy_object(Bucket="lake", Key="copy", CopySource="lake/team2/a")
    s3.copy({"Bucket": "lake", "Key": "other"}, "lake", "team3/copy")
    s3.head_bucket(Bucket="lake")
    objects = [{"Key": key} for key in ("team2/a", "team3/a", "other")]
    s3.delete_objects(Bucket="lake", Delete={"Objects": objects})
    after = rows(s3.routes_report())
    requests = {whose: of.requests - before[whose].requests for whose, of in after.items()}
    assert set(requests) == {("default", None), ("east", "team2"), ("east", "team3")}
    assert requests["default", None] == len(west.requests())
    assert requests["east", "team2"] + requests["east", "team3"] == len(east.requests())
    assert all(requests.values())


def test_requests_without_an_answer_are_errors(routes: dict[str, Any]) -> None:
    routes["clients"]["east"]["endpoint_url"] = f"http://127.0.0.1:{free_ports(1)[0]}"
    routes["clients"]["east"]["botocore"] = {"retries": {"total_max_attempts": 2}}
    s3 = s3r_spark.client(routes)
    with pytest.raises(Exception, match="Could not connect"):
        s3.head_object(Bucket="lake", Key="team2/a")
    team2 = rows(s3.routes_report())["east", "team2"]
    assert (team2.requests, team2.errors) == (2, 2)


def test_ready_clients_too(west: Store, east: Store) -> None:
    west.make_bucket("lake")
    east.make_bucket("lake")
    profiles = {"east": {"source_bucket_pattern": "lake", "source_key_pattern": "team2/*"}}
    s3 = s3r_spark.client({"default": west.client(), "east": east.client()}, profiles)
    s3.put_object(Bucket="lake", Key="team2/a", Body=b"1")
    s3.list_objects_v2(Bucket="lake")
    assert set(rows(s3.routes_report())) == {("default", None), ("east", "east")}


def test_a_file_system_counts_too(routes: dict[str, Any], west: Store, east: Store) -> None:
    fs = S3RFileSystem(routes, skip_instance_cache=True)
    fs.pipe_file("lake/team2/a", b"12345")
    assert fs.cat_file("lake/team2/a") == b"12345"
    fs.find("lake")
    counts = rows(fs.routes_report())
    team2 = counts["east", "team2"]
    assert (team2.sent, team2.errors) == (5, 0)
    assert team2.received >= 5
    requests = len([*west.requests(), *east.requests()])
    assert sum(row.requests for row in counts.values()) == requests


def test_it_is_a_table_for_people() -> None:
    used = [Usage("a", None, 1), Usage("east", "team2", 1200, 3, 5, 1_000_000, 0.5)]
    report = RoutesReport(summed([*used, Usage("a", None, 1, seconds=1.0)]))
    assert str(report).splitlines() == [
        "client  profile  requests  errors  sent   received  seconds",
        "east    team2       1,200       3     5  1,000,000     0.50",
        "a       -               2       0     0          0     1.00",
    ]
    assert repr(report) == str(report)
    table = report._repr_html_()
    assert table.count("<tr>") == 3
    assert "<td>team2</td><td>1,200</td><td>3</td>" in table
    assert report.as_dict()["rows"][1]["requests"] == 2
