"""Whole buckets: who else lives in one, and which there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from s3r_spark import globs
from s3r_spark.boto.answers import failure
from s3r_spark.endpoints import service_at
from s3r_spark.errors import RefusedError, UnmatchedError
from s3r_spark.model import BUCKET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from s3r_spark.boto.stores import Stores
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
    """What else has names in the physical bucket.

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
    if rule.name is None or not _default_has_names(routes, physical):
        return
    if _store(routes, ready, routes.default.client) == store:
        yield f"it is what {physical!r} itself is, which no profile takes whole"


def _elsewhere(routes: Routes, ready: ReadyAddress, rule: Rule, bucket: str) -> list[Rule]:
    """The rules that lead names of the bucket to another place than this one."""

    def place(of: Rule) -> tuple[str, str]:
        return _store(routes, ready, of.client), of.bucket(bucket)

    return [other for other in routes.under(bucket) if place(other) != place(rule)]


def _store(routes: Routes, ready: ReadyAddress, name: str) -> str:
    """What two clients of one store have in common."""
    client = routes.clients[name]
    return service_at(ready(name) or client.endpoint_url, client.region)


# -- list_buckets ----------------------------------------------------------------------------------


def list_buckets(
    routes: Routes, stores: Stores, params: Mapping[str, Any], *, default: bool
) -> dict[str, Any]:
    """The logical buckets and, where there is a default client, its own: one sorted list.

    A bucket of a profile is there if its physical one is. Each store is asked once for all its
    buckets; one that doesn't let us list them is asked for each name that can be known.
    """
    found: dict[str, dict[str, Any]] = {}
    asked = {key: params[key] for key in ("BucketRegion",) if key in params}
    owner: dict[str, Any] = {}
    listed: dict[str, dict[str, dict[str, Any]] | None] = {}
    if default:
        first = listed["default"] = _all(stores, "default", asked, owner)
        found = {name: first[name] for name in first if _default_has_names(routes, name)}
    for rule in routes.rules:
        if rule.client not in listed:
            try:
                listed[rule.client] = _all(stores, rule.client, asked, owner)
            except (
                ClientError
            ):  # no right to list, mostly; the store's objects may be there all the same
                listed[rule.client] = None
        for logical, entry in _of_rule(rule, listed[rule.client], stores):
            found.setdefault(logical, {**entry, "Name": logical})
    return _page(found, owner, params)


def _all(
    stores: Stores, name: str, asked: Mapping[str, Any], owner: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """All buckets of a store by name."""
    client = stores.plain(name)
    out: dict[str, dict[str, Any]] = {}
    token: dict[str, str] = {}
    while True:
        page = client.list_buckets(**asked, **token)
        owner.setdefault("Owner", page.get("Owner", {}))
        out.update((entry["Name"], entry) for entry in page.get("Buckets", ()))
        if not page.get("ContinuationToken"):
            return out
        token = {"ContinuationToken": page["ContinuationToken"]}


def _of_rule(
    rule: Rule, listed: Mapping[str, dict[str, Any]] | None, stores: Stores
) -> Iterable[tuple[str, dict[str, Any]]]:
    """The logical buckets of a rule whose physical ones are there, with their entries."""
    pattern = rule.profile.source_bucket_pattern
    known = rule.profile.buckets or (() if globs.has_wildcard(pattern) else (pattern,))
    for logical in known:
        physical = rule.bucket(logical)
        if listed is None:
            if _exists(stores, rule.client, physical):
                yield logical, {}
        elif physical in listed:
            yield logical, listed[physical]
    if globs.has_wildcard(pattern) and BUCKET in (rule.profile.mapped_bucket_name or BUCKET):
        for physical, entry in (listed or {}).items():
            if (logical_name := rule.logical_bucket(physical)) is not None:
                yield logical_name, entry


def _exists(stores: Stores, name: str, bucket: str) -> bool:
    try:
        stores.plain(name).head_bucket(Bucket=bucket)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] not in {301, 404}
    return True


def _default_has_names(routes: Routes, bucket: str) -> bool:
    try:
        return routes.under(bucket, "")[-1].name is None
    except (UnmatchedError, IndexError):
        return False


def _page(
    found: Mapping[str, dict[str, Any]], owner: Mapping[str, Any], params: Mapping[str, Any]
) -> dict[str, Any]:
    prefix, after = params.get("Prefix") or "", params.get("ContinuationToken") or ""
    most = params.get("MaxBuckets")
    if most is not None and most < 1:
        raise failure("InvalidArgument", "MaxBuckets must be 1 or more", 400, "ListBuckets")
    names = sorted(name for name in found if name.startswith(prefix) and name > after)
    shown = names if most is None else names[:most]
    out: dict[str, Any] = {"Buckets": [found[name] for name in shown], **owner}
    if len(shown) < len(names):
        out["ContinuationToken"] = shown[-1]
    if prefix:
        out["Prefix"] = prefix
    return out
