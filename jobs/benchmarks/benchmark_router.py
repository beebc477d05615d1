"""What the router costs: beside direct S3A, viewfs, and commits by renaming, on one MinIO server.

    python jobs/benchmarks/benchmark_router.py [--rounds 10] [--stream analytics]

Each way does the same work in a Spark session of its own: first through a proxy that counts what
the store is asked, and then, without the proxy, in turns, so that a busy machine slows all four
alike. MinIO is built where it isn't there yet, which takes Go and some minutes.

The router's folders that span stores are compared with S3A's own that have as many files: half of
the router's are in another bucket, which it has to ask as well.

Files are read by S3A's classic stream, which asks the same each time. Hadoop 3.5's default, the
analytics stream, reads ahead in threads of its own, so that its count is now and then another for
the same work, with whichever file system: it is counted several times, and what wavers is compared
by the middle and the range of the counts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import SparkSession
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

import s3r_spark

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from servers.counting import counted
from servers.install import main as install
from servers.minio import start_minio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

    from servers.store import Store

DIRECT, ROUTER, VIEWFS, RENAMING = "direct", "router", "viewfs", "renaming"
WAYS = (DIRECT, ROUTER, VIEWFS, RENAMING)
BUCKET, FOLDER = "bench", "data/team"
OTHER, SPAN = "bench-other", "data/span"  # where the rest of a folder lies that spans stores
RECURSIVE = True
KINDS = ("HEAD", "GET", "LIST", "PUT", "POST", "DELETE", "COPY")
GOAL = 1.03  # the router's median seconds for direct S3A's
SPANNING = "of a spanning folder"
SPAN_GOAL, SPAN_MORE = 1.1, 3  # its requests for direct S3A's, and what the other store is asked
WARM = 2  # rounds that only warm the sessions up
STREAMS = {"classic": 1, "analytics": 5}  # and how often each is counted

CLASSIC = {"spark.hadoop.fs.s3a.committer.name": "file"}  # configure brings the magic committer
SESSION = {
    "spark.master": "local[1]",  # two tasks at once race for markers of folders
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True)
class Work:
    """How much there is to do.

    Attributes:
        few: files of the small table.
        many: files of the large one.
        rows: of each table.
        partitions: of the table that is listed.
        listed: files in it.
        spanning: files of the folder that spans stores.
        stream: S3A's, by which files are read.
    """

    few: int = 8
    many: int = 200
    rows: int = 200_000
    partitions: int = 50
    listed: int = 5_000
    spanning: int = 1_000
    stream: str = "classic"


class Job:
    """What is measured, line by line; each round has tables of its own."""

    def __init__(self, way: str, store: Store, work: Work) -> None:
        self.way, self.store, self.work = way, store, work
        self.spark, self.folder = started(way, store, work.stream)
        self.own = WAYS.index(way)

    def lines(self) -> dict[str, Callable[[str], None]]:
        """The lines of the table, in the order in which they are done."""
        few, many, listed = self.work.few, self.work.many, self.work.listed
        lines: dict[str, Callable[[str], None]] = {
            f"write {few} files": lambda t: self.rows(few).write.parquet(self.at(t)),
            f"write {many} files": lambda t: self.rows(many).write.parquet(self.at(t, "many")),
            f"read {many} files": self.read,
            f"list {listed:,} files": self.list_all,
            "overwrite": lambda t: self.rows(few).write.mode("overwrite").parquet(self.at(t)),
            "append": lambda t: self.rows(few).write.mode("append").parquet(self.at(t)),
        }
        if self.way in {DIRECT, ROUTER}:
            files = f"{self.work.spanning:,} files {SPANNING}"
            lines[f"list {files}"] = self.list_span
            lines[f"rename {files}"] = self.rename_span
            lines[f"delete {files}"] = self.delete_span
        return lines

    def prepare(self, line: str, turn: str) -> None:
        """Lay out what a line needs."""
        if line.startswith("list") and line.endswith(SPANNING):
            half = self.work.spanning // 2
            other = (OTHER, "o/") if self.way == ROUTER else (BUCKET, "other/")
            folder = f"{SPAN}/{self.own}-{turn}"
            put_all(self.store, BUCKET, (f"{folder}/{n:05}" for n in range(half)))
            rest = range(half, self.work.spanning)
            put_all(self.store, other[0], (f"{folder}/{other[1]}{n:05}" for n in rest))

    def span(self, turn: str) -> tuple[Any, Any]:
        """The file system of the folder that spans stores in a round, and its path."""
        root = "s3a://lake/span" if self.way == ROUTER else f"s3a://{BUCKET}/{SPAN}"
        path = self.spark._jvm.org.apache.hadoop.fs.Path(f"{root}/{self.own}-{turn}")  # noqa: SLF001
        return path.getFileSystem(self.spark._jsc.hadoopConfiguration()), path  # noqa: SLF001

    def list_span(self, turn: str) -> None:
        """List all files of the folder that spans stores."""
        fs, path = self.span(turn)
        lists = self.spark._jvm.org.apache.hadoop.util.functional.RemoteIterators  # noqa: SLF001
        count = lists.toList(fs.listFiles(path, RECURSIVE)).size()
        if count != self.work.spanning:
            raise RuntimeError(f"{count} files are listed")

    def rename_span(self, turn: str) -> None:
        """Rename it: each file stays in its store."""
        fs, path = self.span(turn)
        if not fs.rename(path, path.suffix("-renamed")):
            raise RuntimeError("it was not renamed")

    def delete_span(self, turn: str) -> None:
        """Delete it."""
        fs, path = self.span(turn)
        if not fs.delete(path.suffix("-renamed"), RECURSIVE):
            raise RuntimeError("it was not deleted")

    def at(self, turn: str, table: str = "few") -> str:
        """A table of this way's own in a round."""
        return f"{self.folder}/{self.own}/{turn}/{table}"

    def rows(self, files: int) -> Any:
        """Rows for so many files."""
        texts = (f"concat('{name}', id % 1000) AS {name}" for name in "abcde")
        return self.spark.range(0, self.work.rows, 1, files).selectExpr("id", *texts)

    def read(self, turn: str) -> None:
        """Read one of six columns."""
        (total,) = self.spark.read.parquet(self.at(turn, "many")).selectExpr("sum(id)").first()
        if total != self.work.rows * (self.work.rows - 1) // 2:
            raise RuntimeError(f"the sum is {total}")

    def list_all(self, _: str) -> None:
        """List a table with partitions; all ways list the same one."""
        table = self.spark.read.schema("id long, p int").parquet(f"{self.folder}/listed")
        count = len(table._jdf.inputFiles())  # noqa: SLF001 - the names would take seconds
        if count != self.work.listed:
            raise RuntimeError(f"{count} files are listed")


