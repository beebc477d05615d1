"""Sessions in odd surroundings: strange keys in the environment, names refused, streams."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from servers.moto import start_moto
from servers.store import Store
from spark.places import PLACES, buckets, client, routes
from spark.sessions import builder, own_jvm

import s3r_spark
from s3r_spark.errors import SessionError
from s3r_spark.spark import gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow
engines = pytest.mark.parametrize("engine", PLACES)


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Somebody else's store, which the environment names with its keys."""
    with start_moto("stranger-key", "stranger-secret", "stranger-token") as moto:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", moto.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", moto.secret_key)
        monkeypatch.setenv("AWS_SESSION_TOKEN", str(moto.session_token))
        monkeypatch.setenv("AWS_ENDPOINT_URL", moto.endpoint_url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto.endpoint_url)
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        yield Store("stranger", "generic", moto.endpoint_url, moto.access_key, moto.secret_key)


def make_buckets(engine: Any, *stores: Store) -> None:
    for store in stores:
        for bucket in buckets(engine):
            store.make_bucket(bucket)


@engines
def test_keys_and_endpoints_of_the_environment(
    engine: Any, west: Store, east: Store, stranger: Store
) -> None:
    make_buckets(engine, west, east)
    with own_jvm():
        session_builder = s3r_spark.configure(builder(), routes(engine, west, east), engine=engine)
        spark = session_builder.getOrCreate()
        for place in PLACES[engine].values():
            spark.range(90).write.parquet(f"{place.path}/t")
            assert spark.read.parquet(f"{place.path}/t").count() == 90
    stores = {"west": west, "east": east}
    assert all(stores[p.store].keys(p.bucket, p.key("t/")) for p in PLACES[engine].values())
    requests = [*west.requests(), *east.requests()]
    assert {r["access_key"] for r in requests} == {west.access_key, east.access_key}
    assert {r["region"] for r in west.requests()} == {west.region}
    assert [r for r in requests if r["status"] == 403] == []
    assert stranger.requests() == []


def test_an_endpoint_in_the_place_of_aws(west: Store, stranger: Store) -> None:
    """The SDK would ask it for every client of AWS, and nothing switches that off."""
    aws = {"region": "us-west-1", "credentials": {"access_key": "a", "secret_key": "b"}}
    data: dict[str, Any] = {
        "clients": {"default": client(west), "aws": aws},
        "profiles": {"aws": {"source_bucket_pattern": "in-aws"}},
    }
    with pytest.raises(SessionError) as caught:
        s3r_spark.configure(builder(), data)
    assert "client 'aws': AWS_ENDPOINT_URL_S3 is set" in str(caught.value)
    assert "endpoint_url: https://s3.us-west-1.amazonaws.com" in str(caught.value)
    assert stranger.endpoint_url not in str(caught.value)
    aws |= {"service": "aws", "endpoint_url": "https://s3.us-west-1.amazonaws.com"}
    s3r_spark.configure(builder(), data)


