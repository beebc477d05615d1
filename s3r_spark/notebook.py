"""The magic `%routes` of notebooks: `%load_ext s3r_spark` brings it."""

from __future__ import annotations

import shlex
from typing import Any

from s3r_spark.html_tables import html_table
from s3r_spark.picture.parts import picture
from s3r_spark.picture.svg import svg
from s3r_spark.routing import SCHEMES, Routes

__all__ = ["register_magics"]


class Shown:
    """The output of a cell, as text where nothing else can be shown."""

    def __init__(self, text: str, html: str) -> None:
        self._text, self._html = text, html

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return self._html


def register_magics(shell: Any) -> None:
    """Give an IPython shell the magic."""
    shell.register_magic_function(show_routes, "line", "routes")


def show_routes(line: str) -> Shown:
    """Show routes, or where names go by them: `%routes [FILE] [s3a://bucket/key ...]`.

    Without FILE they are those that every command takes (`discovery.default_routes`).

    Raises:
        RoutesError: there are no routes, or they can't be used, or that is no name.
        UnmatchedError: a name that the routes refuse.
    """
    words = shlex.split(line)
    names = [word for word in words if word.partition("://")[0] in SCHEMES]
    files = [word for word in words if word not in names]
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