def started(way: str, store: Store, stream: str) -> tuple[SparkSession, str]:
    """A session, and what it calls the folder `data/team` of the bucket."""
    keys = {"access_key": store.access_key, "secret_key": store.secret_key}
    client = {"service": "minio", "endpoint_url": store.endpoint_url, "credentials": keys}
    routes: dict[str, Any] = {"clients": {"default": client}}
    engine: Any = "s3a"
    folder = f"s3a://{BUCKET}/{FOLDER}"
    if way in {ROUTER, VIEWFS}:
        engine, folder = way, "s3a://lake/team"
        profile = {"source_bucket_pattern": "lake", "source_key_pattern": "team/*"}
        mapped = {"mapped_bucket_name": BUCKET, "mapped_prefix": FOLDER}
        routes["profiles"] = {"team": {"client": "default", **profile, **mapped}}
    if way == ROUTER:
        span = {"client": "default", "source_bucket_pattern": "lake", "mapped_prefix": SPAN}
        routes["profiles"] |= {
            "other": {**span, "source_key_pattern": "span/*/o/*", "mapped_bucket_name": OTHER},
            "span": {**span, "source_key_pattern": "span/*", "mapped_bucket_name": BUCKET},
        }
    builder = SparkSession.builder
    own = CLASSIC if way == RENAMING else {}
    read = {"spark.hadoop.fs.s3a.input.stream.type": stream}
    for key, value in {**SESSION, **read, **own}.items():
        builder = builder.config(key, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # s3r_spark names the settings that are ours here
        return s3r_spark.configure(builder, routes, engine=engine).getOrCreate(), folder


def serve(way: str, store: Store, work: Work, orders: Connection) -> None:
    """Be one way's process: do each line that is asked for, and say how long it took."""
    job = Job(way, store, work)
    lines = job.lines()
    orders.send(list(lines))
    while (order := orders.recv()) is not None:
        line, turn = order
        job.prepare(line, turn)
        orders.send(None)
        orders.recv()
        begun = time.perf_counter()
        lines[line](turn)
        orders.send(time.perf_counter() - begun)
    job.spark.stop()


class Session:
    """A way's process, seen from here."""

    def __init__(self, orders: Connection) -> None:
        self.orders = orders
        self.lines: list[str] = orders.recv()

    def do(self, line: str, turn: str, ready: Callable[[], object] = lambda: None) -> float:
        """Do one line in a round; the seconds it took.

        Args:
            line: the line.
            turn: the round.
            ready: is called when all that the line needs is there.
        """
        self.orders.send((line, turn))
        self.orders.recv()
        ready()
        self.orders.send(None)
        return float(self.orders.recv())


@contextmanager
def session(way: str, store: Store, work: Work) -> Iterator[Session]:
    """Run a way's process until the block ends."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(way, store, work, there))
    process.start()
    there.close()

    try:
        yield Session(here)
        here.send(None)
    finally:
        here.close()
        process.join()


def put_all(store: Store, bucket: str, keys: Iterable[str]) -> None:
    """Put small objects, several at once."""
    client = store.client(max_pool_connections=8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: client.put_object(Bucket=bucket, Key=key, Body=b"x"), keys))


def lay_out(store: Store, work: Work) -> None:
    """Make the buckets, and the table that is listed; nobody reads its files."""
    for bucket in (BUCKET, OTHER):
        store.make_bucket(bucket)
    folders = (f"{FOLDER}/listed/p={number % work.partitions}" for number in range(work.listed))
    files = (f"{folder}/part-{number:05}.parquet" for number, folder in enumerate(folders))
    put_all(store, BUCKET, files)


def kind(request: dict[str, Any]) -> str:
    """What a request is, as the table has it."""
    if request["copy_source"]:
        return "COPY"
    if request["method"] == "POST" and "delete" in request["query"].split("&"):
        return "DELETE"  # of many objects
    is_list = request["method"] == "GET" and "list-type=" in request["query"]
    return "LIST" if is_list else str(request["method"])


def count(way: str, store: Store, work: Work) -> dict[str, list[Counter[str]]]:
    """What a way asks the store, by line and kind, as often as its stream is counted."""
    counts: dict[str, list[Counter[str]]] = {}
    with counted(store) as proxy, session(way, proxy, work) as at:
        at.do(at.lines[0], "first")  # S3A's first look at a bucket
        for turn in range(STREAMS[work.stream]):
            for line in at.lines:
                time.sleep(0.5)  # for what a store is asked after the answer
                at.do(line, f"counted-{turn}", proxy.forget_requests)
                time.sleep(0.5)
                counts.setdefault(line, []).append(Counter(map(kind, proxy.requests())))
    return counts


def numbers(counts: list[Counter[str]], kind: str) -> list[int]:
    """How many requests of a kind, or of `all`, each count has."""
    return [each.total() if kind == "all" else each[kind] for each in counts]


def agree(some: list[int], others: list[int]) -> bool:
    """Whether the middle of each lies in the other's range: where none wavers, they are equal."""
    return all(
        min(these) <= statistics.median_low(those) <= max(these)
        for these, those in ((some, others), (others, some))
    )


def range_of(numbers: list[int]) -> str:
    """Numbers as a cell has them."""
    least, most = min(numbers), max(numbers)
    return f"{least}-{most}" if least < most else str(most or "")


def measure(
    ways: tuple[str, ...], store: Store, work: Work, rounds: int, say: Callable[[str], object]
) -> dict[str, dict[str, float]]:
    """Median seconds by way and line; the ways take turns at every line."""
    seconds: dict[str, dict[str, list[float]]] = {way: {} for way in ways}
    with ExitStack() as running:
        sessions = {way: running.enter_context(session(way, store, work)) for way in ways}
        for turn in range(WARM + rounds):
            say(f"round {turn + 1} of {WARM + rounds}")
            first = turn % len(ways)
            for line in sessions[ways[0]].lines:
                for way in ways[first:] + ways[:first]:
                    if line not in sessions[way].lines:
                        continue
                    took = sessions[way].do(line, str(turn))
                    if turn >= WARM:
                        seconds[way].setdefault(line, []).append(took)
    return {
        way: {line: statistics.median(each) for line, each in lines.items()}
        for way, lines in seconds.items()
    }


def shown(
    counts: dict[str, dict[str, list[Counter[str]]]], seconds: dict[str, dict[str, float]]
) -> Table:
    """The table, line by line."""
    columns = ("", "", *KINDS, "all", "median", "ratio")
    table = Table(*columns, box=SIMPLE_HEAD, show_edge=False, padding=0)
    for column in table.columns[2:]:
        column.justify = "right"
    for line in counts[DIRECT]:
        ways = [way for way, lines in counts.items() if line in lines]
        for way in ways:
            took = seconds.get(way, {}).get(line)
            requests = counts[way][line]
            table.add_row(
                line if way == DIRECT else "",
                way,
                *(range_of(numbers(requests, kind)) for kind in (*KINDS, "all")),
                f"{took:.2f} s" if took else "",
                f"{took / seconds[DIRECT][line]:.3f}" if took else "",
                end_section=way == ways[-1],
            )
    return table


def missed(
    counts: dict[str, dict[str, list[Counter[str]]]], seconds: dict[str, dict[str, float]]
) -> list[str]:
    """The goals that are missed, in words."""
    out = []
    for line, router in counts.get(ROUTER, {}).items():
        if line.endswith(SPANNING):
            most, direct = (max(numbers(each, "all")) for each in (router, counts[DIRECT][line]))
            if most > SPAN_GOAL * direct + SPAN_MORE:
                out.append(f"{line}: the router asks {most} times, direct S3A {direct}")
            continue
        for kind in KINDS:
            requests, usual = numbers(router, kind), numbers(counts[DIRECT][line], kind)
            if not agree(requests, usual):
                out.append(f"{line}: {kind}: the router asks {requests}, direct S3A {usual}")
        if copies := max(numbers(router, "COPY")):
            out.append(f"{line}: the router copies {copies} times")
        if seconds and (ratio := seconds[ROUTER][line] / seconds[DIRECT][line]) > GOAL:
            out.append(f"{line}: the router takes {ratio:.3f} of direct S3A's seconds")
    return out


def main() -> int:
    """Count and measure, and show a table; the exit code is 1 where a goal is missed."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=10, help="measurements; 0 only counts")
    options.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    options.add_argument("--stream", choices=STREAMS, default=Work.stream)
    amounts = [field for field in fields(Work) if field.type == "int"]
    for field in amounts:
        text = f"default {field.default:,}"
        options.add_argument(f"--{field.name}", type=int, default=field.default, help=text)
    given = options.parse_args()
    ways = tuple(way for way in WAYS if way == DIRECT or way in given.ways)
    work = Work(
        **{field.name: getattr(given, field.name) for field in amounts}, stream=given.stream
    )
    install(["minio"])
    console = Console()
    counts, seconds = {}, {}
    with tempfile.TemporaryDirectory() as folder, start_minio(Path(folder) / "minio") as store:
        with console.status("laying out the table that is listed"):
            lay_out(store, work)
        for way in ways:
            with console.status(f"counting the requests of {way}"):
                counts[way] = count(way, store, work)
        if given.rounds:
            with console.status("starting sessions") as status:
                seconds = measure(ways, store, work, given.rounds, status.update)
    console.print(shown(counts, seconds))
    if (times := STREAMS[work.stream]) > 1:
        console.print(
            f"the {work.stream} stream reads ahead in threads of its own: each line was counted "
            f"{times} times, and where counts waver, the middle and the range are compared"
        )
    if given.rounds:
        console.print(f"{given.rounds} rounds; load of the machine {os.getloadavg()[0]:.1f}")
    goals = missed(counts, seconds)
    for goal in goals:
        console.print(f"[red]missed[/]: {goal}")
    return 1 if goals else 0


if __name__ == "__main__":
    sys.exit(main())
