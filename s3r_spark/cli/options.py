"""Arguments that several commands take."""

from __future__ import annotations

import click

from s3r_spark.hadoop.engines import ENGINES

routes = click.argument("routes", metavar="ROUTES")
"""The path of a routes.yaml; that it is there is checked where it is read, with one message."""

engine = click.option(
    "--engine",
    type=click.Choice(["auto", *ENGINES]),
    default="auto",
    show_default=True,
    help="How Spark is made to follow the routes; auto takes the simplest that can.",
)

hadoop_version = click.option(
    "--hadoop-version",
    metavar="VERSION",
    help="The Hadoop that it is for, such as 3.4.1.  [default: that of the Spark installed here]",
)

json_output = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
