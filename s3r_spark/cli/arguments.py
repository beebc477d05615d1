"""Arguments that several commands take."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from s3r_spark.cli.output import complain
from s3r_spark.discovery import FILE, VARIABLE, default_routes
from s3r_spark.hadoop.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., Any]")
_FILE = click.Path()  # which shells complete; that it is there is checked where it is read


def routes(command: _F) -> _F:
    """The path of a routes.yaml."""
    return _may_be_left_out("routes", command)


def new(command: _F) -> _F:
    """The same, of the routes that take the place of others."""
    return _may_be_left_out("new", command)


def two_files(command: _F) -> _F:
    """OLD and NEW, two routes files, and the PATHs whose names alone are looked at."""
    command = click.argument("paths", metavar="[PATH...]", nargs=-1)(command)
    return click.argument("old", metavar="OLD")(new(command))


def words(command: _F) -> _F:
    """Several of them, and names below which to look: whatever has a `://` in it."""
    _explain("routes", command)
    metavar = "[ROUTES]... [PATH]..."
    return click.argument("words", metavar=metavar, nargs=-1, type=_FILE)(command)


def _may_be_left_out(name: str, command: _F) -> _F:
    _explain(name, command)
    return click.argument(name, metavar=f"[{name.upper()}]", required=False, type=_FILE)(command)


def _explain(name: str, command: _F) -> None:
    about = (
        f"{name.upper()} may be left out: then it is the file that {VARIABLE} names, or else {FILE}"
        " in this folder or above it, up to the repository's root. `-` is standard input."
    )
    command.__doc__ = f"{inspect.cleandoc(command.__doc__ or '')}\n\n{about}"


def named(routes: str | None) -> str:
    """The path of the routes; where the default ones are taken, stderr says which and why.

    Raises:
        RoutesError: none are named, and there are no default ones.
    """
    if routes is not None:
        return routes
    default = default_routes()
    complain(f"{default.path} ({default.reason})", "routes: ")
    return default.path


def named_before(routes: str | None, uris: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The path of the routes and the names after it, of which the first may stand in its place."""
    if routes is not None and "://" in routes:
        return named(None), (routes, *uris)
    return named(routes), uris


def two_named(old: str, new: str | None, uris: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The path of the new routes and the names after it, as `named_before` has them.

    Raises:
        UsageError: both files are standard input.
    """
    new, uris = named_before(new, uris)
    if old == new == "-":
        raise click.UsageError("standard input can be read but once: name a file for OLD or NEW")
    return new, uris


engine = click.option(
    "--engine",
    type=click.Choice(["auto", *ENGINES]),
    default="auto",
    show_default=True,
    help="How Spark is made to follow the routes; auto takes the simplest that can.",
)

hadoop_version = click.option(
    "--hadoop-version",
    metavar="VERSION",
    help="The Hadoop that it is for, such as 3.4.1.  [default: that of the Spark installed here]",
)

FORM = "s3r_spark.form"
"""The key of a context's `meta` that says in which form all is written, errors too."""


def _json_noted(ctx: click.Context, _param: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - click's
    if value:
        ctx.meta[FORM] = "json"
    return value


json_output = click.option(
    "--json",
    "as_json",
    is_flag=True,
    callback=_json_noted,
    is_eager=True,
    help="Write JSON, for programs; where something is wrong, with lists `errors` and `findings`.",
)


def _form_noted(ctx: click.Context, _param: click.Parameter, value: str) -> str:
    ctx.meta.setdefault(FORM, value)
    return value


report_format = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    callback=_form_noted,
    is_eager=True,
    help="github: annotations of a workflow's files; json is --json.  [default: text]",
)


def folder(about: str, default: str | None = None) -> Callable[[Any], Any]:
    """The folder that a command writes into, as its argument `folder`.

    Args:
        about: what is written there, for `--help`.
        default: the folder where none is given; None leaves the argument None.
    """
    return click.option(
        "-o",
        "--output",
        "folder",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        default=default,
        show_default=default is not None,
        help=about,
    )
