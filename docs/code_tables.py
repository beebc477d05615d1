"""Parts of the reference that are made of the code: entries, options, commands, findings."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

import s3r_spark
from s3r_spark.cli import main
from s3r_spark.hadoop.s3a_options import OPTIONS, ignored_per_bucket
from s3r_spark.json_schema import json_schema
from s3r_spark.lint import CODES
from s3r_spark.model import Client, Credentials, Profile, RoutesFile
from s3r_spark.picture.parts import picture
from s3r_spark.picture.svg import svg
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pydantic import BaseModel

_LONG = 30  # letters
CASES = Path(__file__).parents[1] / "tests" / "lint-cases.yaml"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = (headings, ["---"] * len(headings), *rows)
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def code(text: str) -> str:
    """Text as code, whatever is in it."""
    # A table, or Markdown itself, would take these for its own; and what is long may be broken.
    if "|" in text or "`" in text or len(text) > _LONG:
        plain = escape(text).replace("|", "&#124;").replace("*", "&#42;")
        return f"<code class='pattern'>{plain}</code>"
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def entry(model: type[BaseModel]) -> str:
    """The keys of an entry of routes.yaml: what they take, and what they mean."""
    schema = json_schema()
    schema = schema["$defs"].get(model.__name__, schema)
    rows = []
    for name, field in model.model_fields.items():
        default = (
            "needed"
            if field.is_required()
            else _default(field.get_default(call_default_factory=True))
        )
        takes = _takes(schema["properties"][name])
        rows.append((code(name), takes, default, escaped(field.description or "")))
    return table(("key", "takes", "without it", "meaning"), rows)


def escaped(text: str) -> str:
    """Text of which nothing is markup."""
    return re.sub(r"([*_<`])", r"\\\1", text)


def _default(value: Any) -> str:
    return code(str(value).lower() if isinstance(value, bool) else str(value)) if value else ""


def _takes(schema: dict[str, Any]) -> str:
    """The values that a property takes, in words."""
    if "const" in schema:
        return code(str(schema["const"]))
    if "enum" in schema:
        return ", ".join(code(word) for word in schema["enum"] if word)
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        kinds = [kind for kind in map(_takes, branches) if kind]
        return " or ".join(kinds) if "oneOf" in schema else next(iter(kinds), "")
    if "$ref" in schema or schema.get("type") == "object":
        return "entries"
    return {"boolean": "`true`, `false`", "array": "a list", "string": "text"}.get(
        str(schema.get("type")), ""
    )


def s3a_options() -> str:
    """The options that may stand under a client's `hadoop:`, by Hadoop version."""
    rows = []
    for option in OPTIONS:
        since = option.since if option.until is None else f"{option.since}, until {option.until}"
        default = code(option.default or "")
        rows.append((code(option.name), option.meaning, option.kind, default, since))
    return table(("`fs.s3a.` …", "meaning", "kind", "default", "since"), rows)


def not_per_bucket() -> str:
    """The options that can't be one client's."""
    rows = [
        (code(option.name), reason)
        for option in OPTIONS
        if (reason := ignored_per_bucket(option.name)) is not None
    ]
    return table(("`fs.s3a.` …", "why"), rows)


def commands() -> str:
    """The output of `--help`, command by command."""
    settings = {**main.context_settings, "terminal_width": 100}
    group = click.Context(main, info_name="s3r-spark", **settings)
    parts = [_help(main, group)]
    for name, command in main.commands.items():
        ctx = click.Context(command, info_name=name, parent=group, terminal_width=100)
        parts.append(f"## s3r-spark {name}\n\n{_help(command, ctx)}")
    return "\n\n".join(parts)


def _help(command: click.Command, ctx: click.Context) -> str:
    return f"```text\n{command.get_help(ctx)}\n```"


def findings() -> str:
    """The findings by code, each with what is found and what lies near it and is fine."""
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    parts = []
    for name, meaning in CODES.items():
        parts.append(f"### {name}\n\n{meaning[0].upper()}{meaning[1:]}.")
        case = next((case for case in cases if case["code"] == name), None)
        if case and isinstance(case.get("bad"), str):
            parts.append(f"```yaml\n{case['bad']}```")
            if isinstance(case.get("good"), str):
                parts.append(f"Fine is:\n\n```yaml\n{case['good']}```")
    return "\n\n".join(parts)


def api() -> str:
    """The public names, for mkdocstrings: functions first, then what they give and raise."""
    names = [name for name in s3r_spark.__all__ if not name.startswith("_")]
    functions = [name for name in names if name.islower()]
    errors = [name for name in names if name.endswith(("Error", "Warning"))]
    rest = [name for name in names if name not in {*functions, *errors}]
    parts = []
    for title, group in (("Functions", functions), ("Classes", rest), ("Errors", errors)):
        parts += [f"## {title}", *(f"::: s3r_spark.{name}" for name in group)]
    return "\n\n".join(parts)


def drawing() -> str:
    """The routes of the first page, as `s3r-spark explain --format svg` draws them."""
    routes = Routes.load(
        {
            "clients": {
                "default": {"service": "aws", "region": "us-east-1"},
                "minio": {"service": "minio", "endpoint_url": "https://minio.example.com:9000"},
                "west": {"service": "aws", "region": "us-west-1"},
            },
            "profiles": {
                "minio": {
                    "source_bucket_pattern": "example-bucket",
                    "source_key_pattern": "team2/*",
                    "mapped_bucket_name": "minio-bucket",
                    "mapped_prefix": "data/team2",
                },
                "west": {"source_bucket_pattern": "logs-west"},
            },
        }
    )
    return f"<figure>{svg(picture(routes))}</figure>".replace("\n", "")


PARTS: dict[str, Callable[[], str]] = {
    "drawing": drawing,
    "file": lambda: entry(RoutesFile),
    "clients": lambda: entry(Client),
    "credentials": lambda: entry(Credentials),
    "profiles": lambda: entry(Profile),
    "s3a-options": s3a_options,
    "not-per-bucket": not_per_bucket,
    "commands": commands,
    "findings": findings,
    "api": api,
}
