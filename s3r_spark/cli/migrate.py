"""`s3r-spark migrate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from s3r_spark.changes import changes_below
from s3r_spark.cli import arguments, output
from s3r_spark.errors import S3RError
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from s3r_spark.changes import Change


def _rate(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    from s3r_spark.migrate.pace import bytes_of

    try:
        return None if value is None else bytes_of(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(
    "migrate",
    short_help="Copy what changes place between two files, with proof.",
    epilog="""\b
Example:
  git show HEAD:routes.yaml > old.yaml
  s3r-spark migrate --dry-run old.yaml routes.yaml    # what would be copied; changes nothing
  s3r-spark migrate old.yaml routes.yaml              # goes on where it was stopped
  s3r-spark migrate --finish old.yaml routes.yaml     # then switch to the new file
  s3r-spark migrate --delete-source old.yaml routes.yaml
""",
)
@arguments.two_files
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option(
    "--journal",
    "journal_path",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What is done already.  [default: NEW.journal]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=8,
    show_default=True,
    help="Objects, or parts of one, at a time.",
)
@click.option(
    "--bandwidth", metavar="RATE", callback=_rate, help="Bytes a second at most, such as 50M."
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "boto3"]),
    default="auto",
    show_default=True,
    help="What carries small objects between stores; auto: obstore, where it can.",
)
@click.option(
    "--spark",
    is_flag=True,
    help="Copy on the executors of a Spark session; workers are those of each of its tasks.",
)
@click.option(
    "--conf",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="With --spark: a setting of the session; may be given several times.",
)
@click.option(
    "--overwrite", is_flag=True, help="Write over other data that lies at the new place already."
)
@click.option(
    "--delete-extra",
    is_flag=True,
    help="Remove copies of what was deleted from the old place since it was copied.",
)
@click.option(
    "--verify", type=click.Choice(["read"]), help="read: read every copy back, and compare."
)
@click.option(
    "--finish",
    is_flag=True,
    help="Copy the rest, make sure that nobody writes any more, and say what to switch.",
)
@click.option(
    "--delete-source",
    is_flag=True,
    help="Once it is finished: delete from the old place what is proven to be at the new one.",
)
@click.option("--yes", is_flag=True, help="With --delete-source: don't ask.")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write how each object was proven, as JSON.",
)
@arguments.json_output
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    old: str,
    new: str | None,
    paths: tuple[str, ...],
    journal_path: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Copy what lies elsewhere by NEW than by OLD, from where it is to where it will be.

    Nothing is deleted from the old place, unless with --delete-source, and nothing is written over
    that isn't a copy made here. Each copy is proven; a copy without proof is an error. Stopped by
    whatever, the same command goes on, and copies nothing twice. PATH, such as
    s3a://bucket/folder, moves what is below it alone.

    Exit code 1 says that not all could be copied.
    """
    if given["delete_source"] and (given["finish"] or given["delete_extra"]):
        raise click.UsageError(
            "--delete-source comes after --finish, once the new file is in use: alone"
        )
    if given["yes"] and not given["delete_source"]:
        raise click.UsageError("--yes goes with --delete-source")
    if given["settings"] and not given["spark"]:
        raise click.UsageError("--conf goes with --spark")
    new, paths = arguments.two_named(old, new, paths)
    before, after = Routes.load(old), Routes.load(new)
    rows = changes_below(before, after, paths)
    if journal_path is None:
        journal_path = Path(f"{new}.journal")
        if not Path(new).is_file():
            raise click.UsageError(
                f"{new} is no file that a journal can lie beside: --journal FILE"
            )
    if not rows:
        if as_json:
            output.as_json({"plan": None})
        else:
            output.say("no name changes its place")
        return
    given |= {"as_json": as_json, "files": (old, new)}
    if not _ran(before, after, rows, paths, journal_path, **given):
        ctx.exit(1)


def _ran(
    old: Routes,
    new: Routes,
    rows: list[Change],
    paths: tuple[str, ...],
    journal: Path,
    **given: Any,
) -> bool:
    """Tell whether all was done."""
    from sqlite3 import Error

    from botocore.exceptions import BotoCoreError, ClientError

    from s3r_spark.cli.migration import Migration

    try:
        return Migration(old, new, rows, paths, journal, **given).run()
    except (BotoCoreError, ClientError) as error:
        raise S3RError(str(error)) from error
    except Error as error:  # a full disk
        hint = ": the same command goes on once there is room" if "full" in str(error) else ""
        raise S3RError(f"{journal}: {error}{hint}") from error
