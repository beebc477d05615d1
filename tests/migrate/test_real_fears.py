"""Migrations between real servers while things go wrong, or are very many, or very large."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from boto.conftest import entry
from migrate.conftest import Moving, contents
from servers.counting import counted
from servers.minio import start_minio

from s3r_spark.migrate import attempts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.store import Store

MIB = 1 << 20
ONCE = {"retries": {"total_max_attempts": 1}}
COMMAND = [sys.executable, "-c", "from s3r_spark.cli import main; main()", "migrate"]

pytestmark = pytest.mark.slow


@pytest.fixture
def moving(tmp_path: Path, minio_store: Store) -> Iterator[Moving]:
    """To a MinIO of the test's own."""
    with start_minio(tmp_path / "other") as other:
        minio_store.make_bucket("lake")
        other.make_bucket("minio-bucket")
        clients = {"default": entry(minio_store), "minio": entry(other)}
        yield Moving(tmp_path, minio_store, other, clients)
        minio_store.clear()


def put_many(moving: Moving, count: int) -> None:
    client = moving.east.client(max_pool_connections=8)

    def put(number: int) -> None:
        body = f"{number}".encode()
        client.put_object(Bucket="lake", Key=f"team2/{number:05}", Body=body)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, range(count)))


def kill(store: Store) -> None:
    address = store.endpoint_url.partition("//")[2]
    for process in psutil.Process().children(recursive=True):
        if process.name() == "minio" and address in process.cmdline():
            process.kill()
            process.wait()


