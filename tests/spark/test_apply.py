"""Routes for a session that runs already, in a notebook or as a Connect client."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pyspark.sql import SparkSession
from servers.process import free_ports, running
from spark.places import PLACES, buckets, client, routes, strays, variables
from spark.running import JOBS, QUIET, SPARK_HOME, environment
from spark.sessions import builder, jars, own_jvm

import s3r_spark
from s3r_spark.errors import RoutesWarning, SessionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _buckets(west: Store, east: Store) -> None:
    for store in (west, east):
        for engine in PLACES:
            for bucket in buckets(engine):
                if bucket not in store.buckets():
                    store.make_bucket(bucket)


def options(store: Store, bucket: str) -> dict[str, str]:
    """A bucket of a store, as a session without routes is told of it."""
    prefix = f"spark__hadoop__fs__s3a__bucket__{bucket}__"
    fields = {
        "endpoint": store.endpoint_url,
        "endpoint__region": store.region,
        "path__style__access": "true",
        "access__key": store.access_key,
        "secret__key": store.secret_key,
    }
    return {f"{prefix}{key}": value for key, value in fields.items()}


@pytest.mark.parametrize("engine", PLACES)
def test_a_session_that_runs(engine: Any, west: Store, east: Store) -> None:
    with own_jvm():
        spark = builder(spark__jars=jars()).getOrCreate()
        loaded = s3r_spark.Routes.load(routes(engine, west, east))  # which warns of what is odd
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            report = s3r_spark.apply(spark, loaded, engine=engine)
        assert report.complete
        assert (report.engine, report.open_buckets) == (engine, ())
        assert str(report).startswith(f"engine {engine}: it was asked for\n")
        assert {"fs.s3a.endpoint", "fs.s3a.impl"} & {*report.applied}
        for place in PLACES[engine].values():
            spark.range(90).write.parquet(f"{place.path}/t")
            assert spark.read.parquet(f"{place.path}/t").count() == 90
        # A notebook's cell that runs again, and one that has followed other routes meanwhile.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(2):
                again = s3r_spark.configure(SparkSession.builder, loaded, engine=engine)
                assert again.getOrCreate() is spark
                assert s3r_spark.apply(spark, loaded, engine=engine).complete
        shown = str(
            [*map(tuple, spark.sql("SET").collect()), *spark.sparkContext.getConf().getAll()]
        )
        for secret in (west.secret_key, east.secret_key):
            assert secret not in shown
            assert secret not in str(report)
    stores = {"west": west, "east": east}
    homes = {f"{place.store}:{place.bucket}" for place in PLACES[engine].values()}
    assert {name for place in PLACES[engine].values() for name in strays(place, stores)} <= homes
    assert all(stores[p.store].keys(p.bucket, p.key("t/")) for p in PLACES[engine].values())


def place_of_a_job(spark: Any) -> tuple[str, str]:
    """What a job that starts now would know of its place: a store's region, and the profiles."""
    conf = spark._jsparkSession.sessionState().newHadoopConf()
    return conf.get("fs.s3r.client.east.endpoint.region"), conf.get("fs.s3r.routes")


