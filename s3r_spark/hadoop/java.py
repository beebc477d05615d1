"""The Java that Spark starts, and what is wrong with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from s3r_spark.hadoop.versions import version_tuple

__all__ = ["java_path", "java_problem"]

# By Spark release, oldest first: the Java that it is compiled for, and the newest that it runs on.
# From Java 23 on, Subject.getSubject throws, which the Hadoop before 3.5 calls at every start.
_RANGES: tuple[tuple[str, int, int | None], ...] = (
    ("3.5", 8, 22),
    ("4.0", 17, 22),
    ("4.2", 17, None),  # tried up to 25
)


def java_path() -> str | None:
    """The java that Spark's own scripts would run: `$JAVA_HOME/bin/java`, else one on the PATH."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else shutil.which("java")


def java_problem(spark_version: str) -> str | None:
    """Find what is wrong with the Java that Spark would start and what to do, or None.

    Args:
        spark_version: the Spark, such as `4.1.1`.

    Raises:
        SetupError: that is no version.
    """
    oldest, newest = _range(spark_version)
    right = f"Java {oldest} to {newest}" if newest else f"Java {oldest} or newer"
    needs = f"Spark {spark_version} needs {right}"
    java = java_path()
    home = os.environ.get("JAVA_HOME")
    where = f"JAVA_HOME is {home}" if home else "JAVA_HOME is not set"
    advice = "install it, and point JAVA_HOME to it"
    if java is None:
        return f"{needs}, and there is none ({where}, no java on the PATH): {advice}"
    try:
        # the same program that Spark will run
        process = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return f"{needs}, and {java} can't be run ({where}): {advice}"
    match = re.search(r'version "(?:1\.)?(\d+)', process.stderr + process.stdout)
    if match is None or oldest <= int(match[1]) <= (newest or int(match[1])):
        return None
    if int(match[1]) > oldest:
        advice += ", or take Spark 4.2 or newer"
    return f"{needs}, and {java} is Java {match[1]} ({where}): {advice}"


def _range(spark_version: str) -> tuple[int, int | None]:
    """The oldest and the newest Java for a Spark."""
    number = version_tuple(spark_version)
    return next(
        (oldest, newest)
        for release, oldest, newest in reversed(_RANGES)
        if version_tuple(release) <= number or release == _RANGES[0][0]
    )
