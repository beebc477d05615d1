"""Presigned forms; presigned URLs need nothing of their own, since they go through the hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3r_spark.boto.calls import physical_key
from s3r_spark.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s3r_spark.boto.stores import Stores
    from s3r_spark.routing import Routes, Rule

_FILENAME = "${filename}"  # stands for the name of the file that is sent with the form
_OPERATOR = 3  # [operator, field, value]


def presigned_post(
    routes: Routes,
    stores: Stores,
    place: tuple[str, str],
    conditions: Sequence[Any] | None,
    **arguments: Any,
) -> dict[str, Any]:
    """The form of the store that holds an object.

    Args:
        routes: which name goes where.
        stores: the stores by client name.
        place: the logical bucket and key; the key may end with `${filename}`.
        conditions: those of the form's policy, with logical names.
        arguments: Fields and ExpiresIn.

    Raises:
        RefusedError: the form would take objects that belong to another route.
    """
    bucket, key = place
    fixed = key.removesuffix(_FILENAME)
    if fixed == key:
        rule, physical = routes.rule(bucket, key), ""
        physical = physical_key(rule, bucket, key)
    else:
        rule = _sole(routes, bucket, fixed)
        physical = rule.key(bucket, fixed) + _FILENAME
    mapped = [_mapped(routes, rule, bucket, found) for found in conditions or ()]
    form: dict[str, Any] = stores.plain(rule.client).generate_presigned_post(
        rule.bucket(bucket), physical, Conditions=mapped or None, **arguments
    )
    return form


def _mapped(routes: Routes, rule: Rule, bucket: str, condition: Any) -> Any:
    """A condition with the store's names."""
    if isinstance(condition, dict):
        out = dict(condition)
        if out.get("bucket") == bucket:
            out["bucket"] = rule.bucket(bucket)
        if isinstance(out.get("key"), str):
            out["key"] = rule.key(bucket, out["key"])
        return out
    if isinstance(condition, (list, tuple)) and len(condition) == _OPERATOR:
        operator, field, value = condition
        if field == "$key" and operator == "starts-with":
            if _sole(routes, bucket, value) is not rule:
                raise RefusedError(
                    f"the condition {list(condition)} takes names of another profile than the key"
                )
            return [operator, field, rule.key(bucket, value)]
        if field == "$key":
            return [operator, field, rule.key(bucket, value)]
        if field == "$bucket" and value == bucket:
            return [operator, field, rule.bucket(bucket)]
    return condition


def _sole(routes: Routes, bucket: str, prefix: str) -> Rule:
    """The one rule of all names that start with a prefix."""
    rules = routes.under(bucket, prefix)
    if len(rules) == 1:
        return rules[0]
    names = ", ".join(repr(rule.name or "default") for rule in rules) or "no profile"
    raise RefusedError(
        f"a form for every name under s3://{bucket}/{prefix} can't be made: they go by {names}"
    )
