"""Streams whose source, sink and checkpoint are routed, killed in mid-run and started again."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from spark.places import client
from spark.running import JOBS, QUIET, environment, job, killed

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

FILES, ROWS = 4, 50


def parquet(first: int) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": pa.array(range(first, first + ROWS), pa.int64())}), out)
    return out.getvalue()


@pytest.mark.slow
def test_what_is_killed_and_started_again_writes_each_row_once(
    west: Store, east: Store, tmp_path: Path
) -> None:
    west.make_bucket("lake")
    east.make_bucket("real")
    common = {"client": "east", "source_bucket_pattern": "lake", "mapped_bucket_name": "real"}
    profiles = {
        name: common | {"source_key_pattern": f"{name}/*", "mapped_prefix": f"deep/{name}"}
        for name in ("in", "out", "state")
    }
    routes = {"clients": {"default": client(west), "east": client(east)}, "profiles": profiles}
    (tmp_path / "routes.yaml").write_text(json.dumps(routes))
    for number in range(FILES):
        east.put("real", f"deep/in/{number}.parquet", parquet(number * ROWS))
    env = environment(PYSPARK_SUBMIT_ARGS=f"--master local[2] {QUIET} pyspark-shell")
    folders = ["s3a://lake/in", "s3a://lake/out", "s3r://lake/state"]
    command = [sys.executable, str(JOBS / "streaming.py"), "routes.yaml", *folders]

    def wrote(prefix: str) -> bool:
        return bool(east.keys("real", f"deep/{prefix}"))

    # First as soon as a batch has written anything at all, then in the middle of a later one.
    killed(command, tmp_path, env, lambda: wrote("out/part-"))
    assert not wrote("state/commits/1")
    killed(command, tmp_path, env, lambda: wrote("state/offsets/1"))
    with job([*command, "end"], tmp_path, env) as answer:
        assert answer["ids"] == list(range(FILES * ROWS))
    assert wrote("out/_spark_metadata/")
    assert wrote(f"state/commits/{FILES - 1}")
    assert west.keys("lake") == []
