"""`python -m s3r_spark`: the command line, where `s3r-spark` is not on the PATH."""

from __future__ import annotations

from s3r_spark.cli import main

main(prog_name="python -m s3r_spark")
