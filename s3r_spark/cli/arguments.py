"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from s3r_spark.hadoop.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable

routes = click.argument("routes", metavar="ROUTES")
"""The path of a routes.yaml; that it is there is checked where it is read, with one message."""

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

JSON = "s3r_spark.json"
"""The key of a context's `meta` that says whether JSON was asked for, also of errors."""


def _noted(ctx: click.Context, _param: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - click's
    ctx.meta[JSON] = value
    return value


json_output = click.option(
    "--json",
    "as_json",
    is_flag=True,
    callback=_noted,
    is_eager=True,
    help="Write JSON, for programs; where something is wrong, with a list `errors`.",
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
