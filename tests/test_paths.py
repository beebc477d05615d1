"""Paths are read as Hadoop's own Path reads them."""

from __future__ import annotations

import random

import pytest
from jvm import hadoop

from s3r_spark.errors import RoutesError
from s3r_spark.paths import split_path, split_uri

PARTS = [
    "a", "b", "/", "/", "/", "//", ".", "..", "/../", "/./", "/..", "...", ":", "%20", "%2F", "?",
    "#", " ", "\\", "ä", "\n", "\u2028", "\U0001f600", "*", "[", "{", "a:b", "s3a://", "+", "&",
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "bucket", "key"),
    [
        ("s3a://b", "b", ""),
        ("s3a://b/", "b", ""),
        ("S3A://b//x/./y/../z/", "b", "x/z"),
        ("s3a://b/../x", "b", "../x"),
        ("s3a://b/x/../../..", "b", "../.."),
        ("s3a://b/a:b%20?#", "b", "a:b%20?#"),
        ("s3r://my_bucket/x", "my_bucket", "x"),
    ],
)
def test_paths(path: str, bucket: str, key: str) -> None:
    assert split_path(path) == (bucket, key)


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://b", "b", ""),
        ("s3a://b/x//y/../", "b", "x//y/../"),
        ("s3r-minio://b/?#[x", "b", "?#[x"),
        ("s3://[b/x", "[b", "x"),
    ],
)
def test_uris_are_left_as_they_are(uri: str, bucket: str, key: str) -> None:
    assert split_uri(uri) == (bucket, key)


@pytest.mark.parametrize("uri", ["", "b/x", "http://b/x", "s3:///x", "s3:b"])
def test_what_is_no_uri(uri: str) -> None:
    with pytest.raises(RoutesError, match="is no URI of a bucket"):
        split_uri(uri)


@pytest.mark.slow
def test_as_hadoop_s_path_reads_them() -> None:
    draw = random.Random(3)
    keys = ["".join(draw.choices(PARTS, k=draw.randint(0, 8))) for _ in range(1500)]
    with hadoop() as classes:
        for key in keys:
            path = f"s3a://bucket/{key}"
            uri = classes.fs.Path(path).toUri()
            assert split_path(path) == (uri.getAuthority(), uri.getPath().strip("/")), path
