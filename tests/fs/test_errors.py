"""What the file system says where something is missing or can't be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from s3r_spark.errors import RoutesError, RoutesWarning
from s3r_spark.fs import S3RFileSystem

if TYPE_CHECKING:
    from servers.store import Store

BUCKET = "example-bucket"


def test_half_a_list_is_never_taken_for_a_whole_one(fs: Any, east: Store, west: Store) -> None:
    """As a missing file it would be passed over on the walk, and a delete would say it's done."""
    east.put(BUCKET, "a")
    west.client().delete_bucket(Bucket="minio-bucket")
    for call in (
        lambda: fs.ls(BUCKET),
        lambda: fs.find(BUCKET),
        lambda: fs.glob(f"{BUCKET}/*"),
        lambda: fs.du(BUCKET),
        lambda: list(fs.walk(BUCKET)),
        lambda: fs.rm(BUCKET, recursive=True),
        lambda: fs.rm(BUCKET, recursive=True, maxdepth=3),
        lambda: fs.copy(BUCKET, f"{BUCKET}/copy", recursive=True),
        lambda: fs.mv(BUCKET, f"{BUCKET}/moved", recursive=True),
    ):
        with pytest.raises(RoutesError, match=r"without this bucket \(routes: profile 'minio'\)"):
            call()
    assert east.keys(BUCKET) == ["a"]
    assert fs.exists(BUCKET)
    assert not fs.exists(f"{BUCKET}/team2/x")


def test_errors_name_the_real_place(fs: Any, routes: Any, west: Store) -> None:
    place = f"(s3://{BUCKET}/team2/x, really s3://minio-bucket/data/team2/x on {west.endpoint_url}"
    west.client().delete_bucket(Bucket="minio-bucket")
    with pytest.raises(FileNotFoundError) as missing:
        fs.pipe(f"{BUCKET}/team2/x", b"x")
    assert f"{place}, client 'minio', profile 'minio')" in str(missing.value)
    routes["clients"]["minio"].update(endpoint_url="http://127.0.0.1:1", fail_fast=True)
    down = S3RFileSystem(routes)
    for method, names in (("cp_file", (f"{BUCKET}/team2/x", f"{BUCKET}/x")), ("ls", (BUCKET,))):
        with pytest.raises(EndpointConnectionError, match=r"on http://127\.0\.0\.1:1, client"):
            getattr(down, method)(*names)
    with pytest.warns(RoutesWarning, match="buckets are left out: Could not connect"):
        assert down.ls("") == [BUCKET]


def test_a_store_that_refuses_is_no_empty_folder(fs: Any, routes: Any) -> None:
    """fsspec passes over what can't be listed, unless it is asked to raise."""
    for name in ("a/1", "a/b/2", "team2/x/3"):
        fs.pipe(f"{BUCKET}/{name}", b"x")
    shown = [BUCKET, f"{BUCKET}/a", f"{BUCKET}/a/b", f"{BUCKET}/team2", f"{BUCKET}/team2/x"]
    assert [path for path, _, _ in fs.walk(BUCKET)] == shown
    routes["clients"]["minio"]["credentials"] = {"access_key": "no", "secret_key": "no"}
    refused = S3RFileSystem(routes)
    for call in (
        lambda: list(refused.walk(BUCKET)),
        lambda: refused.find(BUCKET, maxdepth=3),
        lambda: refused.glob(f"{BUCKET}/*/*"),
        lambda: refused.rm(BUCKET, recursive=True, maxdepth=3),
        lambda: refused.exists(f"{BUCKET}/team2/x/3"),
        lambda: refused.isfile(f"{BUCKET}/team2/x/3"),
        lambda: "3" in refused.get_mapper(f"{BUCKET}/team2/x"),
    ):
        with pytest.raises(PermissionError, match="client 'minio'"):
            call()
    assert list(refused.walk(BUCKET, on_error="omit")) == [(BUCKET, [], [])]
    assert list(fs.walk(f"{BUCKET}/none")) == [(f"{BUCKET}/none", [], [])]
    assert fs.find(f"{BUCKET}/none", maxdepth=2) == []
    assert fs.exists(f"{BUCKET}/a/1")
    assert fs.isfile(f"{BUCKET}/team2/x/3")
    assert not fs.isfile(f"{BUCKET}/team2/x")
    assert not fs.isfile(f"{BUCKET}/team2/none")
