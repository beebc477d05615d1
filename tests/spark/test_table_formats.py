"""Delta Lake and Iceberg tables on routed paths, with the newest Spark that both know, 4.1."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from spark.places import client
from spark.releases import installed
from spark.running import CHECKOUT, JOBS, QUIET, environment, job

from s3r_spark.spark.table_formats import bypasses

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

DELTA = "io.delta:delta-spark_2.13:4.1.0"
ICEBERG = "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0"
CATALOG = "spark.sql.catalog.lake"


def run(name: str, package: str, west: Store, east: Store, folder: Path) -> dict[str, Any]:
    """What a job says that has tables below `s3a://lake/team2`, which is really in east."""
    for store in (west, east):
        store.make_bucket("lake")
    profile = {"client": "east", "source_bucket_pattern": "lake", "source_key_pattern": "team2/*"}
    clients = {"default": client(west), "east": client(east)}
    routes = {"clients": clients, "profiles": {"team2": profile | {"mapped_prefix": "data/team2"}}}
    (folder / "routes.yaml").write_text(json.dumps(routes))
    site = installed("4.1.1")
    env = environment(
        PYTHONPATH=f"{CHECKOUT}:{site}",
        SPARK_HOME=str(site / "pyspark"),
        PYSPARK_SUBMIT_ARGS=f"--master local[2] {QUIET} --packages {package} pyspark-shell",
    )
    with job([sys.executable, str(JOBS / name), "routes.yaml"], folder, env) as said:
        assert said["spark"] == "4.1.1"
        return said


@pytest.mark.slow
def test_delta_lake(west: Store, east: Store, tmp_path: Path) -> None:
    said = run("delta.py", DELTA, west, east, tmp_path)
    assert said["created"] == said["first version"] == said["under s3r"] == 10
    assert said["appended"] == 20
    # 15 to 19 were there and are deleted, 20 to 24 are new.
    assert said["merged"] == [*range(15), *range(20, 25)] == said["after vacuum"]
    assert said["files before vacuum"] > said["files after vacuum"]
    # Of all that write one version of the log at a time, one does, and the others are told.
    assert said["winners"] == [[1] * 10] * 2
    # It asks for an S3AFileSystem by its class, which the router is not; without it, Delta lists
    # the log by the file system.
    assert "S3AFileSystem" in said["fast listing"]
    assert west.keys("lake") == []
    assert east.keys("lake", "data/team2/s3a/_delta_log/")
    assert {key.split("/")[0] for key in east.keys("lake")} == {"data"}


@pytest.mark.slow
def test_iceberg(west: Store, east: Store, tmp_path: Path) -> None:
    said = run("iceberg.py", ICEBERG, west, east, tmp_path)
    assert said["created"] == 10
    assert said["appended"] == 20
    assert said["merged"] == [*range(15), *range(20, 25)]
    assert said["first snapshot"] == 10
    assert said["snapshots"] == [3, 1]
    assert said["data files"][1] < said["data files"][0]
    assert said["after expiry"] == said["merged"]
    # S3FileIO is Iceberg's own client, which needs more of the SDK than S3A and knows no routes.
    assert "S3FileIO" in said["by S3FileIO"]
    told = [text for text in said["warnings"] if text.endswith("[past-the-routes]")]
    assert ["'own'" in told[0], "'resolved'" in told[1]] == [True] * len(told)
    # Under s3r:// it is HadoopFileIO that ResolvingFileIO takes.
    assert said["resolved under s3r"] == 3
    assert west.keys("lake") == []
    assert {key.split("/")[0] for key in east.keys("lake")} == {"data"}


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({}, False),
        ({".type": "hadoop"}, False),
        ({".type": "hadoop", ".io-impl": "org.apache.iceberg.aws.s3.S3FileIO"}, True),
        ({".type": "rest"}, True),
        ({".type": "rest", ".io-impl": "org.apache.iceberg.hadoop.HadoopFileIO"}, False),
        ({".catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog"}, True),
        ({".io-impl": "org.apache.iceberg.io.ResolvingFileIO"}, True),
        ({".io-impl": "com.example.OwnFileIO", ".type": "rest"}, False),
    ],
)
def test_catalogs_that_go_past_the_routes(*, settings: dict[str, str], warned: bool) -> None:
    said = {f"{CATALOG}{name}": value for name, value in settings.items()}
    found = list(bypasses({CATALOG: "org.apache.iceberg.spark.SparkCatalog", **said}))
    assert [warning.code for warning in found] == ["past-the-routes"] * warned
    assert all("'lake'" in str(warning) for warning in found)
