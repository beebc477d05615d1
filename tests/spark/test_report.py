"""Which store served what: counted in the JVM, and noted in the stores' access logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from spark.places import PLACES, buckets, client, profiles
from spark.sessions import builder, own_jvm

import s3r_spark
from s3r_spark.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store
    from spark.places import Place

pytestmark = pytest.mark.slow
NAMES = {"same-bucket": "team2", "pattern": "raw", "scheme-s3r": "renamed", "default": None}


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A session whose routes are of engine s3a, which counts nothing, at first."""
    with own_jvm():
        yield s3r_spark.configure(
            builder(),
            {"clients": {"default": {"endpoint_url": "http://127.0.0.1:1"}}},
            engine="router",
            reach=False,
        ).getOrCreate()


def of(request: dict[str, Any]) -> tuple[str | None, str | None]:
    """Client and profile that a request's Referer names."""
    params = parse_qs(urlsplit(request["referer"]).query)
    return params.get("client", [None])[0], params.get("profile", [None])[0]


def is_audited(request: dict[str, Any]) -> bool:
    """Whether S3A itself sends it; what the analytics stream reads of objects has no Referer."""
    return request["method"] != "GET" or "list-type" in request["query"]


def test_jobs_are_counted_and_noted(spark: Any, west: Store, east: Store) -> None:
    for store in (west, east):
        for bucket in buckets("router"):
            store.make_bucket(bucket)
    data = {"clients": {"default": client(west), "east": client(east)}}
    s3r_spark.apply(spark, data | {"profiles": profiles("router")}, engine="router")
    for store in (west, east):
        store.forget_requests()
    places: dict[str, Place] = dict(PLACES["router"])
    for place in places.values():
        spark.range(100, numPartitions=2).write.parquet(f"{place.path}/t")
        assert spark.read.parquet(f"{place.path}/t").count() == 100
    report = s3r_spark.report(spark)
    rows = {(row.client, row.profile): row for row in report.rows}
    above = rows.pop(("east", None))  # the folders above the places, where S3A looks for files
    assert set(rows) == {
        ("default" if NAMES[name] is None else "east", NAMES[name]) for name in places
    }
    sent = {store.name: store.requests() for store in (west, east)}
    assert rows["default", None].requests == len(sent["west"])
    of_east = [above, *(row for row in rows.values() if row.client == "east")]
    assert sum(row.requests for row in of_east) == len(sent["east"])
    for row in rows.values():
        assert row.sent > 1000
        assert row.received > 1000
        assert row.seconds > 0
        assert row.errors == 0  # though S3A looks for much that isn't there yet
    assert [*report.nodes] == [node for node in report.nodes if node.startswith("driver on ")]
    assert "default  -" in str(report)
    assert {of(request)[0] for request in sent["west"] if is_audited(request)} == {"default"}
    assert {of(request)[0] for request in sent["east"] if is_audited(request)} == {"east"}
    writes = [r for r in sent["east"] if r["method"] == "PUT"]
    assert writes
    for request in writes:
        place = next(
            p for p in places.values() if request["path"].startswith(f"/{p.bucket}/{p.prefix}/")
        )
        name = next(NAMES[name] for name, of_name in places.items() if of_name is place)
        assert of(request) == ("east", name)


def test_what_counts_nothing_says_so(spark: Any) -> None:
    with pytest.raises(TypeError, match="report takes a SparkSession, not int"):
        s3r_spark.report(1)
    session = spark.newSession()
    session.conf.set("fs.s3a.impl", "org.apache.hadoop.fs.s3a.S3AFileSystem")
    with pytest.raises(SessionError, match=r"only engine router counts.*logging\.level=warn"):
        s3r_spark.report(session)
