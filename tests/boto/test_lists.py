"""Lists over several stores are one list, and a list of one store is that store's."""

from __future__ import annotations

import threading
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import TEAM2, asked, entry, forget
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, EndpointConnectionError

from s3r_spark.boto import client
from s3r_spark.boto.listing import merge, scan
from s3r_spark.boto.listing import pages as store_pages
from s3r_spark.errors import RoutesWarning

if TYPE_CHECKING:
    from servers.store import Store

KEYS = ["a", "team1/x", "team2/a/1", "team2/a/2", "team2/x", "team2/y y", "team3/é", "z"]


@pytest.fixture
def filled(s3: Any, east: Store, west: Store) -> Any:
    for key in KEYS:
        s3.put_object(Bucket="example-bucket", Key=key, Body=key.encode())
    for key in ("team2/shadow", "team2/x"):
        east.put("example-bucket", key, b"nobody sees this")
    west.put("minio-bucket", "elsewhere", b"no logical name")
    forget(east, west)
    return s3


SLOW = partial(pytest.param, marks=pytest.mark.slow)  # a request or two for each, a hundred times


def names(page: dict[str, Any]) -> list[str]:
    keys = [entry["Key"] for entry in page.get("Contents", ())]
    return sorted(keys + [entry["Prefix"] for entry in page.get("CommonPrefixes", ())])


def listed(s3: Any, operation: str = "list_objects_v2", **asked_with: Any) -> list[str]:
    size = asked_with.pop("size", 1000)
    pages = s3.get_paginator(operation).paginate(
        Bucket="example-bucket", PaginationConfig={"PageSize": size}, **asked_with
    )
    return [name for page in pages for name in names(page)]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_pages_of_any_size_make_the_same_list(filled: Any, operation: str, size: int) -> None:
    assert listed(filled, operation, size=size) == KEYS
    folders = ["a", "team1/", "team2/", "team3/", "z"]
    assert listed(filled, operation, size=size, Delimiter="/") == folders
    within = ["team2/a/", "team2/x", "team2/y y"]
    if operation == "list_objects":
        size = 1000  # moto repeats the common prefixes before a Marker
    assert listed(filled, operation, size=size, Prefix="team2/", Delimiter="/") == within
    assert listed(filled, operation, size=size, Prefix="team2/a", Delimiter="/") == within[:1]
    assert listed(filled, operation, size=size, Prefix="team", Delimiter="a") == [
        "team1/x",
        "team2/a",
        "team2/x",
        "team2/y y",
        "team3/é",
    ]


@pytest.mark.parametrize("service", ["minio", "seaweedfs"])
def test_a_delimiter_may_begin_in_a_routed_folders_name(
    routes: dict[str, Any], service: str
) -> None:
    for name in ("default", "minio"):
        routes["clients"][name]["service"] = service
    s3 = client(routes)
    keys = ["a2/ab", "b", "team2/2/a", "team2/aa", "team2/ab", "team2/b", "team2/c2/a/x"]
    for key in keys:
        s3.put_object(Bucket="example-bucket", Key=key)
    for size in (1, 2, 1000):
        folders = ["a2/a", "b", "team2/2/a", "team2/a", "team2/b", "team2/c2/a"]
        assert listed(s3, Delimiter="2/a", size=size) == folders
        inside = ["team2/2/a", "team2/aa", "team2/ab", "team2/b", "team2/c2/a"]
        assert listed(s3, Delimiter="2/a", Prefix="team2", size=size) == inside
        behind = listed(s3, Delimiter="2/a", StartAfter="team2/aa", size=size)
        assert behind == ["team2/b", "team2/c2/a"]