def test_a_bucket_in_use_is_never_at_two_places(west: Store, east: Store) -> None:
    """The driver keeps S3A's file system, so it would commit where tasks don't write."""
    moved, path = routes("s3a", west, east), "s3a://moved/t"
    with own_jvm():
        spark = builder(spark__jars=jars(), **options(west, "moved")).getOrCreate()
        spark.range(1).write.parquet("s3a://moved/before")  # in west, and open from now on
        for engine in ("s3a", "viewfs"):
            with pytest.raises(SessionError, match=r"in use, .*: s3a://moved.*on_open='close'"):
                s3r_spark.apply(spark, moved, engine=engine)
        assert spark.read.parquet("s3a://moved/before").count() == 1, "as if nothing had been asked"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            report = s3r_spark.apply(spark, moved, engine="s3a", on_open="close")
            assert report.closed == ("s3a://moved",)
            assert report.complete
            spark.range(10).write.parquet(path)
            assert east.keys("moved", "t/_SUCCESS")
            assert s3r_spark.apply(spark, moved, engine="s3a").closed == ()
            # The router goes by the routes of each call, so it needs no closing.
            for prefix, rows in (("one", 10), ("two", 20)):
                moved["profiles"]["east"]["mapped_prefix"] = prefix
                report = s3r_spark.apply(spark, moved)
                assert (report.engine, report.closed, report.complete) == ("router", (), True)
                spark.range(rows).write.mode("overwrite").parquet(path)
                assert spark.read.parquet(path).count() == rows
                assert east.keys("moved", f"{prefix}/t/_SUCCESS")
            # What Spark keeps by names, rows and the files of tables, is of the old place.
            spark.sql(f"CREATE TABLE t (id LONG) USING parquet LOCATION '{path}'")
            for prefix, rows in (("two", 20), ("one", 10)):
                moved["profiles"]["east"]["mapped_prefix"] = prefix
                s3r_spark.apply(spark, moved)
                assert spark.read.parquet(path).cache().count() == rows
                assert spark.table("t").select("id").distinct().count() == rows
            spark.newSession().range(1).cache().count()
            s3r_spark.apply(spark, moved)
            assert not spark._jsparkSession.sharedState().cacheManager().isEmpty(), "as it was"
            # A job of another thread that starts meanwhile has the old routes or the new ones.
            moved["clients"]["east"]["region"] = "elsewhere"
            moved["profiles"]["east"]["mapped_prefix"] = "far"
            seen, before = [], place_of_a_job(spark)
            with ThreadPoolExecutor(1) as thread:
                change = thread.submit(s3r_spark.apply, spark, moved)
                while not change.done():
                    seen.append(place_of_a_job(spark))
            change.result()
            after = place_of_a_job(spark)
            assert {*seen} <= {before, after}
            assert ("far" in before[1], "far" in after[1]) == (False, True)
    assert {key.split("/")[0] for key in west.keys("moved")} == {"before"}
    assert {key.split("/")[0] for key in east.keys("moved")} == {"t", "one", "two"}


def test_a_bucket_that_keeps_other_settings_is_told(west: Store, east: Store) -> None:
    with own_jvm():
        spark = builder(spark__jars=jars(), **options(east, "moved")).getOrCreate()
        spark.range(1).write.parquet("s3a://moved/t")
        with pytest.warns(RoutesWarning, match="in use, and with the settings") as caught:
            report = s3r_spark.apply(spark, routes("s3a", west, east), engine="s3a")
        assert [w.message.code for w in caught] == ["bucket-in-use"]  # type: ignore[union-attr]
        assert report.open_buckets == ("s3a://moved",)
        assert not report.complete
        assert "in use, with the settings of before: s3a://moved" in str(report)


def test_sessions_of_one_jvm_have_routes_and_keys_of_their_own(west: Store, east: Store) -> None:
    """Also where both call their clients alike, and one has less to say of its own."""
    path = "s3a://shared/team2/t"
    first, second = routes("router", west, east), routes("router", west, east)
    second["clients"] = {"default": client(east), "east": client(west)}
    del second["profiles"]["team2"]["mapped_prefix"]
    with own_jvm():
        spark = s3r_spark.configure(builder(), first, engine="router").getOrCreate()
        other = spark.newSession()
        assert other.conf.get("fs.s3r.profiles", None) is None
        with pytest.raises(SessionError, match="for all the sessions of this JVM"):
            s3r_spark.apply(other, routes("s3a", west, east), engine="s3a")
        with pytest.warns(RoutesWarning, match="what is no data frame") as caught:
            report = s3r_spark.apply(other, second)
        messages = [w.message for w in caught if getattr(w.message, "code", "") == "not-applied"]
        assert (report.engine, len(messages), len(report.undone)) == ("router", 1, 1)
        for number, session in enumerate((spark, other, spark, other), 1):
            session.range(number * 10).write.mode("overwrite").parquet(path)
            assert session.read.parquet(path).count() == number * 10
        assert spark.read.parquet(path).count() == 30
        spark.sparkContext.parallelize(range(5), 1).saveAsTextFile("s3a://shared/team2/text")
        shown = str([tuple(row) for row in other.sql("SET").collect()])
        assert west.secret_key not in shown
        assert east.secret_key not in shown
    folders = {key.rpartition("/")[0] for key in east.keys("shared")} - {"data/team2"}
    assert folders == {"data/team2/t", "data/team2/text"}
    assert {key.rpartition("/")[0] for key in west.keys("shared")} - {"team2"} == {"team2/t"}
    for store in (west, east):
        assert {r["access_key"] for r in store.requests()} == {store.access_key}


