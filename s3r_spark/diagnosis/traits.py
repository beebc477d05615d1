"""Traits of a store, as they are measured: one function a trait, each over a few small requests."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from s3r_spark.diagnosis.buckets import aborted
from s3r_spark.diagnosis.reasons import ERRORS
from s3r_spark.diagnosis.wire import UNSIGNED, Wire, crc32_of, is_ip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["TRAITS", "Probe", "Trait"]

_MIB = 1 << 20
# Where the order of UTF-16 differs from that of UTF-8, where folders come before or after files
# (`a-b`, `a/b`), and capitals.
_ORDERED = ("B", "a-b", "a.b", "a/b", "a/c", "a0", "ab", "z", "é", "日", "\uff5e", "\U0001f600")
_ODD = ("a b", "q?a=1&b#c+%2F~*'()!;:@$,", 'x="y"', "[b]^`|\\")


class Probe(NamedTuple):
    """The place of a measurement.

    Attributes:
        s3: a plain boto3 client, as a job has it.
        plain: the same, adding no checksums, and presigning by version 4. Over https VersityGW ends
            the connection where it refuses a body that checksums follow, so that no client learns
            why.
        wire: sends what boto3 can't.
        bucket: the physical bucket.
        prefix: a folder in it that nobody else uses, with a `/` at its end.
    """

    s3: Any
    plain: Any
    wire: Wire
    bucket: str
    prefix: str

    def at(self, name: str) -> dict[str, str]:
        """Bucket and Key of a name in the folder."""
        return {"Bucket": self.bucket, "Key": f"{self.prefix}{name}"}

    def put(self, name: str, body: bytes = b"x", **more: Any) -> Any:
        """Write an object."""
        return self.plain.put_object(**self.at(name), Body=body, **more)

    def content(self, name: str) -> bytes:
        """Read an object."""
        body: bytes = self.s3.get_object(**self.at(name))["Body"].read()
        return body

    def names(self, folder: str, **more: Any) -> list[str]:
        """List a sub-folder: names and common prefixes, page by page, in order."""
        prefix = f"{self.prefix}{folder}"
        params = {"Bucket": self.bucket, "Prefix": prefix, **more}
        out: list[str] = []
        for page in self.s3.get_paginator("list_objects_v2").paginate(**params):
            keys = [item["Key"] for item in page.get("Contents", [])]
            keys += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
            out += [key[len(prefix) :] for key in keys]
        return out

    def upload(self, name: str, parts: Iterable[bytes], ending: dict[str, Any], **more: Any) -> Any:
        """Upload an object in parts; what isn't completed is aborted.

        It can't be found again in every store: MinIO lists uploads by whole keys alone.

        Args:
            name: its name.
            parts: their contents.
            ending: more parameters of complete_multipart_upload.
            more: those of create_multipart_upload.
        """
        upload = self.s3.create_multipart_upload(**self.at(name), **more)["UploadId"]
        place = {**self.at(name), "UploadId": upload}
        numbered = []
        with aborted(self.s3, place):
            for number, body in enumerate(parts, 1):
                part = self.s3.upload_part(
                    **place, PartNumber=number, Body=body, **_algorithm(more)
                )
                sums = {k: v for k, v in part.items() if k == "ChecksumCRC32"} if more else {}
                numbered.append({"PartNumber": number, "ETag": part["ETag"], **sums})
            whole = {"Parts": numbered}
            return self.s3.complete_multipart_upload(**place, MultipartUpload=whole, **ending)


def _algorithm(more: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in more.items() if k == "ChecksumAlgorithm"}


def _refused(call: Callable[[], Any], *statuses: int) -> bool:
    """Tell whether a call is refused with one of these statuses."""
    try:
        call()
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return status in (statuses or (HTTPStatus.PRECONDITION_FAILED,))
    return False


def _conditional_put(probe: Probe) -> bool:
    probe.put("once", IfNoneMatch="*")
    return _refused(lambda: probe.put("once", b"again", IfNoneMatch="*"))


def _conditional_complete(probe: Probe) -> bool:
    once = {"IfNoneMatch": "*"}
    probe.upload("once in parts", [b"x"], once)
    return _refused(lambda: probe.upload("once in parts", [b"again"], once))


def _put_if_match(probe: Probe) -> bool:
    etag = probe.put("matched")["ETag"]
    probe.put("matched", b"again", IfMatch=etag)
    return _refused(lambda: probe.put("matched", b"third", IfMatch=etag))


def _get_if_none_match(probe: Probe) -> bool:
    etag = probe.put("unchanged")["ETag"]
    ask = probe.s3.get_object
    return _refused(lambda: ask(**probe.at("unchanged"), IfNoneMatch=etag), HTTPStatus.NOT_MODIFIED)


def _byte_order(probe: Probe) -> bool:
    for name in _ORDERED:
        probe.put(f"order/{name}")
    expected = sorted(_ORDERED, key=str.encode)
    return probe.names("order/") == expected == probe.names("order/", MaxKeys=3)


def _byte_order_with_delimiter(probe: Probe) -> bool:
    for name in _ORDERED:
        probe.put(f"folders/{name}")
    expected = sorted({name.replace("/b", "/").replace("/c", "/") for name in _ORDERED},
                      key=str.encode)  # fmt: skip
    return probe.names("folders/", Delimiter="/", MaxKeys=1) == expected


def _header_checksums(probe: Probe) -> bool:
    return _checksum_in_header(probe, b"x", crc32_of(b"x"))


def _checksum_in_header(probe: Probe, body: bytes, checksum: str) -> bool:
    url = probe.wire.address(f"{probe.prefix}header")
    answer = probe.wire.send("PUT", url, body, {"x-amz-checksum-crc32": checksum})
    return answer.status_code == HTTPStatus.OK and probe.content("header") == body


def _trailing_checksums(probe: Probe) -> bool:
    return all(_in_chunks(probe, body, trailer=crc32_of(body)) for body in (b"some content", b""))


def _checksums_are_checked(probe: Probe) -> bool:
    return not _checksum_in_header(probe, b"another", crc32_of(b"x"))


def _chunked_signing(probe: Probe) -> bool:
    return all(_in_chunks(probe, body, signed=True) for body in (b"some content", b""))


def _in_chunks(
    probe: Probe, body: bytes, *, signed: bool | None = None, trailer: str | None = None
) -> bool:
    # SDKs sign chunks where there is no TLS to vouch for them.
    signed = not probe.wire.tls if signed is None else signed
    name = f"chunks {len(body)} {bool(trailer)}"
    key = f"{probe.prefix}{name}"
    answer = probe.wire.put_in_chunks(key, body, signed=signed, trailer=trailer)
    # A store that doesn't know of chunks takes their frames for content.
    return answer.status_code == HTTPStatus.OK and probe.content(name) == body


def _delete_with(probe: Probe, header: Callable[[bytes], dict[str, str]]) -> bool:
    probe.put("deleted")
    key = f"{probe.prefix}deleted"
    body = f"<Delete><Object><Key>{key}</Key></Object></Delete>".encode()
    url = f"{probe.wire.address('')}?delete="
    answer = probe.wire.send("POST", url, body, header(body), hashlib.sha256(body).hexdigest())
    return answer.status_code == HTTPStatus.OK and not probe.names("deleted")


def _delete_with_md5(probe: Probe) -> bool:
    def md5(body: bytes) -> dict[str, str]:
        digest = hashlib.md5(body, usedforsecurity=False).digest()
        return {"Content-MD5": b64encode(digest).decode()}

    return _delete_with(probe, md5)


def _delete_with_checksum(probe: Probe) -> bool:
    return _delete_with(probe, lambda body: {"x-amz-checksum-crc32": crc32_of(body)})


def _unequal_parts(probe: Probe) -> bool:
    sizes = [5 * _MIB, 6 * _MIB, 1]
    probe.upload("unequal", (bytes(size) for size in sizes), {})
    return bool(probe.s3.head_object(**probe.at("unequal"))["ContentLength"] == sum(sizes))


def _least_part(probe: Probe) -> bool:
    return _refused(lambda: probe.upload("small", [b"x", b"x"], {}), HTTPStatus.BAD_REQUEST)


def _etag_is_md5(probe: Probe) -> bool:
    digest = hashlib.md5(b"x", usedforsecurity=False).hexdigest()
    return bool(probe.put("digest")["ETag"] == f'"{digest}"')


def _full_object_checksums(probe: Probe) -> bool:
    kind = {"ChecksumType": "FULL_OBJECT"}
    answer = probe.upload("whole", [b"x"], kind, ChecksumAlgorithm="CRC32", **kind)
    return bool(answer.get("ChecksumCRC32") == crc32_of(b"x"))


def _metadata_case(probe: Probe) -> bool:
    metadata = {"lower-case": "a", "mixed": "Value"}
    probe.put("described", Metadata=metadata)
    return bool(probe.s3.head_object(**probe.at("described"))["Metadata"] == metadata)


def _kept(probe: Probe, folder: str, names: Iterable[str]) -> bool:
    """Tell whether keys are written, listed and read as they are."""
    for name in names:
        probe.put(f"{folder}{name}", name.encode())
    listed = set(probe.names(folder)) == set(names)
    return listed and all(probe.content(f"{folder}{name}") == name.encode() for name in names)


def _unicode_keys(probe: Probe) -> bool:
    return _kept(probe, "unicode/", ["ü/日本", "e\u0301", "é", "\U0001f600"])


def _odd_keys(probe: Probe) -> bool:
    return _kept(probe, "odd/", _ODD)


def _dot_segments(probe: Probe) -> bool:
    return _kept(probe, "dots/", ["a/./b", "a/../b"])


def _double_slash(probe: Probe) -> bool:
    return _kept(probe, "slashes/", ["a//b", "a/b"])


def _file_and_folder(probe: Probe) -> bool:
    return _kept(probe, "both/", ["a", "a/b"])


def _presigned_get(probe: Probe) -> bool:
    probe.put("presigned", b"content")
    url = probe.plain.generate_presigned_url("get_object", Params=probe.at("presigned"))
    answer = probe.wire.send_as_it_is(AWSRequest(method="GET", url=url))
    return answer.status_code == HTTPStatus.OK and bytes(answer.content) == b"content"


def _presigned_put(probe: Probe) -> bool:
    url = probe.plain.generate_presigned_url("put_object", Params=probe.at("presigned"))
    answer = probe.wire.send_as_it_is(AWSRequest(method="PUT", url=url, data=b"by an address"))
    return answer.status_code == HTTPStatus.OK and probe.content("presigned") == b"by an address"


def _virtual_hosts(probe: Probe) -> bool | None:
    if is_ip(probe.wire.address("", path_style=True)):
        return None
    return _styled(probe, path_style=False)


def _path_style(probe: Probe) -> bool:
    return _styled(probe, path_style=True)


def _styled(probe: Probe, *, path_style: bool) -> bool:
    probe.put("addressed", b"content")
    url = probe.wire.address(f"{probe.prefix}addressed", path_style=path_style)
    try:
        answer = probe.wire.send("GET", url, payload=UNSIGNED)
    except ERRORS:  # no such name, or no certificate for it
        return False
    return answer.status_code == HTTPStatus.OK and bytes(answer.content) == b"content"


class Trait(NamedTuple):
    """Something that stores do or don't.

    Attributes:
        name: for programs.
        about: for people: what a store does that has it.
        measure: whether it does; None: it can't be told here.
    """

    name: str
    about: str
    measure: Callable[[Probe], bool | None]


TRAITS = (
    Trait("conditional_put", "PUT honours If-None-Match: *", _conditional_put),
    Trait("conditional_complete", "CompleteMultipartUpload honours it", _conditional_complete),
    Trait("put_if_match", "PUT honours If-Match", _put_if_match),
    Trait("get_if_none_match", "GET honours If-None-Match", _get_if_none_match),
    Trait("byte_order", "lists come in the order of bytes", _byte_order),
    Trait("byte_order_with_delimiter", "those with folders too", _byte_order_with_delimiter),
    Trait("header_checksums", "takes CRC32 in a header", _header_checksums),
    Trait("trailing_checksums", "takes CRC32 behind the body", _trailing_checksums),
    Trait("checksums_are_checked", "refuses a wrong CRC32", _checksums_are_checked),
    Trait("chunked_signing", "takes bodies signed in chunks", _chunked_signing),
    Trait("delete_with_md5", "deletes many by Content-MD5", _delete_with_md5),
    Trait("delete_with_checksum", "deletes many by CRC32", _delete_with_checksum),
    Trait("unequal_parts", "takes parts of unequal sizes", _unequal_parts),
    Trait("least_part", "refuses parts below 5 MiB", _least_part),
    Trait("etag_is_md5", "ETag is the MD5 of the content", _etag_is_md5),
    Trait("full_object_checksums", "CRC32 over all parts", _full_object_checksums),
    Trait("metadata_case", "metadata names keep their case", _metadata_case),
    Trait("unicode_keys", "keys may hold any letters", _unicode_keys),
    Trait("odd_keys", "keys may hold any signs", _odd_keys),
    Trait("dot_segments", "keys may hold '.' and '..'", _dot_segments),
    Trait("double_slash", "keys may hold '//'", _double_slash),
    Trait("file_and_folder", "'a' and 'a/b' may both be", _file_and_folder),
    Trait("presigned_get", "presigned GET, version 4", _presigned_get),
    Trait("presigned_put", "presigned PUT, version 4", _presigned_put),
    Trait("path_style", "takes the bucket in the path", _path_style),
    Trait("virtual_hosts", "takes the bucket in the host name", _virtual_hosts),
)
