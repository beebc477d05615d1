"""The cost of routing beside plain s3fs, on one store.

    python jobs/benchmarks/benchmark_fsspec.py [--rounds 10]

moto counts the requests of each operation. The times are of one MinIO server, which is built where
it isn't there yet (that takes Go and some minutes): medians of calls that take turns, so that a
busy machine slows both alike, and the process's own time beside them, which knows no waiting.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
from s3fs import S3FileSystem

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from servers.install import main as install
from servers.minio import start_minio
from servers.moto import start_moto
from servers.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

BUCKET, FOLDER = "bench", "data/team"
SMALL, MiB = 1_000, 1 << 20
GOAL = 1.03  # the router's median for that of s3fs


def both(store: Store) -> dict[str, tuple[Any, str]]:
    """Each file system, and what it calls the folder `data/team` of the bucket."""
    keys = {"access_key": store.access_key, "secret_key": store.secret_key}
    plain = S3FileSystem(
        key=store.access_key,
        secret=store.secret_key,
        endpoint_url=store.endpoint_url,
        client_kwargs={"region_name": store.region},
        use_listings_cache=False,
    )
    client = {"service": "minio", "endpoint_url": store.endpoint_url, "credentials": keys}
    team = {
        "source_bucket_pattern": "lake",
        "source_key_pattern": "team/*",
        "mapped_bucket_name": BUCKET,
        "mapped_prefix": FOLDER,
    }
    routes = {"clients": {"team": client}, "profiles": {"team": team}, "unmatched": "refuse"}
    routed = fsspec.filesystem("s3r", routes=routes, use_listings_cache=False)
    return {"s3fs": (plain, f"{BUCKET}/{FOLDER}"), "s3r": (routed, "lake/team")}


def operations(size: int) -> dict[str, Callable[[Any, str], Any]]:
    """The operations that are counted, in order: each finds what those before it have left."""
    names = [f"small/{number:04}" for number in range(20)]
    return {
        "pipe 20 objects": lambda fs, at: fs.pipe({f"{at}/{name}": b"x" for name in names}),
        "cat 20 objects": lambda fs, at: fs.cat([f"{at}/{name}" for name in names]),
        "ls": lambda fs, at: fs.ls(f"{at}/small"),
        "find": lambda fs, at: fs.find(at),
        "glob": lambda fs, at: fs.glob(f"{at}/*/00*"),
        "info": lambda fs, at: fs.info(f"{at}/small/0000"),
        "info of a folder": lambda fs, at: fs.info(f"{at}/small"),
        "info of the routed folder": lambda fs, at: fs.info(at.rpartition("/")[0]),
        "exists of a folder": lambda fs, at: fs.exists(f"{at}/small"),
        "exists of a bucket": lambda fs, at: fs.exists(at.partition("/")[0]),
        "write in parts": lambda fs, at: written(fs, f"{at}/big", size),
        "read in blocks": lambda fs, at: read(fs, f"{at}/big"),
        "cat_file, a range": lambda fs, at: fs.cat_file(f"{at}/big", start=5, end=50),
        "copy": lambda fs, at: fs.copy(f"{at}/big", f"{at}/copy"),
        "mv": lambda fs, at: fs.mv(f"{at}/copy", f"{at}/moved"),
        "rm, recursive": lambda fs, at: fs.rm(at, recursive=True),
    }


def written(fs: Any, path: str, size: int) -> None:
    """Write a file, a part at a time."""
    block = os.urandom(MiB)
    with fs.open(path, "wb", block_size=5 * MiB) as out:
        for _ in range(size // MiB):
            out.write(block)


def read(fs: Any, path: str) -> int:
    """Read a file from start to end; gives its size."""
    size = 0
    with fs.open(path, "rb", block_size=5 * MiB) as data:
        while block := data.read(MiB):
            size += len(block)
    return size


def measure_requests() -> None:
    """Count what both send for the same operations."""
    with start_moto("access-key", "secret-key") as moto:
        store = Store("moto", "generic", moto.endpoint_url, moto.access_key, moto.secret_key)
        store.make_bucket(BUCKET)
        for name, call in operations(12 * MiB).items():
            counts = {}
            for way, (fs, folder) in both(store).items():
                store.forget_requests()
                call(fs, f"{folder}/{way}")
                counts[way] = len(store.requests())
            print(f"requests of {name:24} s3fs {counts['s3fs']:3}, s3r {counts['s3r']:3}")


def measure_times(rounds: int, size: int) -> None:
    """Seconds of many small objects, and of a big one."""
    install(["minio"])
    with (
        tempfile.TemporaryDirectory() as scratch,
        start_minio(Path(scratch) / "minio") as store,
    ):
        store.make_bucket(BUCKET)
        ways = both(store)
        fs, folder = ways["s3fs"]
        names = [f"small/{number:04}" for number in range(SMALL)]
        fs.pipe({f"{folder}/{name}": os.urandom(100) for name in names})
        written(fs, f"{folder}/big", size)
        works: dict[str, Callable[[Any, str], int]] = {
            f"cat of {SMALL:,} objects": lambda fs, at: len(
                fs.cat([f"{at}/{name}" for name in names])
            ),
            f"read of {size // MiB:,} MiB": lambda fs, at: read(fs, f"{at}/big"),
        }
        for work, call in works.items():
            print(f"{work:20} {compared(call, ways, rounds)}")


def compared(call: Callable[[Any, str], int], ways: dict[str, tuple[Any, str]], rounds: int) -> str:
    """The medians of a work's turns, the first of which only warms up."""
    turns: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    answers = set()
    for turn in range(rounds + 1):
        for way in sorted(ways, reverse=turn % 2 == 1):
            start, busy = time.perf_counter(), time.process_time()
            answers.add(call(*ways[way]))
            turns[way].append((time.perf_counter() - start, time.process_time() - busy))
    if len(answers) != 1:
        raise RuntimeError(f"the answers differ: {answers}")
    (plain, plain_busy), (routed, routed_busy) = (
        [statistics.median(figures) for figures in zip(*turns[way][1:], strict=True)]
        for way in ("s3fs", "s3r")
    )
    verdict = "within" if routed / plain <= GOAL else "above"
    return (
        f"s3fs {plain:6.3f} s, s3r {routed:6.3f} s: {routed / plain:.3f}, {verdict} the goal of "
        f"{GOAL} ({routed_busy / plain_busy:.3f} by the process's own time)"
    )


def main() -> None:
    """Count, then time."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=10, help="turns of each")
    options.add_argument("--size", type=int, default=1024, help="MiB of the big object")
    arguments = options.parse_args()
    measure_requests()
    measure_times(arguments.rounds, arguments.size * MiB)


if __name__ == "__main__":
    main()
