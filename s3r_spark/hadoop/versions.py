"""The Hadoop versions that settings differ between, and how versions are ordered."""

from __future__ import annotations

import re

from s3r_spark.errors import SetupError

__all__ = ["HADOOP_VERSIONS", "hadoop_line", "version_tuple"]

HADOOP_VERSIONS: tuple[str, ...] = ("3.3", "3.4.1", "3.4.2", "3.5.0")
"""The lines that settings differ between, oldest first."""

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:[.+-].*)?")


def version_tuple(version: str) -> tuple[int, int, int]:
    """Order of a Hadoop version: its three numbers, whatever a vendor added behind them.

    A bare `3.3` counts as 3.3.4, the release that Spark 3.4 and 3.5 carry.

    Raises:
        SetupError: it is no version.
        TypeError: it is no text.
    """
    if not isinstance(version, str):
        raise TypeError(f'a Hadoop version must be text like "3.4.1", not {version!r}')
    match = _VERSION.fullmatch(version.strip())
    if not match:
        raise SetupError(f"{version!r} is no Hadoop version: write it like 3.4.1")
    major, minor = int(match[1]), int(match[2])
    patch = int(match[3]) if match[3] else (4 if (major, minor) == (3, 3) else 0)
    return major, minor, patch


def hadoop_line(version: str) -> str:
    """The newest entry of HADOOP_VERSIONS that is not newer than a version.

    Hadoop 3.4.0 is refused rather than taken for 3.3: it has version 2 of the AWS SDK, so that
    3.3's names of credential providers are wrong, and it lacks options of 3.4.1. No Spark has it.

    Args:
        version: a Hadoop version, such as `3.3.6`, `3.4.3` or `3.5.0-SNAPSHOT`.

    Raises:
        SetupError: it is no version, older than 3.3, 3.4.0, or of a major version yet unknown.
    """
    numbers = version_tuple(version)
    if numbers < (3, 3, 0) or numbers >= (4, 0, 0):
        raise SetupError(f"Hadoop {version} is out of range: 3.3 to 3.5 are supported")
    if numbers[:2] == (3, 3):
        return "3.3"
    if numbers < (3, 4, 1):
        raise SetupError(f"Hadoop {version} is not supported: of 3.4, take 3.4.1 or newer")
    return next(line for line in reversed(HADOOP_VERSIONS) if version_tuple(line) <= numbers)
