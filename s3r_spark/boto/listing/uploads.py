"""ListMultipartUploads over several stores."""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from s3r_spark.boto.error_details import Place, missing_part, told
from s3r_spark.boto.listing.entries import PAGE
from s3r_spark.boto.responses import cursor, encoded
from s3r_spark.boto.synthetic import failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3r_spark.boto.listing.entries import ListCall
    from s3r_spark.boto.router import Router
    from s3r_spark.routing import Rule

_Upload = dict[str, Any]
_PASSED_ON = ("ExpectedBucketOwner", "RequestPayer")


def merged(router: Router, call: ListCall) -> dict[str, Any]:
    """Answer ListMultipartUploads from several stores.

    The stores are read whole and only the page's uploads kept: MinIO finds uploads without a prefix
    only, and a store's order of several uploads of one key is its own.
    """
    params = call.params
    prefix = params.get("Prefix") or ""
    delimiter, most = params.get("Delimiter") or "", min(PAGE, params.get("MaxUploads", PAGE))
    if most < 0:
        raise failure(
            "InvalidArgument", "Argument max-uploads must be 0 or more", 400, call.operation
        )
    key_marker, id_marker = params.get("KeyMarker") or "", params.get("UploadIdMarker") or ""
    missing: list[ClientError] = []

    def uploads() -> Iterator[_Upload]:
        for rule in call.rules:
            yield from _of_rule(router, rule, params, missing)

    at = next((u for u in uploads() if u["UploadId"] == id_marker), None) if id_marker else None
    missing.clear()
    behind = _behind(at, key_marker, id_marker)
    entries = _smallest(uploads(), most + 1, prefix, delimiter, behind)
    if len(missing) == len(call.rules):
        raise missing[0]
    return _answer(call, entries, most, physical=router.physical)


def _of_rule(
    router: Router, rule: Rule, params: dict[str, Any], missing: list[ClientError]
) -> Iterator[_Upload]:
    bucket, prefix = params["Bucket"], params.get("Prefix") or ""
    passed_on = {key: params[key] for key in _PASSED_ON if key in params}
    store = router.store(rule)
    pages = store.client.get_paginator("list_multipart_uploads")
    try:
        with told(Place(rule, store, bucket, prefix)):
            for page in pages.paginate(Bucket=rule.bucket(bucket), **passed_on):
                for upload in page.get("Uploads", ()):
                    key = rule.logical_key(bucket, upload["Key"])
                    if (
                        key is not None
                        and key.startswith(prefix)
                        and router.routes.owns(rule, bucket, key)
                    ):
                        yield {**upload, "Key": key, "_physical": upload["Key"]}
    except ClientError as error:
        missing.append(missing_part(router.routes, rule, error))


def _order(upload: _Upload) -> tuple[Any, ...]:
    return upload["Key"], upload["Initiated"], upload["UploadId"]


def _behind(
    at: _Upload | None, key_marker: str, id_marker: str
) -> Callable[[_Upload, str, bool], bool]:
    """Tell whether an upload, under the name it is shown by, comes behind the markers."""

    def is_behind(upload: _Upload, name: str, grouped: bool) -> bool:  # noqa: FBT001 - one caller
        if grouped:
            return name > key_marker and not key_marker.startswith(name)
        if name != key_marker:
            return name > key_marker
        # With its marker gone (completed or aborted), all the uploads of that key are shown again.
        return bool(id_marker) and (at is None or _order(upload) > _order(at))

    return is_behind


def _smallest(
    uploads: Iterator[_Upload],
    most: int,
    prefix: str,
    delimiter: str,
    is_behind: Callable[[_Upload, str, bool], bool],
) -> list[tuple[str, _Upload | None]]:
    """The first entries: uploads under their keys, common prefixes without one."""
    prefixes: set[str] = set()

    def named() -> Iterator[tuple[str, _Upload | None]]:
        for upload in uploads:
            at = upload["Key"].find(delimiter, len(prefix)) if delimiter else -1
            name = upload["Key"] if at < 0 else upload["Key"][: at + len(delimiter)]
            if name in prefixes or not is_behind(upload, name, at >= 0):
                continue
            if at >= 0:
                prefixes.add(name)
            yield name, upload if at < 0 else None

    return nsmallest(most, named(), key=lambda e: (e[0], _order(e[1])[1:] if e[1] else ()))


def _answer(
    call: ListCall, entries: list[tuple[str, _Upload | None]], most: int, *, physical: bool
) -> dict[str, Any]:
    params, final = call.params, call.final
    name: Callable[[str], str] = encoded if final.get("EncodingType") == "url" else str
    shown = entries[:most]
    out: dict[str, Any] = {
        "Bucket": params["Bucket"],
        "Prefix": name(params.get("Prefix") or ""),
        "KeyMarker": name(params.get("KeyMarker") or ""),
        "UploadIdMarker": params.get("UploadIdMarker") or "",
        "MaxUploads": most,
        "IsTruncated": len(entries) > most > 0,
    }
    if final.get("EncodingType"):
        out["EncodingType"] = final["EncodingType"]
    if params.get("Delimiter"):
        out["Delimiter"] = name(params["Delimiter"])
    for key, upload in shown:
        if upload is None:
            out.setdefault("CommonPrefixes", []).append({"Prefix": name(key)})
        else:
            real = upload.pop("_physical")
            entry = {**upload, "Key": name(real if physical else key)}
            out.setdefault("Uploads", []).append(entry)
    if out["IsTruncated"]:
        key, upload = shown[-1]
        out["NextKeyMarker"] = cursor(key, url=name is encoded)
        out["NextUploadIdMarker"] = upload["UploadId"] if upload else ""
    return out
