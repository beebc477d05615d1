"""Settings written down: spark-defaults.conf, core-site.xml, arguments of spark-submit.

Whatever stands in a value, it comes out of the file as it went in, or is refused: no value can end
its line, its element or its argument, and bring in a setting of its own.
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from s3r_spark.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

WRITTEN_BY = "Written by `s3r-spark conf`"
"""The beginning of the heading of a file of ours."""

MARK, UNSIGNED = "spark.s3r.written.by", "s3r-spark-conf-0000000000000000"
"""A setting that means nothing to Spark, for a form that can hold no heading (see `signed`)."""

# With the heading; arguments, which can hold no comment; a Java key store.
_OURS = re.compile(
    rb"(# |<\?xml [^>]*>\n<!-- )" + WRITTEN_BY.encode() + rb"|--conf '?spark\.|\xce{4}"
)
_SIGNATURE = re.compile("s3r-spark-conf-[0-9a-f]{16}")
# What java.util.Properties.load gives a meaning to, in a value; a key has no such characters.
_PROPERTY = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}
_KEY = re.compile(r"[^\s=:#!\\]+")
# Hadoop leaves out what is empty in a file, so that a bucket would inherit it; this expands to it.
_EMPTY = "${env.S3R_EMPTY:-}"
# What java.lang.String.trim takes away; org.apache.spark.util.Utils and Spark's launcher do so.
_TRIMMED = "".join(map(chr, range(ord(" ") + 1)))
# https://www.w3.org/TR/xml/#charsets
_HALF = re.compile("[\ud800-\udfff]")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def spark_defaults(settings: Mapping[str, str], heading: str) -> str:
    """The text of a spark-defaults.conf.

    Args:
        settings: by their names in Spark (`spark.…`).
        heading: comment lines to begin with.

    Raises:
        EngineError: a value begins or ends with blanks, which Spark would take away.
    """
    lines = [f"# {line}".rstrip() for line in _comment(heading).splitlines()]
    for key, value in settings.items():
        _checked(key, value)
        if value != value.strip(_TRIMMED):
            raise EngineError(f"{key}: Spark takes the blanks at the ends of the value away")
        text = "".join(_PROPERTY.get(c, c if c.isprintable() else _java(c)) for c in value)
        if text.startswith(("=", ":")):  # it would be taken for what stands between key and value
            text = f"\\{text}"
        lines.append(f"{key} {text}".rstrip())
    return "\n".join(lines) + "\n"


def core_site(settings: Mapping[str, str], heading: str) -> str:
    """The text of a core-site.xml.

    Args:
        settings: by their names in Hadoop.
        heading: a comment to begin with.

    Raises:
        EngineError: a value has a character that XML can't hold.
    """
    comment = re.sub("-(?=-)", "- ", _comment(heading))  # two of them would end it
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<!-- {comment} -->", "<configuration>"]
    for key, value in settings.items():
        _checked(key, value)
        if match := _NO_XML.search(value):
            raise EngineError(f"{key}: XML can't hold the character {match[0]!r}")
        lines += [
            "  <property>",
            f"    <name>{escape(key)}</name>",
            f"    <value>{escape(value, {chr(13): '&#13;'}) or _EMPTY}</value>",
            "  </property>",
        ]
    return "\n".join([*lines, "</configuration>"]) + "\n"


def submit_arguments(settings: Mapping[str, str]) -> str:
    """Arguments of spark-submit, quoted for a POSIX shell, one to a line.

    Raises:
        EngineError: a value has a character that no argument can hold.
    """
    lines = []
    for key, value in settings.items():
        _checked(key, value)
        lines.append(f"--conf {shlex.quote(f'{key}={value}')}")
    return " \\\n".join(lines) + "\n"


def signed(text: str) -> str:
    """A text that holds `MARK`, with its digest there: whoever changes it makes it theirs."""
    digest = sha256(text.encode()).hexdigest()[:16]
    return text.replace(UNSIGNED, f"s3r-spark-conf-{digest}", 1)


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner alone; a link stays one."""
    try:
        _write(Path(os.path.realpath(path)), text)
    except OSError as error:  # which may name the draft
        raise OSError(error.errno, error.strerror, str(path)) from None


def is_ours(path: Path) -> bool:
    """Tell whether `s3r-spark conf` has written a file: it may, then, write it again."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    if _OURS.match(content):
        return True
    text = content.decode(errors="replace")
    match = _SIGNATURE.search(text)
    return match is not None and signed(text.replace(match[0], UNSIGNED, 1)) == text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(draft).replace(path)
    except BaseException:  # Ctrl-C as well must leave no draft, which may hold secrets
        Path(draft).unlink(missing_ok=True)
        raise


def _checked(key: str, value: str) -> None:
    if not _KEY.fullmatch(key):
        raise EngineError(f"{key!r} is no name of a setting")
    if "\0" in value:
        raise EngineError(f"{key}: the value holds a NUL character")
    if _HALF.search(value):
        raise EngineError(f"{key}: the value holds what is no character (half of a UTF-16 pair)")


def _comment(text: str) -> str:
    """A text of which nothing is read back, without what no file can hold."""
    return _NO_XML.sub("?", text)


def _java(char: str) -> str:
    """A character as Java's properties files escape it, in UTF-16."""
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