def test_a_session_without_s3a_is_told(west: Store, east: Store) -> None:
    with own_jvm():
        spark = builder().getOrCreate()
        spark.conf.set("fs.s3a.impl", "my.FileSystem")
        with pytest.warns(RoutesWarning, match="no S3A on its classpath"):
            report = s3r_spark.apply(spark, routes("s3a", west, east))
        with pytest.raises(SessionError, match="lacks the router jar") as caught:
            s3r_spark.apply(spark, routes("router", west, east))
        assert "viewfs" not in str(caught.value), "which can't do it"
        with pytest.raises(SessionError, match=r"lacks the router jar.*or ask for engine='viewfs'"):
            s3r_spark.apply(spark, routes("viewfs", west, east))
    assert not report.complete
    assert "`s3r-spark jars`" in str(report)
    assert "fs.s3a.impl is my.FileSystem, which may go past the routes" in str(report)


def test_what_a_session_was_told_of_s3_and_committers_stays(west: Store, east: Store) -> None:
    theirs = {
        "fs.s3.impl": "a.platforms.FileSystem",
        "fs.s3a.committer.name": "file",  # which is Hadoop's default, but was chosen
        "spark.sql.sources.commitProtocolClass": (
            "org.apache.spark.internal.io.HadoopMapReduceCommitProtocol"
        ),
    }
    with own_jvm():
        start = {
            "spark.jars": jars(),
            **{k if k.startswith("spark.") else f"spark.hadoop.{k}": v for k, v in theirs.items()},
        }
        spark = builder(**{key.replace(".", "__"): value for key, value in start.items()})
        spark = spark.getOrCreate()
        for _ in range(2):  # the second takes back what the first has set, and no more
            with pytest.warns(RoutesWarning, match="is set already and stays as it is"):
                report = s3r_spark.apply(spark, routes("router", west, east))
            for key in theirs:
                assert any(f"{key} is set already and stays" in text for text in report.undone)
            assert not {name for name in report.applied if name in theirs or ".s3." in name}
            conf = spark.sparkContext._jsc.hadoopConfiguration()
            for key, value in theirs.items():
                assert value in {spark.conf.get(key, None), conf.get(key)}
            assert conf.get("fs.AbstractFileSystem.s3.impl") is None
            assert conf.get("fs.s3r.impl") == "s3r.hadoop.RouterFileSystem"


def test_a_session_between_configure_and_get_or_create_follows(west: Store, east: Store) -> None:
    with own_jvm():
        mine = s3r_spark.configure(builder(), routes("router", west, east), engine="router")
        other = builder(spark__jars=jars()).getOrCreate()
        assert mine.getOrCreate() is other
        other.range(9).write.parquet("s3a://shared/team2/t")
        assert east.keys("shared", "data/team2/t/_SUCCESS")
        # A second cell, with other routes.
        changed = routes("router", west, east)
        changed["profiles"]["team2"]["mapped_prefix"] = "changed"
        assert s3r_spark.configure(SparkSession.builder, changed).getOrCreate() is other
        other.range(9).write.parquet("s3a://shared/team2/t")
        assert east.keys("shared", "changed/t/_SUCCESS")


