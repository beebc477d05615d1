"""What can be asked of a JVM that runs already."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import SessionError, SetupError
from s3r_spark.hadoop.engines import router
from s3r_spark.hadoop.jar import router_jar
from s3r_spark.hadoop.packages import needed
from s3r_spark.spark.options import BINDING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.hadoop.settings import Plan

S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
ROUTER = "s3r.hadoop.RouterFileSystem"


@dataclass(frozen=True)
class Submitted:
    """The JVM of spark-submit, in which no session runs yet.

    Attributes:
        spark_version: its Spark.
        hadoop_version: its Hadoop.
        settings: its SparkConf.
        has_s3a: whether it can load S3A.
        has_router: whether it can load the router.
        has_cloud: whether it can load spark-hadoop-cloud.
    """

    spark_version: str
    hadoop_version: str
    settings: Mapping[str, str]
    has_s3a: bool
    has_router: bool
    has_cloud: bool

    def require_jars(self, made: Plan) -> None:
        """Stop where the JVM lacks S3A or the router: it runs, and takes no more jars.

        Raises:
            SetupError: with the arguments that spark-submit needs.
        """
        lacking, arguments = [], []
        if not self.has_s3a:
            add = needed(made.version)
            lacking.append("S3A")
            arguments += ["--packages", ",".join(add.packages)]
            arguments += ["--exclude-packages", ",".join(add.excludes)]
        if made.engine.NAME == router.NAME and not self.has_router:
            lacking.append("router")
            arguments += ["--jars", str(router_jar().file)]
        if not lacking:
            return
        raise SetupError(
            f"this spark-submit has no {' and no '.join(lacking)} on its classpath, and a builder "
            f"can't add it any more; submit with\n  {' '.join(arguments)}\n"
            "or with the --properties-file that `s3r-spark conf` writes"
        )


def context() -> Any:
    """The SparkContext that lives in this process, or None."""
    try:
        from pyspark import SparkContext  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    return getattr(SparkContext, "_active_spark_context", None)


def submitted() -> Submitted | None:
    """The JVM of spark-submit, where this process is its driver."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        return None
    from pyspark import SparkContext  # noqa: PLC0415 - an extra

    SparkContext._ensure_initialized()  # noqa: SLF001 - as SparkSession.builder does it
    jvm: Any = SparkContext._jvm  # noqa: SLF001
    lines = jvm.org.apache.spark.SparkConf().getAll()
    settings = {pair.productElement(0): pair.productElement(1) for pair in lines}
    return Submitted(
        jvm.org.apache.spark.package.SPARK_VERSION(),
        hadoop_version(jvm),
        settings,
        can_load(jvm, S3A),
        can_load(jvm, ROUTER),
        can_load(jvm, BINDING),
    )


def left_behind() -> Any:
    """The JVM that an earlier session has left to this process, or None."""
    from pyspark import SparkContext  # noqa: PLC0415 - an extra

    return SparkContext._jvm  # noqa: SLF001 - no public way


def check_left_behind(made: Plan, *, cloud: bool) -> None:
    """Stop where the JVM of an earlier session, which has ended, lacks the jars: it takes no more.

    Args:
        made: the plan.
        cloud: whether the session is to have spark-hadoop-cloud.

    Raises:
        SessionError: it lacks some.
    """
    jvm = left_behind()
    if jvm is None:
        return
    wanted = {S3A: True, ROUTER: made.engine.NAME == router.NAME, BINDING: cloud}
    if not all(can_load(jvm, name) for name, is_wanted in wanted.items() if is_wanted):
        raise SessionError(
            "the JVM of an earlier Spark session still runs, without the jars that the routes "
            "need, and takes no more: restart Python (the notebook's kernel), and call "
            "s3r_spark.configure before any session starts"
        )


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


def check_router(session: Any, conf: Any) -> None:
    """Have the router look at its settings.

    Args:
        session: the SparkSession.
        conf: its Hadoop configuration.

    Raises:
        SessionError: one is missing or wrong, as where a setting of the user's stays; the session
            is stopped.
    """
    problem = session.sparkContext._jvm.s3r.hadoop.Startup.problem(conf)  # noqa: SLF001 - no public way
    if problem is not None:
        session.stop()
        raise SessionError(f"the session can't follow the routes: {problem}")


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
