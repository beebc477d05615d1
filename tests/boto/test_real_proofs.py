"""Copies between real servers: what their ETags and checksums prove."""

from __future__ import annotations

import os
from typing import Any

import pytest
from boto.conftest import TEAM2, entry
from boto3.s3.transfer import TransferConfig
from servers.counting import counted

from s3r_spark.boto import client
from s3r_spark.fs import S3RFileSystem

BUCKET = "example-bucket"
MIB = 1 << 20
SIZES = {"empty": 0, "small": 1000, "large": 21 * MIB}
# What proves that one was read, at once and in parts: Ceph 16.2 doesn't say how large a part is.
READ = {
    "minio_store": ("MD5", "MD5"),
    "ceph_store": ("MD5", "read twice"),
    "seaweed_store": ("CRC32", "MD5"),
}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("other", READ)
def test_what_a_real_server_says_proves_copies(
    minio_store: Any, other: str, request: pytest.FixtureRequest
) -> None:
    west = request.getfixturevalue(other)
    for store, bucket in ((minio_store, BUCKET), (west, "minio-bucket")):
        if bucket not in store.buckets():
            store.make_bucket(bucket)
    clients = {"default": entry(minio_store), "minio": entry(west)}
    routes = {"clients": clients, "profiles": {"minio": TEAM2}}
    s3, fs = client(routes), S3RFileSystem(routes)
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=6 * MIB)
    for name, size in SIZES.items():
        data = os.urandom(size)
        for there, back in ((f"team2/{name}", name), (name, f"team2/{name}")):
            for whole in (True, False):
                if whole:
                    s3.put_object(Bucket=BUCKET, Key=there, Body=data)
                else:
                    fs.pipe(f"{BUCKET}/{there}", data, chunksize=6 * MIB)
                source = {"Bucket": BUCKET, "Key": there}
                response = s3.copy_object(Bucket=BUCKET, Key=back, CopySource=source)
                proof = response["ResponseMetadata"]["Proof"]
                in_parts = not whole and size > 6 * MIB
                assert proof["source"] == READ[other if back == name else "minio_store"][in_parts]
                assert proof["target"] in {"MD5", "CRC32"}
                assert s3.get_object(Bucket=BUCKET, Key=back)["Body"].read() == data
                s3.copy(source, BUCKET, back, Config=parts)
                assert s3.get_object(Bucket=BUCKET, Key=back)["Body"].read() == data
                fs.mv([f"{BUCKET}/{there}"], [f"{BUCKET}/{back}"])
                assert fs.cat(f"{BUCKET}/{back}") == data
                assert not fs.exists(f"{BUCKET}/{there}")
                fs.rm(f"{BUCKET}/{back}")
    minio_store.clear()
    west.clear()


@pytest.mark.parametrize("answers", ["lost", "lost, and the object gone"])
def test_an_upload_whose_end_was_not_told_is_looked_at(
    minio_store: Any, east: Any, answers: str
) -> None:
    """MinIO, asked again to complete an upload, knows it no more."""
    east.make_bucket(BUCKET)
    minio_store.make_bucket("minio-bucket")
    lost: list[str] = []

    def cut(method: str, path: str, content: bytes) -> bytes:
        if method != "POST" or "uploadId=" not in path or lost:
            return content
        lost.append(path)
        if answers != "lost":
            minio_store.empty_bucket("minio-bucket")
        return content[:10]

    data = os.urandom(17 * MIB)
    east.put(BUCKET, "large", data)
    try:
        with counted(minio_store, spoiled=cut) as proxied:
            clients = {"default": entry(east), "minio": entry(proxied)}
            fs = S3RFileSystem({"clients": clients, "profiles": {"minio": TEAM2}})
            if answers == "lost":
                fs.mv(f"{BUCKET}/large", f"{BUCKET}/team2/large")
            else:
                with pytest.raises(FileNotFoundError, match="upload does not exist"):
                    fs.mv(f"{BUCKET}/large", f"{BUCKET}/team2/large")
                assert east.get(BUCKET, "large") == data
                return
        assert lost
        assert east.keys(BUCKET) == []
        assert minio_store.get("minio-bucket", "data/team2/large") == data
    finally:
        minio_store.clear()
