"""Builds the router's jar when the wheel is built, or an editable install made.

The jar goes into a folder laid out as a Maven repository, `s3r_spark/jvm/repository`, since Spark
can take it from there where a session resolves packages. Its version holds a digest of the source:
Ivy keeps by version what it once had.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GROUP, ARTIFACT = "s3r", "s3r-hadoop"
OLDEST_JDK = 17
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
</project>
"""


class JarHook(BuildHookInterface[Any]):
    """The hook that hatch finds in the file that pyproject.toml names."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface
        """Build the jar unless it is there."""
        if self.target_name != "wheel":
            return
        build(Path(self.root) / "s3r_spark" / "jvm", self.metadata.version)
        build_data["artifacts"].append("/s3r_spark/jvm/repository/**")


def build(source: Path, release: str) -> Path:
    """The jar of a source folder, made where it isn't there yet.

    Args:
        source: the folder with pom.xml.
        release: the version of the package.

    Raises:
        SystemExit: there is no JDK or no Maven, or the build fails; with one line that says so.
    """
    version = f"{release}-{digest(source)}"
    repository = source / "repository"
    folder = repository / GROUP / ARTIFACT / version
    jar = folder / f"{ARTIFACT}-{version}.jar"
    if jar.is_file():
        return jar
    if problem := _problem():
        sys.exit(f"s3r-spark: building the wheel needs {problem}")
    for old in (source / "target").glob(f"{ARTIFACT}-*.jar"):
        old.unlink()  # of another version of the source, and so are classes
    for folder_of_classes in ("classes", "maven-status"):
        shutil.rmtree(source / "target" / folder_of_classes, ignore_errors=True)
    command = ["mvn", "--quiet", "--batch-mode", "--file", str(source / "pom.xml"), "package"]
    maven = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - found above
    if maven.returncode != 0:
        errors = [line for line in maven.stdout.splitlines() if "ERROR" in line][:3]
        sys.exit(
            "s3r-spark: Maven can't build the jar: " + "; ".join(errors or [maven.stderr[-300:]])
        )
    (built,) = (source / "target").glob(f"{ARTIFACT}-*.jar")
    shutil.rmtree(repository, ignore_errors=True)  # of other versions
    folder.mkdir(parents=True)
    pom = POM.format(group=GROUP, artifact=ARTIFACT, version=version)
    (folder / f"{ARTIFACT}-{version}.pom").write_text(pom, encoding="utf-8")
    shutil.copyfile(built, draft := jar.with_suffix(".draft"))
    draft.replace(jar)
    return jar


def _problem() -> str | None:
    """The build's missing tool, or None: a JDK, where Maven looks for one, or Maven."""
    home = os.environ.get("JAVA_HOME")
    javac = str(Path(home, "bin", "javac")) if home else shutil.which("javac")
    needed = f"a JDK ({OLDEST_JDK} or newer)"
    if javac is None:
        return f"{needed}: there is no javac on the PATH, and JAVA_HOME is not set"
    try:
        version = subprocess.run([javac, "-version"], capture_output=True, text=True, check=True)  # noqa: S603 - Maven runs it too
    except (OSError, subprocess.CalledProcessError):
        return f"{needed}: {javac} can't be run"
    match = re.search(r"javac (?:1\.)?(\d+)", version.stdout + version.stderr)
    if match and int(match[1]) < OLDEST_JDK:
        return f"{needed}, and {javac} is Java {match[1]}"
    if shutil.which("mvn") is None:
        return "Maven: there is no mvn on the PATH"
    return None


def digest(source: Path) -> str:
    """A digest of all that the jar is made of, in a few characters."""
    content = hashlib.sha256()
    for file in [source / "pom.xml", *sorted((source / "src" / "main").rglob("*.java"))]:
        content.update(f"{file.relative_to(source).as_posix()}\0".encode())
        content.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return content.hexdigest()[:10]
