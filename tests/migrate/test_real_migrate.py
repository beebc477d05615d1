"""Migrations between real servers."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from migrate.conftest import Moving, contents
from servers.counting import counted
from servers.minio import start_minio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.store import Store

MIB = 1 << 20
KEYS = ("ü/ß", "a+b c", "%41", "empty", "folder/x", "x" * 200)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def second_minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with start_minio(tmp_path_factory.mktemp("servers") / "minio2") as store:
        yield store


def between(folder: Path, one: Store, other: Store) -> Moving:
    one.make_bucket("lake")
    other.make_bucket("minio-bucket")
    return Moving(folder, one, other, {"default": entry(one), "minio": entry(other)})


@pytest.fixture
def moving(tmp_path: Path, minio_store: Store, second_minio: Store) -> Iterator[Moving]:
    yield between(tmp_path, minio_store, second_minio)
    for store in (minio_store, second_minio):
        store.clear()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("other", ["second_minio", "ceph_store", "seaweed_store", "versity_store"])
def test_there_and_away(
    tmp_path: Path,
    minio_store: Store,
    other: str,
    turned: bool,
    request: pytest.FixtureRequest,
) -> None:
    stores = [minio_store, request.getfixturevalue(other)]
    moving = between(tmp_path, *(stores[::-1] if turned else stores))
    for key in KEYS:
        moving.put(key, body=b"" if key == "empty" else key.encode())
    moving.put_parts("large", os.urandom(13 * MIB), 6 * MIB)
    moving.put("at once", body=os.urandom(17 * MIB))
    before = contents(moving.east, "lake", "team2/")
    summary = moving("--finish", "--verify", "read", "--report", str(tmp_path / "report.json"))[
        "summary"
    ]
    assert summary["states"] == {"copied": 8}
    assert "read back" not in str(summary["proofs"]), "each store says what proves it"
    if moving.east is minio_store:  # which tells how large parts are
        report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        md5 = {one["name"]: one["md5"] for one in report["objects"]}
        assert md5["s3a://lake/team2/large"].endswith(f"/{6 * MIB}")
        assert "/" not in md5["s3a://lake/team2/at once"]
    assert moving.moved() == before
    assert moving()["outcome"]["copied"] == 0
    assert moving("--delete-source", "--yes")["deletion"]["deleted"] == 8
    assert contents(moving.east, "lake") == {}
    assert moving.moved() == before
    assert moving(back=True)["outcome"]["copied"] == 8
    assert contents(moving.east, "lake", "team2/") == before
    for store in stores:
        store.clear()


@pytest.mark.parametrize("source", ["seaweed_store", "versity_store"])
def test_what_is_written_just_before_it_would_be_deleted_stays(
    tmp_path: Path, minio_store: Store, source: str, request: pytest.FixtureRequest
) -> None:
    """These stores delete only what a condition names, so nothing comes between."""
    store = request.getfixturevalue(source)
    moving = between(tmp_path, store, minio_store)

    def written(method: str, path: str) -> bool:
        if method == "DELETE" and path.endswith("team2/a"):
            moving.put("a", body=b"new")
        return False

    moving.put("a", "b")
    with counted(store, refused=written) as busy:
        moving.clients["default"] = entry(busy)
        moving("--finish")
        said = moving("--delete-source", "--yes", code=1)
    assert "written since it was copied" in said["deletion"]["kept"][0][1]
    assert contents(store, "lake") == {"team2/a": b"new"}
    for one in (store, minio_store):
        one.clear()


def test_a_class_that_a_store_does_not_know_is_left_out_and_told_of(
    moving: Moving, east: Store
) -> None:
    east.make_bucket("lake")
    moving.clients["default"] = entry(east)
    east.client().put_object(Bucket="lake", Key="team2/a", Body=b"a", StorageClass="STANDARD_IA")
    moving("--report", str(moving.folder / "report.json"))
    assert "STANDARD_IA not kept" in (moving.folder / "report.json").read_text(encoding="utf-8")


def test_killed_again_and_again_it_loses_nothing_and_copies_nothing_twice(moving: Moving) -> None:
    def put(number: int) -> None:
        moving.put(f"p={number % 7}/ö {number}+", body=os.urandom(2000))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, range(1500)))
    for number in range(3):
        moving.put_parts(f"large{number}", os.urandom(40 * MIB), 8 * MIB)
    program = "from s3r_spark.cli import main; main()"
    # 123 MB at this rate take longer than the first two stops.
    command = [sys.executable, "-c", program, "migrate", "--bandwidth", "15M", *moving.write()]
    stops = 0
    while True:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 4 + stops
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGINT if stops % 3 == 2 else signal.SIGKILL)
        process.wait()
        stops += 1
    assert process.returncode == 0
    assert stops > 1
    assert moving.moved() == contents(moving.east, "lake", "team2/")
    assert moving()["outcome"]["copied"] == 0
    plain = moving.west.client()
    for number in range(3):
        place = {"Bucket": "minio-bucket", "Prefix": f"data/large{number}"}
        assert "Uploads" not in plain.list_multipart_uploads(**place)


def test_two_at_once(moving: Moving) -> None:
    """Of two with journals of their own, the marker at the new place lets one go on."""
    for number in range(200):
        moving.put(f"{number:03}", body=f"{number:03}".encode() * 4000)
    program = "from s3r_spark.cli import main; main()"
    start = partial(subprocess.Popen, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    # 2.4 MB at this rate take longer than any start-up: the two meet.
    command = [sys.executable, "-c", program, "migrate", "--bandwidth", "200K", *moving.write()]
    running: list[Any] = [
        start([*command, "--journal", str(moving.folder / name)]) for name in ("one", "two")
    ]
    errors = [process.communicate(timeout=120)[1] for process in running]
    codes = [process.returncode for process in running]
    assert sorted(codes) in ([0, 1], [1, 1])
    for code, text in zip(codes, errors, strict=True):
        assert not code or "another migration" in text
    moving("--journal", str(moving.folder / ("one" if not codes[0] else "two")))
    assert moving.moved() == contents(moving.east, "lake", "team2/")
    assert moving.west.keys("minio-bucket", "data/_s3r") == []


def test_an_upload_that_nobody_heard_of_is_aborted(moving: Moving) -> None:
    """Killed between a store's answer and the journal: only its key tells whose upload it is."""
    moving.put_parts("large", os.urandom(11 * MIB), 5 * MIB)
    moving.put("a")
    moving()
    database = sqlite3.connect(moving.folder / "new.yaml.journal")
    database.execute("UPDATE objects SET state = 'begun' WHERE key = 'team2/large'")
    database.commit()
    database.close()
    plain = moving.west.client()
    for key in ("data/large", "data/large-not"):
        plain.create_multipart_upload(Bucket="minio-bucket", Key=key)
    assert moving()["outcome"]["copied"] == 1
    uploads = [
        plain.list_multipart_uploads(Bucket="minio-bucket", Prefix=key)
        for key in ("data/large", "data/large-not")
    ]
    assert ["Uploads" in one for one in uploads] == [False, True]