def test_an_answer_has_all_that_s3_says(filled: Any) -> None:
    page = filled.list_objects_v2(Bucket="example-bucket", MaxKeys=3, StartAfter="a", Delimiter="/")
    del page["ResponseMetadata"]
    assert names(page) == ["team1/", "team2/", "team3/"]
    del page["CommonPrefixes"]
    token = page.pop("NextContinuationToken")
    assert page == {
        "Name": "example-bucket",
        "Prefix": "",
        "Delimiter": "/",
        "StartAfter": "a",
        "MaxKeys": 3,
        "KeyCount": 3,
        "IsTruncated": True,
        "EncodingType": "url",
    }
    rest = filled.list_objects_v2(Bucket="example-bucket", ContinuationToken=token, Delimiter="/")
    assert (names(rest), rest["IsTruncated"]) == (["z"], False)
    first = filled.list_objects(Bucket="example-bucket", MaxKeys=1)
    assert (first["NextMarker"], first["Marker"]) == ("a", "")
    one = filled.list_objects_v2(Bucket="example-bucket")["Contents"][4]
    assert (one["Key"], one["Size"]) == ("team2/x", len("team2/x"))
    assert {"ETag", "LastModified", "StorageClass"} < set(one)
    empty = filled.list_objects_v2(Bucket="example-bucket", MaxKeys=0)
    assert (names(empty), empty["IsTruncated"]) == ([], False)
    with pytest.raises(ClientError, match="InvalidArgument"):
        filled.list_objects_v2(Bucket="example-bucket", MaxKeys=-1)
    with pytest.raises(ClientError, match="InvalidArgument"):
        filled.list_objects_v2(Bucket="example-bucket", ContinuationToken="x")


def test_encoded_keys_come_encoded_to_who_asks(filled: Any) -> None:
    plain = filled.list_objects_v2(Bucket="example-bucket", Prefix="team")
    coded = filled.list_objects_v2(Bucket="example-bucket", Prefix="team", EncodingType="url")
    assert "team3/é" in names(plain)
    assert "team3/%C3%A9" in names(coded)
    alone = filled.list_objects_v2(
        Bucket="example-bucket", Prefix="team2/", EncodingType="url", StartAfter="team2/y"
    )
    assert names(alone) == ["team2/y%20y"]
    assert alone["StartAfter"] == "team2/y"


@pytest.mark.parametrize(
    "prefixes", [["", "team2/"], SLOW(["team", "team2/a"])], ids=["few", "more"]
)
def test_lists_begin_behind_any_marker(filled: Any, prefixes: list[str]) -> None:
    markers = ["", "a", "b", "team1/x", "team2", "team2/", "team2/a/1", "zz"]
    for marker, prefix in product(markers, prefixes):
        expected = [key for key in KEYS if key > marker and key.startswith(prefix)]
        place = {"Prefix": prefix, "size": 3}
        assert listed(filled, "list_objects_v2", StartAfter=marker, **place) == expected
        assert listed(filled, "list_objects", Marker=marker, **place) == expected


def test_another_client_can_go_on(filled: Any, routes: dict[str, Any]) -> None:
    page = filled.list_objects_v2(Bucket="example-bucket", MaxKeys=3)
    rest = client(routes).list_objects_v2(
        Bucket="example-bucket", ContinuationToken=page["NextContinuationToken"]
    )
    assert names(page) + names(rest) == KEYS


def test_a_prefix_that_one_profile_owns_asks_its_store_alone(
    filled: Any, east: Store, west: Store
) -> None:
    filled.list_objects_v2(Bucket="example-bucket", Prefix="team2/a")
    assert (len(asked(west)), len(asked(east))) == (1, 0)
    filled.list_objects_v2(Bucket="example-bucket", Prefix="team1/")
    assert (len(asked(west)), len(asked(east))) == (1, 1)
    filled.list_object_versions(Bucket="example-bucket", Prefix="team2/")
    filled.list_multipart_uploads(Bucket="example-bucket", Prefix="team2/")
    assert (len(asked(west)), len(asked(east))) == (3, 1)


