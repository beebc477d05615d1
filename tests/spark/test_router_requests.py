"""The router asks a real store for exactly what S3A asks it for; the benchmark's own counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmark_router import agree, count, missed, numbers
from router_work import BUCKET, DIRECT, OTHER, ROUTER, SPANNING, Work, lay_out

if TYPE_CHECKING:
    from servers.store import Store

SMALL = Work(few=4, many=12, rows=1_200, partitions=40, listed=80, spanning=200)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_router_asks_for_what_direct_s3a_asks_for(minio_store: Store) -> None:
    """By the stream whose counts never waver; the benchmark compares the other one's."""
    try:
        lay_out(minio_store, SMALL)
        counts = {way: count(way, minio_store, SMALL) for way in (DIRECT, ROUTER)}
    finally:
        for bucket in (BUCKET, OTHER):
            minio_store.empty_bucket(bucket)
            minio_store.client().delete_bucket(Bucket=bucket)
    assert missed(counts, {}) == []
    assert len(counts[ROUTER]) == 9
    for line, requests in counts[ROUTER].items():
        assert min(numbers(requests, "all")) > (1 if line.endswith(SPANNING) else 3), line


@pytest.mark.parametrize(
    ("some", "others", "right"),
    [
        ([5], [5], True),
        ([5], [6], False),
        ([5, 5, 5], [5, 6, 5], True),
        ([6, 6, 6], [5, 6, 5], False),
        ([7, 8, 9], [5, 6, 8], False),
    ],
)
def test_counts_that_waver_agree_by_their_middle_and_range(
    some: list[int], others: list[int], *, right: bool
) -> None:
    assert agree(some, others) is right
    assert agree(others, some) is right
