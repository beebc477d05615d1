"""Which addresses are spellings of one service."""

from __future__ import annotations

from itertools import combinations

import pytest
from botocore.loaders import Loader

from s3r_spark.endpoints import dns_suffix, is_aws, service_at

ONE: list[list[tuple[str | None, str | None]]] = [
    [
        (None, None),
        (None, "us-east-1"),
        (None, "eu-west-1"),
        ("https://s3.amazonaws.com", None),
        ("https://S3.EU-WEST-1.amazonaws.com:443", None),
        ("https://s3-us-west-2.amazonaws.com", None),
        ("http://s3.dualstack.us-west-2.amazonaws.com", None),
        ("https://s3-accelerate.amazonaws.com", None),
        ("https://s3-fips.us-west-2.amazonaws.com", None),
        ("https://vpce-1a2b.s3.us-east-1.vpce.amazonaws.com", None),
    ],
    [
        (None, "cn-north-1"),
        ("https://s3.cn-north-1.amazonaws.com.cn", None),
        ("https://s3.dualstack.cn-northwest-1.amazonaws.com.cn", None),
    ],
    [(None, "us-gov-west-1"), ("https://s3-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1")],
    [("http://minio.example.com", None), ("http://MinIO.example.com.:80", "eu-west-1")],
    [("https://minio.example.com", None), ("https://minio.example.com:443", None)],
    [
        ("http://localhost:9000", None),
        ("http://127.0.0.1:9000", None),
        ("http://127.0.0.2:9000/", None),
        ("http://[::1]:9000", None),
    ],
    [("http://localhost:9001", None)],
    [("http://[fd00::1]:9000", None)],
    [("http://ec2-1-2-3-4.us-east-1.compute.amazonaws.com:9000", None)],
    [("https://minio-7.us-east-1.elb.amazonaws.com", None)],
]


@pytest.mark.parametrize("spellings", ONE)
def test_spellings_of_one_service(spellings: list[tuple[str | None, str | None]]) -> None:
    assert len({service_at(*spelling) for spelling in spellings}) == 1


def test_services_that_are_several() -> None:
    for one, other in combinations(ONE, 2):
        assert service_at(*one[0]) != service_at(*other[0])


def test_dns_suffixes_are_those_of_the_sdks() -> None:
    names = Loader().load_data("endpoints")["partitions"]
    for partition in names:
        for region in partition["regions"]:
            assert dns_suffix(region) == partition["dnsSuffix"], region
    assert len(names) >= 7


def test_what_is_aws() -> None:
    assert [group[0] for group in ONE if is_aws(group[0][0])] == [
        (None, None),
        (None, "cn-north-1"),
        (None, "us-gov-west-1"),
    ]
