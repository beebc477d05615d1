"""Routes are those of the configuration that comes with a call; nothing remembers others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, configuration, lake_routes
from py4j.protocol import Py4JJavaError

from s3r_spark.hadoop.routes_plan import settings

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]
ROOT = "s3a://lake"


def routes(west: Store, east: Store, prefix: str, **team2: str) -> dict[str, Any]:
    mapped = {"mapped_bucket_name": "real", "mapped_prefix": prefix}
    return lake_routes(west, east, {"team2": {"source_key_pattern": "team2/*"} | mapped | team2})


def path(jvm: Any, name: str) -> Any:
    return jvm.org.apache.hadoop.fs.Path(f"{ROOT}/{name}")


def write(jvm: Any, conf: Any, name: str, body: bytes) -> Any:
    """Write a file as a job does, and the file system that it was given."""
    file = path(jvm, name)
    fs = file.getFileSystem(conf)
    out = fs.create(file)
    out.write(body)
    out.close()
    return fs


def files(store: Store, bucket: str) -> list[str]:
    """What is in a bucket, without what marks folders."""
    return [key for key in store.keys(bucket) if not key.endswith("/")]


def test_new_routes_hold_at_once_and_stores_stay_open(jvm: Any, west: Store, east: Store) -> None:
    conf = configuration(jvm, routes(west, east, "old"))
    first = write(jvm, conf, "team2/x", b"1")
    for key, value in settings(
        routes(west, east, "new"), engine="router", secrets="inline"
    ).items():
        conf.set(key, value)
    second = write(jvm, conf, "team2/x", b"2")
    assert east.keys("real") == ["new/x", "old/x"]
    assert first.exists(path(jvm, "team2/x")), "what is held stays as it is"
    stores = [{str(s) for s in fs.getAdditionalTokenIssuers()} for fs in (first, second)]
    assert stores[0] == stores[1], "the same connections"


def test_a_router_that_hadoop_would_keep_is_refused(jvm: Any, west: Store, east: Store) -> None:
    conf = configuration(jvm, routes(west, east, "x"), **{"fs.s3a.impl.disable.cache": "false"})
    with pytest.raises(Py4JJavaError, match=r"fs\.s3a\.impl\.disable\.cache must be true"):
        path(jvm, "x").getFileSystem(conf)


def test_what_is_to_be_deleted_on_exit(jvm: Any, west: Store, east: Store) -> None:
    """Nobody holds the file systems that it was said to; one is closed, the others' stores are."""
    conf = configuration(jvm, routes(west, east, "data"))
    for name in ("team2/a", "team2/b", "c", "d"):
        fs = write(jvm, conf, name, b"x")
        assert fs.deleteOnExit(path(jvm, name))
        if name == "d":
            assert fs.cancelDeleteOnExit(path(jvm, name))
        if name == "team2/a":
            fs.close()
    assert files(east, "real") == ["data/b"]
    del fs
    jvm.System.gc()
    jvm.org.apache.hadoop.fs.FileSystem.closeAll()
    assert files(east, "real") == []
    assert files(west, "lake") == ["d"]


def test_stores_that_are_closed_are_opened_again(jvm: Any, west: Store, east: Store) -> None:
    conf = configuration(jvm, routes(west, east, "data"))
    held = write(jvm, conf, "team2/x", b"1")
    jvm.org.apache.hadoop.fs.FileSystem.closeAll()
    assert held.exists(path(jvm, "team2/x"))
    assert held.exists(path(jvm, "team2"))


def test_a_file_context_outlives_the_closing_of_all(jvm: Any, west: Store, east: Store) -> None:
    """As on S3A by itself: streaming checkpoints are written by one."""
    conf = configuration(jvm, routes(west, east, "data"))
    context = jvm.org.apache.hadoop.fs.FileContext.getFileContext(
        jvm.java.net.URI.create(ROOT), conf
    )
    flags = jvm.java.util.EnumSet.of(jvm.org.apache.hadoop.fs.CreateFlag.CREATE)
    option = jvm.java.lang.Class.forName("org.apache.hadoop.fs.Options$CreateOpts")
    no_options = jvm.java.lang.reflect.Array.newInstance(option, 0)
    out = context.create(path(jvm, "c"), flags, no_options)
    out.write(b"12")
    jvm.org.apache.hadoop.fs.FileSystem.closeAll()
    out.close()
    assert west.get("lake", "c") == b"12"


