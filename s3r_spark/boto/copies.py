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
from s3r_spark.endpoints import is_aws, service_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.calls import Call
    from s3r_spark.boto.stores import Stores
    from s3r_spark.routing import Routes, Rule

_EXPRESS = "--x-s3"  # directory buckets end in it; their ETags are no MD5s
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
    if rule.client == call.rule.client or _are_same(routes, place, rule, params, call):
        if rule.name is not None or call.rule.name is not None:
            params["CopySource"] = place
        return
    carry = transfer.carry_part if "UploadId" in params else transfer.carry_object
    call.answer = partial(_carried, routes, stores, carry, (rule, bucket, place), call, params)
    call.parts = [rule, call.rule]


def _are_same(
    routes: Routes, place: dict[str, str], rule: Rule, params: dict[str, Any], call: Call
) -> bool:
    """Tell whether source and target are one object, by two clients of its store.

    To read it here and to write it again could lose it, so its store does what is asked.
    """
    if (place["Bucket"], place["Key"]) != (params["Bucket"], params.get("Key")):
        return False
    source, other = (routes.clients[client] for client in (rule.client, call.rule.client))
    return service_at(source.endpoint_url, source.region) == service_at(
        other.endpoint_url, other.region
    )


def _carried(  # noqa: PLR0913, PLR0917 - what a copy is made of
    routes: Routes,
    stores: Stores,
    carry: Callable[[Origin, Target, dict[str, Any]], dict[str, Any]],
    source: tuple[Rule, str, dict[str, str]],
    call: Call,
    params: dict[str, Any],
) -> dict[str, Any]:
    origin = origin_at(routes, stores, *source)
    target = target_at(routes, stores, call.client, params)
    there = Place(call.rule, target.store, call.bucket, call.key)
    with told(there):  # what the source says, says so
        return carry(origin, target, params)


def origin_at(
    routes: Routes, stores: Stores, rule: Rule, bucket: str, place: dict[str, str]
) -> Origin:
    """A copy's source.

    Args:
        routes: which store is what.
        stores: their stores.
        rule: the rule that leads there.
        bucket: the logical bucket.
        place: the physical Bucket and Key, and perhaps a VersionId.
    """
    known = md5_etags(routes, stores, rule.client, place["Bucket"])
    return Origin(stores.get(rule.client), rule, bucket, place, known)


def target_at(routes: Routes, stores: Stores, client: str, params: dict[str, Any]) -> Target:
    """A copy's target: a client's store, and the parameters of the copy with that store's names."""
    known = md5_etags(routes, stores, client, params["Bucket"])
    return Target(stores.get(client), params, md5_etags=known)


def md5_etags(routes: Routes, stores: Stores, name: str, bucket: str) -> bool:
    """Tell whether a store says that its ETags are MD5s, where nothing is encrypted."""
    address = stores.ready_address(name)
    known = routes.clients[name].preset.md5_etags if address is None else is_aws(address)
    return known and not bucket.endswith(_EXPRESS)


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
