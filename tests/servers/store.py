"""What the tests ask of a server: a plain client, and short words for what they look at."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config

from servers.web import ask

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Store"]

_CLEARINGS = 5  # of a bucket that is written to while it is cleared


@dataclass(frozen=True)
class Store:
    """An S3 service that runs, and how to reach it.

    Attributes:
        name: what the tests call it.
        kind: as ``service`` in routes.yaml has it; generic for moto.
        endpoint_url: its address.
        access_key: its only access key.
        secret_key: the secret of it.
        region: what requests are signed for.
        ca_bundle: the authority that signed its certificate; None where it talks plain http.
        session_token: what requests have to carry beside the keys, if anything.
    """

    name: str
    kind: str
    endpoint_url: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    ca_bundle: Path | None = None
    session_token: str | None = field(default=None, repr=False)

    def client(self, **config: Any) -> Any:
        """Make a plain boto3 client that takes nothing from AWS_* variables and files.

        Args:
            config: more arguments of ``botocore.config.Config``.
        """
        settings: dict[str, Any] = {
            "s3": {"addressing_style": "path"},
            "proxies": {},
            "signature_version": "s3v4",
            "retries": {"mode": "standard", "total_max_attempts": 2},
            # Ceph answers boto3's default checksums with 411 over https.
            "request_checksum_calculation": "when_required"
            if self.kind == "ceph"
            else "when_supported",
        }
        return _isolated_session().client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            aws_session_token=self.session_token,
            region_name=self.region,
            verify=str(self.ca_bundle) if self.ca_bundle else None,
            config=Config(**(settings | config)),
        )

    def make_bucket(self, bucket: str) -> None:
        """Create a bucket where the store's region has it."""
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        _own_client(self).create_bucket(
            Bucket=bucket, **(elsewhere if self.region != "us-east-1" else {})
        )

    def put(self, bucket: str, key: str, body: bytes = b"") -> None:
        """Lay an object into a bucket."""
        _own_client(self).put_object(Bucket=bucket, Key=key, Body=body)

    def get(self, bucket: str, key: str) -> bytes:
        """Read an object whole."""
        body: bytes = _own_client(self).get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def buckets(self) -> list[str]:
        """Names of all buckets, in the store's order."""
        return [entry["Name"] for entry in _own_client(self).list_buckets()["Buckets"]]

    def objects(self, bucket: str, prefix: str = "") -> dict[str, int]:
        """Sizes in bytes by key, in the store's order."""
        pages = (
            _own_client(self)
            .get_paginator("list_objects_v2")
            .paginate(Bucket=bucket, Prefix=prefix)
        )
        return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys of a bucket, in the store's order."""
        return list(self.objects(bucket, prefix))

    def empty_bucket(self, bucket: str) -> None:
        """Remove every object, every version and every upload that was begun."""
        client = _own_client(self)
        uploads = client.get_paginator("list_multipart_uploads")
        for page in uploads.paginate(Bucket=bucket):
            for upload in page.get("Uploads", []):
                client.abort_multipart_upload(
                    Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for entry in page.get("Versions", []) + page.get("DeleteMarkers", []):
                client.delete_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])

    def clear(self) -> None:
        """Remove every bucket with all that is in it.

        What a client has sent that was then stopped may arrive meanwhile: it is removed too.
        """
        client = _own_client(self)
        for bucket in self.buckets():
            for attempt in range(_CLEARINGS):
                self.empty_bucket(bucket)
                try:
                    client.delete_bucket(Bucket=bucket)
                except client.exceptions.ClientError as error:
                    is_last = attempt == _CLEARINGS - 1
                    if is_last or error.response["Error"]["Code"] != "BucketNotEmpty":
                        raise
                else:
                    break

    def requests(self) -> list[dict[str, Any]]:
        """What the server was asked since it started or since ``forget_requests``; moto only.

        Each has method, path (decoded), query (as sent), copy_source, referer, status, access_key
        and the region that it was signed for.
        """
        data: list[dict[str, Any]] = json.loads(ask(f"{self.endpoint_url}/_requests")[1])
        return data

    def forget_requests(self) -> None:
        """Start the count of requests anew; moto only."""
        ask(f"{self.endpoint_url}/_requests", "DELETE")

    def forget_buckets(self) -> None:
        """Remove every bucket with all that is in it, at once; moto only."""
        ask(f"{self.endpoint_url}/_buckets", "DELETE")

    def end_temporary_keys(self, number: int) -> None:
        """Refuse the temporary keys up to a number from now on; moto only."""
        ask(f"{self.endpoint_url}/_ended?{number}", "PUT")


@cache  # making one takes longer than most requests
def _own_client(store: Store) -> Any:
    return store.client()


@cache  # reading botocore's models anew takes longer than most tests
def _isolated_session() -> Any:
    """Make a session that reads no variable and no file, so that tests may set them to anything."""
    variables = botocore.session.Session.SESSION_VARIABLES.items()
    deaf = {name: (key, None, default, cast) for name, (key, _, default, cast) in variables}
    for file in ("config_file", "credentials_file"):
        deaf[file] = (None, None, os.devnull, None)
    return boto3.session.Session(botocore_session=botocore.session.Session(session_vars=deaf))