def test_a_session_that_has_ended_leaves_a_jvm_without_jars(west: Store, east: Store) -> None:
    with own_jvm():
        builder().getOrCreate().stop()
        mine = s3r_spark.configure(type(builder())(), routes("s3a", west, east))
        with pytest.raises(SessionError, match=r"takes no more: restart Python"):
            mine.getOrCreate()


# Engine, and the profile: in/ of the bucket goes to east, and with s3a all of the bucket.
STEPS: list[tuple[str, dict[str, str]]] = [
    ("router", {"source_key_pattern": "in/*", "mapped_prefix": "first"}),
    ("s3a", {}),
    ("viewfs", {"source_key_pattern": "in/*", "mapped_bucket_name": "real"}),
    ("s3a", {}),
    ("router", {"source_key_pattern": "in/*"}),
    ("router", {"source_key_pattern": "in/*", "mapped_prefix": "last"}),
]


def step(number: int, west: Store, east: Store) -> tuple[Any, dict[str, Any]]:
    """The engine of a step and its routes, which know nothing of the steps before."""
    engine, profile = STEPS[number]
    clients = {"default": client(west), f"away{number}": client(east)}
    profile = {"client": f"away{number}", "source_bucket_pattern": f"step{number}", **profile}
    return engine, {"clients": clients, "profiles": {"east": profile}}


def check_step(number: int, spark: SparkSession, west: Store, east: Store) -> None:
    """Its routes hold, and nothing is left of those before."""
    for folder in ("in", "out"):
        spark.range(5).write.parquet(f"s3a://step{number}/{folder}/t")
    engine, profile = STEPS[number]
    there = f"{profile.get('mapped_prefix', 'in')}/t/_SUCCESS"
    assert there in east.keys(profile.get("mapped_bucket_name", f"step{number}"))
    assert "out/t/_SUCCESS" in (east if engine == "s3a" else west).keys(f"step{number}")
    conf = spark.sparkContext._jsc.hadoopConfiguration()
    # What it was started with is shown, and has no effect on Hadoop any more.
    session_settings = {
        k: v for k, v in spark.sql("SET").collect() if not k.startswith("spark.hadoop.")
    }
    for earlier in range(number):
        for about in (f"step{earlier}", f"away{earlier}"):
            assert about not in str(session_settings)
            assert list(conf.getValByRegex(rf"\b{about}\b").keySet()) == []


@pytest.mark.parametrize("start", ["configure", "apply", "conf"])
def test_other_routes_take_the_place_of_the_first(start: str, west: Store, east: Store) -> None:
    for number in range(len(STEPS)):
        west.make_bucket(f"step{number}")
        east.make_bucket(f"step{number}")
    engine, first = step(0, west, east)
    session_builder = builder(spark__jars=jars())
    if start == "configure":
        s3r_spark.configure(session_builder, first, engine=engine)
    elif start == "conf":  # as `s3r-spark conf` writes it
        for key, value in s3r_spark.settings(first, engine=engine, secrets="inline").items():
            session_builder.config(f"spark.hadoop.{key}", value)
    with own_jvm():
        spark = session_builder.getOrCreate()
        if start == "apply":
            s3r_spark.apply(spark, first, engine=engine)
        for number in range(1, len(STEPS)):
            engine, routes = step(number, west, east)
            report = s3r_spark.apply(spark, routes, engine=engine, on_open="close")
            assert report.complete
            check_step(number, spark, west, east)


def test_a_session_after_one_with_other_routes(west: Store, east: Store) -> None:
    """In the JVM of the first, which keeps what that was started with."""
    for number in (0, 1):
        west.make_bucket(f"step{number}")
        east.make_bucket(f"step{number}")
    with own_jvm():
        for number in (0, 1):
            engine, routes = step(number, west, east)
            session_builder = s3r_spark.configure(builder(), routes, engine=engine)
            spark = session_builder.getOrCreate()
            check_step(number, spark, west, east)
            spark.stop()


