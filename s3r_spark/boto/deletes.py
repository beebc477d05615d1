"""delete_objects: one request to each bucket that holds some of the objects."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from s3r_spark.boto import cancellation
from s3r_spark.boto.calls import Call, physical_key
from s3r_spark.boto.error_details import Place, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.boto.router import Router
    from s3r_spark.routing import Rule

_Object = dict[str, Any]
_Identity = tuple[str, str | None]
_THERE = "_physical"  # an entry's key in its store, until the answer is made


class _Group:
    """The objects of a call that lie in one bucket of one store."""

    def __init__(self, rule: Rule, bucket: str) -> None:
        self.rule, self.bucket = rule, bucket
        self.objects: list[_Object] = []
        self.logical: dict[str, str] = {}
        self._names: dict[_Identity, list[str]] = {}

    def add(self, named: _Object, key: str) -> None:
        there = {**named, "Key": key}
        names = self._names.setdefault(_identity(there), [])
        if not names:
            self.objects.append(there)
        names.append(named["Key"])
        self.logical[key] = named["Key"]

    @property
    def is_ambiguous(self) -> bool:
        """Tell whether an object is named twice: each name has to be answered."""
        return any(len(names) > 1 for names in self._names.values())

    def named(self, entry: _Object) -> list[_Object]:
        """An entry of the store's answer, once for each name that it was asked by."""
        key = entry.get("Key", "")
        names = self._names.get(_identity({**entry, "Key": key})) or self._names.get((key, None))
        return [{**entry, "Key": name, _THERE: key} for name in names or [key]]


def route(router: Router, params: dict[str, Any], bucket: str) -> Call:
    """Map a DeleteObjects call; where several buckets hold its objects, it is answered by all.

    Args:
        router: the client's router.
        params: the call's parameters.
        bucket: the logical bucket.

    Raises:
        RefusedError: an object is the root of a bucket, or may only be read.
    """
    routes, delete = router.routes, params.get("Delete")
    objects = delete.get("Objects") if isinstance(delete, dict) else None
    if not isinstance(objects, (list, tuple)) or not all(map(_is_named, objects)) or not objects:
        rule = routes.rule(bucket, None)  # botocore's validation says what is wrong with it
        params["Bucket"] = rule.bucket(bucket)
        return Call(rule.client, rule, bucket, params["Bucket"])
    groups: dict[tuple[str, str], _Group] = {}
    rules: dict[str | None, Rule] = {}
    for named in objects:
        rule = routes.rule(bucket, named["Key"])
        routes.refuse_change(rule, f"s3://{bucket}/{named['Key']}", "DeleteObjects")
        rules.setdefault(rule.name, rule)
        place = rule.client, rule.bucket(bucket)
        if place not in groups:
            groups[place] = _Group(rule, place[1])
        groups[place].add(named, physical_key(rule, bucket, named["Key"]))
    (client, physical), first = next(iter(groups.items()))
    call = Call(client, first.rule, bucket, physical)
    call.keys = first.logical
    call.parts = list(rules.values())
    if len(groups) > 1 or first.is_ambiguous:
        call.answer = partial(_fan_out, router, list(groups.values()), dict(params), list(objects))
    params["Bucket"] = physical
    params["Delete"] = {**delete, "Objects": first.objects} if isinstance(delete, dict) else delete
    return call


def _is_named(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("Key"), str) and bool(value["Key"])


def _fan_out(
    router: Router, groups: list[_Group], params: dict[str, Any], objects: list[_Object]
) -> dict[str, Any]:
    """Ask each store for its own objects; one that fails takes nothing from the others' results.

    Raises:
        ClientError, BotoCoreError: all stores failed; it is the first one's error.
    """
    out: dict[str, Any] = {"Deleted": [], "Errors": []}
    failed: list[ClientError | BotoCoreError] = []
    for group in groups:
        cancellation.check()
        delete = {**params["Delete"], "Objects": group.objects}
        store = router.store(group.rule)
        request = {**params, "Bucket": group.bucket, "Delete": delete}
        try:
            with told(Place(group.rule, store, params["Bucket"])):
                answer = store.client.delete_objects(**request)
        except (ClientError, BotoCoreError) as error:
            failed.append(error)
            for named in group.objects:
                out["Errors"] += group.named(_error(error, named))
            continue
        out.setdefault("ResponseMetadata", answer["ResponseMetadata"])
        for field in ("Deleted", "Errors"):
            for entry in answer.get(field, ()):
                out[field] += group.named(entry)
    if len(failed) == len(groups):
        raise failed[0]
    return _ordered(out, objects, physical_names=router.physical)


def _ordered(
    out: dict[str, Any], objects: list[_Object], *, physical_names: bool
) -> dict[str, Any]:
    """The answer in the request's order, under the names that are asked for."""
    order = {_identity(named): -at for at, named in reversed(list(enumerate(objects)))}
    order.update({(named["Key"], None): -at for at, named in reversed(list(enumerate(objects)))})
    for field in ("Deleted", "Errors"):
        out[field].sort(
            key=lambda e: -order.get(_identity(e), order.get((e["Key"], None), 0)),
        )
        for entry in out[field]:
            there = entry.pop(_THERE)
            if physical_names:
                entry["Key"] = there
        if not out[field]:
            del out[field]
    return out


def _identity(named: Mapping[str, Any]) -> _Identity:
    return named["Key"], named.get("VersionId")


def _error(error: ClientError | BotoCoreError, named: _Object) -> _Object:
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code, message = details.get("Code", "InternalError"), details.get("Message", "")
    else:
        code, message = type(error).__name__, str(error)
    version = {"VersionId": named["VersionId"]} if "VersionId" in named else {}
    return {"Key": named["Key"], **version, "Code": code, "Message": message}