def test_a_store_that_dies_and_comes_back(moving: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed by signal 9 in the middle, and started again by the same folder."""
    monkeypatch.setattr(attempts, "_PAUSE", 0.01)
    moving.clients["minio"] = entry(moving.west, botocore=ONCE)
    put_many(moving, 300)
    numbers = iter(range(10**6))

    def die(method: str, path: str) -> bool:
        if method == "GET" and path.endswith("team2/00150") and next(numbers) == 0:
            kill(moving.west)
        return False

    with counted(moving.east, refused=die) as east:
        moving.clients["default"] = entry(east)
        said = moving(code=1)
        assert "the same command goes on" in said["errors"][0]
        port = int(moving.west.endpoint_url.rpartition(":")[2])
        with start_minio(moving.folder / "other", port=port):
            before = len(moving.moved())
            assert 0 < before < 300
            east.forget_requests()
            assert moving()["outcome"]["copied"] <= 300 - before + 16, "what was under way"
            assert moving.moved() == contents(moving.east, "lake", "team2/")


def test_a_source_that_is_written_to_all_the_time(moving: Moving) -> None:
    """Runs copy what they find; once nobody writes, the last one ends it."""
    put_many(moving, 400)
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            moving.put(f"{number % 450:05}", body=os.urandom(20))
            number += 7

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            assert not moving()["outcome"]["failures"]
        assert "not finished" in moving("--finish", code=1)["errors"][0]
    finally:
        over.set()
        writer.join()
    moving("--finish")
    assert moving.moved() == contents(moving.east, "lake", "team2/")


def test_thousands_of_objects_of_one_folder(moving: Moving) -> None:
    put_many(moving, 2500)
    assert moving("--finish", "--workers", "16")["outcome"]["copied"] == 2500
    assert moving.west.objects("minio-bucket", "data/") == {
        f"data/{number:05}": len(str(number)) for number in range(2500)
    }


def test_a_small_object_takes_two_requests(moving: Moving) -> None:
    put_many(moving, 50)
    with counted(moving.east) as east, counted(moving.west) as west:
        moving.clients = {"default": entry(east), "minio": entry(west)}
        said = moving("--workers", "16")
        gets, puts = (
            [r for r in store.requests() if r["path"].rpartition("/")[2].isdigit()]
            for store in (east, west)
        )
    assert said["outcome"]["copied"] == 50
    asked = Counter(r["method"] for r in gets)
    assert asked == {"GET": 50, "HEAD": 20}, "some are asked for Expires"
    assert Counter(r["method"] for r in puts) == {"PUT": 50}


@pytest.mark.parametrize("size", [1 << 30])
def test_an_object_of_a_gibibyte_takes_little_memory(moving: Moving, size: int) -> None:
    """Its parts are copies of one, so that the store makes it; it is nearly all zeros."""
    plain, place = moving.east.client(), {"Bucket": "lake", "Key": "team2/large"}
    part = 64 * MIB
    plain.put_object(Bucket="lake", Key="part", Body=bytes(part - 1) + b"x")
    upload = {**place, "UploadId": plain.create_multipart_upload(**place)["UploadId"]}
    parts = []
    for number in range(1, size // part + 1):
        source = {"Bucket": "lake", "Key": "part"}
        done = plain.upload_part_copy(**upload, PartNumber=number, CopySource=source)
        parts.append({"PartNumber": number, "ETag": done["CopyPartResult"]["ETag"]})
    plain.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    # The most that it has had by itself: ru_maxrss has that of who started it as well.
    probe = (
        "import pathlib, re; from s3r_spark.cli import main; main(standalone_mode=False); "
        r"status = pathlib.Path('/proc/self/status').read_text(); "
        r"print(int(re.search(r'VmHWM:\s+(\d+) kB', status)[1]) >> 10)"
    )
    command = [sys.executable, "-c", probe, "migrate", *moving.write()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout.splitlines()[-1]) < 300, "MiB"
    heads = [
        store.client().head_object(Bucket=bucket, Key=key)
        for store, bucket, key in (
            (moving.east, "lake", "team2/large"),
            (moving.west, "minio-bucket", "data/large"),
        )
    ]
    assert heads[0]["ETag"] == heads[1]["ETag"]
    assert heads[1]["ContentLength"] == size


def test_tags_and_dates_are_kept_whatever_carries_the_bytes(moving: Moving) -> None:
    """MinIO's lists say which objects have some: the others need no request more."""
    plain = moving.east.client()
    objects: dict[str, dict[str, Any]] = {
        "tagged": {"Tagging": "team=a%20b&x="},
        "dated": {"Expires": "Wed, 21 Oct 2026 07:28:00 GMT"},
        "bare": {"ContentType": "text/x", "CacheControl": "no-store", "Metadata": {"a": "b"}},
        "odd": {"Metadata": {"content-type": "mine"}},
        "encoded": {"ContentEncoding": "gzip", "ContentDisposition": 'attachment; filename="x"'},
    }
    for key, more in objects.items():
        plain.put_object(Bucket="lake", Key=f"team2/{key}", Body=key.encode(), **more)
    with counted(moving.east) as east:
        moving.clients["default"] = entry(east)
        moving()
        asked = [(r["method"], r["path"], r["query"]) for r in east.requests()]
    # Some are asked, by HEAD, whether they have Expires.
    asked = [one for one in asked if one[0] == "GET"]
    assert [one for one in asked if "bare" in one[1]] == [("GET", "/lake/team2/bare", "")]
    assert len([one for one in asked if "tagged" in one[1]]) == 2
    names = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentType", "Metadata")
    for key in ("tagged", "dated", "bare", "odd", "encoded"):
        heads = [
            store.client().head_object(Bucket=bucket, Key=f"{prefix}/{key}")
            for store, bucket, prefix in (
                (moving.east, "lake", "team2"),
                (moving.west, "minio-bucket", "data"),
            )
        ]
        for name in (*names, "ExpiresString", "TagCount"):
            assert heads[0].get(name) == heads[1].get(name), (key, name)
    tags = moving.west.client().get_object_tagging(Bucket="minio-bucket", Key="data/tagged")
    assert {tag["Key"]: tag["Value"] for tag in tags["TagSet"]} == {"team": "a b", "x": ""}


def test_metadata_that_minio_can_not_list_is_kept_all_the_same(moving: Moving) -> None:
    """It answers 500 where such a name is to be an XML element."""
    plain = moving.east.client()
    for key, name in (("a", "a+b"), ("b", "x!y"), ("c", "plain")):
        plain.put_object(Bucket="lake", Key=f"team2/{key}", Metadata={name: "1"}, Tagging="t=1")
    moving.clients["default"] = entry(moving.east, botocore=ONCE)
    assert moving()["outcome"]["copied"] == 3
    there = moving.west.client()
    for key, name in (("a", "a+b"), ("b", "x!y"), ("c", "plain")):
        place = {"Bucket": "minio-bucket", "Key": f"data/{key}"}
        metadata = there.head_object(**place)["Metadata"]
        assert {one.lower(): text for one, text in metadata.items()} == {name: "1"}
        assert there.get_object_tagging(**place)["TagSet"] == [{"Key": "t", "Value": "1"}]
