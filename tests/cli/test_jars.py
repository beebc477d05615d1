"""`s3r-spark jars`: a folder with which a Spark without packages and network speaks to S3."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s3r_spark.hadoop.packages import installed_hadoop_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
    from servers.store import Store

JOB = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
assert "spark.jars.packages" not in dict(spark.sparkContext.getConf().getAll())
spark.range(90).write.parquet("s3a://example-bucket/x")
print("rows:", spark.read.parquet("s3a://example-bucket/x").count())
"""


def test_another_version_of_the_same_jars_stops_it(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "hadoop-aws-3.3.6.jar").touch()
    result = run("jars", "-o", str(tmp_path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "hadoop-aws-3.3.6.jar" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["hadoop-aws-3.3.6.jar"]


@pytest.mark.slow
def test_a_spark_with_the_folder_needs_no_packages(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, west: Store
) -> None:
    west.make_bucket("west-bucket")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEST_ACCESS_KEY", west.access_key)
    monkeypatch.setenv("WEST_SECRET_KEY", west.secret_key)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    (tmp_path / "routes.yaml").write_text(f"""
unmatched: refuse
clients:
  west:
    endpoint_url: {west.endpoint_url}
    region: {west.region}
    credentials: {{access_key: "${{WEST_ACCESS_KEY}}", secret_key: "${{WEST_SECRET_KEY}}"}}
profiles:
  west: {{source_bucket_pattern: example-bucket, mapped_bucket_name: west-bucket}}
""")
    (tmp_path / "job.py").write_text(JOB)

    result = run("jars", "-o", "jars")
    assert (result.exit_code, result.stderr) == (0, "")
    names = [path.name for path in (tmp_path / "jars").iterdir()]
    assert f"hadoop-aws-{installed_hadoop_version()}.jar" in names
    assert not any(name.startswith(("bundle-", ".")) for name in names)
    assert sum(path.stat().st_size for path in (tmp_path / "jars").iterdir()) < 20_000_000
    assert run("jars", "-o", "jars").exit_code == 0  # again, over itself

    result = run("conf", "routes.yaml", "-o", "conf", "--no-packages")
    assert (result.exit_code, result.stderr) == (0, "")
    submit = Path(sys.executable).with_name("spark-submit")
    words = "--properties-file conf/spark-defaults.conf --jars jars/* --master local[2] job.py"
    nowhere = f"--conf spark.jars.ivy={tmp_path}/ivy"
    job = subprocess.run(
        [submit, *nowhere.split(), *words.split()], capture_output=True, text=True, check=False
    )
    assert "rows: 90\n" in job.stdout, job.stderr
    assert "x/_SUCCESS" in west.keys("west-bucket")