def test_a_list_of_several_stores_asks_each_once(filled: Any, east: Store, west: Store) -> None:
    filled.list_objects_v2(Bucket="example-bucket")
    assert (len(asked(west)), len(asked(east))) == (1, 1)
    forget(east, west)
    filled.list_objects_v2(Bucket="example-bucket", Delimiter="/")
    assert (len(asked(west)), len(asked(east))) == (1, 1)
    forget(east, west)
    filled.list_objects_v2(Bucket="example-bucket", StartAfter="team3")
    assert (len(asked(west)), len(asked(east))) == (0, 1)


def test_what_a_folder_shadows_is_skipped_and_not_read(s3: Any, east: Store, west: Store) -> None:
    for number in range(30):
        east.put("example-bucket", f"team2/{number:02}")
    s3.put_object(Bucket="example-bucket", Key="z")
    s3.put_object(Bucket="example-bucket", Key="a")
    forget(east, west)
    assert names(s3.list_objects_v2(Bucket="example-bucket", MaxKeys=4)) == ["a", "z"]
    assert len(asked(east)) == 2


def test_versions_of_all_stores(s3: Any, east: Store, west: Store) -> None:
    for store, bucket in ((east, "example-bucket"), (west, "minio-bucket")):
        store.client().put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
        )
    for key in ("a", "team2/x", "z"):
        for body in (b"1", b"2"):
            s3.put_object(Bucket="example-bucket", Key=key, Body=body)
    s3.delete_object(Bucket="example-bucket", Key="team2/x")
    east.put("example-bucket", "team2/x")
    page = s3.list_object_versions(Bucket="example-bucket")
    assert [entry["Key"] for entry in page["Versions"]] == [
        "a",
        "a",
        "team2/x",
        "team2/x",
        "z",
        "z",
    ]
    assert [entry["IsLatest"] for entry in page["Versions"]] == [
        True,
        False,
        False,
        False,
        True,
        False,
    ]
    assert [entry["Key"] for entry in page["DeleteMarkers"]] == ["team2/x"]
    old = page["Versions"][3]
    place = {"Bucket": "example-bucket", "Key": "team2/x", "VersionId": old["VersionId"]}
    assert s3.get_object(**place)["Body"].read() == b"1"


def test_all_versions_come_from_stores_that_promise_no_order(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    """moto begins a list at a KeyMarker, not behind it; S3 behind it."""
    for name, store, bucket in (("default", east, "example-bucket"), ("minio", west, "data")):
        routes["clients"][name] = entry(store, service="seaweedfs")
        if bucket == "data":
            store.make_bucket(bucket)
        store.client().put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
        )
    routes["profiles"]["minio"] = {
        "source_bucket_pattern": "example-bucket",
        "source_key_pattern": "*.bin",
        "mapped_bucket_name": "data",
    }
    for _ in range(20):
        east.put("example-bucket", "a")
    east.put("example-bucket", "z")
    s3, versions = client(routes), []
    marker: dict[str, str] = {}
    for _ in range(4):
        page = s3.list_object_versions(Bucket="example-bucket", MaxKeys=8, **marker)
        versions += [(version["Key"], version["VersionId"]) for version in page["Versions"]]
        if not page["IsTruncated"]:
            break
        marker = {
            "KeyMarker": page["NextKeyMarker"],
            "VersionIdMarker": page["NextVersionIdMarker"],
        }
    assert len(versions) == len(set(versions)) == 21


def test_a_full_page_costs_no_request_for_what_follows(
    s3: Any, east: Store, west: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (merge, scan, store_pages):
        monkeypatch.setattr(module, "PAGE", 5)
    keys = [f"a/{number:02}" for number in range(12)]
    for key in keys:
        s3.put_object(Bucket="example-bucket", Key=key)
    forget(east, west)
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="example-bucket"))
    assert [name for page in pages for name in names(page)] == keys
    assert len(asked(east)) == len(pages) == 3
    assert len(asked(west)) == 1


