"""Whole buckets: who else lives in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark import globs
from s3r_spark.errors import RefusedError, UnmatchedError
from s3r_spark.model import BUCKET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s3r_spark.routing import Routes, Rule

    ServiceId = Callable[[str], str]


def refuse_shared(
    routes: Routes, rule: Rule, bucket: str, operation: str, service_id: ServiceId | None = None
) -> None:
    """Let nobody change a bucket in which others have their data too.

    Where only folders of a bucket lie elsewhere, its configuration is that of the place which has
    the other names, and harms nobody's. To delete it is another thing: a bucket that still has
    names can't be deleted, and those elsewhere no store would see.

    Args:
        routes: which name goes where.
        rule: the rule that the bucket goes by.
        bucket: the logical bucket.
        operation: what is to be done with it, as S3 calls it.
        service_id: gives what the addresses of a client's service have in common; None: it is as
            the routes say.

    Raises:
        RefusedError: the route leads to a folder of the bucket, or other names lead to it too; or
            it is to be deleted, and has names in other places.
    """
    if rule.name is None and not routes.rules:
        return
    physical = rule.bucket(bucket)
    service_id = service_id or (lambda name: routes.clients[name].service_id)
    if rule.prefix_of(bucket):
        why = f"profile {rule.name!r} has only the folder {rule.prefix_of(bucket)!r} of it"
    elif _is_shared_by_itself(rule):
        why = f"profile {rule.name!r} leads other buckets there too"
    elif others := sorted(_others(routes, rule, bucket, service_id)):
        why = others[0]
    elif operation == "DeleteBucket" and (apart := _elsewhere(routes, rule, bucket, service_id)):
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


def _others(routes: Routes, rule: Rule, bucket: str, service_id: ServiceId) -> Iterable[str]:
    """List what else has names in the physical bucket.

    A profile that leaves the same bucket's keys where they are has no data there but this bucket's.
    """
    service, physical = service_id(rule.client), rule.bucket(bucket)
    for other in routes.rules:
        if other is rule or service_id(other.client) != service:
            continue
        logical = other.logical_bucket(physical)
        if logical is None or (logical == bucket and other.prefix is None):
            continue
        yield f"profile {other.name!r} leads there too"
    if rule.name is None or not default_has_names(routes, physical):
        return
    if service_id(routes.default.client) == service:
        yield f"it is what {physical!r} itself is, which no profile takes whole"


def _elsewhere(routes: Routes, rule: Rule, bucket: str, service_id: ServiceId) -> list[Rule]:
    """The rules that lead names of the bucket to another place than this one."""

    def place(of: Rule) -> tuple[str, str]:
        return service_id(of.client), of.bucket(bucket)

    return [other for other in routes.under(bucket) if place(other) != place(rule)]


def default_has_names(routes: Routes, bucket: str) -> bool:
    """Tell whether some names of a bucket are the default client's."""
    try:
        return routes.under(bucket, "")[-1].name is None
    except (UnmatchedError, IndexError):
        return False
