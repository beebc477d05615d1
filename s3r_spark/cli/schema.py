"""`s3r-spark schema`."""

from __future__ import annotations

import click

from s3r_spark.cli.output import as_json
from s3r_spark.json_schema import json_schema


@click.command(
    "schema",
    short_help="Write the JSON Schema of routes.yaml.",
    epilog="""\b
Example:
  s3r-spark schema > routes.schema.json
  # yaml-language-server: $schema=routes.schema.json   (the first line of routes.yaml)
""",
)
def command() -> None:
    """Write the JSON Schema of routes.yaml, for editors."""
    as_json(json_schema())
