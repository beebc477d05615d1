"""What each kind of service needs to be told: one entry a kind, and nothing about it anywhere else.

A new service is a new entry here. Facts that are not a service's promise but its behaviour today
were tried on the server itself; tests/spark/test_services.py does it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Service:
    """A kind of S3-compatible service.

    Attributes:
        title: its name, for people.
        region: what to sign with where the file names no region; None: it must be known or found.
        path_style: whether the bucket stands in the path, not in the host name.
        conditional_writes: whether PUT and CompleteMultipartUpload honour `If-None-Match: *`.
        byte_ordered_lists: whether lists come in the order of the keys' bytes.
        payload_checksums: whether requests may carry the trailing checksums that today's SDKs add.
        hadoop: further S3A settings, without `fs.s3a.`.
        hadoop_over_http: those where the endpoint is plain http, with version 2 of the AWS SDK.
        botocore: further arguments of botocore.config.Config.
    """

    title: str
    region: str | None = "us-east-1"
    path_style: bool = True
    conditional_writes: bool = True
    byte_ordered_lists: bool = True
    payload_checksums: bool = True
    hadoop: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    hadoop_over_http: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    botocore: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        "aws": Service("AWS S3", region=None, path_style=False),
        "minio": Service("MinIO"),
        "ceph": Service(
            "Ceph RGW",
            conditional_writes=False,
            payload_checksums=False,
            # It answers 400 (XAmzContentSHA256Mismatch) to an empty object whose body is signed in
            # chunks, as the SDK does it without TLS; every write to S3A makes such objects.
            hadoop_over_http=MappingProxyType(
                {"s3.signing-algorithm": "AWS4UnsignedPayloadSignerType"}
            ),
        ),
        "lakefs": Service(
            "lakeFS",
            conditional_writes=False,
            byte_ordered_lists=False,
            # Its ETag is not what a conditional GET could be asked with.
            hadoop=MappingProxyType({"change.detection.mode": "none"}),
            botocore=MappingProxyType({"signature_version": "s3v4"}),
        ),
        "seaweedfs": Service("SeaweedFS", conditional_writes=False, byte_ordered_lists=False),
        # Known by nothing but its endpoint: ask it for no more than every S3 service can do.
        "generic": Service(
            "S3-compatible service",
            conditional_writes=False,
            byte_ordered_lists=False,
            payload_checksums=False,
        ),
    }
)
