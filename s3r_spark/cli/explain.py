"""`s3r-spark explain`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import click

from s3r_spark import globs
from s3r_spark.cli import arguments, output
from s3r_spark.cli.findings import of_lines, of_warnings
from s3r_spark.cli.inspection import Inspection, address, hidden_lines, inspect
from s3r_spark.cli.output import complain, listed, say
from s3r_spark.hadoop.packages import cloud
from s3r_spark.hiding import hidden_places
from s3r_spark.picture.mermaid import mermaid
from s3r_spark.picture.page import page
from s3r_spark.picture.parts import picture
from s3r_spark.picture.svg import svg
from s3r_spark.picture.tree import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s3r_spark.routing import Routes, Rule


class Route(NamedTuple):
    """One profile, as people and programs see it."""

    profile: str | None
    logical: str
    physical: str | None
    client: str | None
    endpoint: str | None
    engine: str | None
    access: str | None


_PICTURES: Mapping[str, Callable[[Routes], str]] = MappingProxyType(
    {
        "tree": lambda routes: tree(picture(routes)),
        "mermaid": lambda routes: mermaid(picture(routes)),
        "svg": lambda routes: svg(picture(routes)),
        "html": lambda routes: page(routes, picture(routes)),
    }
)


@click.command(
    "explain",
    short_help="Show what lies where, and the engine.",
    epilog="""\b
Example:
  s3r-spark explain routes.yaml
  s3r-spark explain --engine s3a routes.yaml    # what the engine s3a can't do
  s3r-spark explain --format html routes.yaml > routes.html    # a picture, and a box to ask
""",
)
@arguments.routes
@arguments.engine
@arguments.hadoop_version
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *_PICTURES]),
    default="table",
    show_default=True,
    help="A table with the engine; or a picture: text, Mermaid, or what a browser shows.",
)
@arguments.json_output
@click.pass_context
def command(
    ctx: click.Context,
    *,
    routes: str | None,
    engine: str,
    hadoop_version: str | None,
    form: str,
    as_json: bool,
) -> None:
    """Show where every logical name of ROUTES really lies, and how Spark is made to follow."""
    inspection = inspect(arguments.named(routes), engine, hadoop_version)
    if as_json:
        output.as_json(_data(inspection))
    elif form in _PICTURES:
        click.echo(_PICTURES[form](inspection.routes))
        _complain(inspection)
    else:
        _show(inspection)
        _complain(inspection)
    if inspection.problems:
        ctx.exit(1)


def _data(inspection: Inspection) -> dict[str, object]:
    choice = inspection.choice
    chosen = choice and {
        "name": choice.engine.NAME,
        "about": choice.engine.ABOUT,
        "reason": choice.reason,
        "costs": [*choice.engine.COSTS, *_commits(inspection), *_two_places(inspection)],
    }
    return {
        "hadoop_version": inspection.version,
        "engine": chosen,
        "refusals": inspection.refusals,
        "errors": inspection.problems,
        "routes": [route._asdict() for route in _routes(inspection)],
        "hidden": [hidden._asdict() for hidden in hidden_places(inspection.routes)],
        "warnings": listed(inspection.findings),
        "findings": [
            one._asdict()
            for one in (
                *of_lines(inspection.routes, "error", "engine", inspection.problems),
                *of_warnings(inspection.findings),
            )
        ],
    }


def _show(inspection: Inspection) -> None:
    rows = [
        (
            route.profile or "-",
            route.logical,
            _shown(route),
            f"{route.client} ({route.endpoint})" if route.client else "-",
            route.engine or "-",
        )
        for route in _routes(inspection)
    ]
    output.table(("profile", "logical", "physical", "client", "engine"), rows)
    say()
    if inspection.choice:
        engine = inspection.choice.engine
        say(f"engine {engine.NAME}: {inspection.choice.reason}", "bold")
        say(f"  {engine.ABOUT}")
        for cost in (*engine.COSTS, *_commits(inspection), *_two_places(inspection)):
            say(f"  {cost}")
        for name, lines in _simpler(inspection).items():
            say(f"engine {name} can't do this:")
            for line in lines:
                say(f"  {line}")
    for line in hidden_lines(inspection.routes):
        say(line)


def _complain(inspection: Inspection) -> None:
    for problem in inspection.problems:
        complain(problem)
    for finding in inspection.findings:
        complain(str(finding), "warning: ")


def _shown(route: Route) -> str:
    if route.physical is None:
        return "refused: no profile takes it"
    return f"{route.physical} (read only)" if route.access == "read" else route.physical


def _simpler(inspection: Inspection) -> dict[str, list[str]]:
    """The reasons why the engines that the choice passed over were no choice."""
    return {
        name: lines
        for name, lines in inspection.refusals.items()
        if inspection.choice and name != inspection.choice.engine.NAME
    }


def _commits(inspection: Inspection) -> list[str]:
    """Tell what spark-hadoop-cloud is for, and what it costs to lack it."""
    if inspection.choice and not inspection.choice.engine.USES_MAGIC:
        return []
    if coordinate := cloud(inspection.version):
        _, name, release = coordinate.split(":")
        with_it = f"S3A's magic committer writes files where they belong, by {name} {release}"
        return [f"{with_it}; without that, each is copied twice before it is there"]
    lacking = "there is no spark-hadoop-cloud for this Spark, and so no magic committer"
    return [f"{lacking}: files are committed by renaming, which copies each twice"]


def _two_places(inspection: Inspection) -> list[str]:
    """The names that are a file by one profile and a folder by another."""
    return [
        f"profile {rule.name!r}: a file named as {rule.key_pattern.removesuffix('/*')!r} lies "
        "where its own key leads, as for boto3; for such names two stores are asked"
        for rule in inspection.routes.rules
        if rule.profile.spark and globs.has_wildcard(rule.key_pattern.removesuffix("*"))
    ]


def _routes(inspection: Inspection) -> list[Route]:
    engine = inspection.choice.engine.NAME if inspection.choice else None
    return [
        *(_of_rule(inspection.routes, rule, engine) for rule in inspection.routes.rules),
        _rest(inspection.routes, engine),
    ]


def _of_rule(routes: Routes, rule: Rule, engine: str | None) -> Route:
    place = f"s3a://{rule.place}"
    by = engine if rule.profile.spark else None
    at = address(routes.clients[rule.client])
    return Route(rule.name, rule.names, place, rule.client, at, by, _access(rule))


def _access(rule: Rule) -> str:
    return "read" if rule.read_only else "write"


def _rest(routes: Routes, engine: str | None) -> Route:
    """Tell what becomes of names that no profile takes."""
    if routes.refuses_unmatched:
        return Route(None, "anything else", None, None, None, None, None)
    client = address(routes.clients["default"])
    access = _access(routes.default)
    return Route(None, "anything else", "as it is", "default", client, engine, access)
