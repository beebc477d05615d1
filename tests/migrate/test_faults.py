"""What people fear: stores that fail, bytes that flip, writers, and processes that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from migrate.conftest import contents
from servers.counting import counted

from s3r_spark.migrate import attempts, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrate.conftest import Moving
    from servers.store import Store

MIB = 1 << 20
ONCE = {"retries": {"total_max_attempts": 1}}  # botocore's own retries wait for seconds
NAMES = [f"{number:02}" for number in range(12)]


pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_PAUSE", 0.01)
    monkeypatch.setattr(run, "_IN_A_ROW", 5)


class Faulty:
    """Stands between a migration and both stores, and does what a test says.

    Attributes:
        refused, spoiled, sent: as `counted` takes them.
    """

    def __init__(self, moving: Moving) -> None:
        self.moving = moving
        self.new: Store
        self.refused: Callable[[str, str], bool] = lambda *_: False
        self.spoiled: Callable[[str, str, bytes], bytes] = lambda _m, _p, content: content
        self.sent: Callable[[str, str, bytes], bytes] = lambda _m, _p, content: content

    def before(self, store: Store) -> Any:
        """A proxy before a store, which asks this one for each request."""
        return counted(
            store,
            refused=lambda method, path: self.refused(method, path),  # noqa: PLW0108 - as it is then
            status=503,
            spoiled=lambda *answer: self.spoiled(*answer),  # noqa: PLW0108 - likewise
            sent=lambda *request: self.sent(*request),  # noqa: PLW0108 - likewise
        )

    def puts(self) -> Counter[str]:
        """How often each key was written to the new place, whole."""
        return Counter(
            one["path"].rpartition("/")[2]
            for one in self.new.requests()
            if one["method"] == "PUT" and one["status"] == 200 and "migrate" not in one["path"]
        )


@pytest.fixture
def faulty(moving: Moving) -> Iterator[Faulty]:
    faults = Faulty(moving)
    with faults.before(moving.east) as old, faults.before(moving.west) as new:
        faults.new = new
        moving.clients = {"default": entry(old, botocore=ONCE), "minio": entry(new, botocore=ONCE)}
        yield faults


def test_bursts_of_503(faulty: Faulty) -> None:
    moving, numbers = faulty.moving, iter(range(10**6))
    moving.put(*NAMES)
    faulty.refused = lambda _, path: (
        path.count("/") > 2 and "migrate" not in path and next(numbers) in range(10, 13)
    )
    assert moving("--workers", "8")["outcome"]["copied"] == len(NAMES)
    assert moving.moved() == {name: name.encode() for name in NAMES}


@pytest.mark.parametrize(
    "place", [pytest.param("/lake/team2/", marks=pytest.mark.slow), "/minio-bucket/data/"]
)
def test_a_store_that_is_down_in_the_middle(faulty: Faulty, place: str) -> None:
    moving = faulty.moving
    moving.put(*NAMES)
    faulty.refused = lambda _, path: (
        path.startswith(place) and "migrate" not in path and path[len(place) :] >= "05"
    )
    answer = moving("--workers", "1", code=1)
    assert "5 objects in a row could not be copied" in answer["errors"][0]
    assert "the same command goes on" in answer["errors"][0]
    assert sorted(moving.moved()) == NAMES[:5], "nothing half, and no marker"
    faulty.refused = lambda *_: False
    assert moving()["outcome"]["copied"] == 7
    assert faulty.puts() == dict.fromkeys(NAMES, 1)
    assert moving.moved() == {name: name.encode() for name in NAMES}


def flip(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("size", [5, pytest.param(12 * MIB, marks=pytest.mark.slow)])
@pytest.mark.parametrize("always", [False, True])
def test_a_byte_that_flips_on_its_way_here(faulty: Faulty, size: int, always: bool) -> None:
    moving, flips = faulty.moving, iter([True])
    data = os.urandom(size)
    moving.put("good")
    moving.put("bad", body=data)
    faulty.spoiled = lambda method, path, content: (
        flip(content)
        if method == "GET" and "team2/bad" in path and content and next(flips, always)
        else content
    )
    answer = moving(code=int(always))
    assert answer["outcome"]["copied"] == 2 - always
    assert moving.moved() == {"good": b"good"} | ({} if always else {"bad": data})
    if always:
        assert "not what it says that it has" in answer["outcome"]["failed"][0][1]
        assert "not finished" not in str(moving("--finish", code=1)), "it isn't even tried"
        faulty.spoiled = lambda _method, _path, content: content
        assert moving()["outcome"]["copied"] == 1
        assert moving.moved()["bad"] == data


def test_a_byte_that_flips_on_its_way_there(faulty: Faulty) -> None:
    moving, flips = faulty.moving, iter([True])
    moving.put("good")
    moving.put("bad", body=b"some bytes")
    faulty.sent = lambda method, path, content: (
        content.replace(b"some", b"sxme")
        if method == "PUT" and "data/bad" in path and next(flips, False)
        else content
    )
    moving()
    assert moving.moved() == {"good": b"good", "bad": b"some bytes"}


def test_a_flipped_byte_at_rest_is_found_by_reading(faulty: Faulty) -> None:
    moving = faulty.moving
    moving.put("a", "b")
    moving()
    faulty.spoiled = lambda method, path, content: (
        flip(content) if method == "GET" and "data/b" in path else content
    )
    assert moving("--verify", "read", code=1)["wrong"] == ["s3a://lake/team2/b"]
    faulty.spoiled = lambda _method, _path, content: content
    assert moving("--verify", "read")["outcome"]["copied"] == 1, "it is copied anew"


def test_a_source_that_is_written_to_and_one_that_goes(faulty: Faulty) -> None:
    moving, once = faulty.moving, iter([True])
    moving.put("a", "b", "c")

    def meanwhile(method: str, path: str) -> bool:
        if method == "GET" and path.endswith("team2/a") and next(once, False):
            moving.put("a", body=b"newer")
        if method == "GET" and path.endswith("team2/b"):
            moving.east.client().delete_object(Bucket="lake", Key="team2/b")
        return False

    faulty.refused = meanwhile
    answer = moving("--workers", "1")
    assert (answer["outcome"]["copied"], answer["outcome"]["vanished"]) == (2, 1)
    assert moving.moved() == {"a": b"newer", "c": b"c"}
    faulty.refused = lambda *_: False
    assert moving()["outcome"]["copied"] == 0


def test_what_somebody_else_writes_to_the_new_place_meanwhile_stays(faulty: Faulty) -> None:
    moving = faulty.moving
    moving.put("a", "b")

    def meanwhile(method: str, path: str) -> bool:
        if method == "PUT" and path.endswith("data/a"):
            moving.west.put("minio-bucket", "data/a", b"somebody else's")
        return False

    faulty.refused = meanwhile
    answer = moving(code=1)
    assert "something else was written" in answer["outcome"]["failed"][0][1]
    assert moving.moved() == {"a": b"somebody else's", "b": b"b"}
    assert "other data at their new place: 1" in moving(code=1)["errors"][0]


def test_an_upload_that_could_not_be_aborted_is_so_at_the_end(faulty: Faulty) -> None:
    moving = faulty.moving
    moving.put_parts("large", os.urandom(11 * MIB), 5 * MIB)
    failing = ["PUT", "DELETE"]

    def fail(method: str, path: str) -> bool:
        is_next = path.startswith("/minio-bucket/data/large") and method in failing[:1]
        if is_next:
            failing.pop(0)
        return is_next

    faulty.refused = fail
    assert moving()["outcome"]["copied"] == 1
    assert not failing
    assert moving.moved() == contents(moving.east, "lake", "team2/")
    assert "Uploads" not in moving.west.client().list_multipart_uploads(Bucket="minio-bucket")


@pytest.mark.parametrize(
    "sign", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_process_that_is_ended_goes_on(faulty: Faulty, sign: signal.Signals) -> None:
    moving = faulty.moving
    moving.put(*NAMES)
    large = os.urandom(21 * MIB)
    moving.put_parts("05-large", large, 5 * MIB)  # behind 05
    command = [sys.executable, "-c", "from s3r_spark.cli import main; main()", "migrate"]
    processes: list[subprocess.Popen[str]] = []

    def end(method: str, path: str, content: bytes) -> bytes:
        if method == "PUT" and "05-large" in path and "partNumber=4" in path and processes:
            processes.pop().send_signal(sign)
        return content

    faulty.sent = end
    process = subprocess.Popen(
        [*command, "--workers", "1", *moving.write()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    processes.append(process)
    _, errors = process.communicate(timeout=120)
    uploads = moving.west.client().list_multipart_uploads(Bucket="minio-bucket")
    if sign == signal.SIGINT:
        assert process.returncode == 130
        assert errors.splitlines()[-1] == "stopped: the same command goes on"
        assert "Uploads" not in uploads
    assert sorted(set(moving.moved()) - {"_s3r-spark-migrate"}) == NAMES[:6]
    answer = moving()
    assert answer["outcome"]["copied"] == 7
    assert faulty.puts().most_common(1)[0][1] <= 5 + 4, "parts of the large one"
    assert all(count == 1 for key, count in faulty.puts().items() if key in NAMES)
    assert moving.moved() == contents(moving.east, "lake", "team2/")
    uploads = moving.west.client().list_multipart_uploads(Bucket="minio-bucket")
    assert "Uploads" not in uploads
