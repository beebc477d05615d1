"""Each file system reaches the stores that its own configuration says, whoever asked before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs
from py4j.protocol import Py4JJavaError
from spark.places import client

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = pytest.mark.slow


def routes(default: Store, moved: Store) -> dict[str, Any]:
    profile = {"client": "moved", "mapped_bucket_name": "real"}
    return {
        "clients": {"default": client(default), "moved": client(moved)},
        "profiles": {
            name: profile | {"source_bucket_pattern": name, "mapped_prefix": name}
            for name in ("lake", "pond")
        },
    }


def store(fs: RouterFs) -> Any:
    """The file system of the one store that a file system has."""
    (only,) = fs.java.getAdditionalTokenIssuers()
    return only


def test_a_client_that_moved(jvm: Any, west: Store, east: Store, north: Store) -> None:
    for place in (east, north):
        place.make_bucket("real")
    before = RouterFs(jvm, routes(west, east), "lake")
    before.create("t/before", b"1")
    after = RouterFs(jvm, routes(west, north), "lake")
    other = RouterFs(jvm, routes(west, north), "pond")  # opens the same store
    for fs in (after, other):
        fs.create("t/after", b"22")
    before.create("t/still", b"3")
    assert east.keys("real") == ["lake/t/before", "lake/t/still"]
    assert north.keys("real") == ["lake/t/after", "pond/t/after"]
    assert store(after).equals(store(other)), "equal settings, one file system"
    with pytest.raises(Py4JJavaError) as caught:
        after.read("t/before")
    text = caught.value.java_exception.toString()
    assert "s3a://lake/t/before (really s3a://real/lake/t/before on http://" in text
    assert ", client 'moved', profile '" in text
    assert "s3r-" not in text


def test_a_client_s_committer(jvm: Any, west: Store, east: Store, north: Store) -> None:
    """It writes where its file system does, and names that to nobody else."""
    for place in (east, north):
        place.make_bucket("real")
    magic = {"fs.s3a.committer.name": "magic", "fs.s3a.impl.disable.cache": "true"}
    for moved in (east, north):
        fs = RouterFs(jvm, routes(west, moved), "lake", **magic)
        task = jvm.org.apache.hadoop.mapreduce.TaskAttemptID
        mapred = jvm.org.apache.hadoop.mapreduce
        context = mapred.task.TaskAttemptContextImpl(fs.java.getConf(), task())
        committer = jvm.s3r.hadoop.RouterCommitterFactory().createOutputCommitter(
            fs.path("t"), context
        )
        committer.setupJob(context)
        committer.setupTask(context)
        work = committer.getWorkPath()
        assert work.toString().startswith("s3a://lake/t/__magic")
        out = fs.java.create(jvm.org.apache.hadoop.fs.Path(work, "part"))
        out.write(moved.name.encode())
        out.close()
        committer.commitTask(context)
        committer.commitJob(context)
        assert fs.read("t/part") == moved.name.encode()
    assert east.get("real", "lake/t/part") == b"east"
    assert north.get("real", "lake/t/part") == b"north"


def test_settings_that_changed_behind_a_store(jvm: Any, west: Store, east: Store) -> None:
    """A store that was closed isn't opened again with the settings of somebody else."""
    east.make_bucket("real")
    fs = RouterFs(jvm, routes(west, east), "lake")
    opened = store(fs)
    opened.close()
    conf = jvm.org.apache.hadoop.conf.Configuration(fs.java.getConf())
    scheme = opened.getUri().getScheme()
    conf.set(f"fs.{scheme}.impl", "s3r.hadoop.StoreFileSystem")
    jvm.org.apache.hadoop.fs.FileSystem.get(opened.getUri(), conf).close()
    conf.set("fs.s3r.client.moved.endpoint", west.endpoint_url)
    with pytest.raises(Py4JJavaError, match="settings of client 'moved' have changed") as caught:
        jvm.org.apache.hadoop.fs.FileSystem.get(opened.getUri(), conf)
    assert scheme not in caught.value.java_exception.toString()
    conf.set("fs.s3r.client.moved.endpoint", east.endpoint_url)
    assert jvm.org.apache.hadoop.fs.FileSystem.get(opened.getUri(), conf)
