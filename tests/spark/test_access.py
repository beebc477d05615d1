"""A job that reads a place with `access: read`, and writes elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from py4j.protocol import Py4JJavaError
from spark.places import client
from spark.sessions import builder, own_jvm

import s3r_spark

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = pytest.mark.slow


def test_a_job_reads_and_never_writes_there(west: Store, east: Store) -> None:
    west.make_bucket("lake")
    east.make_bucket("production")
    frozen = {
        "client": "east",
        "source_bucket_pattern": "lake",
        "source_key_pattern": "prod/*",
        "mapped_bucket_name": "production",
        "access": "read",
    }
    clients = {"default": client(west), "east": client(east)}
    east.put("production", "prod/t/a.csv", b"1\n2\n3\n")
    with own_jvm():
        data = {"clients": clients, "profiles": {"frozen": frozen}}
        spark = s3r_spark.configure(builder(), data).getOrCreate()
        rows = spark.read.csv("s3a://lake/prod/t")
        rows.write.parquet("s3a://lake/test/t")
        assert spark.read.parquet("s3a://lake/test/t").count() == 3
        east.forget_requests()
        for mode in ("append", "overwrite"):
            for kind in ("parquet", "csv"):
                with pytest.raises(Py4JJavaError, match="profile 'frozen' has access: read"):
                    rows.write.format(kind).mode(mode).save("s3a://lake/prod/t")
    assert {request["method"] for request in east.requests()} <= {"GET", "HEAD"}
    assert east.keys("production") == ["prod/t/a.csv"]
