"""The cost of routing: a plain boto3 client, boto-s3-router and this router side by side.

    python jobs/benchmarks/benchmark_boto.py

Everything runs on this machine. A canned server, which answers as fast as Python can, stands for a
store where one call is timed; servers that only list stand for three stores with 100,000 keys;
moto counts requests. Times are medians of calls that take turns, so that a busy machine slows all
three alike.
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
from bisect import bisect_left, bisect_right
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Pipe, Process
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

import boto3
import boto_s3_router
from botocore.config import Config

from s3r_spark.boto import client

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from servers.moto import start_moto
from servers.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

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


def lister(keys: list[str], address: Connection) -> None:
    """Serve ListObjectsV2 of sorted keys until the process is ended."""
    date = "2024-01-01T00:00:00.000Z"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # the body would wait 40 ms for whoever has the headers
        server: Any

        def do_GET(self) -> None:
            params = dict(parse_qsl(urlsplit(self.path).query))
            prefix, most = params.get("prefix", ""), int(params.get("max-keys", 1000))
            after = params.get("continuation-token") or params.get("start-after", "")
            start = max(bisect_left(keys, prefix), bisect_right(keys, after))
            end = bisect_left(keys, prefix + "\U0010ffff")
            shown = keys[start : min(end, start + most)]
            entries = "".join(
                f"<Contents><Key>{key}</Key><LastModified>{date}</LastModified><ETag>x</ETag>"
                "<Size>0</Size><StorageClass>STANDARD</StorageClass></Contents>"
                for key in shown
            )
            more = start + most < end
            token = f"<NextContinuationToken>{shown[-1]}</NextContinuationToken>" if more else ""
            body = (
                f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{entries}{token}"
                f"<KeyCount>{len(shown)}</KeyCount></ListBucketResult>"
            ).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.server.lists += 1

        def do_DELETE(self) -> None:
            """Say how many lists were asked for, and count anew."""
            body = str(self.server.lists).encode()
            self.server.lists = 0
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.lists = 0
    address.send(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


def plain(url: str) -> Any:
    """A client that knows nothing but its store."""
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
    return {name: statistics.median(seconds[rounds // 10 :]) for name, seconds in times.items()}


def measure_calls(rounds: int, url: str, answers: str) -> None:
    """Median cost of head_object."""
    urls = {"default": url, "b": url, "m": url}
    profiles = routes(urls)["profiles"]
    clients = {
        "plain boto3": plain(url),
        "boto-s3-router": boto_s3_router.client({n: plain(url) for n in urls}, profiles),
        "s3r_spark": client(routes(urls)),
        "… uncounted": uncounted(client(routes(urls))),
    }
    place = {"Bucket": "bucket", "Key": "m/key"}
    medians = taking_turns(
        {name: lambda s3=s3: s3.head_object(**place) for name, s3 in clients.items()},  # type: ignore[misc]
        rounds,
    )
    base = medians["plain boto3"]
    for name, median in medians.items():
        print(
            f"head_object ({answers})  {name:15} {median * 1e6:7.0f} µs"
            f"  {(median - base) * 1e6:+6.0f} µs  {median / base:.3f} of plain"
        )


def uncounted(s3: Any) -> Any:
    """A routing client without what `routes_report` counts by: the rest is its cost."""
    tally = s3._s3r_router.stores.tally  # noqa: SLF001 - nobody switches it off
    s3.meta.events.unregister("before-send.s3", tally._note)  # noqa: SLF001
    s3.meta.events.unregister("response-received.s3", tally._count_call)  # noqa: SLF001
    s3.head_object(Bucket="bucket", Key="m/key")
    if s3.routes_report().rows:
        raise RuntimeError("it counts still")
    return s3


def pages(s3: Any, **place: str) -> int:
    """The number of keys that a paginator gives."""
    answers = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket", **place)
    return sum(len(page.get("Contents", ())) for page in answers)


class Listed(NamedTuple):
    """Keys in three stores, one after another's, that a routing client lists as one bucket.

    Attributes:
        s3: the routing client.
        singles: a plain client of each store.
        urls: of the stores, by their names.
        keys: how many there are.
    """

    s3: Any
    singles: list[Any]
    urls: dict[str, str]
    keys: int

    def apart(self) -> None:
        """List each store by its plain client."""
        assert sum(map(pages, self.singles)) == self.keys  # noqa: S101 - else nothing is measured

    def merged(self) -> None:
        """List all by the routing client."""
        assert pages(self.s3) == self.keys  # noqa: S101 - likewise


@contextmanager
def listed(count: int, layout: str) -> Iterator[Listed]:
    """Run three stores that have so many keys, `apart` in folders, or `mixed` by their names."""
    folders = {"default": "a", "b": "b", "m": "m"}
    form = {"apart": "{folder}/{number:08}", "mixed": "{number:08}.{folder}"}[layout]
    urls, servers = {}, []
    for at, store in enumerate(folders):
        here, there = Pipe()
        keys = [
            form.format(folder=folders[store], number=number)
            for number in range(at, count, len(folders))
        ]
        servers.append(Process(target=lister, args=(keys, there), daemon=True))
        servers[-1].start()
        urls[store] = here.recv()
    routes_file = routes(urls)
    if layout == "mixed":
        for name, rule in routes_file["profiles"].items():
            rule["source_key_pattern"] = f"*.{name}"
    try:
        yield Listed(client(routes_file), [plain(url) for url in urls.values()], urls, count)
    finally:
        for server in servers:
            server.terminate()


def measure_lists(count: int, layout: str) -> None:
    """Time and memory of a list over three stores, against listing them one after another."""
    turns: dict[str, list[tuple[float, float]]] = {"apart": [], "merged": []}
    with listed(count, layout) as lists:
        for _ in range(5):
            start, busy = time.perf_counter(), time.process_time()
            lists.apart()
            turns["apart"].append((time.perf_counter() - start, time.process_time() - busy))
            forget(lists.urls)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            start, busy = time.perf_counter(), time.process_time()
            lists.merged()
            turns["merged"].append((time.perf_counter() - start, time.process_time() - busy))
        requests = forget(lists.urls)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    (apart, apart_busy), (merged, busy) = (
        map(min, zip(*times, strict=True)) for times in turns.values()
    )
    print(
        f"list of {count:,} keys in 3 stores, {layout}: one after another {apart:.2f} s, merged "
        f"{merged:.2f} s, {apart / merged:.2f} of the throughput ({apart_busy / busy:.2f} by this "
        f"process's own time); {requests} requests for "
        f"{-(-count // 1000)} pages; peak memory {grown:+} KiB"
    )


def forget(urls: dict[str, str]) -> int:
    """The number of lists that the servers were asked for since the last time."""
    requests = [Request(url, method="DELETE") for url in urls.values()]  # noqa: S310 - our servers
    return sum(int(urlopen(one).read()) for one in requests)  # noqa: S310


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
        for each in (single, s3):
            if "copy" in name or "get" in name or "head_object" in name:
                single.put_object(**place, Body=b"x")
            for store in stores.values():
                store.forget_requests()
            call(each)
            counts.append(sum(len(store.requests()) for store in stores.values()))
        print(f"requests of {name:28} plain {counts[0]}, router {counts[1]}")
    for store in stores.values():
        store.forget_requests()
    s3.routes_report()
    print(f"requests of routes_report: {sum(len(store.requests()) for store in stores.values())}")


def main() -> None:
    """Run all three."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=3000, help="calls of each client")
    options.add_argument("--keys", type=int, default=100_000, help="keys to list")
    arguments = options.parse_args()
    warnings.simplefilter("ignore")
    measure_calls(arguments.rounds, canned(), "canned answers")
    with ExitStack() as running:
        stores = {}
        for name in ("default", "b", "m"):
            moto = running.enter_context(start_moto(*KEYS))
            stores[name] = Store(name, "generic", moto.endpoint_url, *KEYS)
            stores[name].make_bucket("bucket")
        stores["m"].put("bucket", "m/key")
        measure_calls(arguments.rounds // 5, stores["m"].endpoint_url, "moto")
        measure_requests(stores)
    for layout in ("apart", "mixed"):
        measure_lists(arguments.keys, layout)


if __name__ == "__main__":
    main()
