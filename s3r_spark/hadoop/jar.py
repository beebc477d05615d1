"""The router's jar, which lies in this package in the layout of a Maven repository."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from s3r_spark.errors import SetupError

__all__ = ["OLDEST_HADOOP", "Jar", "has_router", "router_jar"]

OLDEST_HADOOP = "3.4.1"
"""The Java that the jar is compiled for, and so the oldest that it runs on."""

_REPOSITORY = Path(__file__).parent.parent / "jvm" / "repository"
_GROUP, _ARTIFACT = "s3r", "s3r-hadoop"


class Jar(NamedTuple):
    """The jar and the ways to name it.

    Attributes:
        file: the jar itself.
        coordinate: what it is called in `repository`.
        repository: the URL of a Maven repository that has it and nothing else.
    """

    file: Path
    coordinate: str
    repository: str


def router_jar() -> Jar:
    """The jar of this installation.

    Raises:
        SetupError: it isn't there: this is a checkout that was never installed.
    """
    for file in sorted((_REPOSITORY / _GROUP / _ARTIFACT).glob("*/*.jar")):
        coordinate = f"{_GROUP}:{_ARTIFACT}:{file.parent.name}"
        return Jar(file, coordinate, _REPOSITORY.as_uri())
    raise SetupError(
        "the router's jar is missing: it is made when s3r-spark is installed (in a checkout by "
        "pip install -e .), which needs a JDK and Maven"
    )


def has_router(folder: Path) -> bool:
    """Tell whether an installation's folder of jars has the router's already."""
    return any(folder.glob(f"{_ARTIFACT}-*.jar"))
