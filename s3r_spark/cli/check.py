"""`s3r-spark check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from s3r_spark.cli import options, output
from s3r_spark.cli.inspection import inspect
from s3r_spark.cli.output import listed, say
from s3r_spark.errors import RoutesWarning

if TYPE_CHECKING:
    from s3r_spark.diagnosis.findings import Diagnosis
    from s3r_spark.routing import Routes


@click.command(
    "check",
    short_help="Say what is wrong or not meant in a routes.yaml.",
    epilog="""\b
Example:
  s3r-spark check routes.yaml
  s3r-spark check --strict --json routes.yaml
  s3r-spark check --live routes.yaml                        # ask the stores, change nothing
  s3r-spark check --live --write routes.yaml s3a://example-bucket/team2
""",
)
@options.routes
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.option("--live", is_flag=True, help="Ask the stores: keys, buckets, certificates, clocks.")
@click.option(
    "--write",
    is_flag=True,
    help="With --live: write into each place too, into a folder that is removed again, and "
    "measure what each store does (12 MB are sent).",
)
@click.option(
    "--print-preset",
    is_flag=True,
    help="With --live --write: show the entries of routes.yaml that fit what was measured.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    default=30.0,
    show_default=True,
    help="With --live: what has no answer by then has failed.",
)
@options.engine
@options.hadoop_version
@options.json_output
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    *,
    routes: str,
    paths: tuple[str, ...],
    live: bool,
    write: bool,
    print_preset: bool,
    timeout: float,
    strict: bool,
    engine: str,
    hadoop_version: str | None,
    as_json: bool,
) -> None:
    """Say what is wrong with ROUTES, and what is probably not meant.

    No store is asked, unless with --live: then each client is looked at, and each PATH, or where
    there is none, each place that the file names. Exit code 1 says that something would fail.

    What boto3 and pandas can use and Spark can't is a warning, with the code `engine`.
    """
    if not live and (paths or write):
        raise click.UsageError(f"{'--write' if write else 'a PATH'} goes with --live")
    if print_preset and not write:
        raise click.UsageError("--print-preset goes with --live --write, which measures")
    found = inspect(routes, engine, hadoop_version)
    warned = found.findings + [RoutesWarning(line, "engine") for line in found.problems]
    diagnosis = _ask(found.routes, paths, write=write, timeout=timeout) if live else None
    if as_json:
        bad = [str(one) for one in diagnosis.bad] if diagnosis else []
        data = {"errors": bad, "warnings": listed(warned)}
        output.as_json({**data, "live": diagnosis.as_dict()} if diagnosis else data)
    else:
        for one in warned:
            say(f"warning: {one}")
        if diagnosis:
            _show(diagnosis)
            for name, preset in diagnosis.presets.items() if print_preset else ():
                say(f"# what fits the store of {name} (its credentials and trust as before)")
                say(preset)
        counts = (len(found.routes.clients), "client"), (len(found.routes.profiles), "profile")
        counted = [*counts, (len(warned), "warning")]
        if diagnosis:
            counted.append((len(diagnosis.bad), "failure"))
        words = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in counted]
        say(f"{found.routes.name}: {', '.join(words)}")
    if (strict and warned) or (diagnosis and not diagnosis.healthy):
        ctx.exit(1)


def _ask(routes: Routes, paths: tuple[str, ...], *, write: bool, timeout: float) -> Diagnosis:
    from s3r_spark.diagnosis.doctor import doctor  # noqa: PLC0415 - boto3 takes its time

    return doctor(routes, paths=paths, write=write, timeout=timeout)


def _show(diagnosis: Diagnosis) -> None:
    rows = [
        (
            output.mark(one.state),
            one.client or "-",
            one.place or "-",
            one.check,
            f"{one.text}: {one.mend}" if one.mend else one.text,
        )
        for one in diagnosis.findings
    ]
    output.table(("", "client", "place", "check", "found"), rows)
