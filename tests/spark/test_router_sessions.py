"""The router beside plain S3A: what it asks the store."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from spark.places import buckets, client
from spark.sessions import builder, own_jvm

import s3r_spark

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _buckets(west: Store, east: Store) -> None:
    for store in (west, east):
        for bucket in buckets("router"):
            store.make_bucket(bucket)


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
