"""Coordinates to jar files, by the Ivy that every Spark carries, before any session starts.

Spark resolves `spark.jars.packages` itself, but prints a report of a hundred lines that nothing
turns off, and PySpark writes a builder's `spark.jars` back over the result, so that the executors
of a cluster lose the packages. Files named in `spark.jars` have neither problem. What was resolved
once is remembered, so that later starts need no Ivy and no network.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from s3r_spark.errors import SetupError
from s3r_spark.hadoop.java import java_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["resolve"]

_HOME = "~/.ivy2.5.2"  # where Spark 4 itself keeps what it downloads
_COORDINATE_PARTS = 3
_LINES = 8  # of what Ivy says about a failure: the last ones sum it up


def resolve(  # noqa: PLR0913 - each is a setting of Spark's own
    packages: Sequence[str],
    excludes: Sequence[str] = (),
    *,
    spark_jars: Path,
    home: str | None = None,
    repositories: Sequence[str] = (),
    settings: str | None = None,
    transitive: bool = True,
) -> tuple[Path, ...]:
    """The jars of some packages and of all that they depend on, downloaded where need be.

    Args:
        packages: coordinates `group:artifact:version`.
        excludes: coordinates `group:artifact` to leave out; `*` stands for any.
        spark_jars: Spark's folder of jars, where Ivy lies.
        home: as `spark.jars.ivy`: where downloads are kept.
        repositories: as `spark.jars.repositories`: asked after Maven Central.
        settings: as `spark.jars.ivySettings`: a file of Ivy that takes the place of Maven Central.
        transitive: whether what they depend on is wanted too.

    Raises:
        SetupError: there is no Java or no Ivy, or something can't be had; the message says what.
    """
    folder = Path(home or _HOME).expanduser()
    project = _project(packages, excludes, transitive=transitive)
    text = _settings(repositories, settings)
    identity = "\0".join([project, text, settings or ""])
    record = folder / "s3r_spark" / f"{hashlib.sha256(identity.encode()).hexdigest()[:16]}.txt"
    known = _read(record)
    if known:
        return known
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"jars can't be kept: {error}; set spark.jars.ivy to a folder") from error
    with TemporaryDirectory(prefix="s3r_spark-") as scratch:
        work = Path(scratch)
        (work / "ivy.xml").write_text(project, encoding="utf-8")
        (work / "settings.xml").write_text(text, encoding="utf-8")
        _run(
            ["-settings", str(work / "settings.xml")],
            ["-ivy", str(work / "ivy.xml")],
            ["-cache", str(folder / "cache"), "-types", "jar", "bundle"],
            ["-cachepath", str(work / "jars.txt"), "-warn"],
            spark_jars=spark_jars,
        )
        jars = (work / "jars.txt").read_text(encoding="utf-8").strip()
    if not jars:
        raise SetupError(f"{', '.join(packages)}: nothing is left once the excludes are applied")
    fresh = record.with_suffix(f".{os.getpid()}")
    fresh.write_text(jars, encoding="utf-8")
    fresh.replace(record)  # at once, for whoever reads it meanwhile
    return _read(record) or ()


def _read(record: Path) -> tuple[Path, ...] | None:
    """The jars of an earlier resolution, if all are still there."""
    if not record.is_file():
        return None
    jars = tuple(Path(jar) for jar in record.read_text(encoding="utf-8").split(os.pathsep))
    return jars if all(jar.is_file() for jar in jars) else None


def _run(*arguments: list[str], spark_jars: Path) -> None:
    java = java_path()
    # oro reads the globs of excludes
    path = [str(jar) for name in ("ivy", "oro") for jar in spark_jars.glob(f"{name}-*.jar")]
    if java is None or not path:
        raise SetupError(f"no {'Ivy in ' + str(spark_jars) if java else 'Java to run Ivy with'}")
    # proxies are set for Spark this way, and spark-class splits it this way
    options = shlex.split(os.environ.get("SPARK_SUBMIT_OPTS", ""))
    command = [java, *options, "-cp", os.pathsep.join(path), "org.apache.ivy.Main"]
    command += [word for group in arguments for word in group]
    process = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - Spark's own Ivy
    if process.returncode != 0:
        lines = [line.strip() for line in (process.stdout + process.stderr).splitlines()]
        why = [line for line in dict.fromkeys(lines) if "not found" in line or "rror" in line]
        raise SetupError("some jars can't be had:\n  " + "\n  ".join((why or lines)[-_LINES:]))


def _project(packages: Iterable[str], excludes: Iterable[str], *, transitive: bool) -> str:
    """An Ivy project that depends on the packages."""
    root = ET.Element("ivy-module", version="2.0")
    ET.SubElement(root, "info", organisation="s3r_spark", module="jars")
    ET.SubElement(ET.SubElement(root, "configurations"), "conf", name="default")
    dependencies = ET.SubElement(root, "dependencies")
    scope = {"conf": "default->default", "transitive": str(transitive).lower()}
    for package in packages:
        parts = package.replace("/", ":").split(":")
        if len(parts) != _COORDINATE_PARTS:
            raise SetupError(f"{package!r} is no coordinate: write it group:artifact:version")
        org, name, rev = parts
        ET.SubElement(dependencies, "dependency", {"org": org, "name": name, "rev": rev, **scope})
    for exclude in excludes:
        org, _, name = exclude.partition(":")
        ET.SubElement(dependencies, "exclude", org=org, module=name or "*", matcher="glob")
    return ET.tostring(root, encoding="unicode")


def _settings(repositories: Iterable[str], file: str | None) -> str:
    """Settings of Ivy: Maven Central or a file of the user's, then the repositories.

    As Spark has it (MavenUtils.processRemoteRepoArg).

    Raises:
        SetupError: the file can't be read.
    """
    root = ET.Element("ivysettings")
    if file is not None:
        path = Path(file.removeprefix("file:")).absolute()
        # The file may use its own folder, which an include would not change.
        ET.SubElement(root, "property", name="ivy.settings.dir", value=str(path.parent))
        ET.SubElement(root, "include", file=str(path))
    ET.SubElement(root, "settings", defaultResolver="all")
    chain = ET.SubElement(ET.SubElement(root, "resolvers"), "chain", name="all", returnFirst="true")
    if file is None:
        # Ivy knows Central's address itself; Spark honours this variable too
        central = os.environ.get("DEFAULT_ARTIFACT_REPOSITORY")
        repositories = ["" if central is None else central, *repositories]
    elif (default := _default_resolver(path)) is not None:
        ET.SubElement(chain, "resolver", ref=default)
    for index, url in enumerate(repositories):
        place = ET.SubElement(chain, "ibiblio", name=f"repository-{index}", m2compatible="true")
        if url:
            place.set("root", url)
    return ET.tostring(root, encoding="unicode")


def _default_resolver(settings: Path) -> str | None:
    """The name of the resolver that a file of Ivy takes where nothing else is said."""
    try:
        root = ET.parse(settings).getroot()  # noqa: S314 - the user's own file, which Ivy reads too
    except (OSError, ET.ParseError) as error:
        raise SetupError(f"spark.jars.ivySettings: {settings}: {error}") from None
    # Its element was called conf before Ivy 2.
    entries = [entry for name in ("settings", "conf") for entry in root.findall(name)]
    return next((name for e in entries if (name := e.get("defaultResolver"))), None)
