"""`s3r-spark check`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from s3r_spark.cli import arguments, output
from s3r_spark.cli.check_report import CheckReport, as_data
from s3r_spark.cli.environment import check_environment
from s3r_spark.cli.inspection import inspect
from s3r_spark.cli.session import of_routes
from s3r_spark.errors import RoutesError

if TYPE_CHECKING:
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
  s3r-spark check --format github jobs/*/routes.yaml        # in a workflow
  s3r-spark check --live routes.yaml                        # ask the stores, change nothing
  s3r-spark check --live --write routes.yaml s3a://example-bucket/team2
  s3r-spark check --live --spark --conf spark.master=spark://host:7077 routes.yaml
  s3r-spark check --environment                             # are the libraries as tested?
""",
)
@arguments.words
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
@click.option(
    "--environment",
    is_flag=True,
    help="By itself: say what of botocore, aiobotocore and s3fs, as they are installed here, "
    "differs from the releases that were tested.",
)
@arguments.engine
@arguments.hadoop_version
@arguments.report_format
@arguments.json_output
@click.pass_context
def command(
    ctx: click.Context,
    *,
    words: tuple[str, ...],
    live: bool,
    write: bool,
    spark: bool,
    settings: tuple[str, ...],
    print_preset: bool,
    timeout: float,
    strict: bool,
    environment: bool,
    engine: EngineName,
    hadoop_version: str | None,
    form: str,
    as_json: bool,
) -> None:
    """Say what is wrong with ROUTES, and what is probably not meant.

    No store is asked, unless with --live: then each client is looked at, and each PATH, or where
    there is none, each place that the file names. Exit code 1 says that something would fail.

    What boto3 and pandas can use and Spark can't is a warning, with the code `engine`.
    """
    files = [word for word in words if "://" not in word]
    paths = tuple(word for word in words if "://" in word)
    _check_usage({**ctx.params, "paths": paths}, files)
    if environment:
        all_is_well = check_environment(strict=strict, as_json=as_json or form == "json")
        ctx.exit(0 if all_is_well else 1)
    if len(files) > 1:
        reports = [_report_of(file, engine, hadoop_version) for file in files]
    else:
        inspection = inspect(arguments.named(files[0] if files else None), engine, hadoop_version)
        diagnosis = None
        if live:
            with of_routes(inspection.routes, engine, settings) if spark else nullcontext() as s:
                diagnosis = _ask(inspection.routes, s, paths, write=write, timeout=timeout)
        reports = [CheckReport(inspection, diagnosis)]
    if as_json or form == "json":
        output.as_json(as_data(reports))
    else:
        for report in reports:
            report.show(github=form == "github", presets=print_preset)
    if any(report.failed or (strict and report.warned) for report in reports):
        ctx.exit(1)


def _check_usage(params: dict[str, Any], files: list[str]) -> None:
    """Refuse options without those that they go with."""
    if params["environment"] and (params["words"] or params["live"]):
        raise click.UsageError("--environment looks at no ROUTES, and asks no store")
    if params["live"] and len(files) > 1:
        raise click.UsageError("--live looks at one file at a time")
    names = {"paths": "a PATH", "write": "--write", "spark": "--spark"}
    alone = [name for key, name in names.items() if params[key] and not params["live"]]
    if alone:
        raise click.UsageError(f"{alone[-1]} goes with --live")
    if params["print_preset"] and not params["write"]:
        raise click.UsageError("--print-preset goes with --live --write, which measures")
    if params["settings"] and not params["spark"]:
        raise click.UsageError("--conf goes with --live --spark")


def _ask(
    routes: Routes, spark: Any, paths: tuple[str, ...], *, write: bool, timeout: float
) -> Diagnosis:
    from s3r_spark.diagnosis.doctor import doctor

    return doctor(routes, spark=spark, paths=paths, write=write, timeout=timeout)


def _report_of(file: str, engine: EngineName, hadoop_version: str | None) -> CheckReport:
    """The report of one file of several: what is wrong with it doesn't end the check of others."""
    try:
        return CheckReport(inspect(file, engine, hadoop_version))
    except RoutesError as error:
        return CheckReport(error)
