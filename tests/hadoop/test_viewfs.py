"""Engine viewfs: names that mean something in a URI are names all the same, on Hadoop itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, configuration, lake_routes
from py4j.protocol import Py4JJavaError

from s3r_spark.errors import RoutesWarning

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]
ODD = ["a%20b", "x#1", "x?1", "100%x", "p q", "ü+ä", "a:b", "a;b=c", "a,b", "[1]", "a|b"]


def test_a_prefix_is_no_piece_of_a_uri(jvm: Any, west: Store, east: Store) -> None:
    logical = {name: name.translate(str.maketrans("?[]", "_()")) for name in ODD}  # no globs
    profiles = {
        f"p{number}": {
            "source_key_pattern": f"{logical[name]}/*",
            "mapped_bucket_name": "real",
            "mapped_prefix": f"data/{name}",
        }
        for number, name in enumerate(ODD)
    }
    whole = {"source_bucket_pattern": "whole", "mapped_prefix": "w %41#/y"}
    profiles["whole"] = {**whole, "mapped_bucket_name": "real"}
    with pytest.warns(RoutesWarning, match="stands for itself in a name"):
        conf = configuration(jvm, lake_routes(west, east, profiles), "viewfs")
    names = [*(f"s3a://lake/{name}/x" for name in logical.values()), "s3a://whole/x"]
    for name in names:
        path = jvm.org.apache.hadoop.fs.Path(name)
        jvm.org.apache.hadoop.fs.FileSystem.newInstance(path.toUri(), conf).create(path).close()
    assert set(east.keys("real")) == {*(f"data/{name}/x" for name in ODD), "w %41#/y/x"}
    assert west.keys("lake") == []


def test_the_trash_takes_nothing_of_a_mount(jvm: Any, west: Store, east: Store) -> None:
    """Hadoop looks for its trash by the physical name, which no mount table takes."""
    mount = {"mapped_bucket_name": "real"}
    profiles = {
        "folder": mount | {"source_key_pattern": "team2/*"},
        "whole": mount | {"source_bucket_pattern": "whole", "mapped_prefix": "w"},
    }
    routes = lake_routes(west, east, profiles)
    trash, shell = jvm.org.apache.hadoop.fs.Trash, jvm.org.apache.hadoop.fs.FsShell
    words = jvm.org.apache.hadoop.util.StringUtils.getStrings
    for bucket, name in (("lake", "team2/f0"), ("whole", "f0"), ("lake", "f0")):
        fs = RouterFs(jvm, routes, bucket, engine="viewfs", **{"fs.trash.interval": "60"})
        java, path = fs.java, fs.path(name)
        fs.create(name, b"1")
        if (bucket, name) == ("lake", "f0"):
            assert trash.moveToAppropriateTrash(java, path, java.getConf())
            continue
        with pytest.raises(Py4JJavaError, match="Failed to get server trash configuration"):
            trash.moveToAppropriateTrash(java, path, java.getConf())
        assert fs.read(name) == b"1"
        assert shell(java.getConf()).run(words(f"-rm,-skipTrash,{path.toString()}")) == 0
        assert fs.kind(name) is None
    assert [key for key in east.keys("real") if not key.endswith("/")] == []
    (thrown,) = [key for key in west.keys("lake") if not key.endswith("/")]
    assert thrown.endswith("/.Trash/Current/f0")
