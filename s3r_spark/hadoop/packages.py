"""Jars that a Spark needs to speak to S3, as Maven coordinates.

hadoop-aws depends on the whole AWS SDK in one jar, the bundle (686 MB for Hadoop 3.5.0). S3A uses a
handful of its modules, 14 MB in all, so those are named instead and the bundle is excluded. Their
version is the one that hadoop-aws was built with.

spark-hadoop-cloud brings the class by which Spark's file formats reach S3A's own committers. It
depends on the connectors of every other cloud, and needs nothing but hadoop-aws.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from glob import glob
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from s3r_spark.errors import SetupError
from s3r_spark.hadoop.versions import hadoop_line, version_tuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Needed",
    "cloud",
    "excludes",
    "hadoop_version_of",
    "has_cloud",
    "installed_hadoop_version",
    "installed_spark_version",
    "jars_folder",
    "merge",
    "misfit",
    "needed",
    "packages",
]

_HADOOP_OF_SPARK = {
    "3.5": "3.3.4",  # conf files only: sessions start with Spark 4.0
    "4.0": "3.4.1",
    "4.1": "3.4.2",
    "4.2": "3.5.0",
    "4.3": "3.5.0",
}

_SDK_OF_HADOOP = {
    "3.4.1": "2.25.53",  # built with 2.24.6, whose s3-transfer-manager was never released
    "3.4.2": "2.29.52",
    "3.4.3": "2.35.4",
    "3.5.0": "2.35.4",
}

_SDK_MODULES = (
    "s3",
    "s3-transfer-manager",  # uploads and copies in parts
    "sts",  # roles and web identity
    "apache-client",  # the HTTP client of S3A
    "netty-nio-client",  # the HTTP client of the transfer manager
)

_CLOUD_OF_HADOOP = {
    "3.4.1": "4.0.2",
    "3.4.2": "4.1.1",
    "3.5.0": "4.1.1",  # there is none for Spark 4.2 and 4.3, and this one works on both
}

_CLOUD = "org.apache.spark:spark-hadoop-cloud_2.13"
_BUNDLE = "software.amazon.awssdk:bundle"
_S3A = "org.apache.hadoop:hadoop-aws"
_EXCLUDES = (
    _BUNDLE,
    "org.wildfly.openssl:wildfly-openssl",  # only for fs.s3a.ssl.channel.mode=openssl
    "io.netty:*",  # Spark brings these three in versions of its own
    "org.slf4j:*",
    "commons-logging:*",
)
_CONNECTORS = (  # of other clouds, and Hadoop itself, which Spark has
    "org.apache.hadoop:hadoop-client-runtime",
    "org.apache.hadoop:hadoop-azure",
    "org.apache.hadoop:hadoop-huaweicloud",
    "org.apache.hadoop:hadoop-cloud-storage",
    "com.google.cloud.bigdataoss:gcs-connector",
)
_LIBRARIES = (  # of those connectors
    "joda-time:*",
    "com.fasterxml.jackson.core:*",
    "com.fasterxml.jackson.dataformat:*",
    "org.eclipse.jetty:*",
    "com.squareup.okhttp3:*",
    "com.squareup.okio:*",
)
_COORDINATE = re.compile(r"([^:/,\s]+)[:/]([^:/,\s]+)(?::[^/,\s]+)?")


@dataclass(frozen=True)
class Needed:
    """Packages to be added to a session.

    Attributes:
        packages: for `spark.jars.packages`.
        excludes: for `spark.jars.excludes`.
    """

    packages: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


def hadoop_version_of(spark_version: str) -> str:
    """The Hadoop that a Spark release carries.

    Args:
        spark_version: such as `4.1.1`.

    Raises:
        SetupError: Spark is older than 3.5 or newer than 4.3.
    """
    line = ".".join(spark_version.split(".")[:2])
    try:
        return _HADOOP_OF_SPARK[line]
    except KeyError:
        raise SetupError(f"Spark {spark_version} is out of range: 4.0 to 4.3") from None


def jars_folder() -> Path:
    """The folder of the jars that a session here starts with, found as PySpark finds it.

    Raises:
        SetupError: there is no Spark.
    """
    home = os.environ.get("SPARK_HOME")
    if home:
        folder = Path(home) / "jars"
        if not folder.is_dir():
            raise SetupError(f"SPARK_HOME is {home}, but there is no folder jars in it")
        return folder
    spec = find_spec("pyspark")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "jars"
        if folder.is_dir():
            return folder
    raise SetupError(
        "there is no Spark here: pip install 's3r-spark[spark]', or point SPARK_HOME to one"
    )


def installed_spark_version(oldest: str = "4.0") -> str:
    """The version of the Spark that a session here starts.

    Args:
        oldest: the oldest line that will do; `3.5` where only conf files are written.

    Raises:
        SetupError: there is no Spark, or one out of range.
    """
    version = _version_in(jars_folder(), "spark-core_*-*.jar", "Spark")
    hadoop_version_of(version)
    if version_tuple(version) < version_tuple(oldest):
        raise SetupError(f"Spark {version} is out of range: 4.0 to 4.3")
    return version


def installed_hadoop_version(oldest: str = "4.0") -> str:
    """The Hadoop version that the Spark here carries, read off its jars; no JVM is started.

    Args:
        oldest: as for `installed_spark_version`.

    Raises:
        SetupError: there is no Spark, one out of range, or one without Hadoop.
    """
    installed_spark_version(oldest)
    return _version_in(jars_folder(), "hadoop-client-api-*.jar", "Hadoop")


def _version_in(folder: Path, pattern: str, artifact: str) -> str:
    for jar in sorted(folder.glob(pattern)):
        match = re.search(r"-(\d+\.\d.*)", jar.stem)
        if match:
            return match[1]
    raise SetupError(f"no {artifact} in {folder}: it has no {pattern}")


def packages(hadoop_version: str) -> tuple[str, ...]:
    """The coordinates that make S3A work on a Hadoop version, with `excludes()` beside them.

    Hadoop 3.3 has version 1 of the SDK, whose bundle hadoop-aws brings by itself.

    Raises:
        SetupError: as `hadoop_line` does.
    """
    line = hadoop_line(hadoop_version)
    release = ".".join(map(str, version_tuple(hadoop_version)))  # a vendor's suffix is not on Maven
    if line == "3.3":
        return (f"{_S3A}:{release}",)
    sdk = _SDK_OF_HADOOP.get(release, _SDK_OF_HADOOP[line])
    modules = (f"software.amazon.awssdk:{module}:{sdk}" for module in _SDK_MODULES)
    return (f"{_S3A}:{release}", *modules, *filter(None, [cloud(hadoop_version)]))


def cloud(hadoop_version: str) -> str | None:
    """The coordinate of spark-hadoop-cloud for the Spark that carries a Hadoop, if there is one.

    Raises:
        SetupError: as `hadoop_line` does.
    """
    release = _CLOUD_OF_HADOOP.get(hadoop_line(hadoop_version))
    return release and f"{_CLOUD}:{release}"


def excludes() -> tuple[str, ...]:
    """Packages that must not come along: the bundle, other clouds, what Spark has itself."""
    return (*_EXCLUDES, *_CONNECTORS, *_LIBRARIES)


def has_cloud(packages: str | None, jars: str | None, folder: Path | None) -> bool:
    """Tell whether a session has spark-hadoop-cloud.

    Args:
        packages: the value of spark.jars.packages.
        jars: the value of spark.jars.
        folder: the installation's folder of jars.
    """
    named, files = _brought(packages, jars, folder)
    pattern = r"spark-hadoop-cloud_2\.\d+"
    return _has(files, pattern) or any(
        re.fullmatch(rf"org\.apache\.spark:{pattern}", key) for key in named
    )


def merge(existing: str | None, needed: Iterable[str]) -> str:
    """A comma list with ours added.

    What is there already stays as it is and where it is; of ours, what names the same
    `group:artifact` is left out, whatever the version.

    Args:
        existing: the value of spark.jars, spark.jars.packages or spark.jars.excludes, if any.
        needed: items to add: coordinates or paths.
    """
    merged: dict[str, str] = {}
    for item in [*(existing or "").split(","), *needed]:
        if item.strip():
            merged.setdefault(_key(item.strip()), item.strip())
    return ",".join(merged.values())


def needed(
    hadoop_version: str,
    user_packages: str | None = None,
    user_jars: str | None = None,
    folder: Path | None = None,
) -> Needed:
    """Choose what must be added, given what the user and the Spark installation bring.

    Whoever brings hadoop-aws has chosen an SDK with it: nothing is added, and nothing excluded,
    since spark.jars.excludes would take that SDK away. Whoever brings only the bundle gets
    hadoop-aws without our modules. Excludes hold for the user's packages too, so where there are
    any, what those could need is not excluded.

    Args:
        hadoop_version: the Hadoop of the session.
        user_packages: the value of spark.jars.packages.
        user_jars: the value of spark.jars.
        folder: the installation's folder of jars.

    Raises:
        SetupError: as `packages` does.
    """
    theirs, files = _brought(user_packages, user_jars, folder)
    if _S3A in theirs or _has(files, "hadoop-aws"):
        return Needed()
    jars = packages(hadoop_version)
    if _BUNDLE in theirs or _has(files, "bundle"):
        jars = tuple(one for one in jars if not one.startswith("software.amazon.awssdk:"))
    unwanted = (*_EXCLUDES, *_CONNECTORS, *(() if theirs else _LIBRARIES))
    return Needed(jars, tuple(name for name in unwanted if name not in theirs))


def misfit(
    hadoop_version: str,
    user_packages: str | None = None,
    user_jars: str | None = None,
    folder: Path | None = None,
) -> str | None:
    """Find what is wrong with a hadoop-aws that the user brings, or None.

    hadoop-aws works with the Hadoop of its own version and no other; with another one sessions
    start, and fail at the first path with NoSuchMethodError or ClassNotFoundException.

    Args:
        hadoop_version: the Hadoop of the session.
        user_packages: as for `needed`.
        user_jars: as for `needed`.
        folder: as for `needed`.
    """
    theirs, files = _brought(user_packages, user_jars, folder)
    named = [version for key, version in theirs.items() if key == _S3A]
    named += [
        name[len("hadoop-aws-") : -len(".jar")] for name in files if _has([name], "hadoop-aws")
    ]
    for version in named:
        if version_tuple(version) != version_tuple(hadoop_version):
            return (
                f"hadoop-aws {version} does not work with Hadoop {hadoop_version}: bring the same"
            )
    return None


def _brought(
    user_packages: str | None, user_jars: str | None, folder: Path | None
) -> tuple[dict[str, str], list[str]]:
    """The packages with their versions, and the names of the files, that are there already."""
    listed = [item.strip() for item in (user_packages or "").split(",") if item.strip()]
    named = {_key(item): item.replace("/", ":").rpartition(":")[2] for item in listed}
    files: list[str] = []
    for item in (user_jars or "").split(","):
        # Spark expands the wildcards of local paths
        path = item.strip().removeprefix("file://").removeprefix("file:")
        files += [Path(name).name for name in glob(path) or [path]]  # noqa: PTH207 - Path.glob takes no absolute one
    files += [jar.name for jar in folder.glob("*.jar")] if folder else []
    return named, files


def _key(item: str) -> str:
    """`group:artifact` of a coordinate, and anything else as it is."""
    match = _COORDINATE.fullmatch(item)
    return f"{match[1]}:{match[2]}" if match else item


def _has(files: Iterable[str], artifact: str) -> bool:
    return any(re.fullmatch(rf"{artifact}-\d.*\.jar", name) for name in files)