@engines
def test_names_that_no_profile_matches(
    engine: Any, west: Store, east: Store, stranger: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    make_buckets(engine, west, east)
    data = routes(engine, west, east)
    del data["clients"]["default"]
    with own_jvm():
        configured = s3r_spark.configure(builder(), {**data, "unmatched": "refuse"}, engine=engine)
        spark = configured.getOrCreate()
        for place in PLACES[engine].values():
            if place.store == "east":
                spark.range(90).write.parquet(f"{place.path}/t")
        before = east.requests()
        paths = ["s3a://typo/t"]
        if engine != "s3a":
            paths += ["s3a://shared/elsewhere/t"]
        if engine == "viewfs":  # of the router's places, a profile takes this name
            paths += ["s3a://real/data/team2/t"]
        for path in paths:
            start = time.monotonic()
            with pytest.raises((Py4JJavaError, PySparkException)) as wrote:
                spark.range(90).write.parquet(path)
            with pytest.raises((Py4JJavaError, PySparkException)):
                spark.read.parquet(path).count()
            assert time.monotonic() - start < 20
            if path == "s3a://typo/t":
                # A mount table keeps the reason to itself, so there it stands in the log alone.
                text = capfd.readouterr().err if engine == "viewfs" else str(wrote.value)
                assert "`unmatched: refuse`" in text or "no_profile_of_routes_yaml_" in text
    assert east.requests() == before
    assert west.requests() == [r for r in west.requests() if r["path"].count("/") == 1]
    assert stranger.requests() == []


def test_an_event_log_on_a_store_whose_keys_stand_in_the_routes(west: Store, east: Store) -> None:
    """Spark opens it before a session could be told anything by value."""
    west.make_bucket("shared")
    west.put("shared", "events/.keep", b"")
    log = {
        "spark__eventLog__enabled": "true",
        "spark__eventLog__dir": "s3a://shared/events",
        "spark__eventLog__compress": "false",
    }
    with own_jvm():
        session_builder = s3r_spark.configure(
            builder(**log), routes("router", west, east), engine="router"
        )
        spark = session_builder.getOrCreate()
        assert spark.range(3).count() == 3
        spark.stop()
        assert not [name for name in os.environ if name.startswith("S3R_SECRET")]
        again = s3r_spark.configure(builder(**log), routes("router", west, east), engine="router")
        with pytest.raises(SessionError, match=r"opens before .* write them as \$\{NAME\}"):
            again.getOrCreate()
    (events,) = [key for key in west.keys("shared", "events/") if "/events_" in key]
    text = west.get("shared", events)
    assert b"SparkListenerApplicationEnd" in text
    assert west.secret_key.encode() not in text
    assert east.secret_key.encode() not in text


def test_a_wrong_setting_of_the_router_stops_the_start(west: Store, east: Store) -> None:
    with own_jvm():
        mine = builder(spark__hadoop__fs__s3r__rename__across="maybe")
        s3r_spark.configure(mine, routes("router", west, east), engine="router")
        with pytest.raises(SessionError, match="must be copy or refuse, not 'maybe'"):
            mine.getOrCreate()
        assert gateway.context() is None


def test_a_mount_below_the_root_of_a_table(west: Store, east: Store) -> None:
    """A third of the rows belongs to another store: they all come back, or the job fails."""
    west.make_bucket("shared")
    east.make_bucket("real")
    data = routes("viewfs", west, east)
    data["profiles"]["team2"] |= {"source_key_pattern": "tbl/p=1/*", "mapped_prefix": "p1"}
    with own_jvm():
        spark = s3r_spark.configure(builder(), data, engine="viewfs").getOrCreate()
        rows = spark.range(90).selectExpr("id", "id % 3 AS p")
        for mode in ("error", "append", "overwrite"):
            with pytest.raises((Py4JJavaError, PySparkException)):
                rows.write.partitionBy("p").mode(mode).parquet("s3a://shared/tbl")
        assert east.keys("real") == []
        west.empty_bucket("shared")  # of what a job that failed half-way has left
        # Folder by folder it works, and reads as one table.
        for p in range(3):
            part = rows.where(f"p = {p}").drop("p")
            part.write.mode("append").parquet(f"s3a://shared/tbl/p={p}")
        assert spark.read.parquet("s3a://shared/tbl").count() == 90
        assert spark.read.parquet("s3a://shared/tbl").where("p = 1").count() == 30
    assert all(key.startswith("p1/") for key in east.keys("real"))
    assert {key.split("/")[1] for key in west.keys("shared")} == {"p=0", "p=2"}


@engines
def test_a_stream_with_its_checkpoint(engine: Any, west: Store, east: Store) -> None:
    make_buckets(engine, west, east)
    here, there = list(PLACES[engine].values())[:2]
    source, sink, state = f"{here.path}/in", f"{there.path}/out", f"{there.path}/checkpoint"

    def run(spark: SparkSession) -> None:
        stream = spark.readStream.schema("id long").parquet(source).writeStream
        stream = stream.option("checkpointLocation", state).trigger(availableNow=True)
        stream.start(sink, format="parquet").awaitTermination()

    with own_jvm():
        session_builder = s3r_spark.configure(builder(), routes(engine, west, east), engine=engine)
        spark = session_builder.getOrCreate()
        spark.range(50).write.parquet(source)
        run(spark)
        spark.range(50, 90).write.mode("append").parquet(source)
        run(spark)
        assert spark.read.parquet(sink).distinct().count() == 90
        assert spark.read.parquet(sink).count() == 90
    assert east.keys(there.bucket, there.key("checkpoint/offsets/"))
    assert east.keys(there.bucket, there.key("checkpoint/commits/"))
    assert {key.split("/")[-2] for key in west.keys(here.bucket)} == {"in"}
