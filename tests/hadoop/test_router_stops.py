"""Renames across stores that are stopped: by an interrupt, by an Error, by an answer that is lost.

Nothing is deleted then that isn't proven to be elsewhere, no upload stays open, and no copy is left
that isn't told of. Run again, a rename comes to its end.
"""

from __future__ import annotations

import os
import threading
import time
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import SOON, RouterFs, compiled, lake_routes
from py4j.protocol import Py4JJavaError
from servers.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow

PROFILES = {
    name: {"source_key_pattern": pattern, "mapped_bucket_name": "real"}
    for name, pattern in (("team2", "team2/*"), ("one", "t/p=1/*"))
}
LARGE = os.urandom((8 << 20) + 1)  # in two parts
FILES = {"a": b"1", "large": LARGE, "small": b"2"}
NONE_LEFT = "all is at the old name still (0 copies are left"
BREAKER = """
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

public class Breaker implements ExecutionInterceptor {
  @Override
  public void afterTransmission(Context.AfterTransmission done, ExecutionAttributes attributes) {
    String name = done.request().getClass().getSimpleName() + " " + done.httpRequest().getUri();
    if (name.matches(System.getProperty("breaks.at", ""))) {
      throw new StackOverflowError("in the middle");
    }
  }
}
"""


@pytest.fixture(scope="module", autouse=True)
def _breaker(jvm: Any, classes: Path) -> None:
    compiled(jvm, "Breaker", BREAKER, classes)


@pytest.fixture(autouse=True)
def _files(stores: tuple[Store, Store]) -> None:
    west, east = stores
    for name, body in FILES.items():
        west.put("lake", f"c/{name}", body)
    east.put("real", "team2/other", b"x")


def opened(jvm: Any, west: Store, east: Store, **hadoop: str) -> RouterFs:
    routes = lake_routes(west, east, PROFILES)
    for entry in routes["clients"].values():
        entry["hadoop"] = hadoop
    return RouterFs(jvm, routes, "lake", **SOON, **{"fs.s3r.rename.threads": "1"})


def ended(fs: RouterFs, old: str, new: str) -> str:
    """How a rename ends."""
    try:
        return str(fs.rename(old, new))
    except Py4JJavaError as error:
        text: str = error.java_exception.toString()
        return text


def there(store: Store, bucket: str) -> dict[str, int]:
    """The files of a bucket, where no upload is open."""
    assert not store.client().list_multipart_uploads(Bucket=bucket).get("Uploads")
    return {key: size for key, size in store.objects(bucket).items() if not key.endswith("/")}


def at(folder: str) -> dict[str, int]:
    return {f"{folder}/{name}": len(body) for name, body in FILES.items()}


def is_moved(fs: RouterFs, west: Store, east: Store) -> bool:
    """Whether a rename that is run again moves all."""
    fs.rename("c", "team2/c")
    return not there(west, "lake") and there(east, "real") == at("team2/c") | {"team2/other": 1}


class Held:
    """Holds what goes by of one request until it is told to go on."""

    def __init__(self, method: str, part: str) -> None:
        self.of, self.reached, self.ended = (method, part), threading.Event(), threading.Event()

    def __call__(self, method: str, path: str, content: bytes) -> bytes:
        if method == self.of[0] and self.of[1] in path and not self.reached.is_set():
            self.reached.set()
            self.ended.wait(60)
        return content


def interrupted(jvm: Any, fs: RouterFs, held: Held, old: str = "c", new: str = "team2/c") -> str:
    """How a rename ends that is interrupted while a request is held."""
    threads: Queue[Any] = Queue()
    ends: Queue[str] = Queue()

    def rename() -> None:
        threads.put(jvm.java.lang.Thread.currentThread())  # that of the connection which is next
        ends.put(ended(fs, old, new))
        jvm.java.lang.Thread.interrupted()  # the thread goes on to other calls

    threading.Thread(target=rename).start()
    thread = threads.get()
    assert held.reached.wait(60)
    thread.interrupt()
    while copying(jvm) and not all(one.isInterrupted() for one in copying(jvm)):
        time.sleep(0.01)
    held.ended.set()
    return ends.get(timeout=60)


def copying(jvm: Any) -> list[Any]:
    """The threads that make copies."""
    threads = jvm.java.lang.Thread.getAllStackTraces().keySet()
    return [thread for thread in threads if thread.getName() == "s3r-rename"]


@pytest.mark.parametrize("hold", ["sent", "spoiled"])
@pytest.mark.parametrize(
    ("method", "part"),
    [("PUT", "partNumber=2"), ("POST", "uploadId="), ("PUT", "/real/team2/c/small")],
)
def test_an_interrupt_while_it_copies(  # noqa: PLR0913, PLR0917 - where it is, and when
    jvm: Any, west: Store, east: Store, hold: str, method: str, part: str
) -> None:
    """Before a request comes to the store, and before its answer comes back."""
    held = Held(method, part)
    holding: dict[str, Any] = {hold: held}
    with counted(east, **holding) as proxied:
        end = interrupted(jvm, opened(jvm, west, proxied), held)
    assert end.startswith("java.io.InterruptedIOException")
    assert NONE_LEFT in end
    assert there(west, "lake") == at("c")
    assert there(east, "real") == {"team2/other": 1}
    assert is_moved(opened(jvm, west, east), west, east)


