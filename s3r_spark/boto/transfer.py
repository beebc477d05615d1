"""Carrying an object, or a part of one, from one store to another, through this process.

Never more than a part is held: small objects go in one PutObject, larger ones in a multipart upload
that is aborted if anything fails. What was written is checked before it is reported.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import closing
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from s3r_spark.boto.copy_source import MISREAD, Reading, corrupt, fetch, fetch_range
from s3r_spark.boto.copy_target import HEADERS, NO_TAGS, feed
from s3r_spark.boto.copy_upload import CopyUpload
from s3r_spark.boto.error_details import told
from s3r_spark.boto.synthetic import failure
from s3r_spark.boto.transfer_parts import carrying
from s3r_spark.proof import Digest

if TYPE_CHECKING:
    from s3r_spark.boto.copy_source import Origin
    from s3r_spark.boto.copy_target import Target

_RANGE = re.compile(r"bytes=(\d+)-(\d+)")
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


def carry_object(origin: Origin, target: Target, params: dict[str, Any]) -> dict[str, Any]:
    """Answer CopyObject between two stores.

    Its ResponseMetadata has `Proof`: what proves that the source was read well, and that the target
    has it: an algorithm, "read twice" or "read back"; None where who may write may not read.
    `ContentMD5` is the text of the content's MD5 (`s3r_spark.proof.Digest.text`).

    Args:
        origin: the source.
        target: the target.
        params: the call's parameters, with the target's physical names.

    Raises:
        ClientError: of either store; BadDigest where what arrived is not what was sent.
    """
    for directive in ("MetadataDirective", "TaggingDirective"):
        if params.get(directive, "COPY") not in {"COPY", "REPLACE"}:
            raise failure("InvalidArgument", f"Unknown {directive}", 400, "CopyObject")
    access = _asked(params, _ACCESS)
    response = origin.get({**access, "ChecksumMode": "ENABLED", **_asked(params, _CONDITIONS)})
    with closing(response["Body"]):
        # The same object to the end, whatever happens to the name meanwhile.
        access["IfMatch"] = response["ETag"]
        headers = headers_of(origin, response, params)
        reading = Reading(origin, access, response)
        if reading.size > carrying().largest:
            response["Body"].close()
            written, read = CopyUpload(origin, access, reading, target).run(headers)
        else:
            with tempfile.SpooledTemporaryFile(max_size=carrying().part) as body:
                fetch(lambda: origin.get(access), body, response, origin.named)
                feed(body, reading.digests)
                read = reading.prove()
                written = target.write(body, reading.size, headers)
    proven, proof = target.prove(written, reading.is_there)
    result = {key: proven[key] for key in proven if key == "ETag" or key.startswith("Checksum")}
    result["LastModified"] = proven.get("LastModified") or _date(proven)
    out = {key: proven[key] for key in _KEPT if key in proven}
    if "VersionId" in response:
        out["CopySourceVersionId"] = response["VersionId"]
    meta = {
        **proven["ResponseMetadata"],
        "Proof": {"source": read, "target": proof},
        "ContentMD5": reading.md5.text(),
    }
    return {"CopyObjectResult": result, **out, "ResponseMetadata": meta}


def carry_part(origin: Origin, target: Target, params: dict[str, Any]) -> dict[str, Any]:
    """Answer UploadPartCopy between two stores; the arguments are those of `carry_object`.

    Of a range no store says anything, so it is read twice.
    """
    request = {**_asked(params, _ACCESS), **_asked(params, _CONDITIONS)}
    byte_range = params.get("CopySourceRange")
    if byte_range is not None:
        match = _RANGE.fullmatch(byte_range)
        if match is None or int(match[1]) > int(match[2]):
            raise failure(
                "InvalidArgument",
                "The x-amz-copy-source-range value must be of the form bytes=first-last",
                400,
                "UploadPartCopy",
            )
        request["Range"] = byte_range
    with tempfile.SpooledTemporaryFile(max_size=carrying().part) as body:
        if byte_range is None:
            response = origin.get({**request, "ChecksumMode": "ENABLED"})
            request.setdefault("IfMatch", response["ETag"])
            with closing(response["Body"]):
                reading = Reading(origin, request, response)
                fetch(lambda: origin.get(request), body, response, origin.named)
                feed(body, reading.digests)
                reading.prove()
        else:
            digests = Digest("MD5"), Digest("MD5")
            for digest in digests:
                response = fetch_range(origin, request, body)
                request.setdefault("IfMatch", response["ETag"])
                feed(body, [digest])
            if digests[0].digest() != digests[1].digest():
                with told(origin.named):
                    raise corrupt(MISREAD)
        part = target.write_part(body)
    result = {key: part[key] for key in part if key == "ETag" or key.startswith("Checksum")}
    result["LastModified"] = _date(part)
    out: dict[str, Any] = {"CopyPartResult": result}
    if "VersionId" in response:
        out["CopySourceVersionId"] = response["VersionId"]
    shown = {key: part[key] for key in _KEPT if key in part}
    return {**out, **shown, "ResponseMetadata": part["ResponseMetadata"]}


def headers_of(origin: Origin, response: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """Make what the copy gets beside its data: from the source, or from the call, as it says."""
    headers: dict[str, Any] = {}
    if params.get("MetadataDirective", "COPY") == "COPY":
        headers = {key: _as_sent(response[key]) for key in HEADERS if response.get(key)}
        if response.get("ExpiresString") and "Expires" not in headers:
            # No date (`0`, `-1`): HTTP takes it for one in the past, and only dates can be sent.
            headers["Expires"] = _LONG_AGO
    else:
        headers = {key: params[key] for key in HEADERS if key in params}
    if params.get("TaggingDirective", "COPY") == "REPLACE":
        if "Tagging" in params:
            headers["Tagging"] = params["Tagging"]
    elif response.get("TagCount"):
        version = {"VersionId": response["VersionId"]} if "VersionId" in response else {}
        try:
            place = {**origin.place, **version, **_asked(params, _TAGS_ACCESS)}
            with told(origin.named):
                tags = origin.store.client.get_object_tagging(**place)["TagSet"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in NO_TAGS:
                raise
        else:
            headers["Tagging"] = urlencode([(tag["Key"], tag["Value"]) for tag in tags])
    return headers


def _as_sent(value: Any) -> Any:
    """A header's value for botocore to send: it reads bytes as latin-1, and sends text as UTF-8."""
    if isinstance(value, dict):
        return {_as_sent(name): _as_sent(inner) for name, inner in value.items()}
    if not isinstance(value, str):
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _date(response: dict[str, Any]) -> Any:
    """The store's time when it answered: a copy's answer has to say when the copy was made."""
    date = response["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(date) if date else None
