"""`s3r-spark check --environment`: the libraries that are installed here, beside those tested."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from s3r_spark.cli import output
from s3r_spark.cli.output import counted, listed, say
from s3r_spark.errors import RoutesWarning

if TYPE_CHECKING:
    from rich.text import Text

    from s3r_spark.diagnosis.environment import Library


def check_environment(*, strict: bool, as_json: bool) -> bool:
    """Show what differs here from what was tested; tell whether all is well.

    Args:
        strict: whether what only differs is not well either.
        as_json: whether a program reads it.
    """
    from s3r_spark.diagnosis.environment import libraries, version_of

    installed = libraries()
    failures = [line for library in installed for line in library.failures]
    differences = [line for library in installed for line in library.differences]
    versions = {"s3r-spark": version_of("s3r-spark"), "python": platform.python_version()}
    if as_json:
        warned = [RoutesWarning(line, "environment") for line in differences]
        data: dict[str, object] = {"errors": failures, "warnings": listed(warned)}
        output.as_json({**data, **versions, "libraries": [one.as_dict() for one in installed]})
    else:
        output.table(("", "library", "version", "found"), map(_row, installed))
        for kind, lines in (("failure", failures), ("warning", differences)):
            for line in lines:
                say(f"{kind}: {line}")
        counts = counted((len(differences), "warning"), (len(failures), "failure"))
        release = versions["s3r-spark"] or "of a checkout"
        say(f"s3r-spark {release}, Python {versions['python']}: {counts}")
    return not failures and not (strict and differences)


def _row(library: Library) -> tuple[str | Text, ...]:
    if library.version is None:
        text = "not installed: s3r:// needs it (pip install 's3r-spark[fsspec]')"
        return output.mark("open"), library.name, "-", text
    used = [state for state in library.states.values() if state != "unused"]
    tested = used.count("tested")
    mark = output.mark("bad" if library.failures else "good" if tested == len(used) else "open")
    text = f"{tested} of {len(used)} functions that are relied on are as they were tested"
    return mark, library.name, library.version, text
