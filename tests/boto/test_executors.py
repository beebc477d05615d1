"""The client inside a Spark job, in the executors' own processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from spark.sessions import builder, own_jvm

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.slow
def test_map_partitions_uses_the_drivers_client(s3: Any) -> None:
    """It goes there pickled by its routes, and reads from both stores."""
    for key in ("a", "team2/x", "team2/y"):
        s3.put_object(Bucket="example-bucket", Key=key, Body=key.encode())

    def read(keys: Iterator[str]) -> Iterator[str]:
        return (
            s3.get_object(Bucket="example-bucket", Key=key)["Body"].read().decode() for key in keys
        )

    with own_jvm():
        spark = builder().getOrCreate()
        keys = spark.sparkContext.parallelize(["a", "team2/x", "team2/y"], 2)
        assert keys.mapPartitions(read).collect() == ["a", "team2/x", "team2/y"]
