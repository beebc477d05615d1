"""The magic `%routes` of notebooks: `%load_ext s3r_spark` brings it."""

from __future__ import annotations

import re
import shlex
import warnings
from contextlib import suppress
from typing import Any

from s3r_spark import globs
from s3r_spark.errors import RoutesError
from s3r_spark.html_tables import html_table
from s3r_spark.picture.parts import picture
from s3r_spark.picture.svg import svg
from s3r_spark.routing import SCHEMES, Routes

__all__ = ["register_magics"]


_LINE = re.compile(r"\s*%?routes\s")
_MATCHER = "s3r_spark.notebook.names"
_FILES = "IPCompleter.file_matcher"
_QUOTED = set(" \t'\"\\")  # what a word of the magic's line would need quotes for


class Shown:
    """The output of a cell, as text where nothing else can be shown."""

    def __init__(self, text: str, html: str) -> None:
        self._text, self._html = text, html

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return self._html


def register_magics(shell: Any) -> None:
    """Give an IPython shell the magic, and the completion of names in its line."""
    shell.register_magic_function(show_routes, "line", "routes")
    with suppress(ImportError):  # IPython before 8.6 knows no such matchers
        from IPython.core.completer import context_matcher  # noqa: PLC0415 - whoever has a shell has it

        others = [
            matcher
            for matcher in shell.Completer.custom_matchers
            if getattr(matcher, "matcher_identifier", None) != _MATCHER
        ]
        shell.Completer.custom_matchers = [
            *others,
            context_matcher(identifier=_MATCHER)(complete_names),
        ]


def show_routes(line: str) -> Shown:
    """Show routes, or where names go by them: `%routes [FILE] [s3a://bucket/key ...]`.

    Without FILE they are those that every command takes (`discovery.default_routes`).

    Raises:
        RoutesError: there are no routes, or they can't be used, or that is no name.
        UnmatchedError: a name that the routes refuse.
    """
    names, files = _names_and_files(shlex.split(line))
    routes = Routes.load(files[0] if files else None)
    if not names:
        return Shown(repr(routes), svg(picture(routes)))
    rows = [
        (name, target.uri, target.client, target.profile)
        for name in names
        for target in routes.path_targets(name)
    ]
    text = "\n".join(f"{name}  {uri}  {client}" for name, uri, client, _ in rows)
    return Shown(text, html_table(("name", "place", "client", "profile"), rows))


def complete_names(context: Any) -> dict[str, Any]:
    """Complete the name that is being typed: buckets and folders that the routes know.

    Args:
        context: IPython's CompletionContext.

    Returns:
        A matcher's result: what the word could become, and with it, of all else, names of files
        alone. Nothing in other lines, and where the routes can't be read.
    """
    from IPython.core.completer import SimpleCompletion  # noqa: PLC0415 - as above

    line = context.text_until_cursor
    if _LINE.match(line) is None:
        return {"completions": []}
    *before, word = line.lstrip().split(" ")
    completions = [SimpleCompletion(name, type="name") for name in _completed(before[1:], word)]
    return {
        "completions": completions,
        "matched_fragment": word,
        "suppress": True,  # Python's names, which a name's last part looks like
        "do_not_suppress": {_FILES},
    }


def _completed(before: list[str], word: str) -> list[str]:
    files = _names_and_files(before)[1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # %routes itself says them
            routes = Routes.load(next(filter(None, files), None))
    except RoutesError:
        return []
    scheme = word.partition(":")[0]
    spelled = scheme if scheme in SCHEMES else SCHEMES[0]
    names = (f"{spelled}://{name}" for name in _known_names(routes))
    return [name for name in names if name.startswith(word)]


def _names_and_files(words: list[str]) -> tuple[list[str], list[str]]:
    names = [word for word in words if word.partition("://")[0] in SCHEMES]
    return names, [word for word in words if word not in names]


def _known_names(routes: Routes) -> list[str]:
    """Buckets and folders of the profiles, as far as a pattern says their names.

    What a line would need quotes for is left out.
    """
    names: set[str] = set()
    for rule in routes.rules:
        pattern, folder = rule.profile.source_bucket_pattern, globs.folder(rule.key_pattern)
        buckets = rule.profile.buckets or () if globs.has_wildcard(pattern) else (pattern,)
        names.update(name for bucket in buckets for name in (f"{bucket}/", f"{bucket}/{folder}"))
        if not buckets:
            names.add(globs.head(pattern))
    return sorted(name for name in names if name and not _QUOTED & set(name))