def test_an_interrupt_while_it_copies_a_file(jvm: Any, west: Store, east: Store) -> None:
    held = Held("POST", "uploadId=")
    with counted(east, spoiled=held) as proxied:
        fs = opened(jvm, west, proxied)
        end = interrupted(jvm, fs, held, "c/large", "team2/large")
    assert NONE_LEFT in end
    assert there(west, "lake") == at("c")
    assert there(east, "real") == {"team2/other": 1}


def test_an_interrupt_while_it_deletes(jvm: Any, west: Store, east: Store) -> None:
    held = Held("POST", "delete")
    with counted(west, sent=held) as proxied:
        end = interrupted(jvm, opened(jvm, proxied, east), held)
    assert end.startswith("java.io.InterruptedIOException")
    assert "all files are at the new name, and some may be at the old one still" in end
    assert there(east, "real") == at("team2/c") | {"team2/other": 1}
    fs = opened(jvm, west, east)
    assert not there(west, "lake") or is_moved(fs, west, east)


def test_an_interrupt_while_a_store_copies_by_itself(jvm: Any, west: Store, east: Store) -> None:
    """Whose that copy is nothing tells, so that it is left and counted."""
    east.put("real", "t/p=1/f", b"1")
    west.put("lake", "t/f", b"2")
    held = Held("PUT", "/lake/u/f")
    with counted(west, spoiled=held) as proxied:
        end = interrupted(jvm, opened(jvm, proxied, east), held, "t", "u")
    assert "all is at the old name still (1 copies are left" in end
    assert there(west, "lake") == at("c") | {"t/f": 1, "u/f": 1}
    assert there(east, "real") == {"t/p=1/f": 1, "team2/other": 1}
    assert opened(jvm, west, east).rename("t", "u")
    assert there(west, "lake") == at("c") | {"u/f": 1, "u/p=1/f": 1}
    assert there(east, "real") == {"team2/other": 1}


@pytest.mark.parametrize(
    "request_",
    [
        "GetObjectRequest .*large",
        "UploadPartRequest .*partNumber=2.*",
        "CompleteMultipartUploadRequest .*",
        "PutObjectRequest .*small",
        "ListObjectsV2Request .*continuation-token.*",
    ],
)
def test_an_error_while_it_copies(jvm: Any, west: Store, east: Store, request_: str) -> None:
    """As where memory is out, after the store has done what was asked."""
    breaking = {"fs.s3a.audit.execution.interceptors": "Breaker", "fs.s3a.paging.maximum": "1"}
    fs = opened(jvm, west, east, **breaking)
    jvm.java.lang.System.setProperty("breaks.at", request_)
    try:
        end = ended(fs, "c", "team2/c")
    finally:
        jvm.java.lang.System.clearProperty("breaks.at")
    assert NONE_LEFT in end
    assert "StackOverflowError: in the middle" in end
    assert there(west, "lake") == at("c")
    assert there(east, "real") == {"team2/other": 1}
    assert is_moved(fs, west, east)


@pytest.fixture
def minio(minio_store: Store) -> Iterator[Store]:
    minio_store.make_bucket("real")
    yield minio_store
    minio_store.clear()


def test_an_answer_that_is_lost(jvm: Any, west: Store, minio: Store) -> None:
    """MinIO, asked again to complete an upload, knows it no more: what is there is proven then."""
    lost: list[str] = []

    def cut(method: str, path: str, content: bytes) -> bytes:
        if method != "POST" or "uploadId=" not in path or lost:
            return content
        lost.append(path)
        return content[:10]

    with counted(minio, spoiled=cut) as proxied:
        assert opened(jvm, west, proxied).rename("c", "team2/c")
    assert lost
    assert minio.get("real", "team2/c/large") == LARGE
    assert not there(west, "lake")


def test_what_another_writes_at_the_new_name_stays(jvm: Any, west: Store, east: Store) -> None:
    """Also where the copy was damaged, so that it is taken back and would be made again."""

    def damaged(method: str, path: str, content: bytes) -> bytes:
        return b"x" if (method, path) == ("GET", "/lake/c/small") else content

    def meanwhile(method: str, path: str, content: bytes) -> bytes:
        if (method, path) == ("DELETE", "/real/team2/c/small"):
            east.put("real", "team2/c/small", b"another's")
        return content

    with counted(west, spoiled=damaged) as old, counted(east, spoiled=meanwhile) as new:
        end = ended(opened(jvm, old, new), "c", "team2/c")
    assert "team2/c/small has come to be meanwhile" in end
    assert there(west, "lake") == at("c")
    assert east.get("real", "team2/c/small") == b"another's"
    assert there(east, "real") == {"team2/c/small": 9, "team2/other": 1}
