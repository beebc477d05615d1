"""The cost of the router: beside direct S3A, viewfs and commits by renaming, on one MinIO server.

    python jobs/benchmarks/benchmark_router.py [--rounds 20] [--stream analytics]

Each way does the same work in a Spark session of its own: first through a proxy that counts what
the store is asked, and then, without the proxy, in turns, so that a busy machine slows all four
alike. MinIO is built where it isn't there yet, which takes Go and some minutes.

A ratio is the median of those of each round. Beside it stands the range in which 90 % of such
medians lie, were the rounds drawn again: what the machine's unrest alone makes of it.

The router's folders that span stores are compared with S3A's own that have as many files: half of
the router's are in another bucket, which it has to ask as well.

Files are read by S3A's classic stream, which asks the same each time. Hadoop 3.5's default, the
analytics stream, reads ahead in threads of its own, so that its count is now and then another for
the same work, with whichever file system: it is counted several times, and what wavers is compared
by the middle and the range of the counts.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from router_processes import session
from router_work import DIRECT, ROUTER, SPANNING, WAYS, Work, lay_out

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from servers.counting import counted
from servers.install import main as install
from servers.minio import start_minio

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.store import Store

KINDS = ("HEAD", "GET", "LIST", "PUT", "POST", "DELETE", "COPY")
GOAL = 1.03  # the router's median seconds for direct S3A's
SPAN_GOAL, SPAN_MORE = 1.1, 3  # its requests for direct S3A's, and what the other store is asked
WARM = 4  # rounds that only warm the sessions up
SELDOM = 4  # rounds of which one writes the large table, which takes as long as all else
WIDTH = 110  # columns of the table
DRAWS = 2_000  # of rounds, for a ratio's range
STREAMS = {"classic": 1, "analytics": 5}  # and how often each is counted


def kind(request: dict[str, Any]) -> str:
    """The kind of a request, as the table has it."""
    if request["copy_source"]:
        return "COPY"
    if request["method"] == "POST" and "delete" in request["query"].split("&"):
        return "DELETE"  # of many objects
    is_list = request["method"] == "GET" and "list-type=" in request["query"]
    return "LIST" if is_list else str(request["method"])


def count(way: str, store: Store, work: Work) -> dict[str, list[Counter[str]]]:
    """Count what a way asks the store, by line and kind, as often as its stream is counted."""
    counts: dict[str, list[Counter[str]]] = {}
    with counted(store) as proxy, session(way, proxy, work) as at:
        at.do(at.lines[0], "first")  # S3A's first look at a bucket
        for turn in range(STREAMS[work.stream]):
            for line in at.lines:
                time.sleep(0.5)  # for what a store is asked after the answer
                at.do(line, f"counted-{turn}", proxy.forget_requests)
                time.sleep(0.5)
                counts.setdefault(line, []).append(Counter(map(kind, proxy.requests())))
    return counts


def numbers(counts: list[Counter[str]], kind: str) -> list[int]:
    """The requests of a kind, or of `all`, in each count."""
    return [each.total() if kind == "all" else each[kind] for each in counts]


def agree(some: list[int], others: list[int]) -> bool:
    """Tell whether the middle of each is in the other's range: equal where none wavers."""
    return all(
        min(these) <= statistics.median_low(those) <= max(these)
        for these, those in ((some, others), (others, some))
    )


def range_of(numbers: list[int]) -> str:
    """Numbers as a cell has them."""
    least, most = min(numbers), max(numbers)
    return f"{least}-{most}" if least < most else str(most or "")


def measure(
    ways: tuple[str, ...], store: Store, work: Work, rounds: int, say: Callable[[str], object]
) -> dict[str, dict[str, list[float]]]:
    """Seconds by way and line, of each round; the ways take turns at every line."""
    seconds: dict[str, dict[str, list[float]]] = {way: {} for way in ways}
    with ExitStack() as running:
        sessions = {way: running.enter_context(session(way, store, work)) for way in ways}
        for turn in range(WARM + rounds):
            say(f"round {turn + 1} of {WARM + rounds}")
            first = turn % len(ways)
            for line in sessions[ways[0]].lines:
                if turn % SELDOM and line.startswith(f"write {work.many} "):
                    continue
                for way in ways[first:] + ways[:first]:
                    if line not in sessions[way].lines:
                        continue
                    took = sessions[way].do(line, str(turn))
                    if turn >= WARM:
                        seconds[way].setdefault(line, []).append(took)
    return seconds