@pytest.mark.parametrize("delimiter", ["", "/"])
def test_many_parts_are_asked_at_once_and_none_in_vain(
    routes: dict[str, Any], east: Store, west: Store, delimiter: str
) -> None:
    """As many more as have come to their end; so a short page costs few requests."""
    keys = [f"team{number:02}/x" for number in range(20)]
    routes["profiles"] = {
        key[:6]: {**TEAM2, "source_key_pattern": f"{key[:6]}/*", "mapped_prefix": f"data/{key[:6]}"}
        for key in keys
    }
    s3, waiting, met = client(routes), [0], threading.Event()
    for key in keys:
        s3.put_object(Bucket="example-bucket", Key=key)

    def meet(**_: Any) -> None:
        waiting[0] += 1
        if waiting[0] > 1:
            met.set()
        met.wait(5)
        waiting[0] -= 1

    forget(east, west)
    s3._s3r_router.stores.plain("minio").meta.events.register("before-send.s3", meet)
    shown = [key[:7] if delimiter else key for key in keys]
    assert listed(s3, Delimiter=delimiter) == shown
    assert met.is_set()
    assert (len(asked(west)), len(asked(east))) == (len(keys), 1)
    forget(west)
    assert names(s3.list_objects_v2(Bucket="example-bucket", MaxKeys=3)) == keys[:3]
    assert len(asked(west)) <= 7


def test_what_was_asked_too_early_fails_in_its_turn_alone(routes: dict[str, Any]) -> None:
    rules = {name: {**TEAM2, "source_key_pattern": f"{name}/*"} for name in "abcd"}
    for name, rule in rules.items():
        rule["mapped_prefix"] = name
    rules["d"]["mapped_bucket_name"] = "missing"
    routes["profiles"] = rules
    s3 = client(routes)
    for name in "abc":
        s3.put_object(Bucket="example-bucket", Key=f"{name}/x")
    s3.put_object(Bucket="example-bucket", Key="c/y")
    page = s3.list_objects_v2(Bucket="example-bucket", MaxKeys=3)
    assert names(page) == ["a/x", "b/x", "c/x"]
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_objects_v2(Bucket="example-bucket", ContinuationToken=page["NextContinuationToken"])


def test_stores_that_share_a_page_are_asked_for_a_share_each(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    routes["profiles"]["minio"] = {**TEAM2, "source_key_pattern": "*.bin"}
    s3 = client(routes)
    s3.list_objects_v2(Bucket="example-bucket")
    for store in (east, west):
        assert "max-keys=551" in store.requests()[-1]["query"]


def test_a_bucket_that_is_nowhere_is_missing_whatever_the_number(s3: Any, east: Store) -> None:
    east.clear()
    assert s3.list_objects_v2(Bucket="example-bucket", MaxKeys=0)["KeyCount"] == 0
    s3._s3r_router.stores.plain("minio").delete_bucket(Bucket="minio-bucket")
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_objects_v2(Bucket="example-bucket", MaxKeys=0)


def test_uploads_of_all_stores(s3: Any, east: Store) -> None:
    keys = ["a", "team2/d/x", "team2/x", "team2/x", "z"]
    for key in reversed(keys):
        s3.create_multipart_upload(Bucket="example-bucket", Key=key)
    east.client().create_multipart_upload(Bucket="example-bucket", Key="team2/shadow")
    for size in (1, 2, 1000):
        pages = s3.get_paginator("list_multipart_uploads").paginate(
            Bucket="example-bucket", PaginationConfig={"PageSize": size}
        )
        upload_keys = [upload["Key"] for page in pages for upload in page.get("Uploads", ())]
        assert upload_keys == keys
    page = s3.list_multipart_uploads(Bucket="example-bucket", Delimiter="/")
    assert [upload_keys["Prefix"] for upload_keys in page["CommonPrefixes"]] == ["team2/"]
    assert [upload_keys["Key"] for upload_keys in page["Uploads"]] == ["a", "z"]


def test_buckets_are_those_that_have_a_logical_name(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    for bucket in ("logs-1", "logs-2", "hidden"):
        east.make_bucket(bucket)
    for bucket in ("west-1", "west-2", "sandbox"):
        west.make_bucket(bucket)
    routes["profiles"] |= {
        "logs": {"client": "minio", "source_bucket_pattern": "logs-*"},
        "west": {
            "client": "minio",
            "source_bucket_pattern": "w*",
            "mapped_bucket_name": "{bucket}",
        },
        "box": {
            "client": "minio",
            "source_bucket_pattern": "box-*",
            "mapped_bucket_name": "sandbox",
            "mapped_prefix": "{bucket}",
            "buckets": ["box-a", "box-b"],
        },
        "gone": {"client": "minio", "source_bucket_pattern": "gone"},
    }
    s3 = client(routes)
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert names == ["box-a", "box-b", "example-bucket", "hidden", "west-1", "west-2"]
    page = s3.list_buckets(MaxBuckets=2, Prefix="b")
    assert [bucket["Name"] for bucket in page["Buckets"]] == ["box-a", "box-b"]
    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 4})
    assert [bucket["Name"] for page in pages for bucket in page["Buckets"]] == names
    assert "Owner" in page


