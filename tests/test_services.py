"""The table of services."""

from __future__ import annotations

from typing import Any

import pytest
from cases import load

from s3r_spark.boto import client
from s3r_spark.services import SERVICES

KEYS = {"access_key": "key", "secret_key": "secret"}


def presigned(bucket: str = "data", **entry: Any) -> str:
    """The address of an object in a client's store, by boto3."""
    s3 = client({"clients": {"default": {"credentials": KEYS, **entry}}})
    return str(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}))


@pytest.mark.parametrize("kind", SERVICES)
def test_each_says_where_it_is_known_from(kind: str) -> None:
    service = SERVICES[kind]
    known = service.source.startswith(("https://", "measured: "))
    assert known is not (kind == "generic")
    # What S3A has other plans for is never the only word for a region.
    assert (service.region == "auto") is (service.region_for_s3a is not None)
    load({"clients": {"default": {"service": kind, "endpoint_url": "https://store.test"}}})


@pytest.mark.parametrize("region", [{}, {"region": "auto"}])
def test_boto3_signs_for_the_region_auto(region: dict[str, str]) -> None:
    url = presigned(service="r2", endpoint_url="https://account.r2.test", **region)
    assert url.startswith("https://account.r2.test/data/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    assert "%2Fauto%2Fs3%2Faws4_request" in url


def test_an_access_point_goes_by_its_alias() -> None:
    alias = "reports-ezyx3bjhfmmmr1xj1iz1e9yhjg5ciusw2b-s3alias"
    url = presigned(alias, service="aws", region="us-west-2")
    assert url.startswith(f"https://{alias}.s3.")
