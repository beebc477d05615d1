"""The Java that Spark starts, and what is wrong with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

__all__ = ["java_path", "java_problem"]

_OLDEST = 17  # for Spark 4.0 and newer


def java_path() -> str | None:
    """The java that Spark's own scripts would run: `$JAVA_HOME/bin/java`, else one on the PATH."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else shutil.which("java")


def java_problem() -> str | None:
    """What is wrong with the Java that Spark would start and what to do, or None if nothing is."""
    java = java_path()
    home = os.environ.get("JAVA_HOME")
    where = f"JAVA_HOME is {home}" if home else "JAVA_HOME is not set"
    advice = f"install Java {_OLDEST} or newer, and point JAVA_HOME to it"
    if java is None:
        return f"Spark needs Java, and there is none ({where}, no java on the PATH): {advice}"
    try:
        # the same program that Spark will run
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return f"Spark needs Java, and {java} can't be run ({where}): {advice}"
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    if found and int(found[1]) < _OLDEST:
        return f"Spark needs Java {_OLDEST}, and {java} is Java {found[1]} ({where}): {advice}"
    return None
