"""Presigned forms; presigned URLs need nothing of their own, since they go through the hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3r_spark import globs
from s3r_spark.boto.calls import physical_key
from s3r_spark.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s3r_spark.boto.router import Router
    from s3r_spark.routing import Routes, Rule

_FILENAME = "${filename}"  # stands for the name of the file that is sent with the form
_OPERATOR = 3  # [operator, field, value]


def presigned_post(
    router: Router, name: tuple[str, str], conditions: Sequence[Any] | None, **arguments: Any
) -> dict[str, Any]:
    """The form of the store that holds an object.

    Args:
        router: the client's router.
        name: the logical bucket and key; the key may hold `${filename}`.
        conditions: those of the form's policy, with logical names.
        arguments: Fields and ExpiresIn.

    Raises:
        RefusedError: the form would take objects that belong to another route, or may only be
            read.
    """
    routes, (bucket, key) = router.routes, name
    fixed, filename, rest = key.partition(_FILENAME)
    if filename:
        rule = _sole(routes, bucket, fixed)
        physical = rule.key(bucket, fixed) + filename + rest
    else:
        rule = routes.rule(bucket, key)
        physical = physical_key(rule, bucket, key)
    routes.refuse_change(rule, f"s3://{bucket}/{key}", "a form")
    mapped = [_mapped(routes, rule, bucket, condition) for condition in conditions or ()]
    form: dict[str, Any] = router.stores.plain(rule.client).generate_presigned_post(
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
            out["key"] = _key(routes, rule, bucket, out["key"])
        return out
    if isinstance(condition, (list, tuple)) and len(condition) == _OPERATOR:
        operator, field, value = condition
        if field == "$key" and operator == "starts-with":
            if _sole(routes, bucket, value) is not rule:
                raise _of_another(condition)
            return [operator, field, rule.key(bucket, value)]
        if field == "$key":
            return [operator, field, _key(routes, rule, bucket, value)]
        if field == "$bucket" and value == bucket:
            return [operator, field, rule.bucket(bucket)]
    return condition


def _key(routes: Routes, rule: Rule, bucket: str, key: str) -> str:
    """The physical key that a condition asks for."""
    if routes.rule(bucket, key) is not rule:
        raise _of_another(key)
    return rule.key(bucket, key)


def _of_another(condition: object) -> RefusedError:
    return RefusedError(f"the condition {condition} takes names of another profile than the key")


def _sole(routes: Routes, bucket: str, prefix: str) -> Rule:
    """The one rule of all names that start with a prefix.

    Raises:
        RefusedError: they go by several.
        UnmatchedError: nobody has such names.
    """
    rules = routes.under(bucket, prefix) or [routes.rule(bucket, prefix)]
    names = [repr(rule.name or "default") for rule in rules]
    if not globs.owns_all_below(rules[-1].key_pattern, prefix):
        names.append("no profile")
    if len(names) == 1:
        return rules[0]
    raise RefusedError(
        f"a form for every name under s3://{bucket}/{prefix} can't be made: they go by "
        f"{' or '.join(names)}"
    )
