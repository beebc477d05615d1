"""`access: read` in the JVM: every call that changes something is refused before a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, lake_routes
from py4j.protocol import Py4JJavaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from servers.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]


@pytest.fixture
def lake(west: Store, east: Store) -> dict[str, Any]:
    """A folder of a bucket that is for reading, and one that is not, on another store."""
    east.put("real", "data/x", b"kept")
    west.put("lake", "live/x", b"live")
    west.put("lake", "local", b"local")
    frozen = {
        "source_key_pattern": "tables/frozen/*",
        "mapped_bucket_name": "real",
        "mapped_prefix": "data",
        "access": "read",
    }
    for store in (west, east):
        store.forget_requests()
    return lake_routes(west, east, {"frozen": frozen})


FROZEN = "tables/frozen"
CHANGES: dict[str, Callable[[RouterFs, Path], Any]] = {
    "create": lambda fs, _: fs.create(f"{FROZEN}/y", b"y"),
    "overwrite": lambda fs, _: fs.java.create(fs.path(f"{FROZEN}/x"), True),
    "createFile": lambda fs, _: fs.java.createFile(fs.path(f"{FROZEN}/y")).build(),
    "append": lambda fs, _: fs.java.append(fs.path(f"{FROZEN}/x")),
    "mkdirs": lambda fs, _: fs.java.mkdirs(fs.path(f"{FROZEN}/folder")),
    "delete": lambda fs, _: fs.delete(f"{FROZEN}/x"),
    "delete of the folder": lambda fs, _: fs.delete(FROZEN),
    "delete of what is above": lambda fs, _: fs.delete("tables"),
    "delete on exit": lambda fs, _: fs.java.deleteOnExit(fs.path(f"{FROZEN}/x")),
    "bulk delete": lambda fs, _: fs.bulk_delete("live/x", f"{FROZEN}/x"),
    "rename from": lambda fs, _: fs.rename(f"{FROZEN}/x", "live/y"),
    "rename to": lambda fs, _: fs.rename("live/x", f"{FROZEN}/y"),
    "rename of the folder": lambda fs, _: fs.rename(FROZEN, "live/frozen"),
    "rename of what is above": lambda fs, _: fs.rename("tables", "moved"),
    "rename of a folder to what is above": lambda fs, _: fs.rename("live", "tables"),
    "upload": lambda fs, _: fs.start_upload(f"{FROZEN}/y"),
    "upload of a file": lambda fs, folder: fs.put_local(folder / "f", f"{FROZEN}/y"),
}


@pytest.fixture
def fs(jvm: Any, lake: dict[str, Any]) -> RouterFs:
    return RouterFs(jvm, lake, "lake")


@pytest.mark.parametrize("change", CHANGES)
def test_changes_are_refused(
    fs: RouterFs, west: Store, east: Store, tmp_path: Path, change: str
) -> None:
    (tmp_path / "f").write_text("file")
    with pytest.raises(Py4JJavaError) as caught:
        CHANGES[change](fs, tmp_path)
    text = caught.value.java_exception.toString()
    assert "AccessDeniedException: s3a://lake/tables" in text
    assert "profile 'frozen' has access: read: " in text
    requests = [*west.requests(), *east.requests()]
    assert {request["method"] for request in requests} <= {"GET", "HEAD"}
    assert east.keys("real") == ["data/x"]
    assert west.keys("lake") == ["live/x", "local"]


def test_the_rest_is_as_ever(fs: RouterFs, east: Store) -> None:
    assert fs.read(f"{FROZEN}/x") == b"kept"
    assert len(east.requests()) <= 2
    assert fs.children("tables") == {"frozen": "folder"}
    fs.create("live/y", b"y")
    fs.create("tables/other/x", b"z")
    assert fs.rename("live", "tables/live")
    assert fs.delete("tables/live")
    assert fs.delete("tables/other")
    assert set(fs.files()) == {f"{FROZEN}/x", "local"}
    assert {request["method"] for request in east.requests()} <= {"GET", "HEAD"}


def test_a_name_that_is_a_file_elsewhere_than_a_folder(
    jvm: Any, lake: dict[str, Any], west: Store, east: Store
) -> None:
    """What is there decides: the file is the default client's, the folder is for reading."""
    lake["profiles"]["frozen"]["source_key_pattern"] = "raw/2024-*/*"
    lake["profiles"]["frozen"]["mapped_prefix"] = "raw"
    east.put("real", "raw/2024-02/x", b"kept")
    fs = RouterFs(jvm, lake, "lake")
    fs.create("raw/2024-01.csv", b"a")
    assert fs.rename("raw/2024-01.csv", "raw/2023.csv")
    fs.create("raw/2024-01.csv", b"a")
    assert fs.delete("raw/2024-01.csv")
    for change in (
        lambda: fs.delete("raw/2024-02"),
        lambda: fs.delete("raw"),
        lambda: fs.create("raw/2024-02/y", b""),
    ):
        with pytest.raises(Py4JJavaError, match="profile 'frozen' has access: read"):
            change()
    assert west.keys("lake") == ["live/x", "local", "raw/2023.csv"]
    assert "raw/2024-02/x" in east.keys("real")


def test_a_default_client_that_only_reads(
    jvm: Any, lake: dict[str, Any], west: Store, east: Store
) -> None:
    lake["clients"]["default"]["access"] = "read"
    del lake["profiles"]["frozen"]["access"]
    fs = RouterFs(jvm, lake, "lake")
    fs.create(f"{FROZEN}/y", b"y")
    assert fs.delete(f"{FROZEN}/y")
    assert fs.read("local") == b"local"
    with pytest.raises(Py4JJavaError) as caught:
        fs.create("new", b"")
    assert "client 'default' has access: read: create was not sent" in str(caught.value)
    assert {request["method"] for request in west.requests()} <= {"GET", "HEAD"}
    assert east.keys("real")[0].startswith("data/")
