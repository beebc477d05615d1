"""Carrying an object, or a part of one, from one store to another, through this process.

Never more than a part is held: small objects go in one PutObject, larger ones in a multipart upload
that is aborted if anything fails. What was written is checked before it is reported.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import suppress
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from s3r_spark.boto.answers import failure
from s3r_spark.boto.origin import CHUNK, fetch

if TYPE_CHECKING:
    from s3r_spark.boto.origin import Origin
    from s3r_spark.boto.stores import Store

PART = 16 << 20  # bytes; also the size above which an object goes in parts
_MOST_PARTS = 9_999  # S3 takes 10,000; parts are rounded up
_FORBIDDEN, _PARTIAL = 403, 206
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")
_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
)
# What a GET of the source is asked with, by what the copy is asked with.
_CONDITIONS = {
    "CopySourceIfMatch": "IfMatch",
    "CopySourceIfNoneMatch": "IfNoneMatch",
    "CopySourceIfModifiedSince": "IfModifiedSince",
    "CopySourceIfUnmodifiedSince": "IfUnmodifiedSince",
}
_ACCESS = {
    "CopySourceSSECustomerAlgorithm": "SSECustomerAlgorithm",
    "CopySourceSSECustomerKey": "SSECustomerKey",
    "CopySourceSSECustomerKeyMD5": "SSECustomerKeyMD5",
    "ExpectedSourceBucketOwner": "ExpectedBucketOwner",
    "RequestPayer": "RequestPayer",
}
_TAGS_ACCESS = {key: _ACCESS[key] for key in ("ExpectedSourceBucketOwner", "RequestPayer")}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MISREAD = "What the source store gave is not what its ETag says"
_MISWRITTEN = "What the target store has is not what the source store gave"
_NOT_THERE = {"NotImplemented", "MethodNotAllowed"}  # how stores say that they have no tags
_KEPT = (
    "BucketKeyEnabled",
    "Expiration",
    "RequestCharged",
    "SSECustomerAlgorithm",
    "SSECustomerKeyMD5",
    "SSEKMSEncryptionContext",
    "SSEKMSKeyId",
    "ServerSideEncryption",
    "VersionId",
)


def _asked(params: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {new: params[old] for old, new in names.items() if old in params}


def carry_object(origin: Origin, store: Store, params: dict[str, Any]) -> dict[str, Any]:
    """Answer CopyObject between two stores.

    Args:
        origin: the source.
        store: the target's store.
        params: the call's parameters, with the target's physical names.

    Raises:
        ClientError: of either store; BadDigest where what arrived is not what was sent.
    """
    for directive in ("MetadataDirective", "TaggingDirective"):
        if params.get(directive, "COPY") not in {"COPY", "REPLACE"}:
            raise failure("InvalidArgument", f"Unknown {directive}", 400, "CopyObject")
    access = _asked(params, _ACCESS)
    got = origin.get({**access, **_asked(params, _CONDITIONS)})
    # The same object to the end, whatever happens to the name meanwhile.
    access["IfMatch"] = got["ETag"]
    target = _Target(store, params)
    headers = _headers(origin, got, params)
    if got["ContentLength"] > PART:
        got["Body"].close()
        done = target.write_parts(origin, got["ContentLength"], headers, access)
    else:
        with tempfile.SpooledTemporaryFile(max_size=PART) as body:
            md5 = fetch(origin, access, body, first=got)
            if not _matches(got, md5):
                raise _corrupt("CopyObject", _MISREAD)
            done = target.write(body, got["ContentLength"], md5, headers)
    result = {key: done[key] for key in done if key == "ETag" or key.startswith("Checksum")}
    result["LastModified"] = done.get("LastModified") or _date(done)
    out = {key: done[key] for key in _KEPT if key in done}
    if "VersionId" in got:
        out["CopySourceVersionId"] = got["VersionId"]
    return {"CopyObjectResult": result, **out, "ResponseMetadata": done["ResponseMetadata"]}


def carry_part(origin: Origin, store: Store, params: dict[str, Any]) -> dict[str, Any]:
    """Answer UploadPartCopy between two stores; the arguments are those of `carry_object`."""
    asked = {**_asked(params, _ACCESS), **_asked(params, _CONDITIONS)}
    wanted = params.get("CopySourceRange")
    if wanted is not None:
        found = _RANGE.fullmatch(wanted)
        if found is None or int(found[1]) > int(found[2]):
            raise failure(
                "InvalidArgument",
                "The x-amz-copy-source-range value must be of the form bytes=first-last",
                400,
                "UploadPartCopy",
            )
        asked["Range"] = wanted
    got = origin.get(asked)
    if wanted is not None and not _has_range(got, wanted):
        got["Body"].close()
        raise failure(
            "InvalidRange", "The source did not give the range asked for", 416, "UploadPartCopy"
        )
    if "IfMatch" not in asked:
        asked["IfMatch"] = got["ETag"]
    target = _Target(store, params)
    with tempfile.SpooledTemporaryFile(max_size=PART) as body:
        md5 = fetch(origin, asked, body, first=got)
        if wanted is None and not _matches(got, md5):
            raise _corrupt("UploadPartCopy", _MISREAD)
        done = target.client.upload_part(**target.arguments("UploadPart"), Body=body)
    if not _matches(done, md5):
        raise _corrupt("UploadPartCopy", _MISWRITTEN)
    result = {key: done[key] for key in done if key == "ETag" or key.startswith("Checksum")}
    result["LastModified"] = _date(done)
    out: dict[str, Any] = {"CopyPartResult": result}
    if "VersionId" in got:
        out["CopySourceVersionId"] = got["VersionId"]
    kept = {key: done[key] for key in _KEPT if key in done}
    return {**out, **kept, "ResponseMetadata": done["ResponseMetadata"]}


def _has_range(got: dict[str, Any], wanted: str) -> bool:
    """Whether the answer is partial and has every byte asked for: a part must not be short."""
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    length = int(last) - int(first) + 1
    partial: bool = got["ResponseMetadata"]["HTTPStatusCode"] == _PARTIAL
    return partial and got["ContentLength"] == length


# -- the source ------------------------------------------------------------------------------------


def _headers(origin: Origin, got: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """What the copy gets beside its data: from the source, or from the call, as it says."""
    headers: dict[str, Any] = {}
    if params.get("MetadataDirective", "COPY") == "COPY":
        headers = {key: got[key] for key in _HEADERS if got.get(key)}
        if got.get("ExpiresString") and "Expires" not in headers:
            # No date (`0`, `-1`): HTTP takes it for one in the past, and only dates can be sent.
            headers["Expires"] = _LONG_AGO
    else:
        headers = {key: params[key] for key in _HEADERS if key in params}
    if params.get("TaggingDirective", "COPY") == "REPLACE":
        if "Tagging" in params:
            headers["Tagging"] = params["Tagging"]
    elif got.get("TagCount"):
        version = {"VersionId": got["VersionId"]} if "VersionId" in got else {}
        try:
            place = {**origin.place, **version, **_asked(params, _TAGS_ACCESS)}
            tags = origin.store.client.get_object_tagging(**place)["TagSet"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOT_THERE:
                raise
        else:
            headers["Tagging"] = urlencode([(tag["Key"], tag["Value"]) for tag in tags])
    return headers


# -- the target ------------------------------------------------------------------------------------


class _Target:
    """Where a copy goes to."""

    def __init__(self, store: Store, params: dict[str, Any]) -> None:
        self.client: Any = store.client
        self._params = {key: v for key, v in params.items() if key not in (*_HEADERS, "Tagging")}
        self._place = {"Bucket": params["Bucket"], "Key": params["Key"]}
        asked = getattr(store.config, "request_checksum_calculation", None)
        # As in s3transfer: the parts' checksums are of the kind that the upload was begun with.
        self._checksums = (
            {"ChecksumAlgorithm": "CRC32"}
            if asked == "when_supported" and "ChecksumAlgorithm" not in params
            else {}
        )

    def arguments(self, operation: str) -> dict[str, Any]:
        """Those of the copy's parameters that another operation takes too."""
        shape = self.client.meta.service_model.operation_model(operation).input_shape
        return {key: v for key, v in self._params.items() if key in shape.members}

    def write(
        self, body: IO[bytes], size: int, md5: str, headers: dict[str, Any]
    ) -> dict[str, Any]:
        arguments = self.arguments("PutObject")
        done: dict[str, Any] = self._tagged(self.client.put_object, {**arguments, **headers}, body)
        if _matches(done, md5) and _is_md5(done):
            return done
        return self._checked(done, size, sound=_matches(done, md5))

    def write_parts(
        self, origin: Origin, size: int, headers: dict[str, Any], access: dict[str, Any]
    ) -> dict[str, Any]:
        step = max(PART, -(-size // _MOST_PARTS // CHUNK) * CHUNK + CHUNK)
        if size <= PART * _MOST_PARTS:
            step = PART
        begun = self._tagged(
            self.client.create_multipart_upload,
            {**self.arguments("CreateMultipartUpload"), **self._checksums, **headers},
        )
        upload = {**self._place, "UploadId": begun["UploadId"]}
        try:
            parts = [
                self._part(origin, upload, number, (start, min(start + step, size) - 1), access)
                for number, start in enumerate(range(0, size, step), 1)
            ]
            done = self.client.complete_multipart_upload(
                **{**self.arguments("CompleteMultipartUpload"), **upload},
                MultipartUpload={"Parts": parts},
            )
        except BaseException:  # an interrupt as well must leave nothing half-written
            with suppress(ClientError, BotoCoreError):
                self.client.abort_multipart_upload(**upload)
            raise
        return self._checked(done, size, sound=True)

    def _part(
        self,
        origin: Origin,
        upload: dict[str, Any],
        number: int,
        span: tuple[int, int],
        access: dict[str, Any],
    ) -> dict[str, Any]:
        ranged = {**access, "Range": f"bytes={span[0]}-{span[1]}"}
        got = origin.get(ranged)
        if not _has_range(got, ranged["Range"]):
            got["Body"].close()
            raise failure("InvalidRange", "The source does not give ranges", 416, "CopyObject")
        with tempfile.SpooledTemporaryFile(max_size=PART) as body:
            md5 = fetch(origin, ranged, body, first=got)
            arguments = {**self.arguments("UploadPart"), **self._checksums, **upload}
            done = self.client.upload_part(**arguments, PartNumber=number, Body=body)
        if not _matches(done, md5):
            raise _corrupt("CopyObject", _MISWRITTEN)
        checksums = {k: v for k, v in done.items() if k.startswith("Checksum") and k[8:].isupper()}
        return {"PartNumber": number, "ETag": done["ETag"], **checksums}

    @staticmethod
    def _tagged(call: Any, arguments: dict[str, Any], body: IO[bytes] | None = None) -> Any:
        """Write with the tags; without them where the store has none."""
        data = {} if body is None else {"Body": body}
        try:
            return call(**arguments, **data)
        except ClientError as error:
            if "Tagging" not in arguments or error.response["Error"]["Code"] not in _NOT_THERE:
                raise
        if body is not None:
            body.seek(0)
        return call(**{k: v for k, v in arguments.items() if k != "Tagging"}, **data)

    def _checked(self, done: dict[str, Any], size: int, *, sound: bool) -> dict[str, Any]:
        """What was written, if it is of the right size; else it is taken away again.

        What somebody else has written there meanwhile stays.
        """
        version = {"VersionId": done["VersionId"]} if _is_version(done) else {}
        access = {k: v for k, v in self.arguments("HeadObject").items() if k not in self._place}
        conditions = ("IfMatch", "IfNoneMatch")  # they were the write's
        access = {k: v for k, v in access.items() if k not in conditions}
        try:
            head = self.client.head_object(**self._place, **version, **access)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != _FORBIDDEN:
                raise
            if sound:
                return done  # who may write may not read: the parts were checked one by one
            raise _corrupt("CopyObject", _MISWRITTEN) from error
        if sound and head["ContentLength"] == size:
            return {**done, "ETag": head["ETag"], "LastModified": head["LastModified"]}
        if not version and head["ETag"].strip('"') != done.get("ETag", "").strip('"'):
            raise _corrupt("CopyObject", f"{_MISWRITTEN}; it may be another's, so it was left")
        self.client.delete_object(**self._place, **version)
        raise _corrupt("CopyObject", f"{_MISWRITTEN}; it was removed")


def _is_version(done: dict[str, Any]) -> bool:
    """Whether the bucket keeps versions; moto says "null" where it doesn't."""
    return done.get("VersionId") not in {None, "", "null"}


def _is_md5(done: dict[str, Any]) -> bool:
    encrypted = str(done.get("ServerSideEncryption", "")).startswith("aws:kms")
    plain = not encrypted and "SSECustomerAlgorithm" not in done
    return plain and _MD5.fullmatch(done.get("ETag", "")) is not None


def _matches(done: dict[str, Any], md5: str) -> bool:
    """Whether the store's ETag, where it is an MD5, is that of the data."""
    return not _is_md5(done) or done["ETag"].strip('"') == md5


def _corrupt(operation: str, message: str) -> ClientError:
    return failure("BadDigest", message, 400, operation)


def _date(done: dict[str, Any]) -> Any:
    """The store's time when it answered: a copy's answer has to say when the copy was made."""
    said = done["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(said) if said else None
