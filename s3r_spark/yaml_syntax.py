"""Errors of a text that is no YAML, in words that say what to write instead."""

from __future__ import annotations

import re

import yaml

NESTED = "is nested too deep, or in itself"
_QUOTED_NAME = re.compile(r"(alias|anchor|tag handle|escape character) '.*?'(?=;|$)")
_HINTS = {
    r"alias": """\
a value that begins with '*' must be in quotes (without them it names an anchor, and there is none \
of that name)""",
    r"mapping values are not allowed|expected <block end>|did not find expected key": """\
the line stands too far in or out: give the keys of one entry the same number of blanks (a text \
with ': ' in it must be in quotes)""",
    r"could not find expected ':'": "a line is no key with a ':' behind it",
}


def why(error: yaml.YAMLError, text: str) -> str:
    """Line and reason of a syntax error, without the words of the file that may be secrets."""
    if not isinstance(error, yaml.MarkedYAMLError):
        # A character that YAML forbids: the reader knows its position, not its line.
        number = text.count("\n", 0, getattr(error, "position", 0))
        return f":{number + 1}: is not YAML: {getattr(error, 'reason', error)}"
    if "nesting depth" in str(error.problem):  # newer ones of PyYAML's C part count it themselves
        return f": {NESTED}"
    mark = error.problem_mark or error.context_mark
    number = mark.line if mark else 0
    lines = text.splitlines()
    line = lines[number] if number < len(lines) else ""
    column = mark.column if mark else 0
    return f":{number + 1}: is not YAML: {_reason(error, line, column)}"


def _reason(error: yaml.MarkedYAMLError, line: str, column: int) -> str:
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab indents the line: write blanks"
    reason = ", ".join(part for part in (error.context, error.problem) if part)
    if "cannot start any token" in reason and line[column : column + 1] in {"@", "`", "%"}:
        return f"a value that begins with {line[column]!r} must be in quotes"
    for sign, hint in _HINTS.items():
        if re.search(sign, reason):
            reason = hint
    reason = _QUOTED_NAME.sub(r"\1", reason)
    if "${" in line:
        reason += "; within { } a ${NAME} must be in quotes"
    return reason
