"""A real Spark standalone cluster on this machine: a master and workers, processes of their own."""

from __future__ import annotations

import os
import re
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jvm import BRIEF
from pyspark.find_spark_home import _find_spark_home

from servers.process import Program, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Cluster", "bare_environment", "start_cluster"]

# What programs need to run at all, and what holds no settings and no secrets.
PLAIN = ("HOME", "JAVA_HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "USER")


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs.

    Attributes:
        master: for ``spark.master``.
        folder: holds master.log, worker-1.log …, and below work/ the logs of executors.
    """

    master: str
    folder: Path


def bare_environment() -> dict[str, str]:
    """Environment of this process without its settings and secrets; ``python3`` is this Python."""
    env = {name: os.environ[name] for name in PLAIN if name in os.environ}
    return env | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JAVA_TOOL_OPTIONS": " ".join(BRIEF),
    }


@contextmanager
def start_cluster(  # noqa: PLR0913 - each is a fact of its own about a cluster
    folder: Path,
    *,
    env: Mapping[str, str] | None = None,
    workers: int = 2,
    cores: int = 1,
    spark_home: Path | None = None,
    second: Mapping[str, str | None] | None = None,
) -> Iterator[Cluster]:
    """Run a master and workers of 1 GB each until the block ends.

    Args:
        folder: a new folder for logs and for what executors write.
        env: what the daemons, and so the executors, get beside ``bare_environment()``.
        workers: how many.
        cores: how many tasks a worker runs at a time.
        spark_home: the Spark to run; None is the pyspark that is installed.
        second: what the second worker has otherwise in its environment; None: it lacks that.
    """
    conf = folder / "conf"
    conf.mkdir(parents=True)
    home = spark_home or Path(_find_spark_home())
    whole = {
        **bare_environment(),
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(conf),  # nobody's settings
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",  # its port is fixed
        **(env or {}),
    }

    def command(role: str, *args: str, number: int = 1) -> list[str]:
        # Hosts of their own: Spark runs no speculative copy of a task where it runs already.
        place = ["--host", f"127.0.0.{number}", "--port", "0", "--webui-port", "0"]
        return [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}", *place, *args]

    with ExitStack() as daemons:

        def start(name: str, daemon: list[str]) -> Program:
            settings = {**whole, **(second or {} if name == "worker-2" else {})}
            env = {key: value for key, value in settings.items() if value is not None}
            return daemons.enter_context(running(daemon, folder / f"{name}.log", env))

        master = start("master", command("master.Master"))
        url = said(master, r"Starting Spark master at (spark://\S+)")
        limits = ["--cores", str(cores), "--memory", "1g", "--work-dir", str(folder / "work")]
        started = [
            start(f"worker-{number}", command("worker.Worker", *limits, url, number=number))
            for number in range(1, workers + 1)
        ]
        for worker in started:
            said(worker, r"(Successfully registered with master)")
        yield Cluster(url, folder)


def said(program: Program, option: str) -> str:
    """Wait until a program's log has a line; the line's first group."""

    def found() -> list[str]:
        return re.findall(option, program.log.read_text(errors="replace"))

    program.wait_until(found)
    return found()[0]