def test_a_session_after_one_that_had_a_bucket_elsewhere(west: Store, east: Store) -> None:
    """Hadoop would keep what the first one had open, in this JVM."""
    for store in (west, east):
        store.make_bucket("lake")
    east.make_bucket("real")
    whole = {"client": "east", "source_bucket_pattern": "lake"}
    folder = whole | {"source_key_pattern": "in/*", "mapped_bucket_name": "real"}
    steps: list[tuple[Any, dict[str, str], str]] = [
        ("viewfs", folder | {"mapped_prefix": "one"}, "real/one"),
        ("viewfs", folder | {"mapped_prefix": "two"}, "real/two"),
        ("s3a", whole, "lake/in"),
    ]
    with own_jvm():
        for engine, profile, place in steps:
            clients = {"default": client(west), "east": client(east)}
            routes = {"clients": clients, "profiles": {"east": profile}}
            spark = s3r_spark.configure(builder(), routes, engine=engine).getOrCreate()
            spark.range(5).write.parquet("s3a://lake/in/t")
            bucket, _, prefix = place.partition("/")
            assert east.keys(bucket, f"{prefix}/t/_SUCCESS"), place
            spark.stop()
    assert west.keys("lake") == []


@contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """The URL of a server with no routes."""
    (port,) = free_ports(1)
    name = "org.apache.spark.sql.connect.service.SparkConnectServer"
    command = [str(SPARK_HOME / "bin" / "spark-submit"), "--class", name, "--master", "local[2]"]
    command += [*QUIET.split(), "--conf", f"spark.connect.grpc.binding.port={port}"]
    command += ["--jars", jars(), "spark-internal"]
    with running(command, folder / "server.log", environment()) as server:
        server.wait_until(lambda: f":{port}" in server.log.read_text(errors="replace"))
        yield f"sc://127.0.0.1:{port}"


def test_users_of_a_connect_server(west: Store, east: Store, tmp_path: Path) -> None:
    """Of pip's own pyspark, with S3A's jars and the router's."""
    first, second = (
        routes("router", a, b)
        | {
            "clients": {
                "default": client(a, by_variables=True),
                "east": client(b, by_variables=True),
            }
        }
        for a, b in ((west, east), (east, west))
    )
    for name, data in (("first.yaml", first), ("second.yaml", second)):
        (tmp_path / name).write_text(yaml.safe_dump(data, sort_keys=False))
    (tmp_path / "secrets").write_text(f"{west.secret_key} {east.secret_key}")
    paths = ["s3a://shared/team1/t", "s3a://shared/team2/t", "s3r://renamed/base/t"]
    with connect_server(tmp_path) as url:
        process = subprocess.run(
            [sys.executable, str(JOBS / "connect.py"), url, "first.yaml", "second.yaml", *paths],
            env=environment(**variables(west), **variables(east)),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert process.returncode == 0, process.stderr[-4000:]
    answer = json.loads(process.stdout.splitlines()[-1])
    configure, *by_others = answer["refused"]
    assert "s3r_spark.apply(spark, routes)" in configure
    assert len(by_others) == 2
    assert all("users of this Connect server" in text for text in by_others)
    assert (answer["engines"], answer["undone"]) == (["router"] * 2, [])
    assert answer["counts"] == [10, 20] * len(paths)
    assert answer["left"] is False, "of the routes that it had before"
    assert answer["shown"] == []
    for store in (west, east):
        for bucket, key in (
            ("shared", "team1/t"),
            ("shared", "data/team2/t"),
            ("other-name", "sub/base/t"),
        ):
            assert f"{key}/_SUCCESS" in store.keys(bucket)
        assert {r["access_key"] for r in store.requests()} == {store.access_key}
