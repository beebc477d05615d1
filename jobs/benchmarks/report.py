"""One report of all benchmarks: what they print, the machine's facts, and how costs grow.

    python jobs/benchmarks/report.py [--full] [--only PROGRAM…] [-o build/benchmarks.md]

Each benchmark compares within one run, in turns, so that its ratios hold on a machine of whatever
speed; seconds of different runs or machines are not to be compared. Growth is told in ratios, and
in requests. A benchmark that fails or misses a goal is in the report, and in the code; one whose
programs are missing and can't be made here is in the report as not run.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
import timeit
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, NamedTuple

from benchmark_boto import forget, listed

from s3r_spark import Routes, client

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from servers.fixtures import moto_store
from servers.install import find

if TYPE_CHECKING:
    from collections.abc import Callable

PROFILES = (1, 10, 100, 1_000, 10_000)
FILES = (10, 100, 1_000, 10_000)
STORES = (1, 2, 4, 8)
LIBRARIES = ("boto3", "boto-s3-router", "s3fs", "pyspark", "moto")
INSTALLING = {  # a program's name: how to get it, and what makes it where it is missing
    "minio": ("python tests/servers/install.py minio, which wants Go", "go"),
    "rclone": ("apt install rclone, or go install github.com/rclone/rclone@latest", None),
}


class Benchmark(NamedTuple):
    """A program.

    Attributes:
        program: its file.
        small: the arguments by which all take ten minutes together.
        full: the arguments otherwise.
        needs: other programs without which it can't be run.
    """

    program: str
    small: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


FEW = ("--ways", "direct", "router", "--many", "40", "--listed", "1000", "--spanning", "20")
FEWER = ("--ways", "direct", "router", "--many", "8", "--listed", "100", "--spanning", "4")
ANALYTICS = ("--stream", "analytics")
BENCHMARKS = (
    Benchmark("benchmark_routing.py", ("--rounds", "3")),
    Benchmark("benchmark_boto.py", ("--rounds", "300", "--keys", "10000")),
    Benchmark("benchmark_fsspec.py", ("--rounds", "3", "--size", "64"), needs=("minio",)),
    Benchmark("benchmark_router.py", ("--rounds", "4", *FEW), needs=("minio",)),
    Benchmark(
        "benchmark_router.py", (*ANALYTICS, "--rounds", "0", *FEWER), ANALYTICS, needs=("minio",)
    ),
    Benchmark("benchmark_session.py", ("--runs", "2")),
    Benchmark(
        "benchmark_migrate.py",
        ("--objects", "1000", "--large", "1", "--large-size", "100", "--rounds", "1"),
        needs=("minio", "rclone"),
    ),
)


def facts() -> str:
    """The machine and the releases, as lines of Markdown."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.machine()}, {platform.system()}"
    releases = ", ".join(f"{name} {version(name)}" for name in ("s3r-spark", *LIBRARIES))
    return (
        f"- {machine}; load {os.getloadavg()[0]:.1f} at the start\n"
        f"- Python {platform.python_version()}, {releases}"
    )


def cost_by_profiles() -> list[float]:
    """The cost of resolving a name of the last profile, in ratios to one profile.

    The sizes take turns, and the best turn of each counts: others only were disturbed more.
    """
    calls = [_resolving(count) for count in PROFILES]
    turns = [[timeit.timeit(call, number=2_000) for call in calls] for _ in range(15)]
    costs = [min(costs) for costs in zip(*turns, strict=True)]
    return [cost / costs[0] for cost in costs]


def _resolving(count: int) -> Callable[[], object]:
    profiles = {
        f"p{number}": {"client": "default", "source_bucket_pattern": f"bucket-{number}"}
        for number in range(count)
    }
    clients = {"default": {"service": "aws", "region": "us-east-1"}}
    routes = Routes.load({"clients": clients, "profiles": profiles})
    return partial(routes.resolve, f"bucket-{count - 1}", "a/b")


def requests_by_stores() -> list[float]:
    """The requests that one page of a list takes that spans stores."""
    counts: list[float] = []
    with ExitStack() as stack:
        stores = [
            stack.enter_context(moto_store(f"store{number}")) for number in range(max(STORES))
        ]
        for count in STORES:
            clients = {
                "default" if number == 0 else store.name: {
                    "service": "minio",
                    "endpoint_url": store.endpoint_url,
                    "credentials": {"access_key": store.access_key, "secret_key": store.secret_key},
                }
                for number, store in enumerate(stores[:count])
            }
            profiles = {
                store.name: {"source_bucket_pattern": "lake", "source_key_pattern": f"{number}/*"}
                for number, store in enumerate(stores[:count])
                if number
            }
            for number, store in enumerate(stores[:count]):
                if "lake" not in store.buckets():
                    store.make_bucket("lake")
                    store.put("lake", f"{number}/x", b"x")
                store.forget_requests()
            routed = client({"clients": clients, "profiles": profiles})
            routed.list_objects_v2(Bucket="lake")
            counts.append(sum(len(list(store.requests())) for store in stores[:count]))
    return counts


