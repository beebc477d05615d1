"""The machines of a session: the driver, and each executor, by a small job."""

from __future__ import annotations

import secrets
import threading
import time
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from s3r_spark.hadoop.jar import router_jar
from s3r_spark.spark import gateway
from s3r_spark.spark.gateway import DRIVER

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LATE", "Nodes"]

LATE = "no answer in time"
"""The error of a machine that hasn't answered."""

_INPUT = "s3r.hadoop.EveryExecutor"
_EVERY = "fs.s3r.every."
_EXECUTORS = "executors"
_INTERRUPT = True  # tasks that run, where the job is cancelled
_ROUNDS = 3  # of tasks, until each executor has had one


class Nodes:
    """The driver of a session and its executors.

    Args:
        spark: the session.
        java: its JVM.
    """

    def __init__(self, spark: Any, java: Any) -> None:
        self._spark, self._java = spark, java
        self._context = gateway.context_of(spark).sc()
        self._found: dict[str, list[str]] = {}
        self._errors: dict[str, str] = {}

    def ask(
        self, function: str, conf: Any, seconds: float
    ) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Call a function of the router's jar on each machine.

        Where the session lacks the jar, it is given it.

        Args:
            function: the class: a java.util.function.Function of a configuration.
            conf: the Hadoop configuration that it gets; it goes along as for files that are read.
            seconds: after which who has no answer is left.

        Returns:
            The texts by Spark's name of the machine (`driver`, `0`, …), and errors by `name`.
        """
        end = time.monotonic() + seconds
        self._found, self._errors = {}, {}
        loader = self._loader(function)
        group = f"s3r-spark-{secrets.token_hex(4)}"
        threads = [
            threading.Thread(target=self._ask_driver, args=(loader, function, conf), daemon=True),
            threading.Thread(
                target=self._ask_executors, args=(loader, function, conf, group, end), daemon=True
            ),
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join(max(0.0, end - time.monotonic()))
        finally:  # Ctrl-C too
            if threads[1].is_alive():
                with suppress(Exception):  # the session may be gone
                    self._context.cancelJobGroup(group)
        for name in (DRIVER, *self._executors()):
            if name not in self._found and not self._errors.keys() & {self.name(name), _EXECUTORS}:
                self._errors[self.name(name)] = LATE
        return self._found, self._errors

    def name(self, of_spark: str) -> str:
        """A machine for people: who it is, and its host."""
        if of_spark == DRIVER:
            host = self._java.org.apache.hadoop.net.NetUtils.getHostname().partition("/")[0]
            return f"driver on {host}"
        return f"executor {of_spark} on {self._executors().get(of_spark, 'a host that is gone')}"

    def _loader(self, function: str) -> Any:
        """A class loader that has the router's jar, which executors get too where they lack it."""
        here = self._java.java.lang.Thread.currentThread().getContextClassLoader()
        if gateway.can_load(self._java, function):
            return here
        file = router_jar().file
        self._context.addJar(str(file))
        urls = gateway.new_array(self._spark, self._java.java.net.URL, 1)
        urls[0] = self._java.java.io.File(str(file)).toURI().toURL()
        return self._java.java.net.URLClassLoader(urls, here)

    def _ask_driver(self, loader: Any, function: str, conf: Any) -> None:
        try:
            self._found[DRIVER] = list(loader.loadClass(function).newInstance().apply(conf))
        except Exception as error:  # noqa: BLE001 - what nobody foresaw must not look healthy
            self._errors[self.name(DRIVER)] = _words(error)

    def _ask_executors(self, loader: Any, function: str, conf: Any, group: str, end: float) -> None:
        if self._context.isLocal():
            return
        hadoop_conf = self._java.org.apache.hadoop.conf.Configuration(conf)
        hadoop_conf.set(f"{_EVERY}function", function)
        try:
            self._context.setJobGroup(group, "s3r-spark", _INTERRUPT)
            for _ in range(_ROUNDS):
                living = self._executors()
                where = [f"executor_{h}_{n}" for n, h in living.items() if n not in self._found]
                if (living and not where) or time.monotonic() > end:
                    return
                self._run_tasks(loader, hadoop_conf, where or [""])  # "" waits for one to come
        except Exception as error:  # noqa: BLE001 - likewise
            self._errors[_EXECUTORS] = _words(error)

    def _run_tasks(self, loader: Any, conf: Any, where: Sequence[str]) -> None:
        """A task for each executor; Spark sends one to another, if the first is busy for long."""
        conf.set(f"{_EVERY}executors", ",".join(where))
        text = self._java.java.lang.Class.forName("java.lang.String")
        context = gateway.context_of(self._spark)
        rows = context.newAPIHadoopRDD(conf, loader.loadClass(_INPUT), text, text).collect()
        answers: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            answers[row._1()] += [value] if (value := row._2()) else []  # noqa: SLF001 - Scala's name
        self._found.update(answers)

    def _executors(self) -> dict[str, str]:
        """The hosts of the executors that live, by their names."""
        if self._context.isLocal():
            return {}
        executors = gateway.executors_of(self._spark)
        return {one.id(): one.hostPort().rpartition(":")[0] for one in executors}


def _words(error: Exception) -> str:
    java = getattr(error, "java_exception", None)
    return str(java.getMessage() if java is not None else error).strip().partition("\n")[0]
