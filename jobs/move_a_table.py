"""An Iceberg table moves from one S3 store to another, and none of its files is rewritten.

    pip install 's3r-spark[spark]' 'pyspark>=4.1,<4.2' 'moto[server]'

Two embedded stores stand for the old one and the new one. The table's metadata holds whole paths,
`s3a://lake/…`: the old bucket's name. They stay right, since the routes say where that name is now.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import yaml
from pyspark.sql import SparkSession

import s3r_spark
from s3r_spark.cli import main as s3r

if TYPE_CHECKING:
    from collections.abc import Iterator

ICEBERG = "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0"
TABLE, KEYS = "lake.db.trips", {"access_key": "any", "secret_key": "any"}
BEFORE = {"client": "old", "source_bucket_pattern": "lake"}
AFTER = {**BEFORE, "client": "new", "mapped_bucket_name": "lake-2026"}


@contextmanager
def store() -> Iterator[str]:
    """Run an S3 service until the block ends, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - as above
        try:
            for _ in range(600):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def session(routes: str) -> SparkSession:
    """Start Spark with an Iceberg catalog below `s3a://lake`, by some routes."""
    settings = {
        "spark.jars.packages": ICEBERG,
        "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.lake.type": "hadoop",
        "spark.sql.catalog.lake.warehouse": "s3a://lake/warehouse",
    }
    builder = SparkSession.builder.config(map=settings)
    return s3r_spark.configure(builder, routes, engine="router").getOrCreate()


def snapshots(spark: SparkSession) -> list[tuple[int, int]]:
    """Each snapshot of the table, and how many rows it has."""
    found = spark.sql(f"SELECT snapshot_id AS id FROM {TABLE}.snapshots ORDER BY committed_at")  # noqa: S608
    return [
        (row.id, spark.read.option("versionAsOf", row.id).table(TABLE).count())
        for row in found.collect()
    ]


def main() -> None:
    """Write the table, move it, switch the old store off, and go on."""
    with TemporaryDirectory() as folder, store() as new:
        files = [str(Path(folder) / name) for name in ("old.yaml", "new.yaml")]
        with store() as old:
            urls = {"old": old, "new": new}
            clients = {n: {"endpoint_url": url, "credentials": KEYS} for n, url in urls.items()}
            for file, profile in zip(files, (BEFORE, AFTER), strict=True):
                routes = {"unmatched": "refuse", "clients": clients, "profiles": {"lake": profile}}
                Path(file).write_text(yaml.safe_dump(routes), encoding="utf-8")
                s3r_spark.client(file).create_bucket(Bucket="lake")
            spark = session(files[0])
            spark.sql(f"CREATE TABLE {TABLE} (id BIGINT, p INT) USING iceberg PARTITIONED BY (p)")
            spark.sql(f"INSERT INTO {TABLE} SELECT id, id % 3 FROM range(1000)")  # noqa: S608
            spark.sql(f"DELETE FROM {TABLE} WHERE p = 1")  # noqa: S608
            print("snapshots (id, rows) on the old store:", snapshots(spark))
            spark.stop()
            s3r(["migrate", "--finish", *files], standalone_mode=False)
        spark = session(files[1])  # the old store is off
        print("snapshots (id, rows) on the new store:", snapshots(spark))
        spark.sql(f"INSERT INTO {TABLE} VALUES (1000, 1)")  # noqa: S608
        print("rows after an append:", spark.table(TABLE).count())
        spark.stop()


if __name__ == "__main__":
    main()
