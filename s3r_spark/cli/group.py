"""The end of all commands: errors and warnings as lines on stderr, and a code for programs."""

from __future__ import annotations

import errno
import warnings
from typing import TYPE_CHECKING, Any

import click

from s3r_spark.cli.arguments import FORM
from s3r_spark.cli.findings import of_error
from s3r_spark.cli.output import as_json, complain, listed
from s3r_spark.errors import RoutesWarning, S3RError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_INTERRUPTED = 130  # 128 + SIGINT, as a shell has it


class Commands(click.Group):
    """The commands, in the order in which they are added: that of a user's first hour."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Their names."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        with warnings.catch_warnings():
            warnings.simplefilter("always", RoutesWarning)
            warnings.showwarning = _shown(warnings.showwarning)
            try:
                return super().invoke(ctx)
            except S3RError as error:
                _fail(ctx, str(error), error)
            except OSError as error:
                if error.errno == errno.EPIPE:  # nobody reads on; click ends quietly
                    raise
                parts = (error.filename, error.strerror)
                _fail(ctx, ": ".join(str(part) for part in parts if part), error)
            except KeyboardInterrupt:
                raise click.exceptions.Exit(_INTERRUPTED) from None
        raise click.exceptions.Exit(1)


def _fail(ctx: click.Context, text: str, error: Exception) -> None:
    warned: Sequence[RoutesWarning] = getattr(error, "findings", ())
    form = ctx.meta.get(FORM)
    if form == "json":
        findings = [one._asdict() for one in of_error(error)]
        as_json({"errors": text.splitlines(), "warnings": listed(warned), "findings": findings})
    elif form == "github":
        for one in of_error(error):
            click.echo(one.annotation)
    else:
        complain(text)
        for finding in warned:
            complain(str(finding), "warning: ")


def _shown(elsewhere: Callable[..., None]) -> Callable[..., None]:
    """Show a warning about routes as a line, and leave others to what showed them before."""

    def show(message: Warning | str, category: type[Warning], *place: Any) -> None:
        if issubclass(category, RoutesWarning):
            complain(str(message), "warning: ")
        else:
            elsewhere(message, category, *place)

    return show
