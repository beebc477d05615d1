"""The user's configuration of a Spark that has not started yet.

Nothing of Spark's configuration is known before its JVM runs, and what a builder says replaces what
the conf files say. So the places that spark-submit will read are read here, in its order.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from s3r_spark.errors import SetupError
from s3r_spark.hadoop.packages import jars_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBMIT_ARGS = "PYSPARK_SUBMIT_ARGS"
_FLAGS = {  # an argument of spark-submit wins over the setting of the same meaning
    "--packages": "spark.jars.packages",
    "--exclude-packages": "spark.jars.excludes",
    "--jars": "spark.jars",
    "--repositories": "spark.jars.repositories",
}
_CONF = ("--conf", "-c")
_BLANKS = "".join(map(chr, range(33))).replace("\r", "").replace("\n", "")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


@dataclass(frozen=True)
class UserConf:
    """Settings by where they were made, the strongest first.

    Attributes:
        flags: jars by arguments in PYSPARK_SUBMIT_ARGS (`--packages`, `--conf spark.jars=…`), which
            come after the builder's own; nothing else changes these.
        builder: by the builder.
        files: by `--conf` or a conf file; the builder wins over them.
    """

    flags: Mapping[str, str]
    builder: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """All settings, as Spark would go by them."""
        return {**self.files, **self.builder, **self.flags}

    def get(self, key: str) -> str | None:
        """The value that Spark would go by."""
        return self.settings.get(key)


def read(options: Mapping[str, object]) -> UserConf:
    """Read the configuration, given a builder's options.

    Raises:
        SetupError: there is no Spark, or PYSPARK_SUBMIT_ARGS can't be read.
    """
    flags, conf, properties_file, with_defaults = _arguments(os.environ.get(SUBMIT_ARGS, ""))
    files: dict[str, str] = {}
    if properties_file is None or with_defaults:
        files |= _properties(_conf_folder() / "spark-defaults.conf")
    if properties_file is not None:
        files |= _properties(Path(properties_file))
    jars = {key: value for key, value in conf.items() if key in _FLAGS.values()}
    builder = {key: str(value) for key, value in options.items()}
    return UserConf(jars | flags, builder, files | conf)


def replace_flag(key: str, value: str) -> None:
    """Give a setting of jars in PYSPARK_SUBMIT_ARGS another value, for the Spark about to start."""
    flag = next(flag for flag, name in _FLAGS.items() if name == key)
    words = shlex.split(os.environ[SUBMIT_ARGS])
    for i, word in enumerate(words):
        if word == flag:
            words[i + 1] = value
        elif word.startswith(f"{flag}="):
            words[i] = f"{flag}={value}"
        elif word.startswith(f"{key}=") and words[i - 1] in _CONF:
            words[i] = f"{key}={value}"
        elif word.startswith(f"--conf={key}="):
            words[i] = f"--conf={key}={value}"
    os.environ[SUBMIT_ARGS] = shlex.join(words)


def _arguments(text: str) -> tuple[dict[str, str], dict[str, str], str | None, bool]:
    """Flags, `--conf` settings, the properties file, whether the defaults are read beside it."""
    flags: dict[str, str] = {}
    conf: dict[str, str] = {}
    properties_file, with_defaults = None, False
    try:
        words = iter(shlex.split(text))
    except ValueError as error:
        raise SetupError(f"{SUBMIT_ARGS} can't be read: {error}") from None
    for word in words:
        name, equals, value = word.partition("=")
        if name == "--load-spark-defaults":
            with_defaults = True
        elif name in _FLAGS:
            flags[_FLAGS[name]] = value if equals else next(words, "")
        elif name == "--properties-file":
            properties_file = value if equals else next(words, "")
        elif name in _CONF:
            key, _, setting = (value if equals else next(words, "")).partition("=")
            conf[key] = setting
    return flags, conf, properties_file, with_defaults


def _conf_folder() -> Path:
    return Path(os.environ.get("SPARK_CONF_DIR") or jars_folder().parent / "conf")


def _properties(file: Path) -> dict[str, str]:
    """A file as java.util.Properties reads it; empty where there is none.

    Source of the rules: java.util.Properties.load, and org.apache.spark.util.Utils, which takes the
    blanks at the ends of values away (trimExceptCRLF).
    """
    try:
        text = file.read_bytes().decode("utf-8", errors="replace")  # newlines are not translated
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SetupError(f"{file} can't be read: {error}") from None
    out = {}
    for line in _logical_lines(text):
        match = re.match(r"((?:\\.|[^\\ \t\f=:])*)[ \t\f]*[=:]?[ \t\f]*(.*)", line, re.DOTALL)
        if match:
            out[_unescaped(match[1])] = _unescaped(match[2]).strip(_BLANKS)
    return out


def _logical_lines(text: str) -> list[str]:
    """Lines without comments and blank ones; a backslash at the end goes on on the next."""
    out: list[str] = []
    before, going_on = "", False
    for line in re.split(r"\r\n|\r|\n", text):
        part = line.lstrip(" \t\f")
        if not before and (part[:1] in {"#", "!"} or (not part and not going_on)):
            going_on = False
            continue
        going_on = (len(part) - len(part.rstrip("\\"))) % 2 == 1
        before += part[:-1] if going_on else part
        if not going_on:
            out.append(before)
            before = ""
    return [line for line in [*out, before] if line]


def _unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        return _ESCAPES.get(match[2], match[2])

    unescaped = re.sub(r"\\(?:u([0-9A-Fa-f]{4})|(.))", plain, text, flags=re.DOTALL)
    return unescaped.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
