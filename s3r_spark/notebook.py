"""The magic `%routes` of notebooks: `%load_ext s3r_spark` brings it."""

from __future__ import annotations

import shlex
import warnings
from typing import Any

from s3r_spark import globs
from s3r_spark.errors import RoutesError
from s3r_spark.html_tables import html_table
from s3r_spark.picture.parts import picture
from s3r_spark.picture.svg import svg
from s3r_spark.routing import SCHEMES, Routes

__all__ = ["register_magics"]


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
    shell.set_hook("complete_command", complete_names, str_key="%routes")


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


def complete_names(_shell: Any, event: Any) -> list[str]:
    """Complete the name that is being typed: buckets and folders that the routes know.

    Args:
        _shell: the IPython shell.
        event: IPython's: the text up to the cursor, and of its last word the part after the last
            `:` and the like, which is what a completion takes the place of.

    Returns:
        What that part could become; nothing, where the routes can't be read.
    """
    *before, word = event.text_until_cursor.lstrip().split(" ")
    files = _names_and_files(before[1:])[1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # %routes itself says them
            routes = Routes.load(next(filter(None, files), None))
    except RoutesError:
        return []
    scheme = word.partition(":")[0]
    spelled = scheme if scheme in SCHEMES else SCHEMES[0]
    typed = len(word) - len(event.symbol)
    names = (f"{spelled}://{name}" for name in _known_names(routes))
    return [name[typed:] for name in names if name.startswith(word)]


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
