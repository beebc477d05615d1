"""`s3r-spark init`."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import click

from s3r_spark.cli import arguments, output
from s3r_spark.cli.output import say
from s3r_spark.errors import SetupError

_PACKAGE = Path(__file__).parents[1]


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
    """Start from a template: a routes.yaml, and the configuration that `conf` makes of it."""
    known = {path.name: path for path in sorted(templates().iterdir()) if path.is_dir()}
    if template is None:
        rows = [(name, _about(path)) for name, path in known.items()]
        output.table(("template", "what it is for"), rows)
        return
    if template not in known:
        raise click.BadParameter(f"there is no {template!r}: take one of {', '.join(known)}")
    sources = sorted(path for path in known[template].iterdir() if path.is_file())
    there = [str(folder / path.name) for path in sources if (folder / path.name).exists()]
    if there and not force:
        raise SetupError(f"{', '.join(there)}: already there; --force overwrites")
    folder.mkdir(parents=True, exist_ok=True)
    for path in sources:
        shutil.copyfile(path, folder / path.name)
        say(str(folder / path.name))
    routes, here = shlex.quote(str(folder / "routes.yaml")), shlex.quote(str(folder))
    say(f"edit {routes}, then: s3r-spark check {routes} && s3r-spark conf {routes} -o {here}")


def templates() -> Path:
    """The folder of templates: in the package where it is installed, beside it in a checkout."""
    installed = _PACKAGE / "conf-templates"
    return installed if installed.is_dir() else _PACKAGE.parent / "conf-templates"


def _about(template: Path) -> str:
    """The first line of a template's routes.yaml, which says what it is for."""
    lines = (template / "routes.yaml").read_text(encoding="utf-8").splitlines()
    return lines[0].removeprefix("#").strip()
