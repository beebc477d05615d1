"""Losses: what copies don't have of what their sources have, said before a byte moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.stores import Store
    from s3r_spark.migrate.journal import Journal
    from s3r_spark.migrate.plan import Move

__all__ = ["losses"]

_ALWAYS = (
    "ACLs and owners: the copies have those of whoever writes them",
    "checksums that a store keeps beside ETags: the copies have those of their own writing, if any",
)
_COLD = ("GLACIER", "DEEP_ARCHIVE")
_USUAL = ("", "STANDARD")
# How stores say that a bucket has no such thing, or that they know none.
_NONE = {
    "NotImplemented",
    "MethodNotAllowed",
    "ObjectLockConfigurationNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
    "NoSuchBucket",
}


def losses(move: Move, journal: Journal) -> list[str]:
    """List what won't be kept; each bucket of the old place is asked three questions."""
    out = list(_ALWAYS)
    seen = set()
    for row in move.changes:
        for bucket in move.buckets(row):
            rule = move.old.routes.rule(bucket, row.example[1])
            place = rule.client, rule.bucket(bucket)
            if place not in seen:
                seen.add(place)
                out += _of_bucket(move.old.router.store(rule), place[1])
    cold = "o.state IS NOT 'copied' AND l.storage IN ({})"
    count, _ = journal.totals(cold.format(", ".join(map(repr, _COLD))))
    if count:
        out.append(f"{count:,} objects are archived ({', '.join(_COLD)}): restore them first")
    usual = ", ".join(map(repr, (*_USUAL, *_COLD)))
    count, _ = journal.totals(f"l.storage NOT IN ({usual})")
    if count:
        out.append(f"storage classes, of {count:,} objects, where the new place knows no such")
    return out


def _of_bucket(store: Store, bucket: str) -> list[str]:
    client, out = store.client, []
    response = _asked(client.get_bucket_versioning, bucket)
    if response is None:
        out.append(f"versions of {bucket}, if it keeps any: its store doesn't say")
    elif response.get("Status"):
        out.append(f"versions: {bucket} keeps them, and the newest alone is copied")
    response = _asked(client.get_object_lock_configuration, bucket)
    if response and response.get("ObjectLockConfiguration"):
        out.append(f"locks and holds: {bucket} has them")
    response = _asked(client.get_bucket_encryption, bucket)
    rules = (response or {}).get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    kinds = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    if any("kms" in str(kind.get("SSEAlgorithm")) for kind in kinds):
        out.append(f"encryption keys: {bucket} encrypts by KMS; copies as their bucket says")
    return out


def _asked(method: Callable[..., dict[str, Any]], bucket: str) -> dict[str, Any] | None:
    """An answer; {} where there is no such thing, None where it isn't told."""
    try:
        return method(Bucket=bucket)
    except ClientError as error:
        return {} if error.response["Error"]["Code"] in _NONE else None
    except BotoCoreError:
        return None
