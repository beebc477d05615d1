"""Presets: what each kind of service needs to be told, one entry a kind, and nowhere else.

A new service is a new entry here, with its source: the service's own documentation, or the server
itself, on which `s3r-spark check --live --write` measures what an entry says. What neither has told
stays as careful as `generic` has it, which costs some requests and no data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Service:
    """A kind of S3-compatible service.

    Attributes:
        title: its name, for people.
        source: where this is known from: an address, or the release that it was measured on.
        region: what to sign with where the file names no region; None: it must be known or found.
        region_for_s3a: what else it takes for its region `auto`, which to S3A is a word of its own.
        path_style: whether the bucket stands in the path, not in the host name.
        conditional_writes: whether PUT and CompleteMultipartUpload honour `If-None-Match: *`.
        conditional_deletes: whether DELETE honours `If-Match`.
        byte_ordered_lists: whether lists come in the order of the keys' bytes.
        payload_checksums: whether requests may carry the trailing checksums that today's SDKs add.
        md5_etags: whether the ETag of what was put at once, and isn't encrypted, is its MD5.
        hadoop: further S3A settings, without `fs.s3a.`.
        hadoop_over_http: those where the endpoint is plain http, with version 2 of the AWS SDK.
        botocore: further arguments of botocore.config.Config.
    """

    title: str
    source: str
    region: str | None = "us-east-1"
    region_for_s3a: str | None = None
    path_style: bool = True
    conditional_writes: bool = True
    conditional_deletes: bool = False
    byte_ordered_lists: bool = True
    payload_checksums: bool = True
    md5_etags: bool = False
    hadoop: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    hadoop_over_http: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    botocore: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


# Today's services take no other; without it, boto3 presigns by version 2 at addresses of one's own.
_VERSION_4 = MappingProxyType({"signature_version": "s3v4"})
# What the SDK sends without TLS otherwise is signed in chunks.
_BODIES_IN_ONE = MappingProxyType({"s3.signing-algorithm": "AWS4UnsignedPayloadSignerType"})


def _documented(title: str, source: str, **more: Any) -> Service:
    """A service that was not tried here: as careful as can be, but for what its pages say."""
    careful = {"conditional_writes": False, "byte_ordered_lists": False, "payload_checksums": False}
    return Service(title, source, **{**careful, "botocore": _VERSION_4, **more})


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        "aws": Service(
            "AWS S3",
            "https://docs.aws.amazon.com/AmazonS3/latest/API",
            region=None,
            path_style=False,
            conditional_deletes=True,
            md5_etags=True,
        ),
        "minio": Service("MinIO", "measured: RELEASE of 2026-02-12", md5_etags=True),
        "ceph": Service(
            "Ceph RGW",
            "measured: 16.2",
            conditional_writes=False,
            payload_checksums=False,
            md5_etags=True,
            # It answers 400 (XAmzContentSHA256Mismatch) to an empty object whose body is signed in
            # chunks, as the SDK does it without TLS; every write to S3A makes such objects.
            hadoop_over_http=_BODIES_IN_ONE,
        ),
        # Its gateway ignores the conditions of a GET, and of a PUT all but If-None-Match: *, which
        # it honours from 1.50 on.
        "lakefs": Service("lakeFS", "measured: 1.84", botocore=_VERSION_4),
        "seaweedfs": Service(
            "SeaweedFS", "measured: 4.48", conditional_deletes=True, byte_ordered_lists=False
        ),
        # It serves files of a folder: `a` and `a/b` can't both be, nor can `//`. Over https it ends
        # the connection where it refuses a body that checksums follow.
        "versitygw": Service(
            "VersityGW", "measured: 1.8.0", conditional_deletes=True, botocore=_VERSION_4
        ),
        # It takes If-None-Match and writes all the same.
        "garage": Service(
            "Garage",
            "measured: 2.5.0",
            region="garage",
            conditional_writes=False,
            botocore=_VERSION_4,
        ),
        "rustfs": _documented("RustFS", "https://docs.rustfs.com/administration/protocols/s3"),
        "r2": _documented(
            "Cloudflare R2",
            "https://developers.cloudflare.com/r2/api/s3/api/, …/r2/api/s3/conditional-operations/",
            region="auto",
            region_for_s3a="us-east-1",
            conditional_writes=True,
        ),
        # Its pages list the checksums of today's SDKs as not supported; https only.
        "b2": _documented(
            "Backblaze B2",
            "https://www.backblaze.com/docs/cloud-storage-call-the-s3-compatible-api",
        ),
        "wasabi": _documented("Wasabi", "https://docs.wasabi.com/docs/rest-api-introduction"),
        "tigris": _documented(
            "Tigris",
            "https://www.tigrisdata.com/docs/api/s3/",
            region="auto",
            region_for_s3a="us-east-1",  # which its pages neither promise nor exclude
        ),
        "ozone": _documented(
            "Apache Ozone", "https://hadoop.apache.org/ozone/docs/1.1.0/interface/s3.html"
        ),
        # Both want the bucket in the host name.
        "oss": _documented(
            "Alibaba Cloud OSS",
            "https://help.aliyun.com/en/oss/developer-reference/compatibility-with-amazon-s3",
            path_style=False,
            hadoop_over_http=_BODIES_IN_ONE,
        ),
        "cos": _documented(
            "Tencent Cloud COS",
            "https://www.tencentcloud.com/document/product/436/32537",
            path_style=False,
            hadoop_over_http=_BODIES_IN_ONE,
        ),
        # Known by nothing but its endpoint: ask it for no more than every S3 service can do.
        "generic": Service(
            "S3-compatible service",
            "nothing is known of it",
            conditional_writes=False,
            byte_ordered_lists=False,
            payload_checksums=False,
            botocore=_VERSION_4,
        ),
    }
)
