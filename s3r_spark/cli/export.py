"""`s3r-spark export`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from s3r_spark.cli import arguments
from s3r_spark.cli.output import say
from s3r_spark.errors import SetupError
from s3r_spark.exports.references import Form
from s3r_spark.hadoop import files
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from s3r_spark.exports.references import Form as SecretForm

WRITTEN_BY = "Written by `s3r-spark export"
_ENGINES = ("duckdb", "trino", "rclone")


@click.command(
    "export",
    short_help="Write configuration for other engines.",
    epilog="""\b
Example:
  s3r-spark export duckdb routes.yaml > routes.sql
  eval "$(s3r-spark export rclone routes.yaml)" && rclone ls routes:example-bucket
  s3r-spark export trino --secrets inline -o catalog.properties routes.yaml
""",
)
@click.argument("engine", type=click.Choice(_ENGINES))
@arguments.routes
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, readable by its owner only.  [default: stdout]",
)
@click.option(
    "--secrets",
    type=click.Choice(get_args(Form)),
    default="env",
    show_default=True,
    help="env: as references to variables; inline: their values.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that `export` has not written.")
def command(
    *, engine: str, routes: str | None, file: Path | None, secrets: SecretForm, force: bool
) -> None:
    """Write ROUTES for an engine that reaches stores by itself.

    Such engines know stores by buckets and folders at best: what they can't say is refused with
    the reason, and nothing is written. `Routes.storage_options` gives any of them one name's place.
    """
    loaded = Routes.load(arguments.named(routes))
    text: str = import_module(f"s3r_spark.exports.{engine}").text(loaded, secrets)
    if file is None:
        click.echo(text, nl=False)
        return
    if file.exists() and not force and WRITTEN_BY not in file.read_text(errors="replace")[:200]:
        raise SetupError(f"{file}: not written by `s3r-spark export`; --force overwrites")
    files.write(file, text)
    say(str(file))
