"""The files for Hadoop 3.3, read by a real Spark 3.5: it can't run this package, but its files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from spark.releases import installed

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
    from servers.store import Store

pytestmark = pytest.mark.slow
JOB = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("spark:", spark.version)
for path in sys.argv[1:]:
    spark.range(90).write.parquet(path)
    spark.range(9).write.mode("append").csv(path + "-csv")
    print(path, spark.read.parquet(path).count(), spark.read.csv(path + "-csv").count())
"""
ROUTES: dict[str, dict[str, Any]] = {
    "s3a": {"source_bucket_pattern": "east-bucket"},
    "viewfs": {
        "source_bucket_pattern": "west-bucket",
        "source_key_pattern": "team2/*",
        "mapped_bucket_name": "east-bucket",
        "mapped_prefix": "data/team2",
    },
}


@pytest.fixture(scope="module")
def spark_home() -> Path:
    """pyspark 3.5, downloaded once."""
    return installed("3.5") / "pyspark"


@pytest.fixture
def stores(west: Store, east: Store) -> dict[str, Store]:
    """The default client's store, with west-bucket, and the client east's, with east-bucket."""
    west.make_bucket("west-bucket")
    east.make_bucket("east-bucket")
    return {"default": west, "east": east}


@pytest.mark.parametrize("engine", ROUTES)
def test_spark_3_5_reads_and_writes_both_stores(
    run: Callable[..., Result],
    routes: str,
    stores: dict[str, Store],
    spark_home: Path,
    engine: str,
) -> None:
    clients: dict[str, dict[str, Any]] = {}
    variables: dict[str, str] = {}
    for name, store in stores.items():
        keys = {"access_key": f"${{{name}_KEY}}", "secret_key": f"${{{name}_SECRET}}"}
        where = {"endpoint_url": store.endpoint_url, "region": store.region}
        clients[name] = {**where, "credentials": keys}
        variables |= {f"{name}_KEY": store.access_key, f"{name}_SECRET": store.secret_key}
    clients["east"]["fail_fast"] = True  # whose durations this Hadoop reads as bare numbers
    Path(routes).write_text(json.dumps({"clients": clients, "profiles": {"east": ROUTES[engine]}}))
    result = run("conf", routes, "-o", "conf", "--hadoop-version", "3.3", "--engine", engine)
    assert (result.exit_code, result.stderr) == (0, "")

    elsewhere = "s3a://east-bucket/t" if engine == "s3a" else "s3a://west-bucket/team2/t"
    paths = ["s3a://west-bucket/t", elsewhere]
    Path("job.py").write_text(JOB)
    submit = [str(spark_home / "bin" / "spark-submit"), "--master", "local[2]"]
    job = subprocess.run(
        [*submit, "--properties-file", "conf/spark-defaults.conf", "job.py", *paths],
        env={
            **os.environ,
            **variables,
            "SPARK_HOME": str(spark_home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYTHONPATH": str(spark_home.parent),
            "PYSPARK_PYTHON": sys.executable,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert job.returncode == 0, job.stderr[-4000:]
    lines = [line for line in job.stdout.splitlines() if not line.startswith(":: ")]  # Ivy's
    assert lines[0].startswith("spark: 3.5.")
    assert lines[1:] == [f"{path} 90 9" for path in paths]
    there = "t" if engine == "s3a" else "data/team2/t"
    for name, bucket, folder in (("default", "west-bucket", "t"), ("east", "east-bucket", there)):
        listed = stores[name].keys(bucket)
        assert {key.rpartition("/")[0] for key in listed} == {folder, f"{folder}-csv"}
