"""`s3r-spark check`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from s3r_spark.cli import arguments, output
from s3r_spark.cli.inspection import hidden_lines, inspect
from s3r_spark.cli.output import listed, say
from s3r_spark.cli.session import of_routes
from s3r_spark.errors import RoutesWarning
from s3r_spark.hiding import hidden_places

if TYPE_CHECKING:
    from rich.text import Text

    from s3r_spark.diagnosis.findings import Diagnosis
    from s3r_spark.hadoop.engines import EngineName
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
  s3r-spark check --live --spark --conf spark.master=spark://host:7077 routes.yaml
""",
)
@arguments.routes
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
    "--spark",
    is_flag=True,
    help="With --live: ask from a Spark session's driver and executors too, by S3A.",
)
@click.option(
    "--conf",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="With --spark: a setting of that session, as for spark-submit.",
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
@arguments.engine
@arguments.hadoop_version
@arguments.json_output
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    *,
    routes: str,
    paths: tuple[str, ...],
    live: bool,
    write: bool,
    spark: bool,
    settings: tuple[str, ...],
    print_preset: bool,
    timeout: float,
    strict: bool,
    engine: EngineName,
    hadoop_version: str | None,
    as_json: bool,
) -> None:
    """Say what is wrong with ROUTES, and what is probably not meant.

    No store is asked, unless with --live: then each client is looked at, and each PATH, or where
    there is none, each place that the file names. Exit code 1 says that something would fail.

    What boto3 and pandas can use and Spark can't is a warning, with the code `engine`.
    """
    _check_usage(ctx.params)
    inspection = inspect(routes, engine, hadoop_version)
    warned = inspection.findings + [RoutesWarning(line, "engine") for line in inspection.problems]
    diagnosis = None
    if live:
        with of_routes(inspection.routes, engine, settings) if spark else nullcontext() as session:
            diagnosis = _ask(inspection.routes, session, paths, write=write, timeout=timeout)
    if as_json:
        bad = [str(one) for one in diagnosis.bad] if diagnosis else []
        hidden = [one._asdict() for one in hidden_places(inspection.routes)]
        data: dict[str, object] = {"errors": bad, "warnings": listed(warned), "hidden": hidden}
        output.as_json({**data, "live": diagnosis.as_dict()} if diagnosis else data)
    else:
        for one in warned:
            say(f"warning: {one}")
        for line in hidden_lines(inspection.routes):
            say(line)
        if diagnosis:
            _show(diagnosis)
            for name, preset in diagnosis.presets.items() if print_preset else ():
                say(f"# what fits the store of {name} (its credentials and trust as before)")
                say(preset)
        counts = (
            (len(inspection.routes.clients), "client"),
            (len(inspection.routes.profiles), "profile"),
        )
        counted = [*counts, (len(warned), "warning")]
        if diagnosis:
            counted.append((len(diagnosis.bad), "failure"))
        words = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in counted]
        say(f"{inspection.routes.name}: {', '.join(words)}")
    if (strict and warned) or (diagnosis and not diagnosis.healthy):
        ctx.exit(1)


def _check_usage(given: dict[str, Any]) -> None:
    """Refuse options without those that they go with."""
    names = {"paths": "a PATH", "write": "--write", "spark": "--spark"}
    alone = [name for key, name in names.items() if given[key] and not given["live"]]
    if alone:
        raise click.UsageError(f"{alone[-1]} goes with --live")
    if given["print_preset"] and not given["write"]:
        raise click.UsageError("--print-preset goes with --live --write, which measures")
    if given["settings"] and not given["spark"]:
        raise click.UsageError("--conf goes with --live --spark")


def _ask(
    routes: Routes, spark: Any, paths: tuple[str, ...], *, write: bool, timeout: float
) -> Diagnosis:
    from s3r_spark.diagnosis.doctor import doctor  # noqa: PLC0415 - boto3 takes its time

    return doctor(routes, spark=spark, paths=paths, write=write, timeout=timeout)


def _show(diagnosis: Diagnosis) -> None:
    nodes = ["node"] if any(one.node for one in diagnosis.findings) else []
    rows: list[tuple[str | Text, ...]] = []
    for one in diagnosis.findings:
        sentence = f"{one.text}: {one.mend}" if one.mend else one.text
        of = [one.client, one.place, *([one.node] if nodes else [])]
        texts = (*(text or "-" for text in of), one.check, sentence)
        rows.append((output.mark(one.state), *texts))
    output.table(("", "client", "place", *nodes, "check", "found"), rows)
