"""CopyObject and UploadPartCopy: by the store itself within one store, through here between two."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from s3r_spark.boto import transfer
from s3r_spark.boto.calls import physical_key
from s3r_spark.boto.copy_source import Origin
from s3r_spark.boto.copy_target import Target
from s3r_spark.boto.error_details import Place, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.calls import Call
    from s3r_spark.boto.router import Router
    from s3r_spark.routing import Rule

_VERSION = re.compile(r"\?versionId=[^\s]+$")


def route(router: Router, params: dict[str, Any], call: Call) -> None:
    """Map a copy's source; where it lies in another store, answer the call by carrying the data.

    Raises:
        RefusedError: the source is the root of a bucket.
        UnmatchedError: no profile matches the source, and the file says `unmatched: refuse`.
    """
    named = split_source(params.get("CopySource"))
    if named is None:
        return
    bucket, key, version = named
    rule = router.routes.rule(bucket, key)
    place = {"Bucket": rule.bucket(bucket), "Key": physical_key(rule, bucket, key)}
    if version is not None:
        place["VersionId"] = version
    if rule.client == call.rule.client or _is_one_object(router, rule, place, params, call):
        if rule.name is not None or call.rule.name is not None:
            params["CopySource"] = place
        return
    carry = transfer.carry_part if "UploadId" in params else transfer.carry_object
    call.answer = partial(_carried, router, carry, (rule, bucket, place), call, params)
    call.parts = [rule, call.rule]


def _is_one_object(
    router: Router, rule: Rule, place: dict[str, str], params: dict[str, Any], call: Call
) -> bool:
    """Tell whether source and target are one object, by two clients of its store.

    To read it here and to write it again could lose it, so its store does what is asked.
    """
    if (place["Bucket"], place["Key"]) != (params["Bucket"], params.get("Key")):
        return False
    return router.service_id(rule.client) == router.service_id(call.rule.client)


def _carried(
    router: Router,
    carry: Callable[[Origin, Target, dict[str, Any]], dict[str, Any]],
    source: tuple[Rule, str, dict[str, str]],
    call: Call,
    params: dict[str, Any],
) -> dict[str, Any]:
    origin = origin_at(router, *source)
    target = target_at(router, call.client, params)
    there = Place(call.rule, target.store, call.bucket, call.key)
    with told(there):  # what the source says, says so
        return carry(origin, target, params)


def origin_at(router: Router, rule: Rule, bucket: str, place: dict[str, str]) -> Origin:
    """A copy's source.

    Args:
        router: the router whose rule it is.
        rule: the rule that leads there.
        bucket: the logical bucket.
        place: the physical Bucket and Key, and perhaps a VersionId.
    """
    md5_etags = router.has_md5_etags(rule.client, place["Bucket"])
    return Origin(router.store(rule), rule, bucket, place, md5_etags)


def target_at(router: Router, client: str, params: dict[str, Any]) -> Target:
    """A copy's target: a client's store, and the parameters of the copy with that store's names."""
    md5_etags = router.has_md5_etags(client, params["Bucket"])
    return Target(router.stores.get(client), params, md5_etags=md5_etags)


def split_source(source: object) -> tuple[str, str, str | None] | None:
    """Bucket, key and version of a CopySource; None: botocore or the store says what is wrong."""
    if isinstance(source, dict):
        bucket, key, version = source.get("Bucket"), source.get("Key"), source.get("VersionId")
        if isinstance(bucket, str) and isinstance(key, str) and bucket and key:
            return bucket, key, version
    elif isinstance(source, str) and not source.startswith("arn:"):
        match = _VERSION.search(source)
        version = match[0].partition("=")[2] if match else None
        path = source[: match.start()] if match else source
        bucket, _, key = path.removeprefix("/").partition("/")
        if bucket and key:
            return bucket, key, version
    return None
