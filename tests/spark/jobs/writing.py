"""Write tables whose tasks have accidents: `writing.py ROUTES ENGINE HOW PATH…`.

Each table has 120 rows in four tasks, partitioned by `p`. HOW is

- `calm`: nothing happens;
- `stumble`: the first attempt of one task fails, that of another takes its executor down, and that
  of a third never ends, each half-way; a cluster tries them again;
- `hang`: half of the tasks never end. Once the other half is done, the job makes a file `hanging`,
  and waits to be killed;
- `fail`: a task fails for good.

It says how many rows each table has, before it is written and after.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import psutil
from pyspark import TaskContext
from pyspark.sql import SparkSession

import s3r_spark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark import StatusTracker

TASKS, ROWS = 4, 120


def main() -> None:
    routes, engine, how, *paths = sys.argv[1:]
    builder = SparkSession.builder
    with s3r_spark.configure(builder, routes, engine=cast("Any", engine)).getOrCreate() as spark:

        def count(path: str) -> int:
            return int(spark.read.schema("id long, p long").parquet(path).count())

        def write(path: str) -> str:
            tasks = spark.sparkContext.range(0, ROWS, numSlices=TASKS)
            rows = tasks.mapPartitionsWithIndex(accident(how))
            table = rows.toDF("id long, p long, text string").write.partitionBy("p")
            try:
                table.mode("overwrite").parquet(path)
            except Exception as error:  # noqa: BLE001 - it is told
                return str(error)
            return "done"

        def exists(path: str) -> bool:
            java: Any = spark._jvm
            place = java.org.apache.hadoop.fs.Path(path)
            conf = spark.sparkContext._jsc.hadoopConfiguration()
            return bool(place.getFileSystem(conf).exists(place))

        before = {path: count(path) if exists(path) else 0 for path in paths}
        if how == "hang":
            with ThreadPoolExecutor(len(paths)) as threads:
                for path in paths:
                    threads.submit(write, path)
                tracker = spark.sparkContext.statusTracker()
                while completed(tracker) < len(paths) * TASKS // 2:
                    time.sleep(0.2)
                Path("hanging").touch()
        ends = {path: write(path) for path in paths}
        after = {path: count(path) if exists(path) else 0 for path in paths}
        answer = {"before": before, "ends": ends, "after": after}
        print(json.dumps(answer), flush=True)


def completed(tracker: StatusTracker) -> int:
    """How many tasks of the writes that run are done."""
    stages = (tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds())
    return sum(stage.numCompletedTasks for stage in stages if stage)


def accident(how: str) -> Any:
    def rows(index: int, ids: Iterator[int]) -> Iterator[tuple[int, int, str]]:
        context = TaskContext.get()
        assert context is not None
        first = context.attemptNumber() == 0
        for number, one in enumerate(ids):
            if number == ROWS // TASKS // 2:
                if (how == "stumble" and first and index == 0) or (how == "fail" and index == 0):
                    raise RuntimeError("stumbled")
                if how == "stumble" and first and index == 1:
                    os.kill(executor(), signal.SIGKILL)
                if (how == "stumble" and first and index == 2) or (how == "hang" and index > 1):
                    time.sleep(3600)
            yield one, one % 3, "x" * 10_000  # so much that it isn't kept back in a buffer

    return rows


def executor() -> int:
    """The JVM that this Python works for: the parent of the daemon that forks workers."""
    return psutil.Process(os.getppid()).ppid()


if __name__ == "__main__":
    main()
