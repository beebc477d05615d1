"""The texts of errors, collected from the source: what is raised, and what hints are given."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from code_tables import code, escaped, table

import s3r_spark
from s3r_spark import errors
from s3r_spark.boto.error_details import _HINTS
from s3r_spark.diagnosis.facts import _WORDS
from s3r_spark.diagnosis.reasons import _CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = Path(s3r_spark.__file__).parent
_OF_FILES = ("model", "fields", "secrets")  # what they raise is about a line of routes.yaml
# Of each error what to do about it, where its text alone doesn't say; and Python's own, which are
# raised for arguments.
MENDS = {
    "S3RError": "Mend what stands at its end, and run the same call again.",
    "RoutesError": "Correct the line of the file that it names; it says what would be right.",
    "UnmatchedError": "Correct the name, or write a profile that takes it.",
    "RefusedError": "Name the objects that are meant, or ask the store's own client.",
    "EngineError": "Take engine `router`, or leave out of the routes what it names.",
    "SecretError": "Set the variable that it names, where the process runs.",
    "SessionError": "Call it where it says; mostly a session, or a setting, was there before.",
    "SetupError": "Install what it names, in the range that it names.",
    "TypeError": "An argument is of another kind than the call takes.",
    "ValueError": "An argument has a value that the call can't go by.",
}
_SYNTAX = re.compile(r"\\b|\(\?:[Oo]idc\)\?|\(\?:|(?<!\\)[()^$]|\\")  # of the patterns of hints
HINTS = PACKAGE / "jvm/src/main/java/s3r/hadoop/Hints.java"


def raised() -> str:
    """The messages by the error that they are raised as; `…` is what a message fills in."""
    messages: dict[str, list[str]] = {name: [] for name in MENDS}
    for file in sorted(PACKAGE.rglob("*.py")):
        for name, text in _raised_in(ast.parse(file.read_text(encoding="utf-8"))):
            if name == "ValueError" and file.stem in _OF_FILES:
                continue
            if name in messages and text not in messages[name]:
                messages[name].append(text)
    parts = []
    for name, texts in messages.items():
        if texts:
            doc = getattr(errors, name).__doc__ or "" if name in errors.__all__ else ""
            cause = doc.partition("\n")[0]
            parts.append(f"### {name}\n\n{cause} {MENDS[name]}")
            parts.append("\n".join(f"- {escaped(text)}" for text in sorted(texts)))
    return "\n\n".join(parts)


def _raised_in(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        call = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.args:
            text = _text(call.args[0])
            if re.search(r"\w{3}", text):
                yield call.func.id, text


def _text(node: ast.expr) -> str:
    """The text of a message, with dots in the place of values."""
    if isinstance(node, ast.Constant):
        return str(node.value).replace("\n", " ")
    if isinstance(node, ast.JoinedStr):
        return re.sub("…+", "…", "".join(_text(part) for part in node.values))
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return "…"


def mistakes() -> str:
    """Errors about a routes.yaml: by the model, and by what reads the file."""
    texts = set()
    for file in sorted(PACKAGE.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if file.stem in _OF_FILES:
            texts |= {text for name, text in _raised_in(tree) if name == "ValueError"}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("problems.add"):
                texts.add(_text(node.args[1]))
        texts |= {_text(node.elts[1]) for node in _yielded(tree) if file.stem == "source"}
    return "\n".join(f"- {escaped(text)}" for text in sorted(texts) if re.search(r"\w{3}", text))


def _yielded(tree: ast.AST) -> Iterator[ast.Tuple]:
    """The pairs of a place and a text that a checking generator yields."""
    for node in ast.walk(tree):
        pair = node.value if isinstance(node, ast.Yield) else None
        if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:  # noqa: PLR2004 - a pair
            yield pair


def hints() -> str:
    """Words added to errors of stores, of boto3's and of the router's."""
    rows = [(_words(pattern.pattern), re.sub(r"\{[^}]*\}", "…", text)) for pattern, text in _HINTS]
    source = re.sub(r'"\s*\+\s*"', "", HINTS.read_text(encoding="utf-8"))
    java = re.findall(r'Hint\.of\(\s*"((?:[^"\\]|\\.)*)",(?:\s*//[^\n]*)?\s*"([^"]*)"\)', source)
    rows += [
        (_words(words.replace("\\\\", "\\")), re.sub(r"'?%\d\$s'?", "…", says))
        for words, says in java
    ]
    return table(("where the error says", "it goes on"), dict.fromkeys(rows))


def _words(pattern: str) -> str:
    """A pattern as the words that it looks for."""
    plain = re.sub(r"\(?\[[^]]*\]\+\)?|\.\*", "…", pattern)
    plain = re.sub(r"\[(.)[^]]*\]", r"\1", plain)  # one of some letters: the first
    return ", ".join(code(words) for words in _SYNTAX.sub("", plain).split("|"))


def reasons() -> str:
    """The findings that `check --live` makes of a store's or a JVM's words."""
    rows = [(code(name), one.text, one.mend) for name, one in _CODES.items()]
    rows += [(code(words), _plain(text), _plain(mend)) for words, text, mend in _WORDS]
    return table(("the store or the JVM says", "cause", "mend"), rows)


def _plain(text: str) -> str:
    return re.sub(r"\{(\w+)(?:!r)?\}", r"(\1)", text.replace("{{", "{").replace("}}", "}"))


PARTS: dict[str, Callable[[], str]] = {
    "raised": raised,
    "hints": hints,
    "mistakes": mistakes,
    "reasons": reasons,
}
