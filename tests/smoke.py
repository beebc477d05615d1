"""Use an installed s3r_spark as a stranger would: command line, boto3, pandas, one Spark session.

It runs in an empty folder, by the Python of an environment that has the package with its extras,
moto and pandas, and no more (release.py). It says in one line what it has used.
"""

# ruff: noqa: T201 - a script that says what it does, and fails where that isn't so

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import boto3
import pandas as pd
from moto.server import ThreadedMotoServer
from pyspark.sql import SparkSession

import s3r_spark

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
ROUTES = """\
version: 1
clients:
  default: &store
    endpoint_url: {url}
    credentials: {{access_key: "${{ACCESS_KEY}}", secret_key: "${{SECRET_KEY}}"}}
  east: *store
profiles:
  team2:
    client: east
    source_bucket_pattern: lake
    source_key_pattern: team2/*
    mapped_bucket_name: real
    mapped_prefix: data
"""


def command(*arguments: str) -> str:
    """What `s3r-spark` prints, as it was installed."""
    program = Path(sysconfig.get_path("scripts")) / "s3r-spark"
    process = subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return process.stdout


def main() -> None:
    """Use all of it on an embedded S3 service."""
    assert Path(s3r_spark.__file__).is_relative_to(sys.prefix), s3r_spark.__file__
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    Path("routes.yaml").write_text(ROUTES.format(url=url), encoding="utf-8")
    os.environ |= {"ACCESS_KEY": "testing", "SECRET_KEY": "testing", "SPARK_LOCAL_IP": "127.0.0.1"}
    plain = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **KEYS)
    plain.create_bucket(Bucket="lake")
    plain.create_bucket(Bucket="real")

    assert command("--version").split()[-1] == version("s3r-spark") == s3r_spark.__version__
    command("check", "routes.yaml")
    assert "s3://real/data/x" in command("resolve", "routes.yaml", "s3a://lake/team2/x")

    s3 = s3r_spark.client("routes.yaml")
    s3.put_object(Bucket="lake", Key="team2/x", Body=b"1")
    assert plain.get_object(Bucket="real", Key="data/x")["Body"].read() == b"1"

    spark = s3r_spark.configure(SparkSession.builder, "routes.yaml").getOrCreate()
    spark.range(90).write.parquet("s3a://lake/team2/numbers")
    assert spark.read.parquet("s3a://lake/team2/numbers").count() == 90
    assert "s3r.hadoop" in spark.sparkContext._jsc.hadoopConfiguration().get("fs.s3a.impl")
    plain.head_object(Bucket="real", Key="data/numbers/_SUCCESS")
    frame = pd.read_parquet("s3r://lake/team2/numbers", storage_options={"routes": "routes.yaml"})
    assert sorted(frame["id"]) == list(range(90))
    used = (f"{name} {version(name)}" for name in ("boto3", "s3fs", "pyspark"))
    print(f"works on Python {sys.version.split()[0]} with {', '.join(used)}")
    spark.stop()
    server.stop()


if __name__ == "__main__":
    main()
