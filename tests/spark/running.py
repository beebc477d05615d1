"""Jobs in processes of their own, as a person would start them, and what can be seen of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from pyspark.find_spark_home import _find_spark_home
from servers.cluster import bare_environment
from servers.process import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = [
    "CHECKOUT",
    "JOBS",
    "QUIET",
    "SPARK_HOME",
    "command_lines",
    "environment",
    "files_with",
    "job",
    "killed",
]

CHECKOUT = Path(__file__).resolve().parents[2]
JOBS = Path(__file__).with_name("jobs")
SPARK_HOME = Path(_find_spark_home())
QUIET = (  # what every job of the tests is given
    "--conf spark.ui.showConsoleProgress=false --conf spark.sql.shuffle.partitions=2 "
    "--conf spark.driver.host=127.0.0.1 --conf spark.driver.bindAddress=127.0.0.1 "
    "--conf spark.ui.port=0"
)


def environment(**more: str) -> dict[str, str]:
    """The environment of a job: nothing of the tests' own but what programs need at all."""
    return {
        **bare_environment(),
        "PYTHONPATH": str(CHECKOUT),
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **more,
    }


@contextmanager
def job(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Run a job that says one line of JSON and then waits until it was seen (the block's end).

    Its errors go to `job.log` in the folder.

    Raises:
        RuntimeError: it ended without that line, or badly; with the end of its log.
    """
    log = folder / "job.log"
    with (
        log.open("ab") as err,
        subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        before = []  # Spark's report on packages; under spark-submit, Python's errors too
        for line in process.stdout:
            before.append(line)
            if line.startswith("{"):
                break
        else:
            raise RuntimeError("".join(before) + log.read_text(errors="replace")[-4000:])
        try:
            yield json.loads(before[-1])
        finally:
            (folder / "seen").touch()
    if process.returncode:
        raise RuntimeError(log.read_text(errors="replace")[-4000:])


def killed(
    command: Sequence[str], folder: Path, env: Mapping[str, str], when: Callable[[], object]
) -> None:
    """Run a job until something holds; then kill its driver, and all that it has started.

    Raises:
        RuntimeError: it ended before; with the end of its log.
    """
    log = folder / "job.log"
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out)
    wait_until(lambda: process.poll() is not None or when(), 300)
    if process.poll() is not None or not when():
        raise RuntimeError(log.read_text(errors="replace")[-4000:])
    driver = psutil.Process(process.pid)
    for each in [driver, *driver.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(signal.SIGKILL)
    process.wait()


@contextmanager
def command_lines() -> Iterator[set[str]]:
    """Gather what `ps` shows of every process that the tests have started, while the block runs.

    Others may be of tests that run beside these, and give keys of the same names as arguments.
    """
    seen: set[str] = set()
    is_over = threading.Event()

    def look() -> None:
        me = psutil.Process()
        while not is_over.wait(0.1):
            for process in me.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    seen.add(" ".join(process.cmdline()))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()


def files_with(text: str, *folders: Path) -> list[str]:
    """The names of the files in some folders that hold a text."""
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return sorted({file.name for file in files if text.encode() in file.read_bytes()})
