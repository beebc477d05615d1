"""The work of the router's benchmark: what is done, line by line, in a Spark session of one way."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import SparkSession

import s3r_spark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from servers.store import Store

DIRECT, ROUTER, VIEWFS, RENAMING = "direct", "router", "viewfs", "renaming"
WAYS = (DIRECT, ROUTER, VIEWFS, RENAMING)
BUCKET, FOLDER = "bench", "data/team"
OTHER, SPAN = "bench-other", "data/span"  # where the rest of a folder lies that spans stores
SPANNING = "of a spanning folder"
_RECURSIVE = True
_CLASSIC = {"spark.hadoop.fs.s3a.committer.name": "file"}  # configure brings the magic committer
_SESSION = {
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
    """The amount of work.

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
    """The job that is measured, line by line; each round has tables of its own."""

    def __init__(self, way: str, store: Store, work: Work) -> None:
        self.way, self.store, self.work = way, store, work
        self.spark, self.folder = started(way, store, work.stream)
        self.number = WAYS.index(way)
        self.large = ""  # the large table that was written last

    def lines(self) -> dict[str, Callable[[str], None]]:
        """The lines of the table, in the order in which they are done."""
        few, many, listed = self.work.few, self.work.many, self.work.listed
        lines: dict[str, Callable[[str], None]] = {
            f"write {few} files": lambda t: self.rows(few).write.parquet(self.at(t)),
            f"write {many} files": self.write_large,
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

    def write_large(self, turn: str) -> None:
        """Write the large table."""
        self.large = self.at(turn, "many")
        self.rows(self.work.many).write.parquet(self.large)

    def prepare(self, line: str, turn: str) -> None:
        """Lay out what a line needs."""
        if line.startswith("list") and line.endswith(SPANNING):
            half = self.work.spanning // 2
            other = (OTHER, "o/") if self.way == ROUTER else (BUCKET, "other/")
            folder = f"{SPAN}/{self.number}-{turn}"
            put_all(self.store, BUCKET, (f"{folder}/{n:05}" for n in range(half)))
            rest = range(half, self.work.spanning)
            put_all(self.store, other[0], (f"{folder}/{other[1]}{n:05}" for n in rest))

    def span(self, turn: str) -> tuple[Any, Any]:
        """The file system of the folder that spans stores in a round, and its path."""
        root = "s3a://lake/span" if self.way == ROUTER else f"s3a://{BUCKET}/{SPAN}"
        path = self.spark._jvm.org.apache.hadoop.fs.Path(f"{root}/{self.number}-{turn}")  # noqa: SLF001
        return path.getFileSystem(self.spark._jsc.hadoopConfiguration()), path  # noqa: SLF001

    def list_span(self, turn: str) -> None:
        """List all files of the folder that spans stores."""
        fs, path = self.span(turn)
        lists = self.spark._jvm.org.apache.hadoop.util.functional.RemoteIterators  # noqa: SLF001
        count = lists.toList(fs.listFiles(path, _RECURSIVE)).size()
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
        if not fs.delete(path.suffix("-renamed"), _RECURSIVE):
            raise RuntimeError("it was not deleted")

    def at(self, turn: str, table: str = "few") -> str:
        """A table of this way's own in a round."""
        return f"{self.folder}/{self.number}/{turn}/{table}"

    def rows(self, files: int) -> Any:
        """Rows for so many files."""
        texts = (f"concat('{name}', id % 1000) AS {name}" for name in "abcde")
        return self.spark.range(0, self.work.rows, 1, files).selectExpr("id", *texts)

    def read(self, _: str) -> None:
        """Read one of six columns."""
        (total,) = self.spark.read.parquet(self.large).selectExpr("sum(id)").first()
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
    committer = _CLASSIC if way == RENAMING else {}
    read = {"spark.hadoop.fs.s3a.input.stream.type": stream}
    for key, value in {**_SESSION, **read, **committer}.items():
        builder = builder.config(key, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # s3r_spark names the settings that are ours here
        return s3r_spark.configure(builder, routes, engine=engine).getOrCreate(), folder


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
