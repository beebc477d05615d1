"""The steps of `s3r-spark migrate`, and what is shown of them."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.filesize import decimal

from s3r_spark.cli import output, session
from s3r_spark.cli.output import complain, say
from s3r_spark.cli.progress import shown
from s3r_spark.errors import RefusedError
from s3r_spark.migrate import finish as finishing
from s3r_spark.migrate import report, verify
from s3r_spark.migrate.delete import deletable, delete_source
from s3r_spark.migrate.extra import remove_extra
from s3r_spark.migrate.journal import Journal
from s3r_spark.migrate.pace import Pace
from s3r_spark.migrate.plan import Move, survey
from s3r_spark.migrate.run import How, copy_all
from s3r_spark.migrate.sides import Side

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s3r_spark.changes import Change
    from s3r_spark.migrate.plan import Plan
    from s3r_spark.migrate.run import Outcome, Run
    from s3r_spark.routing import Routes

_SHOWN = 20  # failures, in words


@dataclass
class Migration:
    """One call of the command; its attributes are the call's."""

    old: Routes
    new: Routes
    rows: Sequence[Change]
    paths: tuple[str, ...]
    journal: Path
    dry_run: bool
    workers: int
    bandwidth: int | None
    engine: str
    spark: bool
    settings: tuple[str, ...]
    overwrite: bool
    delete_extra: bool
    finish: bool
    delete_source: bool
    yes: bool
    verify: str | None
    report: Path | None
    as_json: bool
    files: tuple[str, str]

    def run(self) -> bool:
        """Do what was asked for; False: not all could be done."""
        old, new = Side.of(self.old, self.workers), Side.of(self.new, self.workers)
        only_boto3 = self.engine == "boto3"
        move = Move(old, new, self.rows, self.paths, only_boto3=only_boto3)
        keep = not self.dry_run or self.journal.exists()
        data: dict[str, Any] = {}
        try:
            with Journal(self.journal if keep else None) as journal:
                success = self._steps(move, journal, data)
        except KeyboardInterrupt:
            if not self.dry_run:
                complain("stopped: the same command goes on")
            raise
        finally:
            old.close()
            new.close()
        if self.as_json:
            output.as_json(data)
        return success

    def _steps(self, move: Move, journal: Journal, data: dict[str, Any]) -> bool:
        plan = survey(move, journal)
        data["plan"] = asdict(plan)
        data["plan"]["folders"] = [folder._asdict() for folder in plan.folders]
        if not self.as_json:
            _show_plan(plan)
        if self.delete_source:
            return self._deleted(move, journal, data)
        if self.dry_run:
            return True
        outcome = self._copied(move, journal, plan)
        data["outcome"] = asdict(outcome)
        if self.delete_extra:
            data["removed"] = remove_extra(move, journal)
        data["wrong"] = verify.read_back(move, journal, self.workers) if self.verify else []
        data["summary"] = report.summary(move, journal)
        success = not outcome.failures and not data["wrong"]
        if not self.as_json:
            _show_outcome(outcome, data)
        try:
            if self.finish and success:
                self._finished(move, journal, data)
        finally:
            if self.report:
                report.write(self.report, move, journal)
        return success

    def _finished(self, move: Move, journal: Journal, data: dict[str, Any]) -> None:
        finishing.finish(move, journal)
        data["finished"] = True
        data["unfrozen"] = finishing.unfrozen(move)
        data["switch"] = finishing.switch(*self.files)
        if self.as_json:
            return
        say("finished: all is at the new place, and proven")
        for names, how in data["unfrozen"].items():
            say(f"{names} may still be written by the old file: until all have switched, {how}")
        say(f"now switch from {self.files[0]} to {self.files[1]}:")
        say(data["switch"] or "(no diff, since the old one is no file)")

    def _deleted(self, move: Move, journal: Journal, data: dict[str, Any]) -> bool:
        objects, size = deletable(move, journal)
        data["deletable"] = {"objects": objects, "bytes": size}
        text = f"delete {objects:,} objects, {decimal(size)}, from the old place"
        if self.dry_run or not objects:
            if not self.as_json:
                say(f"would {text}" if objects else "nothing is left to be deleted")
            return True
        if not self.yes:
            if self.as_json or not sys.stdin.isatty():
                raise RefusedError(f"to {text} needs --yes where nobody can be asked")
            if not click.confirm(f"{text}?"):
                say("nothing was deleted")
                return False
        with shown(objects, size) as progress:
            deletion = delete_source(move, journal, self.workers, progress)
        data["deletion"] = asdict(deletion)
        if self.report:
            report.write(self.report, move, journal)
        if not self.as_json:
            say(f"deleted: {deletion.deleted:,} objects, {decimal(deletion.bytes)}")
            for name, why in deletion.kept[:_SHOWN]:
                complain(f"{name} stays: {why}")
        return not deletion.keeping

    def _copied(self, move: Move, journal: Journal, plan: Plan) -> Outcome:
        pace = Pace(self.bandwidth) if self.bandwidth and not self.spark else lambda _: None
        with shown(plan.left, plan.left_bytes) as progress, ExitStack() as sessions:
            how = How(self.workers, self.overwrite, pace, progress)

            def run_on_spark(move: Move, journal: Journal, how: How) -> Run:
                from s3r_spark.migrate.on_spark import SparkRun

                spark = sessions.enter_context(session.without_routes("migrate", self.settings))
                return SparkRun(spark.sparkContext, move, journal, how, self.bandwidth)

            return copy_all(move, journal, plan, how, run_on_spark if self.spark else None)


def _show_plan(plan: Plan) -> None:
    if plan.folders:
        cells = [(one.name, f"{one.objects:,}", decimal(one.bytes)) for one in plan.folders]
        output.table(("names", "objects", "bytes"), cells)
    say(
        f"{plan.objects:,} objects, {decimal(plan.bytes)}; to be copied: {plan.left:,}, "
        f"{decimal(plan.left_bytes)}"
    )
    if plan.seconds is not None:
        say(f"at the rate so far that takes {plan.seconds:,.0f} s")
    for engine in plan.engines:
        say(engine)
    for names in plan.behind:
        say(f"not moved, since the new file refuses them: {names}")
    for text in plan.missing:
        say(f"warning: {text}")
    if plan.left:
        for lost in plan.lost:
            say(f"not kept: {lost}")
    if plan.conflicts:
        some = ", ".join(plan.examples)
        say(f"names with other data at their new place: {plan.conflicts:,}, such as {some}")
    if plan.extra:
        say(f"copies of what is gone from the old place (--delete-extra): {plan.extra:,}")


def _show_outcome(outcome: Outcome, data: dict[str, Any]) -> None:
    say(f"copied: {outcome.copied:,} objects, {decimal(outcome.bytes)} in {outcome.seconds:,.1f} s")
    if outcome.vanished:
        say(f"gone from the old place meanwhile: {outcome.vanished:,}")
    if "removed" in data:
        say(f"removed from the new place: {data['removed']:,}")
    for proof, count in data["summary"]["proofs"].items():
        say(f"proven by {proof}: {count:,}")
    for name, why in outcome.failed[:_SHOWN]:
        complain(f"{name}: {why}")
    if outcome.failures:
        complain(f"{outcome.failures:,} objects were not copied: the same command tries them again")
    for name in data["wrong"]:
        complain(f"{name}: what is read of the copy is not what its source is")
