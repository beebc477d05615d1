"""The usage of stores in a session: on the driver, and on each executor."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from s3r_spark.errors import SessionError
from s3r_spark.hadoop.engines import router
from s3r_spark.spark import gateway
from s3r_spark.spark.nodes import Nodes
from s3r_spark.spark.running_session import RunningSession
from s3r_spark.usage import RoutesReport, Usage, summed

__all__ = ["report"]

_SERVED = "s3r.hadoop.Served"


def report(spark: Any, *, timeout: float = 30.0) -> RoutesReport:
    """Report what each store has served a session's JVMs, by client and profile of the routes.

    It counts all that the router's stores are asked in these JVMs, whichever session asks. An
    executor that has ended took its counts with it. The job that asks the executors is a small one.

    Args:
        spark: the SparkSession.
        timeout: seconds to wait for the executors.

    Raises:
        TypeError: that is no session.
        SessionError: it is a Spark Connect client; it has no engine that counts; a machine has
            given no answer.
    """
    if not hasattr(spark, "conf") or not hasattr(spark, "version"):
        raise TypeError(f"report takes a SparkSession, not {type(spark).__name__}")
    session = RunningSession(spark)
    if session.java is None:
        raise SessionError(
            "this is a Spark Connect client, which can't ask its server's machines: call "
            "s3r_spark.report there, in a session of the server's own"
        )
    conf = gateway.new_hadoop_of(spark)
    if conf.get("fs.s3a.impl") != router.FILE_SYSTEM:
        raise SessionError(
            "only engine router counts what its stores serve; S3A by itself logs its IOStatistics "
            "when a JVM ends, with spark.hadoop.fs.iostatistics.logging.level=warn (Spark shows no "
            "less than warnings)"
        )
    nodes = Nodes(spark, session.java)
    answers, errors = nodes.ask(_SERVED, conf, timeout)
    if errors:
        raise SessionError("; ".join(f"{node}: {text}" for node, text in errors.items()))
    by_node = {nodes.name(name): summed(map(_usage, texts)) for name, texts in answers.items()}
    return RoutesReport(summed(row for rows in by_node.values() for row in rows), by_node)


def _usage(text: str) -> Usage:
    fields = dict(parse_qsl(text, keep_blank_values=True))
    counts = {name: int(fields[name]) for name in ("requests", "errors", "sent", "received")}
    seconds = int(fields["nanoseconds"]) / 1e9
    return Usage(fields["client"], fields["profile"] or None, **counts, seconds=seconds)
