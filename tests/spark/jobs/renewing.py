"""Executors whose keys run out between two jobs: `renewing.py ROUTES KEY_SERVICE FILE BUCKET…`.

FILE is the credentials file of AWS, in which somebody lays new keys between the two.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.request import urlopen

from pyspark.sql import SparkSession

import s3r_spark

routes, service, file, *buckets = sys.argv[1:]
builder = SparkSession.builder.master("local-cluster[1,1,1024]")
s3r_spark.configure(builder, routes, engine="router")


def ask(path: str) -> str:
    text: str = urlopen(f"{service}{path}").read().decode()  # noqa: S310 - the test's own server
    return text


def lay_keys() -> None:
    """Write keys to the file, as a program would that somebody has logged in by."""
    keys = json.loads(ask("/process"))
    Path(file).write_text(
        f"[laid]\naws_access_key_id = {keys['AccessKeyId']}\n"
        f"aws_secret_access_key = {keys['SecretAccessKey']}\n"
        f"aws_session_token = {keys['SessionToken']}\n",
        encoding="utf-8",
    )


lay_keys()
with builder.getOrCreate() as spark:
    for turn in ("first", "second"):
        for bucket in buckets:
            spark.range(10, numPartitions=1).write.parquet(f"s3a://{bucket}/{turn}")
        if turn == "first":
            ask("/end")
            lay_keys()
    counts = {bucket: spark.read.parquet(f"s3a://{bucket}/second").count() for bucket in buckets}
    print(json.dumps(counts), flush=True)
