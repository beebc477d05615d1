"""Inspection of routes without touching a store: for `check` and `explain`."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s3r_spark.errors import EngineError, RoutesWarning, SetupError
from s3r_spark.hadoop import engines
from s3r_spark.hadoop.client_options import stores
from s3r_spark.hadoop.packages import installed_hadoop_version
from s3r_spark.hadoop.versions import HADOOP_VERSIONS, hadoop_line
from s3r_spark.hiding import hidden_places
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from s3r_spark.model import Client


@dataclass(frozen=True)
class Inspection:
    """Routes, and what is to be said of them.

    Attributes:
        routes: the routes.
        version: the Hadoop version that they were looked at for.
        choice: the engine, or None where none can do what they ask.
        refusals: by the engines that can't do it, why.
        problems: why Spark can't use the routes, one line each.
        findings: what works, but probably not as meant.
    """

    routes: Routes
    version: str
    choice: engines.Choice | None
    refusals: dict[str, list[str]]
    problems: list[str]
    findings: list[RoutesWarning]


def inspect(source: str, engine: str = "auto", version: str | None = None) -> Inspection:
    """Look at routes.

    Args:
        source: the path of a routes.yaml.
        engine: the engine that is to be used.
        version: the Hadoop version; None: that of the Spark here, or else the newest.

    Raises:
        RoutesError: the routes can't be used at all.
        SetupError: the version is not known.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RoutesWarning)  # they come as findings
        routes = Routes.load(source)
    findings = [finding for finding in routes.findings() if isinstance(finding, RoutesWarning)]
    version = version or _installed() or HADOOP_VERSIONS[-1]
    hadoop_line(version)
    choice, problems = None, []
    try:
        choice = engines.choose(routes, engine, version)
    except EngineError as error:
        problems += str(error).splitlines()
    try:
        of_jar = choice is not None and choice.engine.OWN_JAR
        findings += stores(routes, version, of_jar=of_jar).findings
    except EngineError as error:
        problems += str(error).splitlines()
    refusals = engines.refusals(routes, version)
    findings = [finding for finding in findings if not _is_told(finding, problems)]
    return Inspection(routes, version, choice, refusals, problems, findings)


def _is_told(finding: RoutesWarning, problems: list[str]) -> bool:
    """Tell whether a finding says no more than an error of Spark's about the same profile."""
    about = str(finding.args[0]).partition("': ")[0]
    phrases = {"no-folder-slash": "the key pattern", "s3a-bucket-name": "use the bucket"}
    return finding.code in phrases and any(
        problem.startswith(f"{about}': ") and phrases[finding.code] in problem
        for problem in problems
    )


def address(client: Client) -> str:
    """Tell where a client is, for people."""
    return client.endpoint_url or f"{client.preset.title} {client.region or ''}".rstrip()


def hidden_lines(routes: Routes) -> list[str]:
    """Say under which names profiles hide what the default store may have."""
    return [
        f"hidden by profile {hidden.profile!r}: what the default store has under {hidden.name}"
        for hidden in hidden_places(routes)
    ]


def _installed() -> str | None:
    try:
        return installed_hadoop_version(oldest="3.5")
    except SetupError:
        return None
