"""`s3r-spark diff`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from s3r_spark.changes import changes_below
from s3r_spark.cli import arguments, output
from s3r_spark.errors import S3RError
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s3r_spark.changes import Change, Location
    from s3r_spark.migrate.measure import Tally


@click.command(
    "diff",
    short_help="Show which names change place between two files.",
    epilog="""\b
Example:
  s3r-spark diff old.yaml routes.yaml
  s3r-spark diff <(git show HEAD:routes.yaml) routes.yaml s3a://example-bucket/team2
  s3r-spark diff --live old.yaml routes.yaml    # what the stores have there
""",
)
@arguments.two_files
@click.option(
    "--live",
    is_flag=True,
    help="List both places: how many objects there are, and what the new place has already.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 where a name changes its place.")
@arguments.json_output
@click.pass_context
def command(
    ctx: click.Context,
    *,
    old: str,
    new: str | None,
    paths: tuple[str, ...],
    live: bool,
    exit_code: bool,
    as_json: bool,
) -> None:
    """Show which logical names lie elsewhere by NEW than by OLD.

    Changing routes moves names, not bytes: what lies at the old place of a row is not seen under
    its name any more. PATH, such as s3a://bucket/folder, shows the names below it alone.
    """
    new, paths = arguments.two_named(old, new, paths)
    before, after = Routes.load(old), Routes.load(new)
    rows = changes_below(before, after, paths)
    tallies = _tallies(rows, before, after) if live else None
    if as_json:
        counted: Sequence[Tally | None] = tallies or [None] * len(rows)
        output.as_json([_data(row, tally) for row, tally in zip(rows, counted, strict=True)])
    elif not rows:
        output.say("no name changes its place")
    else:
        _show(rows, tallies)
    if rows and exit_code:
        ctx.exit(1)


def _tallies(rows: list[Change], old: Routes, new: Routes) -> list[Tally]:
    from botocore.exceptions import BotoCoreError, ClientError

    from s3r_spark.migrate.measure import measure
    from s3r_spark.migrate.sides import Side

    before, after = Side.of(old), Side.of(new)
    try:
        return [measure(row, before, after) for row in rows]
    except (BotoCoreError, ClientError) as error:
        raise S3RError(str(error)) from error


def _show(rows: list[Change], tallies: list[Tally] | None) -> None:
    headings = ["names", "from", "to"]
    cells = [[row.names, _cell(row.before), _cell(row.after)] for row in rows]
    if tallies:
        headings += ["objects", "bytes", "there already", "other data there", "only there"]
        for line, tally in zip(cells, tallies, strict=True):
            counts = (tally.objects, tally.bytes, tally.equal, tally.different, tally.appearing)
            line += [f"{count:,}" for count in counts]
    output.table(headings, cells)


def _cell(location: Location | None) -> str:
    if location is None:
        return "refused"
    return f"{location.uri} on {location.client} ({location.endpoint_url or 'AWS'})"


def _data(row: Change, tally: Tally | None) -> dict[str, object]:
    bucket, key = row.example
    data: dict[str, object] = {
        "names": row.names,
        "example": f"s3://{bucket}/{key}",
        "before": row.before and {**asdict(row.before), "uri": row.before.uri},
        "after": row.after and {**asdict(row.after), "uri": row.after.uri},
    }
    return data | ({"live": asdict(tally)} if tally else {})
