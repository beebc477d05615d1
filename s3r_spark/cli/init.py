"""`s3r-spark init`."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path

import click

from s3r_spark.cli import arguments, output
from s3r_spark.cli.init_questions import asked
from s3r_spark.cli.output import say
from s3r_spark.errors import SetupError
from s3r_spark.json_schema import json_schema
from s3r_spark.secrets import names_in

_PACKAGE = Path(__file__).parents[1]
_ROUTES, _SCHEMA, _VARIABLES = "routes.yaml", "routes.schema.json", ".env.example"
_MODELINE = f"# yaml-language-server: $schema={_SCHEMA}\n"


@click.command(
    "init",
    short_help="Start from a template.",
    epilog="""\b
Example:
  s3r-spark init                 # lists the templates
  s3r-spark init aws-minio -o .
""",
)
@click.argument("template", required=False)
@arguments.folder("The folder to copy it into.", default=".")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def command(*, template: str | None, folder: Path, force: bool) -> None:
    """Start from a template: a routes.yaml, and the configuration that `conf` makes of it.

    Beside them come the schema by which editors complete and check it, and .env.example with the
    variables that it reads. On a terminal, it asks for endpoints, bucket and folder; elsewhere the
    template's own stand there.
    """
    known = {path.name: path for path in sorted(templates().iterdir()) if path.is_dir()}
    if template is None:
        rows = [(name, _about(path)) for name, path in known.items()]
        output.table(("template", "what it is for"), rows)
        return
    if template not in known:
        raise click.BadParameter(f"there is no {template!r}: take one of {', '.join(known)}")
    sources = {path.name: path for path in sorted(known[template].iterdir()) if path.is_file()}
    names = [*sources, _SCHEMA, _VARIABLES]
    there = [str(folder / name) for name in names if (folder / name).exists()]
    if there and not force:
        raise SetupError(f"{', '.join(there)}: already there; --force overwrites")
    original = sources.pop(_ROUTES).read_text(encoding="utf-8")
    text = asked(original) if sys.stdin.isatty() and sys.stdout.isatty() else original
    written = {
        _ROUTES: _MODELINE + text,
        _SCHEMA: json.dumps(json_schema(), indent=2) + "\n",
        _VARIABLES: _variables(text),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in written.items():
        (folder / name).write_text(content, encoding="utf-8")
        say(str(folder / name))
    for name, path in sources.items() if text == original else ():  # made of the template's own
        shutil.copyfile(path, folder / name)
        say(str(folder / name))
    routes, here = shlex.quote(str(folder / _ROUTES)), shlex.quote(str(folder))
    say(f"edit {routes}, then: s3r-spark check {routes} && s3r-spark conf {routes} -o {here}")


def templates() -> Path:
    """The folder of templates: in the package where it is installed, beside it in a checkout."""
    installed = _PACKAGE / "conf-templates"
    return installed if installed.is_dir() else _PACKAGE.parent / "conf-templates"


def _about(template: Path) -> str:
    """The first line of a template's routes.yaml, which says what it is for."""
    lines = (template / _ROUTES).read_text(encoding="utf-8").splitlines()
    return lines[0].removeprefix("#").strip()


def _variables(text: str) -> str:
    """The variables that a routes.yaml reads, to be filled in."""
    lines = [
        f"# What {_ROUTES} reads: copy it to .env, fill it in, and keep that out of git.",
        "# A shell takes it by: set -a; . ./.env; set +a",
    ]
    code = "\n".join(line.partition(" #")[0] for line in text.splitlines())
    return "\n".join([*lines, *(f"{name}=" for name in sorted(names_in(code)))]) + "\n"