class Listing(NamedTuple):
    """A list over three stores: its requests, those of plain clients, and seconds to theirs."""

    requests: int
    plain: int
    ratio: float


def lists_by_files() -> list[Listing]:
    """Listings by the number of files, beside plain boto3 listing the stores one by one.

    The two take turns, and the ratio is the median of those of each turn.
    """
    out = []
    for count in FILES:
        with listed(count, "apart") as lists:
            requests, ratios = [], []
            for call in (lists.apart, lists.merged):
                call()
                requests.append(forget(lists.urls))
            for _ in range(5 if count == max(FILES) else 20):
                apart, merged = (timeit.timeit(c, number=1) for c in (lists.apart, lists.merged))
                ratios.append(merged / apart)
        out.append(Listing(requests[1], requests[0], statistics.median(ratios)))
    return out


def chart(title: str, axis: str, names: tuple[int, ...], values: list[float]) -> str:
    """A chart in Mermaid, which GitHub and the documentation draw, and its numbers."""
    labels = ", ".join(f'"{name:,}"' for name in names)
    top = max(values) * 1.2
    numbers = ", ".join(f"{name:,}: {value:.2f}" for name, value in zip(names, values, strict=True))
    return (
        f'```mermaid\nxychart-beta\n  title "{title}"\n  x-axis [{labels}]\n'
        f'  y-axis "{axis}" 0 --> {top:.1f}\n'
        f"  bar [{', '.join(f'{value:.2f}' for value in values)}]\n```\n\n{numbers}\n"
    )


def can_have(name: str) -> bool:
    """Tell whether a program is here, or can be made by what is."""
    maker = INSTALLING[name][1]
    return find(name) is not None or (maker is not None and which(maker) is not None)


def ran(benchmark: Benchmark, *, full: bool) -> tuple[str, bool]:
    """The output of a benchmark, as Markdown, and whether it met its goals."""
    arguments = benchmark.full if full else benchmark.small
    heading = f"## {' '.join([benchmark.program, *arguments])}\n\n"
    if lacking := [name for name in benchmark.needs if not can_have(name)]:
        ways = "; ".join(f"{name} ({INSTALLING[name][0]})" for name in lacking)
        return f"{heading}Not run, for want of {ways}.\n", True
    begun = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, Path(__file__).with_name(benchmark.program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )
    text = done.stdout if done.returncode == 0 else f"{done.stdout}\n{done.stderr}"
    verdict = "" if done.returncode == 0 else f" Exit code {done.returncode}."
    took = f"{time.monotonic() - begun:.0f} s."
    return f"{heading}{took}{verdict}\n\n```text\n{text.strip()}\n```\n", not done.returncode


def main() -> int:
    """Run all, and write the report; the exit code is 1 where a benchmark failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="each at its own size; an hour or so")
    parser.add_argument("--only", nargs="*", metavar="PROGRAM", help="some of the benchmarks")
    parser.add_argument("-o", "--output", type=Path, default=Path("build/benchmarks.md"))
    options = parser.parse_args()
    programs = [b for b in BENCHMARKS if options.only is None or b.program in options.only]
    parts = [f"# Benchmarks\n\n{facts()}\n", "## Growth\n"]
    parts.append(
        chart("resolve, by the number of profiles", "to 1 profile", PROFILES, cost_by_profiles())
    )
    lists = lists_by_files()
    ratios = [listing.ratio for listing in lists]
    parts.append(
        chart("a list over three stores, by the number of files", "to boto3", FILES, ratios)
    )
    parts += [
        f"- {count:,} files: {listing.requests} requests; plain boto3, store by store, "
        f"{listing.plain}"
        for count, listing in zip(FILES, lists, strict=True)
    ]
    parts.append("")
    parts.append(
        chart("a list's page, by the number of stores", "requests", STORES, requests_by_stores())
    )
    good = True
    for benchmark in programs:
        print(benchmark.program, flush=True)
        text, met = ran(benchmark, full=options.full)
        parts.append(text)
        good = good and met
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("\n".join(parts), encoding="utf-8")
    print(options.output)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
