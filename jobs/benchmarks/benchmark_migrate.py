"""`s3r-spark migrate` beside rclone, between two MinIO servers, in both directions.

    python jobs/benchmarks/benchmark_migrate.py [--objects 20000] [--large 20] [--rounds 3] [--tls]

rclone is Debian's, or `go install github.com/rclone/rclone@latest`; MinIO is built where it isn't
there yet (that takes Go and some minutes). All ways take turns, so that a busy machine slows them
alike, and each way's time is held against rclone's of the same round. A way's whole process is
timed, with its start, its lists and its proof. `boto3` is migrate without obstore. How many
requests each sends is counted apart, with fewer objects, by a proxy before each server. With
`--tls` the servers talk https, by an authority of their own, and nothing is counted.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from servers.certificate import make_certificate, sign_certificate
from servers.counting import counted
from servers.install import main as install
from servers.minio import start_minio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store

FROM, TO = "source", "target"
WORKERS = "16"
COUNTED = 200  # objects of which the requests are counted
SMALL, MB = 10_000, 1_000_000  # bytes
# migrate's throughput for rclone's, and of how many bytes: with fewer, its start weighs more.
GOALS = {"small": (1.2, 100 * MB), "large": (1.0, 2_000 * MB)}
_MAIN = "from s3r_spark.cli import main; main()"
_WITHOUT = "import sys; sys.modules['obstore'] = None; "
WAYS = ("rclone", "migrate", "boto3")


class Run(NamedTuple):
    """The seconds that a run took: by the clock, and of its processes."""

    seconds: float
    cpu: float


@dataclass(frozen=True)
class Pair:
    """The two places: where objects are, and where they are to be."""

    folder: Path
    source: Store
    target: Store

    def run(self, way: str) -> Run:
        """Copy all in one of the ways, into a bucket that is empty before and after."""
        self.target.make_bucket(TO)
        command = self._rclone() if way == "rclone" else self._migrate(way)
        env = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
        env |= self._remotes() if way == "rclone" else {}
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - programs named above
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode or self.source.objects(FROM) != self.target.objects(TO):
            sys.exit(f"{way} failed: {done.stderr[-2000:]}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.clear()
        return Run(seconds, cpu)

    def clear(self) -> None:
        """Remove what was copied."""
        emptied(self.target, TO)
        self.target.client().delete_bucket(Bucket=TO)
        for path in self.folder.glob("*.journal*"):
            path.unlink()

    def _rclone(self) -> list[str]:
        options = ["--transfers", WORKERS, "--checkers", WORKERS, "--s3-no-check-bucket"]
        if self.source.ca_bundle:
            options += ["--ca-cert", str(self.source.ca_bundle)]
        return [str(shutil.which("rclone")), "copy", *options, f"from:{FROM}", f"to:{TO}"]

    def _remotes(self) -> dict[str, str]:
        out = {"RCLONE_CONFIG": os.devnull}
        for name, store in (("FROM", self.source), ("TO", self.target)):
            keys = {"ACCESS_KEY_ID": store.access_key, "SECRET_ACCESS_KEY": store.secret_key}
            settings = {"TYPE": "s3", "PROVIDER": "Minio", "ENDPOINT": store.endpoint_url, **keys}
            out |= {f"RCLONE_CONFIG_{name}_{key}": value for key, value in settings.items()}
        return out

    def _migrate(self, way: str) -> list[str]:
        clients = {
            name: {
                "service": store.kind,
                "endpoint_url": store.endpoint_url,
                "credentials": {"access_key": store.access_key, "secret_key": store.secret_key},
                **({"ca_bundle": str(store.ca_bundle)} if store.ca_bundle else {}),
            }
            for name, store in (("default", self.source), ("other", self.target))
        }
        profile = {"source_bucket_pattern": FROM, "client": "other", "mapped_bucket_name": TO}
        for name, profiles in (("old", {}), ("new", {"moved": profile})):
            data = {"version": 1, "clients": clients, "profiles": profiles}
            (self.folder / f"{name}.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
        program = _MAIN if way == "migrate" else _WITHOUT + _MAIN
        files = [str(self.folder / f"{name}.yaml") for name in ("old", "new")]
        return [sys.executable, "-c", program, "migrate", "--workers", WORKERS, *files]


@contextmanager
def servers(folder: Path, *, tls: bool) -> Iterator[tuple[Store, Store]]:
    """Run two MinIO until the block ends."""
    authority = make_certificate(folder / "authority") if tls else None
    certificate = sign_certificate(folder / "server", authority) if authority else False
    with (
        start_minio(folder / "one", tls=certificate) as one,
        start_minio(folder / "other", tls=certificate) as other,
    ):
        trusted = authority.public if authority else None
        yield replace(one, ca_bundle=trusted), replace(other, ca_bundle=trusted)


def filled(store: Store, objects: int, size: int) -> None:
    """Lay random objects into a new bucket, in some folders."""
    store.make_bucket(FROM)

    def put(number: int) -> None:
        client.put_object(Bucket=FROM, Key=f"p={number % 20}/{number:08}", Body=os.urandom(size))

    client = store.client(max_pool_connections=8)
    with ThreadPoolExecutor(8 if size < MB else 1) as threads:
        list(threads.map(put, range(objects)))


def emptied(store: Store, bucket: str) -> None:
    """Remove all objects of a bucket, a thousand at a time."""
    client = store.client()
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", ())]
        if keys:
            client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def requests(
    folder: Path, stores: tuple[Store, Store], size: int, objects: int, ways: tuple[str, ...]
) -> None:
    """Print what each way asks both servers, by method, for one object."""
    for store in stores:
        filled(store, objects, size)
    with counted(stores[0]) as source, counted(stores[1]) as target:
        for way in ways:
            source.forget_requests()
            target.forget_requests()
            Pair(folder, source, target).run(way)
            sides = []
            for store in (source, target):
                # What the benchmark itself asks, and lists, are no object's.
                keyed = [r for r in store.requests() if r["path"].count("/") > 1]
                counts = Counter(r["method"] for r in keyed if "delete" not in r["query"])
                sides.append(", ".join(f"{k} {n / objects:.2f}" for k, n in sorted(counts.items())))
            print(f"  requests per object of {size:,} bytes, {way:8} {sides[0]} | {sides[1]}")
    for store in stores:
        emptied(store, FROM)
        store.client().delete_bucket(Bucket=FROM)


def measure(
    folder: Path, stores: tuple[Store, Store], rounds: int, data: int, ways: tuple[str, ...]
) -> list[float]:
    """Print each round of both directions; gives migrate's throughput for rclone's, of each."""
    ratios: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds):
        pairs = {"there": Pair(folder, *stores), "back": Pair(folder, *stores[::-1])}
        for word, pair in pairs.items():
            first = number % len(ways)
            runs = {way: pair.run(way) for way in ways[first:] + ways[:first]}
            for way, run in runs.items():
                ratios[way].append(runs["rclone"].seconds / run.seconds)
            times = (
                f"{way} {run.seconds:.1f} s ({data / MB / run.seconds:.0f} MB/s, CPU {run.cpu:.1f})"
                for way, run in sorted(runs.items())
            )
            print(f"  {word:6} load {os.getloadavg()[0]:.1f}: {'; '.join(times)}", flush=True)
    for way in ways[1:]:
        print(f"  {way}: {statistics.median(ratios[way]):.2f} of rclone's throughput (median)")
    return ratios["migrate"]


def main() -> int:
    """Measure; exit code 1 says that a goal was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--objects", type=int, default=20_000, help="small objects, of 10 kB")
    parser.add_argument("--large", type=int, default=20, help="large objects")
    parser.add_argument("--large-size", type=int, default=500, metavar="MB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tls", action="store_true", help="talk https")
    parser.add_argument("--ways", nargs="+", choices=WAYS[1:], default=WAYS[1:], help="but rclone")
    options = parser.parse_args()
    ways = (WAYS[0], *options.ways)
    if shutil.which("rclone") is None:
        sys.exit("no rclone: apt install rclone, or go install github.com/rclone/rclone@latest")
    install(["minio"])
    missed = False
    sizes = {"small": (options.objects, SMALL), "large": (options.large, options.large_size * MB)}
    for kind, (objects, size) in sizes.items():
        if not objects:
            continue
        with tempfile.TemporaryDirectory(prefix="s3r-migrate-") as name:
            folder = Path(name)
            with servers(folder, tls=options.tls) as stores:
                print(f"{objects:,} objects of {size:,} bytes")
                if not options.tls:
                    requests(
                        folder, stores, size, min(objects, COUNTED if size == SMALL else 1), ways
                    )
                for store in stores:
                    filled(store, objects, size)
                ratios = measure(folder, stores, options.rounds, objects * size, ways)
                goal, enough = GOALS[kind]
                if objects * size >= enough:
                    missed |= statistics.median(ratios) < goal
                else:
                    print(f"  too few for the goal of {goal}, which is of {enough:,} bytes")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
