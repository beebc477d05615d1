"""Findings: what stores were found to do when they were asked."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from s3r_spark.html_tables import html_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MARKS", "Diagnosis", "Finding", "State"]

State = Literal["good", "bad", "open"]
MARKS: Mapping[State, str] = {"good": "✓", "bad": "✗", "open": "\N{EN DASH}"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: what was looked at, in a word or two.
        state: good; bad: a job would fail; open: it could not be told, or matters to nobody yet.
        text: what was found.
        mend: what to do about it; "" where nothing is to be done.
        client: the client's name; "" until it is known whose finding it is.
        place: the profile or the path that was looked at; "" for what concerns the client whole.
        node: the machine of a Spark session that has found it, or several; "" where it was found by
            boto3, here.
    """

    check: str
    state: State
    text: str
    mend: str = ""
    client: str = ""
    place: str = ""
    node: str = ""

    def __str__(self) -> str:
        node = f"({self.node})" if self.node else ""
        whose = " ".join(filter(None, (self.client, self.place, node)))
        sentence = f"{self.text}: {self.mend}" if self.mend else self.text
        return f"{MARKS[self.state]} {whose}: {self.check}: {sentence}"


@dataclass(frozen=True)
class Diagnosis:
    """All that was found.

    Attributes:
        findings: in the order of the file's clients and profiles.
        traits: by client, what its store was measured to do (see `s3r_spark.diagnosis.traits`);
            True, False, or None where it could not be told.
        presets: by client that was measured, the entry of routes.yaml that fits, as YAML.
    """

    findings: tuple[Finding, ...]
    traits: Mapping[str, Mapping[str, bool | None]] = field(default_factory=dict)
    presets: Mapping[str, str] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Tell whether nothing bad was found."""
        return not self.bad

    @property
    def bad(self) -> tuple[Finding, ...]:
        """The findings that a job would fail of."""
        return tuple(finding for finding in self.findings if finding.state == "bad")

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON."""
        return {
            "findings": [asdict(finding) for finding in self.findings],
            "traits": {name: dict(traits) for name, traits in self.traits.items()},
            "presets": dict(self.presets),
        }

    def _repr_html_(self) -> str:
        headings = ("", "client", "place", "machine", "check", "found", "what to do")
        return html_table(
            headings,
            [
                (MARKS[f.state], f.client, f.place, f.node, f.check, f.text, f.mend)
                for f in self.findings
            ],
        )

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)
