"""The command line, `s3r-spark`: one module a command.

Exit codes: 0; 1 for errors, and for warnings with `check --strict`; 2 for a wrong call; 130 for
Ctrl-C. Answers go to stdout, errors and warnings to stderr.
"""

from __future__ import annotations

import click

from s3r_spark.cli import check, conf, diff, explain, export, init, jars, migrate, resolve, schema
from s3r_spark.cli.group import Commands

__all__ = ["main"]


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Example:
  s3r-spark init aws-minio
  s3r-spark explain routes.yaml
  s3r-spark conf routes.yaml -o conf/
  spark-submit --properties-file conf/spark-defaults.conf job.py
""",
)
@click.version_option(package_name="s3r-spark", message="%(prog)s %(version)s")
def main() -> None:
    """One routes.yaml for every S3-compatible store that Spark, boto3 and pandas use."""


for module in (init, check, explain, resolve, diff, migrate, conf, export, jars, schema):
    main.add_command(module.command)
