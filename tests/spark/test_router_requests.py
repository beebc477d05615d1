"""The router asks a real store for exactly what S3A asks it for; the benchmark's own counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmark_router import BUCKET, DIRECT, ROUTER, Work, count, lay_out

if TYPE_CHECKING:
    from servers.store import Store

SMALL = Work(few=4, many=12, rows=1_200, partitions=40, listed=80)


@pytest.mark.slow
def test_the_router_asks_for_what_direct_s3a_asks_for(minio_store: Store) -> None:
    minio_store.make_bucket(BUCKET)
    try:
        lay_out(minio_store, SMALL)
        found = {way: count(way, minio_store, SMALL) for way in (DIRECT, ROUTER)}
    finally:
        minio_store.empty_bucket(BUCKET)
        minio_store.client().delete_bucket(Bucket=BUCKET)
    assert found[ROUTER] == found[DIRECT]
    assert len(found[ROUTER]) == 6
    for line, asked in found[ROUTER].items():
        assert asked.total() > 3, line
        assert asked["COPY"] == 0, line