@pytest.mark.parametrize("ill", ["keys", "down"])
def test_a_store_that_cant_be_asked_for_its_buckets_is_named(
    routes: dict[str, Any], west: Store, ill: str
) -> None:
    """Wrong keys are answered with 403 for any name, there or not."""
    routes["profiles"]["whole"] = {"client": "minio", "source_bucket_pattern": "minio-bucket"}
    keys = {"access_key": "no", "secret_key": "no"}
    routes["clients"]["minio"] = entry(west, fail_fast=True)
    if ill == "keys":
        routes["clients"]["minio"]["credentials"] = keys
    else:
        routes["clients"]["minio"]["endpoint_url"] = "http://127.0.0.1:1"
    with pytest.warns(RoutesWarning, match=r"buckets are left out: .*client 'minio'"):
        answer = client(routes).list_buckets()
    assert [bucket["Name"] for bucket in answer["Buckets"]] == ["example-bucket"]
    (missing,) = answer["ResponseMetadata"]["Route"]["missing"]
    assert missing["client"] == "minio"
    assert ("InvalidAccessKeyId" if ill == "keys" else "Could not connect") in missing["error"]
    routes["clients"]["default"] = routes["clients"]["minio"]
    with pytest.raises(ClientError if ill == "keys" else EndpointConnectionError):
        client(routes).list_buckets()


def test_a_store_that_lets_nobody_list_is_asked_for_the_names_that_are_known(
    routes: dict[str, Any], east: Store
) -> None:
    for bucket in ("mine", "theirs"):
        east.make_bucket(bucket)
    rule = {"client": "minio", "source_bucket_pattern": "lake-*"}
    named = {**rule, "buckets": ["lake-1", "lake-2", "lake-3"]}
    routes["profiles"] = {"named": named}
    s3 = client(routes)
    statuses = {"lake-1": 403, "lake-2": 404, "lake-3": 200, "other": 404}

    def server(request: Any, **_: Any) -> AWSResponse:
        name = request.url.rpartition("/")[2]
        status = statuses.get(name, statuses["other"]) if name else 403
        answer = AWSResponse(request.url, status, {}, None)
        answer._content = b"" if name else b"<Error><Code>AccessDenied</Code></Error>"
        return answer

    s3._s3r_router.stores.plain("minio").meta.events.register("before-send.s3", server)
    answer = s3.list_buckets(Prefix="lake-")
    assert [entry["Name"] for entry in answer["Buckets"]] == ["lake-1", "lake-3"]
    assert "missing" not in answer["ResponseMetadata"]["Route"]
    routes["profiles"]["open"] = {**rule, "source_bucket_pattern": "sea-*"}
    s3 = client(routes)
    s3._s3r_router.stores.plain("minio").meta.events.register("before-send.s3", server)
    with pytest.warns(RoutesWarning, match="buckets are left out: AccessDenied"):
        s3.list_buckets()
    routes["profiles"] = {"named": named}
    statuses["other"] = 403  # so answers a store whose keys are wrong, and which calls that so
    s3 = client(routes)
    s3._s3r_router.stores.plain("minio").meta.events.register("before-send.s3", server)
    with pytest.warns(RoutesWarning, match="buckets are left out: AccessDenied"):
        answer = s3.list_buckets(Prefix="lake-")
    assert [entry["Name"] for entry in answer["Buckets"]] == ["lake-3"]


