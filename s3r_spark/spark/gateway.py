"""The way from Python to a JVM that runs already, and questions to it.

What pyspark keeps private of that way is used here and nowhere else.
"""

# ruff: noqa: SLF001 - pyspark has no public way

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import SessionError
from s3r_spark.spark.session_plan import Versions

if TYPE_CHECKING:
    from collections.abc import Iterable


DRIVER = "driver"
"""The driver's id among executors."""

_ACTIVE_ONLY = True


def context() -> Any:
    """The SparkContext that lives in this process, or None."""
    try:
        from pyspark import SparkContext
    except ImportError:
        return None
    return getattr(SparkContext, "_active_spark_context", None)


def jvm_of(spark: Any) -> Any:
    """The JVM of a session that is none of Spark Connect's."""
    return spark.sparkContext._jvm


def context_of(spark: Any) -> Any:
    """The JavaSparkContext of a session."""
    return spark.sparkContext._jsc


def session_of(spark: Any) -> Any:
    """The SparkSession of the JVM that a session stands for."""
    return spark._jsparkSession


def hadoop_of(spark: Any) -> Any:
    """The Hadoop configuration of a session's context."""
    return context_of(spark).hadoopConfiguration()


def new_hadoop_of(spark: Any) -> Any:
    """A Hadoop configuration as a session's data frames have it; a copy."""
    return session_of(spark).sessionState().newHadoopConf()


def new_array(spark: Any, kind: Any, length: int) -> Any:
    """An array of a class of the session's JVM."""
    return spark.sparkContext._gateway.new_array(kind, length)


def executors_of(spark: Any) -> list[Any]:
    """Spark's ExecutorSummary of each executor that lives."""
    listed = context_of(spark).sc().statusStore().executorList(_ACTIVE_ONLY)
    each = (listed.apply(number) for number in range(listed.size()))
    return [one for one in each if one.id() != DRIVER]


def options_of(builder: Any) -> dict[str, Any]:
    """The options of a SparkSession.Builder, which may be changed."""
    options: dict[str, Any] = builder._options
    return options


def submitted() -> Any:
    """The JVM of spark-submit, where this process is its driver; else None."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        return None
    from pyspark import SparkContext

    SparkContext._ensure_initialized()  # as SparkSession.builder does it
    return SparkContext._jvm


def settings(jvm: Any) -> dict[str, str]:
    """The SparkConf of a JVM in which no session runs yet."""
    lines = jvm.org.apache.spark.SparkConf().getAll()
    return {pair.productElement(0): pair.productElement(1) for pair in lines}


def left_behind() -> Any:
    """The JVM that an earlier session has left to this process, or None."""
    from pyspark import SparkContext

    return SparkContext._jvm


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
    if not can_load_all(jvm, classes):
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
    """Tell whether Spark's class loader knows a class."""
    from py4j.protocol import Py4JJavaError

    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    try:
        loader.loadClass(name)
    except Py4JJavaError:
        return False
    return True


def can_load_all(jvm: Any, names: Iterable[str]) -> bool:
    """Tell whether Spark's class loader knows all of these classes."""
    return all(can_load(jvm, name) for name in names)
