"""What routing one name costs, beside boto-s3-router, as the number of profiles grows.

    python jobs/benchmark_routing.py [--rounds 15]

Both are asked for the same object in the same run, in turns: the one that the last profile takes,
which is the worst case for a router that tries profile after profile. boto-s3-router only picks
the client and the physical name here (its `_route_bucket_and_key`), so no request is sent.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import timeit
import warnings
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from s3r_spark import Routes

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (1, 100, 10_000)
SECONDS = 0.02  # what one round of one router takes, about
Name = tuple[str, str]


def own_buckets(count: int) -> tuple[dict[str, Any], Name]:
    """Each profile has a bucket of its own; and a name that the last one takes."""
    profiles = {f"p{n}": {"source_bucket_pattern": f"bucket-{n}"} for n in range(count)}
    return profiles, (f"bucket-{count - 1}", "year=2024/part-0001.parquet")


def folders(count: int) -> tuple[dict[str, Any], Name]:
    """All profiles are folders of one bucket; and a name that the last one takes."""
    profiles = {
        f"p{n}": {
            "source_bucket_pattern": "lake",
            "source_key_pattern": f"team{n}/*",
            "mapped_bucket_name": "store",
            "mapped_prefix": f"data/team{n}/",
        }
        for n in range(count)
    }
    return profiles, ("lake", f"team{count - 1}/year=2024/part-0001.parquet")


def ours(profiles: dict[str, Any], name: Name) -> Callable[[], object]:
    """The call of `Routes.resolve`."""
    with_client = {key: {**profile, "client": "default"} for key, profile in profiles.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        routes = Routes.load({"clients": {"default": {}}, "profiles": with_client})
    bucket, key = name
    return lambda: routes.resolve(bucket, key)


def theirs(profiles: dict[str, Any], name: Name) -> Callable[[], object]:
    """The call of boto-s3-router that picks client and name."""
    from boto_s3_router import botos3router  # noqa: PLC0415 - a development dependency

    route = botos3router._route_bucket_and_key  # noqa: SLF001 - the part that only routes
    clients = dict.fromkeys(profiles, object())
    bucket, key = name
    return lambda: route({"Bucket": bucket, "Key": key}, profiles, clients)


def medians(calls: list[Callable[[], object]], rounds: int) -> list[float]:
    """The median cost of each call in microseconds, measured in turns."""
    numbers = []
    for call in calls:
        call()  # the first call may build what all others use
        once = timeit.timeit(call, number=1)
        numbers.append(max(1, min(20_000, int(SECONDS / once))))
    costs: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, number, cost in zip(calls, numbers, costs, strict=True):
            cost.append(timeit.timeit(call, number=number) / number * 1e6)
    return [statistics.median(cost) for cost in costs]


def main() -> int:
    """Measure, and show a table; the exit code is 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="measurements of each (default 15)")
    rounds: int = parser.parse_args().rounds
    console = Console()
    table = Table(title="One name, median of the rounds: s3r_spark, and boto-s3-router 0.0.3")
    for column in ("profiles", "number", "s3r µs", "to 1", "boto µs", "to 1", "boto to s3r"):
        table.add_column(column, justify="left" if column == "profiles" else "right")
    missed = []
    for title, shape in (("own buckets", own_buckets), ("folders", folders)):
        with console.status(f"measuring: {title}"):
            calls = [make(*shape(count)) for make in (ours, theirs) for count in SIZES]
            costs = medians(calls, rounds)
        mine, other = costs[: len(SIZES)], costs[len(SIZES) :]
        for count, cost, its in zip(SIZES, mine, other, strict=True):
            table.add_row(
                title, f"{count:,}", f"{cost:.2f}", f"{cost / mine[0]:.1f}",
                f"{its:,.2f}", f"{its / other[0]:,.1f}", f"{its / cost:,.1f}",
            )  # fmt: skip
        if mine[-1] > 2 * mine[0]:
            missed.append(f"{title}: {SIZES[-1]:,} profiles cost more than twice as much as one")
        if mine[0] >= other[0]:
            missed.append(f"{title}: with one profile, boto-s3-router is as fast")
    console.print(table)
    for goal in missed:
        console.print(f"[red]missed[/]: {goal}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
