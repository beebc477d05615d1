"""The cost of routing one name, beside boto-s3-router, as the number of profiles grows.

    python jobs/benchmarks/benchmark_routing.py [--rounds 15]

Both are asked for the same object in the same run, in turns: the one that the last profile takes,
which is the worst case for a router that tries profile after profile. boto-s3-router only picks
the client and the physical name here (its `_route_bucket_and_key`), so no request is sent.
Then what a list needs to know: which profiles have names below a folder, and whose a key is.
Last what the router's Java takes: for a name, for a folder's parts, to find a bucket's rules again,
to open a router, and to copy the configuration that carries the profiles.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import timeit
import warnings
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from s3r_spark import Routes
from s3r_spark.hadoop import ivy
from s3r_spark.hadoop.jar import router_jar
from s3r_spark.hadoop.packages import excludes, installed_hadoop_version, jars_folder, packages

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (1, 100, 10_000)
MOST = 2  # times the cost with one profile
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


SHAPES = {"own buckets": own_buckets, "folders": folders}


def load(profiles: dict[str, Any]) -> Routes:
    """Routes with these profiles, all of one client."""
    with_client = {key: {**profile, "client": "default"} for key, profile in profiles.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Routes.load({"clients": {"default": {}}, "profiles": with_client})


def ours(profiles: dict[str, Any], name: Name) -> Callable[[], object]:
    """The call of `Routes.resolve`."""
    routes, (bucket, key) = load(profiles), name
    return lambda: routes.resolve(bucket, key)


def questions(profiles: dict[str, Any], name: Name) -> dict[str, Callable[[], object]]:
    """The questions that a list asks of the routes besides, about the same name."""
    routes, (bucket, key) = load(profiles), name
    rule, target = routes.rule(bucket, key), routes.resolve(bucket, key)
    folder = key[: key.rindex("/") + 1]
    return {
        "under the folder": lambda: routes.under(bucket, folder),
        "under another folder": lambda: routes.under(bucket, "other/"),
        "owns": lambda: routes.owns(rule, bucket, key),
        "logical": lambda: routes.logical(rule.name, bucket, str(target.key)),
        "names_of": lambda: routes.names_of(target.client, target.bucket, str(target.key)),
    }


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


def compared(console: Console, rounds: int) -> list[str]:
    """Show what one name costs beside boto-s3-router; the goals that are missed."""
    table = Table(title="One name, median of the rounds: s3r_spark, and boto-s3-router 0.0.3")
    for column in ("profiles", "number", "s3r µs", "to 1", "boto µs", "to 1", "boto to s3r"):
        table.add_column(column, justify="left" if column == "profiles" else "right")
    missed = []
    for title, shape in SHAPES.items():
        with console.status(f"measuring: {title}"):
            calls = [make(*shape(count)) for make in (ours, theirs) for count in SIZES]
            costs = medians(calls, rounds)
        mine, other = costs[: len(SIZES)], costs[len(SIZES) :]
        for count, cost, its in zip(SIZES, mine, other, strict=True):
            table.add_row(
                title, f"{count:,}", f"{cost:.2f}", f"{cost / mine[0]:.1f}",
                f"{its:,.2f}", f"{its / other[0]:,.1f}", f"{its / cost:,.1f}",
            )  # fmt: skip
        if mine[-1] > MOST * mine[0]:
            missed.append(f"{title}: {SIZES[-1]:,} profiles cost more than twice as much as one")
        if mine[0] >= other[0]:
            missed.append(f"{title}: with one profile, boto-s3-router is as fast")
    console.print(table)
    return missed


def asked_by_lists(console: Console, rounds: int) -> list[str]:
    """Show what the other questions cost; the goals that are missed."""
    table = Table(title="What lists ask of the routes, in µs")
    table.add_column("profiles")
    table.add_column("question")
    for count in SIZES:
        table.add_column(f"{count:,}", justify="right")
    missed = []
    for title, shape in SHAPES.items():
        by_size = [questions(*shape(count)) for count in SIZES]
        for question in by_size[0]:
            costs = medians([calls[question] for calls in by_size], rounds)
            table.add_row(title, question, *(f"{cost:.2f}" for cost in costs))
            if costs[-1] > MOST * costs[0]:
                missed.append(f"{title}: {question} costs more than twice as much as with one")
    console.print(table)
    return missed


def in_java(console: Console) -> list[str]:
    """Measure the router's Java, show a table, and tell the goals that are missed."""
    source = router_jar().file.parents[4] / "src/benchmark/java/s3r/hadoop/RoutingCost.java"
    folder = jars_folder()
    jars = ivy.resolve(packages(installed_hadoop_version()), excludes(), spark_jars=folder)
    path = ":".join([str(router_jar().file), *map(str, jars), f"{folder}/*"])
    with console.status("measuring: Java"), tempfile.TemporaryDirectory() as classes:
        compiler = ["javac", "-cp", path, "-d", classes, str(source)]
        subprocess.run(compiler, check=True)  # noqa: S603 - our own source
        command = ["java", "-cp", f"{classes}:{path}", "s3r.hadoop.RoutingCost", *map(str, SIZES)]
        java = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    table = Table(title="The router's Java, best of the rounds, in µs")
    for column in ("", *(f"{size:,}" for size in SIZES)):
        table.add_column(column, justify="right" if column else "left")
    costs: dict[str, list[float]] = {}
    for line in java.stdout.splitlines():
        name, _, cost = line.split()
        costs.setdefault(name, []).append(float(cost))
    for name, each in costs.items():
        table.add_row(name, *(f"{cost:,.2f}" for cost in each))
    console.print(table)
    return [
        f"Java, {name}: {SIZES[-1]:,} profiles cost more than {MOST} times as much as one"
        for name, each in costs.items()
        if each[-1] > MOST * each[0]
    ]


def main() -> int:
    """Measure, and show tables; the exit code is 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="measurements of each (default 15)")
    rounds: int = parser.parse_args().rounds
    console = Console()
    missed = compared(console, rounds) + asked_by_lists(console, rounds) + in_java(console)
    for goal in missed:
        console.print(f"[red]missed[/]: {goal}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
