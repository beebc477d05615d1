"""The routes where nobody names them: `S3R_ROUTES`, or else the repository's own routes.yaml."""

# ruff: noqa: PTH110 - os.path.exists, other than Path's, takes a folder that can't be read as well

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from s3r_spark.errors import RoutesError

VARIABLE = "S3R_ROUTES"
FILE = "routes.yaml"


class DefaultRoutes(NamedTuple):
    """The file that is taken.

    Attributes:
        path: its path: as the variable says it, `routes.yaml` in the current folder, or absolute.
        reason: why it is this one, in a few words.
    """

    path: str
    reason: str


def default_routes() -> DefaultRoutes:
    """Find the routes that nobody has named.

    The variable comes first. Without it, routes.yaml is looked for in the current folder and in
    those above it, up to the repository's root, the folder with `.git`; outside a repository in the
    current folder alone, since what lies above it may be anybody's.

    Raises:
        RoutesError: there is no such file.
    """
    if path := os.environ.get(VARIABLE):
        if not os.path.exists(path):
            raise RoutesError(f"{path}: there is no such file, and {VARIABLE} names it")
        return DefaultRoutes(path, f"{VARIABLE} names it")
    folders = _folders(Path.cwd())
    for folder in folders:
        if os.path.exists(folder / FILE):
            if folder is folders[0]:
                return DefaultRoutes(FILE, "it is in the current folder")
            return DefaultRoutes(str(folder / FILE), "it is the nearest above the current folder")
    where = str(folders[0])
    if len(folders) > 1:
        where += f" or above it, up to the repository's root {folders[-1]}"
    raise RoutesError(
        f"no routes are named, {VARIABLE} is not set, and there is no {FILE} in {where}: name a "
        f"file, or set {VARIABLE}"
    )


def _folders(here: Path) -> list[Path]:
    """The current folder, and those above it up to the repository's root."""
    above = [here, *here.parents]
    for depth, folder in enumerate(above):
        if os.path.exists(folder / ".git"):
            return above[: depth + 1]
    return [here]