def context(jvm: Any, conf: Any) -> Any:
    mapred = jvm.org.apache.hadoop.mapred.JobConf
    task = jvm.org.apache.hadoop.mapreduce.TaskAttemptID()
    return jvm.org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl(mapred(conf), task)


@pytest.mark.parametrize("committer", ["magic", "file"])
@pytest.mark.parametrize("output", ["team2/t", "t"])
def test_a_job_goes_on_by_the_routes_that_it_began_with(
    jvm: Any, west: Store, east: Store, committer: str, output: str
) -> None:
    magic = {"fs.s3a.committer.name": committer}
    before = context(jvm, configuration(jvm, routes(west, east, "old"), **magic))
    factory = jvm.s3r.hadoop.RouterCommitterFactory()
    driver = factory.createOutputCommitter(path(jvm, output), before)
    driver.setupJob(before)
    written = east.keys("real"), west.keys("lake")

    def part(planned: dict[str, Any], **more: str) -> Any:
        """A part of the job, which has what the driver gave it, and settings of its own."""
        conf = jvm.org.apache.hadoop.mapred.JobConf(before.getConfiguration())
        new_settings = settings(planned, engine="router", secrets="inline")
        for key, value in {**new_settings, **more}.items():
            conf.set(key, value)
        return context(jvm, conf)

    elsewhere = {"fs.s3r.client.east.endpoint": west.endpoint_url}
    for other in (
        part(routes(west, east, "new")),
        part(routes(west, east, "old"), **elsewhere),
    ):
        with pytest.raises(Py4JJavaError, match="was planned with one set of routes"):
            factory.createOutputCommitter(path(jvm, output), other)
        for call in ("setupTask", "commitTask", "commitJob"):
            with pytest.raises(Py4JJavaError, match="was planned with one set of routes"):
                getattr(driver, call)(other)
    assert (east.keys("real"), west.keys("lake")) == written
    same = part(routes(west, east, "old"), **{"fs.s3r.client.east.session.token": "renewed"})
    factory.createOutputCommitter(path(jvm, output), same).setupTask(same)
    driver.commitJob(before)


def test_buckets_whose_names_differ_in_case(jvm: Any, west: Store, east: Store) -> None:
    """Hadoop's cache and its check of paths take them for one."""
    for bucket in ("upper", "lower", "Data-1", "data-1"):
        east.make_bucket(bucket)
    places = {
        "upper": {"source_bucket_pattern": "Lake", "mapped_bucket_name": "upper"},
        "lower": {"source_bucket_pattern": "lake", "mapped_bucket_name": "lower"},
        "one": {"source_bucket_pattern": "pond", "mapped_bucket_name": "Data-1"},
        "two": {"source_bucket_pattern": "pond", "mapped_bucket_name": "data-1"},
    }
    folders = {"lower": "sub/*", "one": "one/*", "two": "two/*"}
    for name, folder in folders.items():
        places[name]["source_key_pattern"] = folder
        places[name]["mapped_prefix"] = ""
    routed = lake_routes(west, east, places)
    held, lower, pond = (RouterFs(jvm, routed, bucket) for bucket in ("Lake", "lake", "pond"))
    held.create("f", b"Lake")
    lower.create("sub/x", b"lake")
    pond.create("one/f", b"1")
    pond.create("two/f", b"2")
    assert {bucket: east.keys(bucket) for bucket in ("upper", "lower", "Data-1", "data-1")} == {
        "upper": ["f"],
        "lower": ["x"],
        "Data-1": ["f"],
        "data-1": ["f"],
    }
    assert (pond.read("one/f"), pond.read("two/f")) == (b"1", b"2")
    with pytest.raises(Py4JJavaError, match="Wrong FS: s3a://lake/sub/x, expected: s3a://Lake"):
        held.java.exists(lower.path("sub/x"))


def test_an_option_that_is_put_by_hand_counts(jvm: Any, west: Store, east: Store) -> None:
    """Whoever has opened the store before, with that option or without."""
    data = routes(west, east, "data")
    sizes = {}
    for size in ("", "8M", "16M", ""):
        options = {"fs.s3r.client.east.block.size": size} if size else {}
        conf = configuration(jvm, data, **options)
        file = path(jvm, "team2/x")
        sizes[size] = file.getFileSystem(conf).getDefaultBlockSize(file) >> 20
    assert sizes == {"": 32, "8M": 8, "16M": 16}
