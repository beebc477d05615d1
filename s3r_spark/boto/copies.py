"""CopyObject and UploadPartCopy: by the store itself within one store, through here between two."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from s3r_spark.boto import transfer
from s3r_spark.boto.calls import physical_key
from s3r_spark.boto.origin import Origin
from s3r_spark.boto.places import Place, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.calls import Call
    from s3r_spark.boto.stores import Store, Stores
    from s3r_spark.routing import Routes, Rule

_VERSION = re.compile(r"\?versionId=[^\s]+$")


def route(routes: Routes, stores: Stores, params: dict[str, Any], call: Call) -> None:
    """Map a copy's source; where it lies in another store, answer the call by carrying the data.

    Raises:
        RefusedError: the source is the root of a bucket.
        UnmatchedError: no profile matches the source, and the file says `unmatched: refuse`.
    """
    named = split_source(params.get("CopySource"))
    if named is None:
        return
    bucket, key, version = named
    rule = routes.rule(bucket, key)
    place = {"Bucket": rule.bucket(bucket), "Key": physical_key(rule, bucket, key)}
    if version is not None:
        place["VersionId"] = version
    if rule.client == call.rule.client:
        if rule.name is not None:
            params["CopySource"] = place
        return
    carry = transfer.carry_part if "UploadId" in params else transfer.carry_object
    call.answer = partial(_carried, carry, stores, (rule, bucket, place), call, params)
    call.parts = [rule, call.rule]


def _carried(
    carry: Callable[[Origin, Store, dict[str, Any]], dict[str, Any]],
    stores: Stores,
    source: tuple[Rule, str, dict[str, str]],
    call: Call,
    params: dict[str, Any],
) -> dict[str, Any]:
    rule, bucket, place = source
    origin = Origin(stores.get(rule.client), rule, bucket, place)
    target = stores.get(call.client)
    with told(Place(call.rule, target, call.bucket, call.key)):  # what the source says, says so
        return carry(origin, target, params)


def split_source(source: object) -> tuple[str, str, str | None] | None:
    """Bucket, key and version of a CopySource; None: botocore or the store says what is wrong."""
    if isinstance(source, dict):
        bucket, key, version = source.get("Bucket"), source.get("Key"), source.get("VersionId")
        if isinstance(bucket, str) and isinstance(key, str) and bucket and key:
            return bucket, key, version
    elif isinstance(source, str) and not source.startswith("arn:"):
        found = _VERSION.search(source)
        version = found[0].partition("=")[2] if found else None
        path = source[: found.start()] if found else source
        bucket, _, key = path.removeprefix("/").partition("/")
        if bucket and key:
            return bucket, key, version
    return None
