"""Buckets that a session has in use, and what becomes of them where their place is to change.

org.apache.hadoop.fs.FileSystem keeps a file system by its scheme, bucket and user, whatever its
settings. So a bucket that S3A has opened stays where it was, also once a session has been told
otherwise: a job would be committed at the old place and have its files at the new one.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from s3r_spark.endpoints import service_at
from s3r_spark.errors import SessionError
from s3r_spark.paths import SCHEMES
from s3r_spark.spark import gateway

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["OpenBucket", "close", "open_buckets"]

_SCHEMES = tuple(f"{scheme}://" for scheme in SCHEMES)
_TABLE = "fs.viewfs.mounttable"
_VIEWFS = "ViewFileSystemOverloadScheme"
_AWS = "s3.amazonaws.com"
# What says whose keys S3A comes with, the first that is there.
_WHO = ("access.key", "assumed.role.arn", "auth.profile.name", "aws.credentials.provider")
_ROUNDS = 10


class OpenBucket(NamedTuple):
    """A bucket that the driver has in use.

    Attributes:
        name: its scheme and name, as `s3a://lake`.
        file_system: what Hadoop keeps for it.
    """

    name: str
    file_system: Any

    def moves(self, conf: Any) -> bool:
        """Tell whether a configuration would have it, or a folder of it, elsewhere."""
        scheme, _, bucket = self.name.partition("://")
        old = _places(self.file_system.getConf(), bucket, self.file_system.getClass().getName())
        return old != _places(conf, bucket, conf.get(f"fs.{scheme}.impl") or "")

    def differs(self, conf: Any, names: Iterable[str]) -> list[str]:
        """The options of S3A that a configuration has otherwise.

        Args:
            conf: the configuration.
            names: what could differ, by Hadoop's names.
        """
        bucket, old = self.name.partition("://")[2], self.file_system.getConf()
        options = {
            name.removeprefix(f"fs.s3a.bucket.{bucket}.").removeprefix("fs.s3a.")
            for name in names
            if name.startswith("fs.s3a.") and name not in {"fs.s3a.impl", "fs.s3a.committer.name"}
        }
        return sorted(
            option
            for option in options
            if not option.startswith("bucket.")
            and _option(old, bucket, option) != _option(conf, bucket, option)
        )


def open_buckets(java: Any) -> list[OpenBucket]:
    """The buckets that have a file system open on the driver.

    What executors have open the driver has had open too, since it plans what they read and write.
    """
    cache = _field(java, "org.apache.hadoop.fs.FileSystem", "CACHE", None)
    known = _field(java, "org.apache.hadoop.fs.FileSystem$Cache", "map", cache)
    buckets = []
    for entry in known.entrySet().toArray():
        name = entry.getKey().toString().rpartition("@")[2]
        if name.startswith(_SCHEMES):
            buckets.append(OpenBucket(name, entry.getValue()))
    return sorted(buckets, key=lambda bucket: bucket.name)


def close(spark: Any, buckets: Iterable[OpenBucket]) -> None:
    """Close buckets on the driver, and all file systems of executors, by a small job.

    Raises:
        SessionError: an executor could not be reached.
    """
    for bucket in buckets:
        bucket.file_system.close()
    context = gateway.context_of(spark).sc()
    if context.isLocal():
        return
    first = _tasks(spark)
    for _ in range(_ROUNDS):
        # Tasks that take a moment each, so that they spread over all executors. These classes are
        # Hadoop's and Java's own: no jar is needed for it.
        number = max(2 * context.defaultParallelism(), 2 * len(first))
        tasks = spark.range(0, number, 1, number).selectExpr(
            "java_method('org.apache.hadoop.fs.FileSystem', 'closeAll')",
            "java_method('java.lang.Thread', 'sleep', 100L)",
        )
        tasks.collect()
        time.sleep(0.5)  # until Spark has counted them
        now = _tasks(spark)
        first = {name: count for name, count in first.items() if now.get(name) == count}
        if not first:
            return
    raise SessionError(
        f"these executors were not reached, and may have buckets open: {', '.join(sorted(first))}; "
        "wait until they are idle, and call s3r_spark.apply(spark, routes, on_open='close') again"
    )


def _tasks(spark: Any) -> dict[str, int]:
    """Count the tasks that each living executor has ended."""
    return {one.id(): one.completedTasks() for one in gateway.executors_of(spark)}


def _places(conf: Any, bucket: str, kind: str) -> list[tuple[str, str, tuple[str, str]]]:
    """List the folders of a bucket: the folder, the URI, the store.

    Args:
        conf: a Hadoop configuration.
        bucket: the bucket's name.
        kind: the class of its file system.
    """
    links: dict[str, str] = {}
    if kind.endswith(_VIEWFS):
        links = dict(conf.getPropsWithPrefix(f"{_TABLE}.{bucket}."))
    elif not kind.endswith(".S3AFileSystem"):
        return [("", kind, ("", ""))]  # nothing is known of it
    links = links or {"linkFallback": f"s3a://{bucket}/"}
    return sorted(
        (folder, uri.rstrip("/"), _store(conf, uri.partition("://")[2].partition("/")[0]))
        for folder, uri in links.items()
    )


def _store(conf: Any, bucket: str) -> tuple[str, str]:
    """The service that a bucket is on, and who comes to it."""
    endpoint = _option(conf, bucket, "endpoint") or _AWS
    if "://" not in endpoint:
        plain = _option(conf, bucket, "connection.ssl.enabled") == "false"
        endpoint = f"{'http' if plain else 'https'}://{endpoint}"
    who = next(filter(None, (_option(conf, bucket, name) for name in _WHO)), "")
    return service_at(endpoint, _option(conf, bucket, "endpoint.region")), who


def _option(conf: Any, bucket: str, name: str) -> str:
    value = conf.get(f"fs.s3a.bucket.{bucket}.{name}")
    return str((conf.get(f"fs.s3a.{name}") if value is None else value) or "").strip()


def _field(java: Any, owner: str, name: str, of: Any) -> Any:
    loader = java.java.lang.Thread.currentThread().getContextClassLoader()
    field = loader.loadClass(owner).getDeclaredField(name)
    field.setAccessible(True)
    return field.get(of)
