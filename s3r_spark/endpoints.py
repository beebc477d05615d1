"""Addresses of services: which of them are spellings of one place.

No comparison of addresses can be complete (a second name in DNS, a proxy), so equal means one
place, and different means nothing. What deletes data must not rest on it alone.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
# s3.amazonaws.com, s3-eu-west-1…, s3.dualstack.…, s3-accelerate…, vpce-1.s3.…; no other service
# of AWS, on which anybody's store may run (ec2-…, a load balancer).
_AWS = re.compile(
    r"(?:.*\.)?s3(?:express)?(?:[.-](?P<where>.*))?\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws)"
)
_SUFFIXES = (
    ("cn-", "amazonaws.com.cn"),
    ("eusc-", "amazonaws.eu"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
)
# A bucket's name is one bucket's within a partition:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_PARTITION = re.compile(r"(?:^|[.-])(cn|us-gov|eusc|us-iso[a-z]?|eu-iso[a-z]?)-")


def service_at(endpoint_url: str | None, region: str | None = None) -> str:
    """Make what the addresses of one service have in common: a text to compare.

    AWS is one service in all regions of a partition, however it is spelled: there a bucket's name
    is one bucket's, whatever region or account it is asked from.

    Args:
        endpoint_url: the address; None: AWS's own.
        region: the region that AWS's own address is for.
    """
    if endpoint_url is None:
        return _partition(region or "")
    url = urlsplit(endpoint_url)
    host = (url.hostname or "").rstrip(".")
    if aws := _AWS.fullmatch(host):
        return "aws-cn" if host.endswith(".cn") else _partition(aws["where"] or "")
    if ":" in host:
        host = f"[{host}]"
    return f"{'localhost' if _is_here(host) else host}:{url.port or _PORTS.get(url.scheme, '')}"


def is_aws(endpoint_url: str | None) -> bool:
    """Tell whether it is an address of AWS itself."""
    return ":" not in service_at(endpoint_url)


def dns_suffix(region: str) -> str:
    """The end of the names of AWS's services in a region (`partitions.json` of its SDKs)."""
    return next(
        (suffix for start, suffix in _SUFFIXES if region.startswith(start)), "amazonaws.com"
    )


def _partition(region: str) -> str:
    match = _PARTITION.search(region)
    return f"aws-{match[1]}" if match else "aws"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
