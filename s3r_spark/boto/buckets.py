"""Whole buckets: who else lives in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark import globs
from s3r_spark.endpoints import service_at
from s3r_spark.errors import RefusedError, UnmatchedError
from s3r_spark.model import BUCKET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s3r_spark.routing import Routes, Rule

    ReadyAddress = Callable[[str], str | None]


def refuse_shared(
    routes: Routes, ready: ReadyAddress, rule: Rule, bucket: str, operation: str
) -> None:
    """Let nobody change a bucket in which others have their data too.

    Where only folders of a bucket lie elsewhere, its configuration is that of the place which has
    the other names, and harms nobody's. To delete it is another thing: a bucket that still has
    names can't be deleted, and those elsewhere no store would see.

    Args:
        routes: which name goes where.
        ready: gives the address of a client that was made by somebody else; None for others.
        rule: the rule that the bucket goes by.
        bucket: the logical bucket.
        operation: what is to be done with it, as S3 calls it.

    Raises:
        RefusedError: the route leads to a folder of the bucket, or other names lead to it too; or
            it is to be deleted, and has names in other places.
    """
    if rule.name is None and not routes.rules:
        return
    physical = rule.bucket(bucket)
    if rule.prefix_of(bucket):
        why = f"profile {rule.name!r} has only the folder {rule.prefix_of(bucket)!r} of it"
    elif _is_shared_by_itself(rule):
        why = f"profile {rule.name!r} leads other buckets there too"
    elif others := sorted(_others(routes, ready, rule, bucket)):
        why = others[0]
    elif operation == "DeleteBucket" and (apart := _elsewhere(routes, ready, rule, bucket)):
        why = f"profile {apart[0].name!r} keeps names of it in another place"
    else:
        return
    raise RefusedError(
        f"{operation} on {bucket!r} would change the whole bucket {physical!r} of client "
        f"{rule.client!r}, and {why}: ask that store's own client"
    )


def _is_shared_by_itself(rule: Rule) -> bool:
    name = rule.profile.mapped_bucket_name
    many = globs.has_wildcard(rule.profile.source_bucket_pattern)
    return rule.name is not None and many and name is not None and BUCKET not in name


def _others(routes: Routes, ready: ReadyAddress, rule: Rule, bucket: str) -> Iterable[str]:
    """List what else has names in the physical bucket.

    A profile that leaves the same bucket's keys where they are has no data there but this bucket's.
    """
    store, physical = _store(routes, ready, rule.client), rule.bucket(bucket)
    for other in routes.rules:
        if other is rule or _store(routes, ready, other.client) != store:
            continue
        logical = other.logical_bucket(physical)
        if logical is None or (logical == bucket and other.prefix is None):
            continue
        yield f"profile {other.name!r} leads there too"
    if rule.name is None or not default_has_names(routes, physical):
        return
    if _store(routes, ready, routes.default.client) == store:
        yield f"it is what {physical!r} itself is, which no profile takes whole"


def _elsewhere(routes: Routes, ready: ReadyAddress, rule: Rule, bucket: str) -> list[Rule]:
    """The rules that lead names of the bucket to another place than this one."""

    def place(of: Rule) -> tuple[str, str]:
        return _store(routes, ready, of.client), of.bucket(bucket)

    return [other for other in routes.under(bucket) if place(other) != place(rule)]


def _store(routes: Routes, ready: ReadyAddress, name: str) -> str:
    """Make what two clients of one store have in common."""
    client = routes.clients[name]
    return service_at(ready(name) or client.endpoint_url, client.region)


def default_has_names(routes: Routes, bucket: str) -> bool:
    """Tell whether some names of a bucket are the default client's."""
    try:
        return routes.under(bucket, "")[-1].name is None
    except (UnmatchedError, IndexError):
        return False
