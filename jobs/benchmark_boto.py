"""What routing costs: a plain boto3 client, boto-s3-router and this router side by side.

    python jobs/benchmark_boto.py

Everything runs on this machine: three moto servers stand for three stores, and a canned server,
which answers as fast as Python can, for the time of one call. Times are medians of calls that take
turns, so that a busy machine slows all three alike.
"""

from __future__ import annotations

import argparse
import gc
import resource
import socket
import statistics
import sys
import threading
import time
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import boto_s3_router
from botocore.config import Config

from s3r_spark.boto import client

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from servers.moto import start_moto  # noqa: E402 - from the tests' folder
from servers.store import Store  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = ("access-key", "secret-key")
HEAD = (
    b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: "d41d8cd98f00b204e9800998ecf8427e"\r\n'
    b"Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n"
)


def canned() -> str:
    """Start a server that answers every HEAD at once; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while connection.recv(65536):
            connection.sendall(HEAD)

    def accept() -> None:
        while True:
            threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def plain(url: str) -> Any:
    return boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=KEYS[0],
        aws_secret_access_key=KEYS[1],
        config=Config(s3={"addressing_style": "path"}),
    )


def routes(urls: dict[str, str]) -> dict[str, Any]:
    """Two folders of the bucket lie in two other stores."""
    keys = {"access_key": KEYS[0], "secret_key": KEYS[1]}
    return {
        "clients": {
            name: {"service": "minio", "endpoint_url": url, "credentials": keys}
            for name, url in urls.items()
        },
        "profiles": {
            name: {"source_bucket_pattern": "bucket", "source_key_pattern": f"{name}/*"}
            for name in urls
            if name != "default"
        },
    }


def taking_turns(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median seconds of each call."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    gc.disable()
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            start = time.perf_counter()
            calls[name]()
            times[name].append(time.perf_counter() - start)
    gc.enable()
    return {name: statistics.median(found[rounds // 10 :]) for name, found in times.items()}


def measure_calls(rounds: int, url: str, what: str) -> None:
    """Median cost of head_object."""
    urls = {"default": url, "b": url, "m": url}
    profiles = routes(urls)["profiles"]
    clients = {
        "plain boto3": plain(url),
        "boto-s3-router": boto_s3_router.client({n: plain(url) for n in urls}, profiles),
        "s3r_spark": client(routes(urls)),
    }
    place = {"Bucket": "bucket", "Key": "m/key"}
    found = taking_turns(
        {name: lambda s3=s3: s3.head_object(**place) for name, s3 in clients.items()},  # type: ignore[misc]
        rounds,
    )
    base = found["plain boto3"]
    for name, median in found.items():
        print(
            f"head_object ({what})  {name:15} {median * 1e6:7.0f} µs"
            f"  {(median - base) * 1e6:+6.0f} µs  {median / base:.3f} of plain"
        )


def pages(s3: Any, **place: str) -> int:
    """The number of keys that a paginator gives."""
    found = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket", **place)
    return sum(len(page.get("Contents", ())) for page in found)


def measure_lists(stores: dict[str, Store], count: int) -> None:
    """Time and memory of a list over three stores, against listing them one after another."""
    s3 = client(routes({name: store.endpoint_url for name, store in stores.items()}))
    singles = {name: plain(store.endpoint_url) for name, store in stores.items()}
    turns: dict[str, list[float]] = {"one after another": [], "merged": []}
    for _ in range(3):
        start = time.perf_counter()
        assert sum(pages(single) for single in singles.values()) == count  # noqa: S101
        turns["one after another"].append(time.perf_counter() - start)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        assert pages(s3) == count  # noqa: S101 - a wrong list's time would mean nothing
        turns["merged"].append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    apart, merged = (min(found) for found in turns.values())
    for store in stores.values():
        store.forget_requests()
    pages(s3)
    requests = sum(len(store.requests()) for store in stores.values())
    print(
        f"list of {count:,} keys in 3 stores: one after another {apart:.2f} s, "
        f"merged {merged:.2f} s: {apart / merged:.2f} of the throughput, "
        f"{requests} requests, peak memory {after - before:+} KiB"
    )


def measure_requests(stores: dict[str, Store]) -> None:
    """Requests sent for an operation, by the plain client and by the router."""
    s3 = client(routes({name: store.endpoint_url for name, store in stores.items()}))
    single = plain(stores["m"].endpoint_url)
    place = {"Bucket": "bucket", "Key": "m/x"}
    source = {"Bucket": "bucket", "Key": "m/x"}
    operations: dict[str, Callable[[Any], Any]] = {
        "put_object": lambda c: c.put_object(**place, Body=b"x"),
        "get_object": lambda c: c.get_object(**place)["Body"].read(),
        "head_object": lambda c: c.head_object(**place),
        "copy_object, one store": lambda c: c.copy_object(
            Bucket="bucket", Key="m/y", CopySource=source
        ),
        "list_objects_v2, one folder": lambda c: c.list_objects_v2(Bucket="bucket", Prefix="m/x"),
        "delete_objects, one store": lambda c: c.delete_objects(
            Bucket="bucket", Delete={"Objects": [{"Key": "m/x"}, {"Key": "m/y"}]}
        ),
        "head_bucket": lambda c: c.head_bucket(Bucket="bucket"),
    }
    for name, call in operations.items():
        counts = []
        for asked in (single, s3):
            if "copy" in name or "get" in name or "head_object" in name:
                single.put_object(**place, Body=b"x")
            for store in stores.values():
                store.forget_requests()
            call(asked)
            counts.append(sum(len(store.requests()) for store in stores.values()))
        print(f"requests of {name:28} plain {counts[0]}, router {counts[1]}")


def main() -> None:
    """Run all three."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=3000, help="calls of each client")
    options.add_argument("--keys", type=int, default=100_000, help="keys to list")
    given = options.parse_args()
    warnings.simplefilter("ignore")
    measure_calls(given.rounds, canned(), "canned answers")
    with ExitStack() as running:
        stores = {}
        for name in ("default", "b", "m"):
            moto = running.enter_context(start_moto(*KEYS))
            stores[name] = Store(name, "generic", moto.endpoint_url, *KEYS)
            stores[name].make_bucket("bucket")
        stores["m"].put("bucket", "m/key")
        measure_calls(given.rounds // 5, stores["m"].endpoint_url, "moto")
        measure_requests(stores)
        fill(stores, given.keys)
        measure_lists(stores, given.keys + 1)


def fill(stores: dict[str, Store], count: int) -> None:
    """Lay a third of the keys into each store."""
    for at, (name, store) in enumerate(stores.items()):
        folder = "a" if name == "default" else name
        share = range(at, count, len(stores))
        threads = [
            threading.Thread(target=put_all, args=(store, folder, share[i::4])) for i in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def put_all(store: Store, folder: str, numbers: range) -> None:
    """Lay empty objects into a store."""
    s3 = plain(store.endpoint_url)
    for number in numbers:
        s3.put_object(Bucket="bucket", Key=f"{folder}/{number:08}")


if __name__ == "__main__":
    main()
