"""Versions of one key come in their store's own order, and go on behind any of them."""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from boto.conftest import TEAM2, entry
from botocore.awsrequest import AWSResponse

from s3r_spark.boto import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.store import Store

Entry = tuple[str, str, str]  # key, version, what it is
NOW = "2026-01-01T00:00:00.000Z"


def made(keys: list[str], seed: int) -> list[Entry]:
    """Versions and delete markers, newest first, all of one second, as AWS gives it."""
    rng = random.Random(seed)
    return [
        (key, f"{key}-{number}", rng.choice(("Version", "DeleteMarker")))
        for key in sorted(keys)
        for number in range(rng.randint(1, 4))
    ]


def aws(entries: list[Entry]) -> Callable[..., AWSResponse]:
    """Answers ListObjectVersions as AWS does."""

    def answer(request: Any, **_: Any) -> AWSResponse:
        params = {k: v[0] for k, v in parse_qs(urlsplit(request.url).query).items()}
        marker, version = params.get("key-marker", ""), params.get("version-id-marker")
        below = [entry for entry in entries if entry[0].startswith(params.get("prefix", ""))]
        if version is None:
            left = [entry for entry in below if entry[0] > marker]
        else:
            at = next(n for n, entry in enumerate(below) if entry[:2] == (marker, version))
            left = below[at + 1 :]
        page = left[: int(params["max-keys"])]
        body = "".join(
            f"<{kind}><Key>{quote(key)}</Key><VersionId>{name}</VersionId>"
            f"<IsLatest>{str(name.endswith('-0')).lower()}</IsLatest>"
            f"<LastModified>{NOW}</LastModified></{kind}>"
            for key, name, kind in page
        )
        if len(page) < len(left):
            body += f"<NextKeyMarker>{quote(page[-1][0])}</NextKeyMarker>"
            body += f"<NextVersionIdMarker>{page[-1][1]}</NextVersionIdMarker>"
        truncated = str(len(page) < len(left)).lower()
        response = AWSResponse(request.url, 200, {}, None)
        response._content = (
            f"<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>{truncated}"
            f"</IsTruncated>{body}</ListVersionsResult>"
        ).encode()
        return response

    return answer


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pattern", ["team2/*", "*.bin"])
def test_pages_of_any_size_lose_and_repeat_no_version(
    routes: dict[str, Any], seed: int, pattern: str
) -> None:
    routes["profiles"]["minio"] = {**TEAM2, "source_key_pattern": pattern, "mapped_prefix": None}
    here = made(["a", "team1/x", "team3/ü", "z"], seed)
    there = made(["team2/a.bin", "team2/b.bin", "team2/ü.bin"], seed + 10)
    s3 = client(routes)
    for name, entries in (("default", here), ("minio", there)):
        events = s3._s3r_router.stores.plain(name).meta.events
        events.register("before-send.s3.ListObjectVersions", aws(entries))
    expected = sorted(here + there, key=lambda entry: entry[0])
    for size, more in product((1, 2, 3, 5, 1000), ({}, {"EncodingType": "url"})):
        pages = list(
            s3.get_paginator("list_object_versions").paginate(
                Bucket="example-bucket", PaginationConfig={"PageSize": size}, **more
            )
        )
        for kind, field in (("Version", "Versions"), ("DeleteMarker", "DeleteMarkers")):
            names = [one["VersionId"] for page in pages for one in page.get(field, ())]
            assert names == [name for _, name, entry_kind in expected if entry_kind == kind], size


def test_a_ready_clients_own_lists_are_as_ever(east: Store) -> None:
    east.make_bucket("example-bucket")
    rule = {"source_bucket_pattern": "example-bucket", "source_key_pattern": "t/*"}
    plain = east.client()
    s3 = client({"default": plain}, {"t": {**rule, "client": "default"}})
    s3.put_object(Bucket="example-bucket", Key="a")
    assert "_s3r_order" not in s3.list_object_versions(Bucket="example-bucket")
    assert "_s3r_order" not in plain.list_object_versions(Bucket="example-bucket")


def test_encoded_lists_go_on_by_what_they_gave(s3: Any) -> None:
    """Paginators hand a marker back as it came, and it's taken for what it says.

    (As for versions, above: moto loses one behind a marker that it doesn't have.)
    """
    keys = ["a", "team2/abc", "team2/é 1", "team2/é 2", "é1", "é2"]
    for key in keys:
        s3.put_object(Bucket="example-bucket", Key=key)
    for prefix, size in product(("", "team2/"), (1, 2)):
        pages = s3.get_paginator("list_objects").paginate(
            Bucket="example-bucket",
            Prefix=prefix,
            EncodingType="url",
            PaginationConfig={"PageSize": size, "MaxItems": 50},
        )
        names = [one["Key"] for page in pages for one in page.get("Contents", ())]
        assert names == [quote(key) for key in keys if key.startswith(prefix)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["minio", "ceph"])
def test_versions_of_real_servers_come_in_their_order(
    kind: str, request: pytest.FixtureRequest
) -> None:
    store: Store = request.getfixturevalue(f"{kind}_store")
    plain = store.client()
    for bucket in ("example-bucket", "minio-bucket"):
        store.make_bucket(bucket)
        plain.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3 = client(
        {"clients": {"default": entry(store), "minio": entry(store)}, "profiles": {"minio": TEAM2}}
    )
    for key in ("a", "team2/x", "team2/y", "z"):
        for _ in range(3):
            s3.put_object(Bucket="example-bucket", Key=key)
            s3.delete_object(Bucket="example-bucket", Key=key)
    expected: set[str] = set()
    for size in (1000, 1, 2, 5):
        pages = s3.get_paginator("list_object_versions").paginate(
            Bucket="example-bucket", PaginationConfig={"PageSize": size}
        )
        names = [
            one["VersionId"]
            for page in pages
            for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]
        expected = expected or set(names)
        assert len(names) == len(expected) == 24
        assert set(names) == expected
    store.clear()
