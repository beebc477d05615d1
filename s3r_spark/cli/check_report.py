"""The report of `s3r-spark check`, for people, programs and GitHub's checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from s3r_spark.cli import output
from s3r_spark.cli.findings import Finding, of_error, of_lines, of_warnings
from s3r_spark.cli.inspection import Inspection, hidden_lines
from s3r_spark.cli.output import complain, counted, listed, say
from s3r_spark.errors import RoutesError, RoutesWarning
from s3r_spark.hiding import hidden_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from s3r_spark.diagnosis.findings import Diagnosis

__all__ = ["CheckReport", "as_data"]


@dataclass(frozen=True)
class CheckReport:
    """The report on one file.

    Attributes:
        subject: the routes as they were looked at, or the error where they can't be used.
        diagnosis: what the stores were found to be, if they were asked.
    """

    subject: Inspection | RoutesError
    diagnosis: Diagnosis | None = None

    @property
    def failed(self) -> bool:
        """Tell whether something is wrong."""
        unhealthy = self.diagnosis is not None and not self.diagnosis.healthy
        return isinstance(self.subject, RoutesError) or unhealthy

    @property
    def warned(self) -> list[RoutesWarning]:
        """Warnings: what works, but probably not as meant, or not with Spark."""
        if isinstance(self.subject, RoutesError):
            return list(self.subject.findings)
        problems = [RoutesWarning(line, "engine") for line in self.subject.problems]
        return [*self.subject.findings, *problems]

    @property
    def errors(self) -> list[str]:
        """Errors, as lines."""
        if isinstance(self.subject, RoutesError):
            return str(self.subject).splitlines()
        return [str(one) for one in self.diagnosis.bad] if self.diagnosis else []

    @property
    def findings(self) -> list[Finding]:
        """All of that, each with what it is about."""
        if isinstance(self.subject, RoutesError):
            return of_error(self.subject)
        routes = self.subject.routes
        out = of_warnings(self.subject.findings)
        out += of_lines(routes, "warning", "engine", self.subject.problems)
        for one in self.diagnosis.bad if self.diagnosis else ():
            at = routes.position("clients", one.client or "")
            out.append(Finding.at("error", one.check, str(one), at))
        return out

    def show(self, *, github: bool, presets: bool) -> None:
        """Write it for people, or as annotations for GitHub.

        Args:
            github: whether it is for GitHub.
            presets: whether entries that fit what was measured are shown too.
        """
        if github:
            for one in self.findings:
                click.echo(one.annotation)
            return
        if isinstance(self.subject, RoutesError):
            complain(str(self.subject))
            for finding in self.subject.findings:
                complain(str(finding), "warning: ")
            return
        for warning in self.warned:
            say(f"warning: {warning}")
        for line in hidden_lines(self.subject.routes):
            say(line)
        if self.diagnosis:
            _show(self.diagnosis)
            for name, preset in self.diagnosis.presets.items() if presets else ():
                say(f"# what fits the store of {name} (its credentials and trust as before)")
                say(preset)
        say(self._summary(self.subject))

    def _summary(self, inspection: Inspection) -> str:
        counts = [
            (len(inspection.routes.clients), "client"),
            (len(inspection.routes.profiles), "profile"),
            (len(self.warned), "warning"),
        ]
        if self.diagnosis:
            counts.append((len(self.diagnosis.bad), "failure"))
        return f"{inspection.routes.name}: {counted(*counts)}"


def as_data(reports: Sequence[CheckReport]) -> dict[str, object]:
    """The reports for a program, of several files as one."""
    inspections = [one.subject for one in reports if isinstance(one.subject, Inspection)]
    data: dict[str, object] = {
        "errors": [line for one in reports for line in one.errors],
        "warnings": [line for one in reports for line in listed(one.warned)],
        "hidden": [place._asdict() for one in inspections for place in hidden_places(one.routes)],
        "findings": [finding._asdict() for one in reports for finding in one.findings],
    }
    for one in reports:
        if one.diagnosis:
            data["live"] = one.diagnosis.as_dict()
    return data


def _show(diagnosis: Diagnosis) -> None:
    nodes = ["node"] if any(one.node for one in diagnosis.findings) else []
    rows: list[tuple[str | Text, ...]] = []
    for one in diagnosis.findings:
        sentence = f"{one.text}: {one.mend}" if one.mend else one.text
        of = [one.client, one.place, *([one.node] if nodes else [])]
        texts = (*(text or "-" for text in of), one.check, sentence)
        rows.append((output.mark(one.state), *texts))
    output.table(("", "client", "place", *nodes, "check", "found"), rows)
