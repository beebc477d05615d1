"""Hadoop paths and URIs of stores, as bucket and key."""

from __future__ import annotations

from s3r_spark.document import one_line
from s3r_spark.errors import RoutesError

SCHEMES = ("s3a", "s3r", "s3")
"""The spellings of one logical name: Hadoop's, that of pandas and fsspec too, and AWS's."""


def split_path(path: str) -> tuple[str, str]:
    """Bucket and key of a Hadoop path; the key has no `/` at either end.

    `%`, `?` and `#` are plain characters, `//` is `/`, and `.` and `..` are resolved, but for a
    `..` above the bucket, which stays: as org.apache.hadoop.fs.Path does it.

    Raises:
        RoutesError: it is no path of a bucket under s3a, s3 or s3r.
    """
    scheme, bucket, key = _split(path)
    if scheme.lower() not in SCHEMES or not bucket:
        raise RoutesError(f"{one_line(path)!r} is no path of a bucket: write s3a://bucket/key")
    parts: list[str] = []
    for part in key.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return bucket, "/".join(parts)


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of a URI as a store's own messages have it; the key stays as it is.

    Raises:
        RoutesError: it is no URI of a bucket.
    """
    scheme, bucket, key = _split(uri)
    if not scheme.lower().startswith("s3") or not bucket:
        raise RoutesError(f"{one_line(uri)!r} is no URI of a bucket: write s3a://bucket/key")
    return bucket, key


def _split(uri: str) -> tuple[str, str, str]:
    if not isinstance(uri, str):
        raise TypeError(f"a path must be text like s3a://bucket/key, not {type(uri).__name__}")
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if "@" in bucket:  # s3a://key:secret@bucket: not shown
        raise RoutesError("a path must not hold a user or password: put them into routes.yaml")
    return scheme, bucket, key
