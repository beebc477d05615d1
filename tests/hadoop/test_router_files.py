"""Names that are a file by one profile and a folder by another: files are where boto3 has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, lake_routes
from py4j.protocol import Py4JJavaError

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]


@pytest.fixture
def fs(jvm: Any, west: Store, east: Store) -> RouterFs:
    west.put("lake", "raw/2024-01.csv", b"csv")
    west.put("lake", "raw/2024-01", b"file")
    east.put("real", "d/2024-01/x", b"x")
    east.put("real", "d/2024-09.csv", b"nobody's")
    raw = {"source_key_pattern": "raw/2024-*/*", "mapped_bucket_name": "real", "mapped_prefix": "d"}
    return RouterFs(jvm, lake_routes(west, east, {"raw": raw}), "lake")


def test_what_is_there(fs: RouterFs) -> None:
    assert fs.kind("raw/2024-01.csv") == "file"
    assert fs.read("raw/2024-01.csv") == b"csv"
    assert fs.kind("raw/2024-01") == "file", "first the file, as boto3"
    assert fs.read("raw/2024-01") == b"file"
    assert fs.kind("raw/2024-01/x") == "file"
    assert fs.kind("raw/2024-09.csv") is None
    listed = [(s.getPath().getName(), s.isFile()) for s in fs.java.listStatus(fs.path("raw"))]
    assert sorted(listed) == [("2024-01", False), ("2024-01", True), ("2024-01.csv", True)]
    assert fs.files() == {"raw/2024-01.csv": 3, "raw/2024-01": 4, "raw/2024-01/x": 1}
    assert fs.glob("raw/*.csv") == {"raw/2024-01.csv"}


def test_the_list_of_a_file_is_the_file(fs: RouterFs) -> None:
    assert fs.children("raw/2024-01.csv") == {"2024-01.csv": "file"}
    assert fs.files("raw/2024-01.csv") == {"raw/2024-01.csv": 3}
    assert fs.children("raw/2024-01") == {"x": "file"}
    with pytest.raises(Py4JJavaError, match="No such file or directory"):
        fs.children("raw/2024-09.csv")


def test_a_new_file_goes_where_its_key_routes(fs: RouterFs, west: Store, east: Store) -> None:
    fs.create("raw/2024-03.csv", b"3")
    assert west.get("lake", "raw/2024-03.csv") == b"3"
    with pytest.raises(Py4JJavaError, match="is a file"):
        fs.java.mkdirs(fs.path("raw/2024-03.csv"))
    fs.java.mkdirs(fs.path("raw/2024-04"))
    assert "d/2024-04/" in east.keys("real")
    with pytest.raises(Py4JJavaError, match="is a directory"):
        fs.create("raw/2024-04", b"no")


def test_what_goes_is_the_file(fs: RouterFs, west: Store, east: Store) -> None:
    assert fs.rename("raw/2024-01.csv", "raw/2024-02.csv")
    assert west.get("lake", "raw/2024-02.csv") == b"csv"
    fs.java.mkdirs(fs.path("raw/2024-07"))
    assert fs.rename("raw/2024-02.csv", "raw/2024-07/moved.csv")
    assert east.get("real", "d/2024-07/moved.csv") == b"csv"
    assert fs.rename("raw/2024-07/moved.csv", "raw/2024-02.csv")
    assert west.get("lake", "raw/2024-02.csv") == b"csv"
    assert fs.bulk_delete("raw/2024-02.csv") == []
    assert fs.delete("raw/2024-01")
    assert [key for key in west.keys("lake") if not key.endswith("/")] == []
    assert fs.kind("raw/2024-01") == "folder"
    assert fs.delete("raw")
    assert east.keys("real") == ["d/2024-09.csv"], "what has no name here stays"
