"""What can be asked of a JVM that runs already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import SessionError
from s3r_spark.spark.session_plan import Versions

if TYPE_CHECKING:
    from collections.abc import Iterable


def context() -> Any:
    """The SparkContext that lives in this process, or None."""
    try:
        from pyspark import SparkContext  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    return getattr(SparkContext, "_active_spark_context", None)


def submitted() -> Any:
    """The JVM of spark-submit, where this process is its driver; else None."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        return None
    from pyspark import SparkContext  # noqa: PLC0415 - an extra

    SparkContext._ensure_initialized()  # noqa: SLF001 - as SparkSession.builder does it
    return SparkContext._jvm  # noqa: SLF001


def settings(jvm: Any) -> dict[str, str]:
    """The SparkConf of a JVM in which no session runs yet."""
    lines = jvm.org.apache.spark.SparkConf().getAll()
    return {pair.productElement(0): pair.productElement(1) for pair in lines}


def left_behind() -> Any:
    """The JVM that an earlier session has left to this process, or None."""
    from pyspark import SparkContext  # noqa: PLC0415 - an extra

    return SparkContext._jvm  # noqa: SLF001 - no public way


def check_left_behind(classes: Iterable[str]) -> None:
    """Stop where the JVM of an earlier session, which has ended, lacks jars: it takes no more.

    Args:
        classes: what it must be able to load.

    Raises:
        SessionError: it can't load one.
    """
    jvm = left_behind()
    if jvm is None:
        return
    if not all(can_load(jvm, name) for name in classes):
        raise SessionError(
            "the JVM of an earlier Spark session still runs, without the jars that the routes "
            "need, and takes no more: restart Python (the notebook's kernel), and call "
            "s3r_spark.configure before any session starts"
        )


def versions(jvm: Any) -> Versions:
    """The Spark and the Hadoop of a JVM."""
    return Versions(jvm.org.apache.spark.package.SPARK_VERSION(), hadoop_version(jvm))


def hadoop_version(jvm: Any) -> str:
    """The Hadoop of a JVM."""
    version: str = jvm.org.apache.hadoop.util.VersionInfo.getVersion()
    return version


def can_load(jvm: Any, name: str) -> bool:
    """Whether Spark's class loader knows a class."""
    from py4j.protocol import Py4JJavaError  # noqa: PLC0415 - comes with pyspark

    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    try:
        loader.loadClass(name)
    except Py4JJavaError:
        return False
    return True


def open_buckets(jvm: Any) -> set[str]:
    """The buckets that have a file system open on the driver, by their scheme and name.

    A file system stays as it was when it was opened, since org.apache.hadoop.fs.FileSystem keeps
    it in its CACHE, by scheme, authority and user.
    """
    cache = _field(jvm, "org.apache.hadoop.fs.FileSystem", "CACHE", None)
    known = _field(jvm, "org.apache.hadoop.fs.FileSystem$Cache", "map", cache)
    names = {key.toString().rpartition("@")[2] for key in known.keySet().toArray()}
    return {name for name in names if name.startswith(("s3a://", "s3://", "s3r://"))}


def _field(jvm: Any, owner: str, name: str, of: Any) -> Any:
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    field = loader.loadClass(owner).getDeclaredField(name)
    field.setAccessible(True)
    return field.get(of)