def test_patterns_that_own_no_whole_folder(east: Store, west: Store) -> None:
    for bucket in ("lake", "parquet"):
        east.make_bucket(bucket)
        west.make_bucket(bucket)
    rules = {
        "special": {**TEAM2, "source_bucket_pattern": "lake", "source_key_pattern": "t/s/*"},
        "parquet": {
            "client": "minio",
            "source_bucket_pattern": "lake",
            "source_key_pattern": "*.parquet",
            "mapped_bucket_name": "parquet",
            "mapped_prefix": "pq",
        },
    }
    rules["special"]["mapped_bucket_name"] = "lake"
    s3 = client({"clients": {"default": entry(east), "minio": entry(west)}, "profiles": rules})
    keys = [
        "a.csv",
        "a.parquet",
        "t/1.parquet",
        "t/a",
        "t/s/1.parquet",
        "t/s/x",
        "t/z",
        "u.parquet",
    ]
    for key in keys:
        s3.put_object(Bucket="lake", Key=key)
    for size in (1, 2, 1000):
        for prefix in ("", "t/", "t/s/", "a"):
            pages = s3.get_paginator("list_objects_v2").paginate(
                Bucket="lake", Prefix=prefix, PaginationConfig={"PageSize": size}
            )
            listed = [name for page in pages for name in names(page)]
            assert listed == [key for key in keys if key.startswith(prefix)]
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket="lake", Delimiter="/", PaginationConfig={"PageSize": size}
        )
        listed = [name for page in pages for name in names(page)]
        assert listed == ["a.csv", "a.parquet", "t/", "u.parquet"]


@pytest.mark.parametrize(
    "prefixes", [["", "a/"], SLOW(["a", "a-", "a/a", "t"])], ids=["few", "more"]
)
def test_stores_that_promise_no_order_are_listed_folder_by_folder(
    routes: dict[str, Any], east: Store, west: Store, prefixes: list[str]
) -> None:
    """Markers fall between a folder and the names that come before it in byte order only."""
    for name, store in (("default", east), ("minio", west)):
        routes["clients"][name] = entry(store, service="seaweedfs")
    s3 = client(routes)
    keys = sorted(
        ["a b/f", "a-b/x/f", "a-b/f", "a.f", "a/a-b/f", "a/a/f", "ab", "team2/x-y", "team2/x/f"]
    )
    for key in keys:
        s3.put_object(Bucket="example-bucket", Key=key)
    markers = ["", *keys, "a", "a-", "a-b/x", "a/", "a/a", "team2/x", "team2/x-z"]
    for marker, prefix in product(markers, prefixes):
        expected = [key for key in keys if key > marker and key.startswith(prefix)]
        assert listed(s3, StartAfter=marker, Prefix=prefix, size=4) == expected
    assert listed(s3, Delimiter="/", size=2) == ["a b/", "a-b/", "a.f", "a/", "ab", "team2/"]
    assert listed(s3, Delimiter="b", size=2) == [
        "a b",
        "a-b",
        "a.f",
        "a/a-b",
        "a/a/f",
        "ab",
        "team2/x-y",
        "team2/x/f",
    ]
