"""Names that change place between two routes files."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3r_spark import Routes, UnmatchedError, globs
from s3r_spark.changes import Location, changes

CLIENTS: dict[str, Any] = {
    "default": {"service": "aws", "region": "us-east-1"},
    "minio": {"service": "minio", "endpoint_url": "http://minio:9000"},
    "garage": {"service": "garage", "endpoint_url": "http://garage:3900"},
}
TEAM2 = {
    "client": "minio",
    "source_bucket_pattern": "lake",
    "source_key_pattern": "team2/*",
    "mapped_bucket_name": "mb",
    "mapped_prefix": "data/t2",
}

pytestmark = pytest.mark.filterwarnings("ignore::s3r_spark.RoutesWarning")


def routes(*profiles: dict[str, Any], clients: dict[str, Any] | None = None, **top: Any) -> Routes:
    named = {f"p{number}": profile for number, profile in enumerate(profiles)}
    return Routes.load({"clients": CLIENTS | (clients or {}), "profiles": named, **top})


def shown(old: Routes, new: Routes) -> list[tuple[str, str, str]]:
    def place(location: Location | None) -> str:
        return f"{location.client} {location.uri}" if location else "refused"

    return [(row.names, place(row.before), place(row.after)) for row in changes(old, new)]


def test_a_folder_that_gets_a_store() -> None:
    (row,) = changes(routes(), routes(TEAM2))
    assert row.names == "s3a://lake/team2/*"
    assert row.example == ("lake", "team2/x")
    assert row.before == Location(None, "default", None, "lake", "team2/*")
    assert row.after == Location("p0", "minio", "http://minio:9000", "mb", "data/t2/*", "team2/*")


OTHER = TEAM2 | {"client": "other"}
SUB = TEAM2 | {"source_key_pattern": "team2/sub/*", "mapped_prefix": "data/t2/sub"}


@pytest.mark.parametrize(
    ("profiles", "clients"),
    [
        ([TEAM2], {}),
        ([OTHER], {"other": CLIENTS["minio"]}),
        ([OTHER], {"other": {"endpoint_url": "http://MinIO:9000/"}}),
        ([SUB, TEAM2], {}),
        ([TEAM2 | {"mapped_prefix": "data/t2/"}], {}),
    ],
    ids=["the same", "another name", "another spelling", "a part of it by itself", "a slash"],
)
def test_what_is_written_otherwise_and_means_the_same_is_no_change(
    profiles: list[dict[str, Any]], clients: dict[str, Any]
) -> None:
    assert shown(routes(TEAM2), routes(*profiles, clients=clients)) == []


def test_a_part_of_a_folder() -> None:
    inner = TEAM2 | {"client": "garage", "source_key_pattern": "team2/new/*"}
    assert shown(routes(TEAM2), routes(inner, TEAM2)) == [
        ("s3a://lake/team2/new/*", "minio s3://mb/data/t2/new/*", "garage s3://mb/data/t2/*")
    ]


def test_a_client_that_moves() -> None:
    new = routes(TEAM2, clients={"minio": CLIENTS["garage"]})
    (row,) = changes(routes(TEAM2), new)
    assert (row.before and row.before.uri) == (row.after and row.after.uri)
    assert row.after
    assert row.after.endpoint_url == "http://garage:3900"


def test_a_region_of_aws_is_no_other_place() -> None:
    west = routes(clients={"default": {"service": "aws", "region": "us-west-1"}})
    assert shown(routes(), west) == []
    china = routes(clients={"default": {"service": "aws", "region": "cn-north-1"}})
    assert [names for names, *_ in shown(routes(), china)] == ["s3a://*/*"]


def test_buckets_by_globs() -> None:
    old = routes({"client": "minio", "source_bucket_pattern": "logs-*"})
    new = routes(
        {"client": "garage", "source_bucket_pattern": "logs-west-*"},
        {"client": "minio", "source_bucket_pattern": "logs-*"},
    )
    (row,) = changes(old, new)
    assert row.names == "s3a://logs-west-*/*"
    assert row.example[0].startswith("logs-west-")


def test_names_that_are_refused_from_now_on() -> None:
    assert shown(routes(TEAM2), routes(TEAM2, unmatched="refuse")) == [
        ("s3a://lake/*", "default s3://lake/*", "refused"),
        ("s3a://*/*", "default s3://{bucket}/*", "refused"),
    ]


PATTERNS = st.sampled_from(["*", "a/*", "a/b/*", "*/b/*", "a?/*", "[ab]/*", "ab/*", "a/b"])
PROFILES = st.lists(
    st.fixed_dictionaries(
        {
            "client": st.sampled_from(sorted(CLIENTS)),
            "source_bucket_pattern": st.sampled_from(["lake", "l*", "*e", "other"]),
            "source_key_pattern": PATTERNS,
        },
        optional={
            "mapped_bucket_name": st.sampled_from(["lake", "mb", "{bucket}"]),
            "mapped_prefix": st.sampled_from(["", "a", "a/b", "{bucket}"]),
        },
    ),
    max_size=3,
)
KEYS = [f"{a}/{b}" for a in ("a", "b", "ab", "c") for b in ("x", "b", "b/x")]


def where(loaded: Routes, bucket: str, key: str) -> tuple[object, ...] | None:
    try:
        target = loaded.resolve(bucket, key)
    except UnmatchedError:
        return None
    return loaded.clients[target.client].endpoint_url, target.bucket, target.key


@settings(max_examples=100, deadline=None)
@given(PROFILES, PROFILES, st.booleans())
def test_exactly_the_names_of_the_rows_change_place(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    refuse: bool,
) -> None:
    try:
        old, new = routes(*before), routes(*after, unmatched="refuse" if refuse else "default")
    except ValueError:
        return  # a profile that can never match is refused
    rows = changes(old, new)
    for row in rows:
        assert where(old, *row.example) != where(new, *row.example), row
    for bucket in ("lake", "lane", "e", "other", "else"):
        for key in KEYS:
            moved = where(old, bucket, key) != where(new, bucket, key)
            is_told = any(
                all(globs.compiled(part)(bucket) for part in row.bucket.split(" & "))
                and globs.compiled(row.keys)(key)
                for row in rows
            )
            assert is_told or not moved, (bucket, key)