def ratio(seconds: list[float], direct: list[float]) -> tuple[float, float, float]:
    """The median of each round's ratio; and the range in which 90 % of such medians lie."""
    ratios = [one / other for one, other in zip(seconds, direct, strict=True)]
    draw = random.Random(0).choices  # noqa: S311 - no secret
    medians = [statistics.median(draw(ratios, k=len(ratios))) for _ in range(DRAWS)]
    cuts = statistics.quantiles(medians, n=20)
    return statistics.median(ratios), cuts[0], cuts[-1]


def shown(
    counts: dict[str, dict[str, list[Counter[str]]]], seconds: dict[str, dict[str, list[float]]]
) -> Table:
    """The table, line by line."""
    columns = ("", "", *KINDS, "all", "median", "ratio", "90 %")
    table = Table(*columns, box=SIMPLE_HEAD, show_edge=False, padding=0)
    for column in table.columns[2:]:
        column.justify = "right"
    for line in counts[DIRECT]:
        ways = [way for way, lines in counts.items() if line in lines]
        for way in ways:
            took = seconds.get(way, {}).get(line, [])
            middle, low, high = ratio(took, seconds[DIRECT][line]) if took else (0, 0, 0)
            requests = counts[way][line]
            table.add_row(
                line if way == DIRECT else "",
                way,
                *(range_of(numbers(requests, kind)) for kind in (*KINDS, "all")),
                f"{statistics.median(took):.2f} s" if took else "",
                f"{middle:.3f}" if took else "",
                f"{low:.2f}-{high:.2f}" if took and way != DIRECT else "",
                end_section=way == ways[-1],
            )
    return table


def missed(
    counts: dict[str, dict[str, list[Counter[str]]]], seconds: dict[str, dict[str, list[float]]]
) -> list[str]:
    """The goals that are missed, in words."""
    out = []
    for line, router in counts.get(ROUTER, {}).items():
        if line.endswith(SPANNING):
            most, direct = (max(numbers(each, "all")) for each in (router, counts[DIRECT][line]))
            if most > SPAN_GOAL * direct + SPAN_MORE:
                out.append(f"{line}: the router asks {most} times, direct S3A {direct}")
            continue
        for kind in KINDS:
            requests, usual = numbers(router, kind), numbers(counts[DIRECT][line], kind)
            if not agree(requests, usual):
                out.append(f"{line}: {kind}: the router asks {requests}, direct S3A {usual}")
        if copies := max(numbers(router, "COPY")):
            out.append(f"{line}: the router copies {copies} times")
        if seconds:
            middle, low, _ = ratio(seconds[ROUTER][line], seconds[DIRECT][line])
            if low > GOAL:  # else it may be the machine's unrest
                out.append(f"{line}: the router takes {middle:.3f} of direct S3A's seconds")
    return out


def main() -> int:
    """Count and measure, and show a table; the exit code is 1 where a goal is missed."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=20, help="measurements; 0 only counts")
    options.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    options.add_argument("--stream", choices=STREAMS, default=Work.stream)
    amounts = [field for field in fields(Work) if field.type == "int"]
    for field in amounts:
        text = f"default {field.default:,}"
        options.add_argument(f"--{field.name}", type=int, default=field.default, help=text)
    arguments = options.parse_args()
    if any(getattr(arguments, field.name) < 1 for field in amounts):
        options.error("amounts are 1 at least")
    ways = tuple(way for way in WAYS if way == DIRECT or way in arguments.ways)
    work = Work(
        **{field.name: getattr(arguments, field.name) for field in amounts}, stream=arguments.stream
    )
    install(["minio"])
    console = Console()
    console.width = max(console.width, WIDTH)
    counts, seconds = {}, {}
    with tempfile.TemporaryDirectory() as folder, start_minio(Path(folder) / "minio") as store:
        with console.status("laying out the table that is listed"):
            lay_out(store, work)
        for way in ways:
            with console.status(f"counting the requests of {way}"):
                counts[way] = count(way, store, work)
        if arguments.rounds:
            with console.status("starting sessions") as status:
                seconds = measure(ways, store, work, arguments.rounds, status.update)
    console.print(shown(counts, seconds))
    if (times := STREAMS[work.stream]) > 1:
        console.print(
            f"the {work.stream} stream reads ahead in threads of its own: each line was counted "
            f"{times} times, and where counts waver, the middle and the range are compared"
        )
    if arguments.rounds:
        console.print(f"{arguments.rounds} rounds; load of the machine {os.getloadavg()[0]:.1f}")
    goals = missed(counts, seconds)
    for goal in goals:
        console.print(f"[red]missed[/]: {goal}")
    return 1 if goals else 0


if __name__ == "__main__":
    sys.exit(main())
