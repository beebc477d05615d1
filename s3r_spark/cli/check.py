"""`s3r-spark check`."""

from __future__ import annotations

import click

from s3r_spark.cli import options, output
from s3r_spark.cli.inspection import inspect, listed
from s3r_spark.cli.output import say
from s3r_spark.errors import RoutesWarning


@click.command(
    "check",
    short_help="Say what is wrong or not meant in a routes.yaml.",
    epilog="""\b
Example:
  s3r-spark check routes.yaml
  s3r-spark check --strict --json routes.yaml
""",
)
@options.routes
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@options.engine
@options.hadoop_version
@options.json_output
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    *,
    routes: str,
    strict: bool,
    engine: str,
    hadoop_version: str | None,
    as_json: bool,
) -> None:
    """Say what is wrong with ROUTES, and what is probably not meant; no store is asked.

    What boto3 and pandas can use and Spark can't is a warning, with the code `engine`.
    """
    found = inspect(routes, engine, hadoop_version)
    warned = found.findings + [RoutesWarning(line, "engine") for line in found.problems]
    if as_json:
        output.as_json({"errors": [], "warnings": listed(warned)})
    else:
        for one in warned:
            say(f"warning: {one}")
        counts = (len(found.routes.clients), "client"), (len(found.routes.profiles), "profile")
        counted = [*counts, (len(warned), "warning")]
        words = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in counted]
        say(f"{found.routes.name}: {', '.join(words)}")
    if strict and warned:
        ctx.exit(1)
