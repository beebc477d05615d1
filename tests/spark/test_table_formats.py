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
    with job([sys.executable, str(JOBS / name), "routes.yaml"], folder, env) as answer:
        assert answer["spark"] == "4.1.1"
        return answer


@pytest.mark.slow
def test_delta_lake(west: Store, east: Store, tmp_path: Path) -> None:
    result = run("delta.py", DELTA, west, east, tmp_path)
    assert result["created"] == result["first version"] == result["under s3r"] == 10
    assert result["appended"] == 20
    # 15 to 19 were there and are deleted, 20 to 24 are new.
    assert result["merged"] == [*range(15), *range(20, 25)] == result["after vacuum"]
    assert result["files before vacuum"] > result["files after vacuum"]
    # Of all that write one version of the log at a time, one does, and the others are told.
    assert result["winners"] == [[1] * 10] * 2
    # It asks for an S3AFileSystem by its class, which the router is not; without it, Delta lists
    # the log by the file system.
    assert "S3AFileSystem" in result["fast listing"]
    assert west.keys("lake") == []
    assert east.keys("lake", "data/team2/s3a/_delta_log/")
    assert {key.split("/")[0] for key in east.keys("lake")} == {"data"}


@pytest.mark.slow
def test_iceberg(west: Store, east: Store, tmp_path: Path) -> None:
    result = run("iceberg.py", ICEBERG, west, east, tmp_path)
    assert result["created"] == 10
    assert result["appended"] == 20
    assert result["merged"] == [*range(15), *range(20, 25)]
    assert result["first snapshot"] == 10
    assert result["snapshots"] == [3, 1]
    assert result["data files"][1] < result["data files"][0]
    assert result["after expiry"] == result["merged"]
    # S3FileIO is Iceberg's own client, which needs more of the SDK than S3A and knows no routes.
    assert "S3FileIO" in result["by S3FileIO"]
    texts = [text for text in result["warnings"] if text.endswith("[past-the-routes]")]
    assert ["'own'" in texts[0], "'resolved'" in texts[1]] == [True] * len(texts)
    # Under s3r:// it is HadoopFileIO that ResolvingFileIO takes.
    assert result["resolved under s3r"] == 3
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
    catalog_settings = {f"{CATALOG}{name}": value for name, value in settings.items()}
    findings = list(
        bypasses({CATALOG: "org.apache.iceberg.spark.SparkCatalog", **catalog_settings})
    )
    assert [warning.code for warning in findings] == ["past-the-routes"] * warned
    assert all("'lake'" in str(warning) for warning in findings)
