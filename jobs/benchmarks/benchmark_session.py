"""The start of a session, and its downloads: s3r_spark's jars beside hadoop-aws's.

Both open an S3A file system, in turn, each in a process of its own, with all downloads cached:

    python jobs/benchmarks/benchmark_session.py [--runs 5]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from s3r_spark.hadoop import ivy, packages

if TYPE_CHECKING:
    from pathlib import Path

HADOOP_AWS = "org.apache.hadoop:hadoop-aws"
PLAIN, SLIM = "hadoop-aws as it comes", "s3r_spark.configure"
ROUTES = {
    "clients": {
        "default": {"endpoint_url": "http://127.0.0.1:9", "credentials": {"anonymous": True}}
    }
}
# Run in the child: start, open a file system, say how long it took.
CHILD = """
import json, sys, time
from pyspark.sql import SparkSession
import s3r_spark
begun = time.perf_counter()
builder = SparkSession.builder.config("spark.log.level", "ERROR")
package, routes = sys.argv[1:]
if package:
    builder = builder.config("spark.jars.packages", package)
    builder = builder.config("spark.hadoop.fs.s3a.endpoint.region", "us-east-1")
else:
    builder = s3r_spark.configure(builder, json.loads(routes))
spark = builder.getOrCreate()
java = spark.sparkContext._jvm
path = java.org.apache.hadoop.fs.Path("s3a://example-bucket/")
path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
print(time.perf_counter() - begun)
"""


def start(package: str) -> float:
    """Seconds that a session takes to start, in a process of its own.

    Args:
        package: the coordinate to start with; "" for what configure does.
    """
    command = [sys.executable, "-W", "ignore", "-c", CHILD, package, json.dumps(ROUTES)]
    # this file's own program, with arguments of its own
    process = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if process.returncode:
        sys.exit(process.stderr)
    return float(process.stdout.splitlines()[-1])


def jars(way: str, version: str) -> list[Path]:
    """The jars that a way brings, downloaded where need be."""
    folder = packages.jars_folder()
    if way == PLAIN:
        return list(ivy.resolve([f"{HADOOP_AWS}:{version}"], spark_jars=folder))
    needed = packages.needed(version)
    return list(ivy.resolve(needed.packages, needed.excludes, spark_jars=folder))


def main(runs: int) -> None:
    """Measure in turn, after one run each that fills the caches."""
    version = packages.installed_hadoop_version()
    ways = {PLAIN: f"{HADOOP_AWS}:{version}", SLIM: ""}
    console = Console()
    with console.status("downloading what is not there yet …"):
        brought = {way: jars(way, version) for way in ways}
        for package in ways.values():
            start(package)
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for run in range(runs):
        with console.status(f"run {run + 1} of {runs} …"):
            for way, package in ways.items():
                seconds[way].append(start(package))
    table = Table("", "jars", "MB", "median s", "least", "most", title="Session start")
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    for way, times in seconds.items():
        size = sum(jar.stat().st_size for jar in brought[way]) / 1e6
        shown = (f"{value:.1f}" for value in (medians[way], min(times), max(times)))
        table.add_row(way, str(len(brought[way])), f"{size:.0f}", *shown)
    console.print(table)
    console.print(f"ratio of the medians: {medians[SLIM] / medians[PLAIN]:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5, help="default 5")
    main(parser.parse_args().runs)
