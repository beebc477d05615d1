"""Checks of what a place takes: with `write`, in a folder of its own that is removed again."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from s3r_spark.diagnosis.findings import Finding
from s3r_spark.diagnosis.reasons import ERRORS, code_of, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3r_spark.diagnosis.places import Place
    from s3r_spark.model import Client

__all__ = ["aborted", "clean", "probe_prefix", "read", "write"]

_PROBE = "_s3r-spark-check-"
_LISTED = 100  # names among which an object to read is looked for
_GONE = ("NoSuchKey", "404")


def probe_prefix(place: Place) -> str:
    """A physical folder for probes; Spark and Hive overlook names that begin with `_`."""
    folder = place.prefix or place.key[: place.key.rfind("/") + 1]
    return f"{folder}{_PROBE}{secrets.token_hex(8)}/"


def read(place: Place, s3: Any, client: Client) -> Iterator[Finding]:
    """Findings of the bucket, its list, and the first object in it, up to the first bad one.

    Args:
        place: the place.
        s3: a plain boto3 client of its store.
        client: the client's entry, for what is said.
    """
    request = {"Bucket": place.bucket, "Prefix": place.prefix, "MaxKeys": _LISTED}
    try:
        objects = s3.list_objects_v2(**request).get("Contents", [])
    except ERRORS as error:
        why = reason(error, client, place.bucket)
        if code_of(error) == "NoSuchBucket" and not place.named:
            yield Finding("bucket", "open", f"{why.text}, and so nothing in it")
        elif code_of(error) == "NoSuchBucket":
            yield Finding("bucket", "bad", *why)
        else:
            yield Finding("list", "bad", *why)
        return
    listed = [one for one in objects if _PROBE not in one["Key"]]  # gone in a moment
    yield Finding("list", "good", f"{place.uri} {'has objects' if listed else 'is empty'}")
    key = next((one["Key"] for one in listed if one["Size"]), "") or place.key
    if not key:
        yield Finding("read", "open", "there is no object to read")
        return
    try:
        size = s3.head_object(Bucket=place.bucket, Key=key)["ContentLength"]
        body = s3.get_object(Bucket=place.bucket, Key=key)["Body"]
        try:
            body.read(1)
        finally:
            body.close()
    except ERRORS as error:
        if code_of(error) in _GONE:
            text = f"s3://{place.bucket}/{key} is not there"
            yield Finding("read", "bad" if not listed and place.key else "open", text)
            return
        why = reason(error, client, place.bucket)
        yield Finding("read", "bad", f"s3://{place.bucket}/{key}: {why.text}", why.mend)
        return
    yield Finding("read", "good", f"s3://{place.bucket}/{key} ({size} bytes)")


def write(place: Place, s3: Any, client: Client, probe: str) -> Iterator[Finding]:
    """Findings of each way of changing a place; the caller cleans the probe's folder.

    Args:
        place: the place.
        s3: a plain boto3 client of its store.
        client: the client's entry, for what is said.
        probe: the folder of `probe_prefix`.
    """
    for step in (_put, _multipart, _copy, _delete, _delete_many):
        check = step.__name__.strip("_").replace("_", " ")
        finding = _try(check, partial(step, s3, place.bucket, probe), place, client)
        yield finding
        if step is _put and finding.state != "good":
            return


@contextmanager
def aborted(s3: Any, upload: dict[str, Any]) -> Iterator[None]:
    """Abort an upload where this block fails."""
    try:
        yield
    except BaseException:  # Ctrl-C as well must leave no open upload
        with suppress(*ERRORS):
            s3.abort_multipart_upload(**upload)
        raise


def _put(s3: Any, bucket: str, probe: str) -> None:
    s3.put_object(Bucket=bucket, Key=f"{probe}one", Body=b"one")
    if s3.get_object(Bucket=bucket, Key=f"{probe}one")["Body"].read() != b"one":
        raise _OtherError("what was written is not what is read")


def _multipart(s3: Any, bucket: str, probe: str) -> None:
    where = {"Bucket": bucket, "Key": f"{probe}two"}
    upload = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    with aborted(s3, upload):
        part = s3.upload_part(**upload, PartNumber=1, Body=b"two")
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    if s3.head_object(**where)["ContentLength"] != len(b"two"):
        raise _OtherError("what was uploaded is of another size")


def _copy(s3: Any, bucket: str, probe: str) -> None:
    source = {"Bucket": bucket, "Key": f"{probe}one"}
    s3.copy_object(Bucket=bucket, Key=f"{probe}three", CopySource=source)
    if s3.get_object(Bucket=bucket, Key=f"{probe}three")["Body"].read() != b"one":
        raise _OtherError("what was copied is not what is read")


def _delete(s3: Any, bucket: str, probe: str) -> None:
    s3.delete_object(Bucket=bucket, Key=f"{probe}three")
    if _keys(s3, bucket, f"{probe}three"):
        raise _OtherError("what was deleted is still listed")


def _delete_many(s3: Any, bucket: str, probe: str) -> None:
    objects = {"Objects": [{"Key": f"{probe}one"}, {"Key": f"{probe}two"}]}
    answer = s3.delete_objects(Bucket=bucket, Delete=objects)
    if refused := answer.get("Errors"):
        raise ClientError({"Error": refused[0]}, "DeleteObjects")
    if _keys(s3, bucket, probe):
        raise _OtherError("what was deleted is still listed")


class _OtherError(Exception):
    """A store did something else than it was asked."""


def _try(check: str, step: Callable[[], None], place: Place, client: Client) -> Finding:
    try:
        step()
    except _OtherError as error:
        return Finding(check, "bad", str(error), "don't trust this store with data")
    except ERRORS as error:
        if not place.named and code_of(error) == "NoSuchBucket":
            return Finding(check, "open", *reason(error, client, place.bucket))
        return Finding(check, "bad", *reason(error, client, place.bucket))
    return Finding(check, "good", f"in {place.uri}")


def _keys(s3: Any, bucket: str, prefix: str) -> list[str]:
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    # Whatever a store lists, nothing else is ever deleted.
    return [entry["Key"] for entry in listed if entry["Key"].startswith(prefix)]


def clean(place: Place, s3: Any, probe: str) -> Finding | None:
    """Remove everything in a probe's folder, versions and uploads too; what couldn't be removed."""
    bucket = place.bucket
    try:
        with suppress(ClientError):  # not every store lists uploads
            uploads = s3.list_multipart_uploads(Bucket=bucket, Prefix=probe).get("Uploads", [])
            for upload in uploads:
                if upload["Key"].startswith(probe):
                    s3.abort_multipart_upload(
                        Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )
        while keys := _keys(s3, bucket, probe):
            for key in keys:
                s3.delete_object(Bucket=bucket, Key=key)
            if _keys(s3, bucket, probe) == keys:
                break
        with suppress(ClientError):  # not every store has versions
            versions = s3.list_object_versions(Bucket=bucket, Prefix=probe)
            for version in versions.get("Versions", []) + versions.get("DeleteMarkers", []):
                if version["Key"].startswith(probe):
                    s3.delete_object(
                        Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"]
                    )
        left = _keys(s3, bucket, probe)
    except ERRORS as error:
        left = [f"{probe}… ({error})"]
    if not left:
        return None
    text = f"what was written to try is still there: s3://{bucket}/{left[0]}"
    return Finding("clean up", "bad", text, f"delete s3://{bucket}/{probe}")
