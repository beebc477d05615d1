"""The presets of routes.yaml's services, on the real servers, through Spark."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from servers.ceph import start_ceph
from servers.minio import start_minio
from spark.places import client
from spark.sessions import builder, own_jvm

import s3r_spark
from s3r_spark.hadoop.java import java_path

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = pytest.mark.slow


def routes(west: Store, store: Store, **more: Any) -> dict[str, Any]:
    """A folder of one logical bucket on the service, the rest of it elsewhere."""
    service = {**client(store), "service": store.kind, **more}
    service["hadoop"] = {"fs.s3a.multipart.size": "5M"}
    return {
        "clients": {"default": client(west), "service": service},
        "profiles": {
            "service": {
                "source_bucket_pattern": "shared",
                "source_key_pattern": "team2/*",
                "mapped_bucket_name": "real",
                "mapped_prefix": "data/team2",
            }
        },
    }


def write_and_read(west: Store, store: Store, data: dict[str, Any], **options: Any) -> None:
    """What a job does every day, and a file in several parts."""
    west.make_bucket("shared")
    store.make_bucket("real")
    folder = "s3a://shared/team2"
    with own_jvm():
        spark = s3r_spark.configure(builder(**options), data).getOrCreate()
        for kind in ("parquet", "csv"):
            rows = spark.range(90).selectExpr("id", "id % 3 AS p")
            rows.write.partitionBy("p").format(kind).save(f"{folder}/{kind}")
            rows.write.partitionBy("p").format(kind).mode("append").save(f"{folder}/{kind}")
            assert spark.read.format(kind).load(f"{folder}/{kind}").count() == 180
            rows.write.format(kind).mode("overwrite").save(f"{folder}/{kind}")
            assert spark.read.format(kind).load(f"{folder}/{kind}").count() == 90
        large = spark.range(1_200_000).selectExpr("id", "uuid() AS text").coalesce(1)
        large.write.option("compression", "none").parquet(f"{folder}/ä large")
        assert spark.read.parquet(f"{folder}/ä large").distinct().count() == 1_200_000
    objects = store.objects("real")
    assert max(objects.values()) > 30_000_000
    assert all(key.startswith("data/team2/") for key in objects)
    assert not [key for key in objects if "_temporary" in key]
    assert west.keys("shared") == []


@pytest.mark.parametrize("name", ["minio", "seaweed", "ceph", "versity", "garage"])
def test_service(name: str, west: Store, request: pytest.FixtureRequest) -> None:
    store: Store = request.getfixturevalue(f"{name}_store")
    try:
        write_and_read(west, store, routes(west, store))
    finally:
        store.clear()


@pytest.mark.parametrize("start", [start_minio, start_ceph])
@pytest.mark.filterwarnings("ignore:.*jvm-trust")
def test_private_ca(start: Any, west: Store, tmp_path: Path) -> None:
    """As docs/how-to/private-ca.md says."""
    with start(tmp_path / "server", tls=True) as store:
        assert store.endpoint_url.startswith("https:")
        java = Path(java_path() or "").resolve().parents[1]
        trust = tmp_path / "trust.p12"
        shutil.copy(java / "lib" / "security" / "cacerts", trust)
        subprocess.run(  # noqa: S602 - as the page has it
            f"{java}/bin/keytool -importcert -noprompt -alias store -storepass changeit "
            f"-file {store.ca_bundle} -keystore {trust}",
            shell=True,
            check=True,
            capture_output=True,
        )
        option = f"-Djavax.net.ssl.trustStore={trust} -Djavax.net.ssl.trustStorePassword=changeit"
        data = routes(west, store, ca_bundle=str(store.ca_bundle))
        write_and_read(west, store, data, spark__driver__extraJavaOptions=option)
