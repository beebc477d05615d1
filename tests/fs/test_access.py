"""`access: read` through fsspec: nothing is written, moved or deleted there, nor half of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry

from s3r_spark.errors import RefusedError
from s3r_spark.fs import S3RFileSystem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from servers.store import Store


@pytest.fixture
def fs(east: Store, west: Store) -> S3RFileSystem:
    """The folder `frozen` of a bucket lies in the other store, and is for reading."""
    east.make_bucket("shared")
    west.make_bucket("real")
    west.put("real", "frozen/x", b"kept")
    east.put("shared", "live/x", b"live")
    for store in (east, west):
        store.forget_requests()
    rule = {
        "client": "west",
        "source_bucket_pattern": "shared",
        "source_key_pattern": "frozen/*",
        "mapped_bucket_name": "real",
        "access": "read",
    }
    clients = {"default": entry(east), "west": entry(west)}
    return S3RFileSystem({"clients": clients, "profiles": {"frozen": rule}})


CHANGES: dict[str, Callable[[Any], Any]] = {
    "pipe": lambda fs: fs.pipe("shared/frozen/y", b"y"),
    "touch": lambda fs: fs.touch("shared/frozen/y"),
    "open": lambda fs: fs.open("shared/frozen/y", "wb"),
    "append": lambda fs: fs.open("shared/frozen/x", "ab"),
    "rm": lambda fs: fs.rm("shared/frozen/x"),
    "rm_file": lambda fs: fs.rm_file("shared/frozen/x"),
    "rm of a tree": lambda fs: fs.rm("shared/frozen", recursive=True),
    "rm of a tree that spans": lambda fs: fs.rm("shared", recursive=True),
    "mv from": lambda fs: fs.mv("shared/frozen/x", "shared/live/y"),
    "mv to": lambda fs: fs.mv("shared/live/x", "shared/frozen/y"),
    "mv of a tree": lambda fs: fs.mv("shared/frozen", "shared/live/f", recursive=True),
    "cp to": lambda fs: fs.cp("shared/live/x", "shared/frozen/y"),
    "setxattr": lambda fs: fs.setxattr("shared/frozen/x", a="b"),
    "chmod": lambda fs: fs.chmod("shared/frozen/x", "private"),
    "put_tags": lambda fs: fs.put_tags("shared/frozen/x", {"a": "b"}),
    "url": lambda fs: fs.url("shared/frozen/x", client_method="put_object"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changes_are_refused(fs: S3RFileSystem, east: Store, west: Store, change: str) -> None:
    with pytest.raises(RefusedError, match="profile 'frozen': access: read: "):
        CHANGES[change](fs)
    requests = [*east.requests(), *west.requests()]
    assert {request["method"] for request in requests} <= {"GET", "HEAD"}
    assert west.keys("real") == ["frozen/x"]
    assert east.keys("shared") == ["live/x"]


def test_the_rest_is_as_ever(fs: S3RFileSystem, east: Store, tmp_path: Path) -> None:
    assert fs.cat("shared/frozen/x") == b"kept"
    with fs.open("shared/frozen/x") as file:
        assert file.read() == b"kept"
    assert fs.find("shared") == ["shared/frozen/x", "shared/live/x"]
    fs.get("shared/frozen", str(tmp_path / "got"), recursive=True)
    assert (tmp_path / "got" / "x").read_bytes() == b"kept"
    fs.cp("shared/frozen/x", "shared/live/copy")
    assert east.get("shared", "live/copy") == b"kept"
    fs.rm("shared/live", recursive=True)
    assert east.keys("shared") == []
