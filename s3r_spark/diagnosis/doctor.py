"""`doctor`: all clients and places of the routes at once, within a stated time."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from s3r_spark.boto.stores import recipes
from s3r_spark.diagnosis import buckets, clients
from s3r_spark.diagnosis.findings import Diagnosis, Finding
from s3r_spark.diagnosis.machines import Machines
from s3r_spark.diagnosis.measure import Measurement, entry_for
from s3r_spark.diagnosis.places import places
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from s3r_spark.diagnosis.places import Place
    from s3r_spark.routing import RoutesLike

__all__ = ["doctor"]

_STEP = 5.0  # seconds at most for one step, so that a host that is silent leaves time for the rest
_AT_ONCE = 16  # places of all clients


def doctor(
    routes: RoutesLike | None = None,
    *,
    spark: Any = None,
    paths: Sequence[str] = (),
    write: bool = False,
    timeout: float = 30.0,
) -> Diagnosis:
    """Ask the stores of routes whether a job would find them, and say what is wrong.

    Args:
        routes: as `Routes.load` takes them; None: S3R_ROUTES, or the repository's routes.yaml.
        spark: a SparkSession that follows the routes, whose driver and executors are to ask too,
            each by S3A with what it has itself: variables, trust store, network. Where the session
            lacks the router's jar, it is given it, for the check alone.
        paths: logical paths to look at; where there are none, every place that the file names.
        write: whether to write into each place too, into a folder of its own that is removed again,
            and to measure what each store does.
        timeout: seconds after which what has no answer yet is told as such.

    Raises:
        RoutesError: the routes can't be used.
        TypeError: `spark` is no session.
        SessionError: `spark` is a Spark Connect client.
    """
    return _Examination(Routes.load(routes), spark, paths, timeout, write=write).run()


class _Examination:
    """The questions, in three rounds: the clients, their places, and what their stores do."""

    def __init__(
        self, routes: Routes, spark: Any, paths: Sequence[str], timeout: float, *, write: bool
    ) -> None:
        self._ends = time.monotonic() + timeout
        self._step = min(_STEP, timeout / 3)
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        limits = Config(
            connect_timeout=self._step,
            read_timeout=self._step,
            retries={"total_max_attempts": 1},
        )
        self._recipe = recipes(routes, over=limits)
        self._clients, self._write = routes.clients, write
        self._places, self._unasked = places(routes, paths)
        named = {place.client for place in self._places} | {f.client for f in self._unasked}
        self._names = [name for name in routes.clients if name in named or not paths]
        self._machines: Machines | None = None
        if spark is not None:
            self._machines = Machines(spark, routes, self._places, write=write)

    def run(self) -> Diagnosis:
        """Ask, and put what was found in the order of the file."""
        of_machines: list[Finding] = []
        thread = threading.Thread(target=self._ask_machines, args=(of_machines,), daemon=True)
        thread.start()
        first = self._ask_clients()
        reached = [place for place in self._places if first[place.client].healthy]
        second = self._ask_places(reached)
        written = {place.client: place for place, task in reversed(second) if task.wrote}
        measurements = {
            name: Measurement(
                place, self._clients[name], self._recipe(name), buckets.probe_prefix(place)
            )
            for name, place in written.items()
        }
        third = self._measure(measurements)
        thread.join(max(0.0, self._ends + self._grace - time.monotonic()))
        findings = [finding for finding in self._unasked if not finding.client]
        for name in self._names:
            findings += first[name].findings
            findings += [finding for finding in self._unasked if finding.client == name]
            findings += [f for place, task in second if place.client == name for f in task.findings]
            findings += third[name].findings if name in third else []
            findings += [finding for finding in of_machines if finding.client == name]
        findings += [finding for finding in of_machines if not finding.client]
        traits = {name: one.traits for name, one in measurements.items() if one.finished}
        presets = {name: entry_for(name, self._clients[name], of) for name, of in traits.items()}
        return Diagnosis(tuple(findings), traits, presets)

    def _ask_machines(self, findings: list[Finding]) -> None:
        if self._machines is not None:
            try:
                findings += self._machines.findings(self._ends - time.monotonic())
            except Exception as error:  # noqa: BLE001 - what nobody foresaw must not look healthy
                text = f"the check itself failed: {type(error).__name__}: {error}"
                findings.append(Finding("spark", "bad", text))

    def _ask_clients(self) -> dict[str, _Task]:
        tasks = {
            name: _Task(
                name,
                "",
                clients.examine(self._clients[name], partial(self._recipe, name), self._step),
            )
            for name in self._names
        }
        _run(tasks.values(), self._slots, self._ends)
        return tasks

    def _ask_places(self, reached: Sequence[Place]) -> list[tuple[Place, _Task]]:
        tasks = []
        for place in reached:
            probe = buckets.probe_prefix(place) if self._write else None
            s3, client = self._recipe(place.client).make(), self._clients[place.client]
            source = clients.examine_place(place, s3, client, probe)
            left = f"s3://{place.bucket}/{probe}" if probe else ""
            tasks.append((place, _Task(place.client, place.name, source, left)))
        _run([task for _, task in tasks], self._slots, self._ends, self._grace)
        return tasks

    def _measure(self, measurements: Mapping[str, Measurement]) -> dict[str, _Task]:
        tasks = {
            name: _Task(name, "", one.findings(), one.folder) for name, one in measurements.items()
        }
        _run(tasks.values(), self._slots, self._ends, self._grace)
        return tasks

    @property
    def _grace(self) -> float:
        """Seconds for removing what was written, when the time is over."""
        return 2 * self._step if self._write else 0.0


class _Task:
    """Findings that are looked for in a thread of its own.

    A thread that waits for a host can't be ended, so it is left behind when the time is over, and
    a process doesn't wait for it.

    Args:
        client: whose findings.
        place: of which place; "" for the client whole.
        source: the findings as they come; closed when the time is over, so that it cleans up.
        left: what may be left behind where it can't even be closed.
    """

    def __init__(
        self, client: str, place: str, source: Generator[Finding, None, None], left: str = ""
    ) -> None:
        self.client, self._place, self._source, self._left = client, place, source, left
        self._found: list[Finding] = []
        self._over, self._late = threading.Event(), False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._slots: threading.Semaphore | None = None

    def start(self, slots: threading.Semaphore) -> None:
        """Look for findings as soon as there is a slot."""
        self._slots = slots
        self._thread.start()

    def _run(self) -> None:
        assert self._slots is not None  # noqa: S101 - `start` sets it
        try:
            with self._slots, closing(self._source):
                for finding in self._source:
                    self._add(finding)
                    if self._over.is_set():
                        return
        except Exception as error:  # noqa: BLE001 - what nobody foresaw must not look healthy
            text = f"the check itself failed: {type(error).__name__}: {error}"
            self._add(Finding("check", "bad", text))

    def _add(self, finding: Finding) -> None:
        self._found.append(replace(finding, client=self.client, place=self._place))

    def wait(self, seconds: float) -> None:
        """Wait until all is found."""
        self._thread.join(max(0.0, seconds))

    def give_up(self) -> None:
        """Look for nothing more."""
        self._late = self._late or self._thread.is_alive()
        self._over.set()

    @property
    def findings(self) -> list[Finding]:
        """The findings that came in time."""
        if not self._late:
            return list(self._found)
        mend = (
            f"look whether {self._left} is left" if self._thread.is_alive() and self._left else ""
        )
        late = Finding("time", "bad", "no answer in time", mend, self.client, self._place)
        return [*self._found, late]

    @property
    def wrote(self) -> bool:
        """Tell whether something could be written."""
        return any(finding.check == "put" and finding.state == "good" for finding in self.findings)

    @property
    def healthy(self) -> bool:
        """Tell whether nothing bad was found."""
        return all(finding.state != "bad" for finding in self.findings)


def _run(
    tasks: Iterable[_Task], slots: threading.Semaphore, ends: float, grace: float = 0.0
) -> None:
    """Run tasks until the time is over, and let them clean up in as many more seconds."""
    started = list(tasks)
    for task in started:
        task.start(slots)
    try:
        for task in started:
            task.wait(ends - time.monotonic())
    finally:  # Ctrl-C too
        for task in started:
            task.give_up()
        ends = time.monotonic() + grace
        for task in started:
            task.wait(ends - time.monotonic())
