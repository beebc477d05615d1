"""The router on a real cluster, in streams, and beside plain S3A: what it asks the store."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from servers.cluster import start_cluster
from spark.places import buckets, client, routes
from spark.running import JOBS, QUIET, environment, job
from spark.sessions import builder, own_jvm

import s3r_spark

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession
    from servers.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _buckets(west: Store, east: Store) -> None:
    for store in (west, east):
        for bucket in buckets("router"):
            store.make_bucket(bucket)


@pytest.mark.parametrize("packages", ["", "--packages org.yaml:snakeyaml:2.4"])
def test_a_script_on_a_cluster(west: Store, east: Store, packages: str, tmp_path: Path) -> None:
    """The executors get the jar, whether or not the user brings packages."""
    file = tmp_path / "routes.yaml"
    file.write_text(json.dumps(routes("router", west, east)))
    paths = ["s3a://shared/team1/t", "s3a://shared/team2/t", "s3r://renamed/t"]
    with start_cluster(tmp_path / "cluster") as cluster:
        submit = f"--master {cluster.master} {packages} {QUIET} pyspark-shell"
        env = environment(PYSPARK_SUBMIT_ARGS=submit)
        command = [sys.executable, str(JOBS / "round_trip.py"), str(file), *paths]
        with job(command, tmp_path, env) as said:
            assert said["counts"] == dict.fromkeys(paths, 90)
    assert {key.rpartition("/")[0] for key in west.keys("shared")} == {"team1/t"}
    assert {key.rpartition("/")[0] for key in east.keys("shared")} == {"data/team2/t"}
    assert {key.rpartition("/")[0] for key in east.keys("other-name")} == {"sub/t"}


def run_stream(spark: SparkSession, folder: str) -> int:
    """Process what there is; how many rows the sink has then."""
    query = (
        spark.readStream.schema("id long")
        .parquet(f"{folder}/in")
        .writeStream.format("parquet")
        .option("checkpointLocation", f"{folder}/checkpoint")
        .trigger(availableNow=True)
        .start(f"{folder}/out")
    )
    query.awaitTermination(120)
    return int(spark.read.parquet(f"{folder}/out").count())


def test_a_stream_and_its_checkpoint_follow_the_routes(west: Store, east: Store) -> None:
    folder = "s3a://shared/team2/stream"
    for step in (1, 2):  # the second session goes on where the first one stopped
        with own_jvm():
            made = builder()
            s3r_spark.configure(made, routes("router", west, east), engine="router")
            spark = made.getOrCreate()
            spark.range(50).write.mode("append").parquet(f"{folder}/in")
            assert run_stream(spark, folder) == 50 * step
    folders = {"/".join(key.split("/")[:4]) for key in east.keys("shared")}
    assert "data/team2/stream/checkpoint" in folders
    assert [key for key in east.keys("shared") if "/checkpoint/commits/1" in key]
    assert west.keys("shared") == []


def asked(store: Store) -> Counter[str]:
    time.sleep(0.5)  # for what a store is asked after an answer
    found = Counter(
        "COPY" if request["copy_source"] else request["method"] for request in store.requests()
    )
    store.forget_requests()
    return found


def test_the_router_asks_what_s3a_asks(west: Store, east: Store) -> None:
    moved: dict[str, Any] = {
        "clients": {"default": client(west), "east": client(east)},
        "profiles": {"east": {"source_bucket_pattern": "moved"}},
    }
    found: dict[str, dict[str, Counter[str]]] = {}
    for engine in ("s3a", "router"):
        east.make_bucket("moved")
        with own_jvm():
            one = builder().master("local[1]")  # two tasks at once race for markers of folders
            made = s3r_spark.configure(one, moved, engine=engine)
            spark = made.getOrCreate()
            path = "s3a://moved/base/t"
            rows = spark.range(0, 1000, 1, 8).selectExpr("id", "id % 5 AS p")
            spark.read.text("s3a://moved/").count()  # S3A's first look at a bucket
            east.forget_requests()
            here = found[engine] = {}
            rows.write.parquet(path)
            here["write"] = asked(east)
            assert spark.read.parquet(path).selectExpr("sum(id)").first()[0] == 499_500
            here["read"] = asked(east)
            rows.write.mode("overwrite").parquet(path)
            here["overwrite"] = asked(east)
            rows.write.mode("append").parquet(path)
            here["append"] = asked(east)
            rows.write.partitionBy("p").parquet(f"{path}p")
            here["partitions"] = asked(east)
            assert spark.read.parquet(f"{path}p").where("p = 1").count() == 200
            here["one partition"] = asked(east)
        east.empty_bucket("moved")
        east.client().delete_bucket(Bucket="moved")
    print(found["router"])  # noqa: T201 - the figures
    assert found["router"] == found["s3a"]
    assert west.requests() == [] or not [r for r in west.requests() if "moved" in r["path"]]
