"""From logical names to physical ones: what a call's parameters become for its store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from s3r_spark import globs
from s3r_spark.boto import bucket_lists, buckets, copies, deletes
from s3r_spark.boto.calls import Call, physical_key
from s3r_spark.boto.listing import merge, tokens, uploads
from s3r_spark.boto.listing.entries import ListCall
from s3r_spark.boto.operations import Kind, Operation, operation
from s3r_spark.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from botocore.model import OperationModel

    from s3r_spark.boto.router import Router
    from s3r_spark.routing import Rule

Params = dict[str, Any]
_FINDING = {"HeadBucket": "head_bucket", "GetBucketLocation": "get_bucket_location"}
_MARKERS = ("StartAfter", "Marker", "KeyMarker")
_ECHOED = ("Prefix", *_MARKERS)


class Requests:
    """Maps the parameters of calls, in place; botocore has given us a copy of them.

    Args:
        router: the client's router; its stores give the answers that one request can't.
    """

    def __init__(self, router: Router) -> None:
        self.router, self.routes = router, router.routes
        self._operations: dict[str, Operation] = {}

    def route(
        self, params: Params, model: OperationModel, context: MutableMapping[str, Any]
    ) -> Call:
        """Choose the store of a call and give its parameters the store's names.

        Wrong types are left for botocore's validation to refuse, as it would on a plain client.

        Raises:
            UnmatchedError: no profile matches, and the file says `unmatched: refuse`.
            RefusedError: it would hit more than it names, or can't be presigned.
        """
        known = self._operations.get(model.name)
        if known is None:
            known = self._operations[model.name] = operation(model)
        bucket = params.get("Bucket")
        if known.kind is Kind.ACCOUNT or not isinstance(bucket, str):
            call = self._account(params, model.name)
        elif known.kind is Kind.PREFIX:
            call = self._prefix(params, model.name, bucket)
        elif known.kind is Kind.MANY:
            call = deletes.route(self.router, params, bucket)
        elif (
            model.name in _FINDING
            and not context.get("is_presign_request")
            and self._spans(rules := self.routes.under(bucket))
        ):
            call = self._bucket(params, model.name, bucket, rules)
        else:
            call = self._place(params, model.name, bucket, known)
        if context.get("is_presign_request") and call.answer is not None:
            raise RefusedError(
                f"{model.name} over several stores can't be presigned: no URL does it"
            )
        return call

    def _account(self, params: Params, name: str) -> Call:
        nowhere = self.routes.default
        call = Call(self.router.main, nowhere)
        if name == "ListBuckets" and self.routes.rules and not self.router.physical:
            default = not self.routes.refuses_unmatched
            call.answer = partial(
                bucket_lists.list_buckets, self.router, dict(params), default=default
            )
            call.parts = [*self.routes.rules, *([nowhere] if default else [])]
        return call

    @staticmethod
    def _spans(rules: list[Rule]) -> bool:
        """Tell whether names of a bucket are in several places, or only some of them anywhere."""
        return len(rules) > 1 or (len(rules) == 1 and rules[0].key_pattern != "*")

    def _bucket(self, params: Params, name: str, bucket: str, rules: list[Rule]) -> Call:
        """Tell whether a bucket is there: asked first where a call for the bucket itself goes."""
        first = [rules[-1], *rules[:-1]] if rules[-1].key_pattern == "*" else rules
        rule = first[0]
        call = Call(rule.client, rule, bucket, rule.bucket(bucket))
        answer = partial(bucket_lists.find_bucket, self.router, first, bucket)
        call.answer = partial(answer, _FINDING[name], dict(params))
        params["Bucket"] = call.physical
        return call

    def _place(self, params: Params, name: str, bucket: str, known: Operation) -> Call:
        """A call for one object, or for a bucket."""
        key = params.get("Key")
        named = key if isinstance(key, str) and key else None
        rule = self.routes.rule(bucket, named)
        if known.changes:
            self.routes.refuse_change(rule, f"s3://{bucket}/{named or ''}", name)
        if known.changes_bucket:
            buckets.refuse_shared(self.routes, rule, bucket, name, self.router.service_id)
        physical = params["Bucket"] = rule.bucket(bucket)
        call = Call(rule.client, rule, bucket, physical, named)
        if named is not None:
            params["Key"] = physical_key(rule, bucket, named)
        if known.kind is Kind.TWO:
            if "RenameSource" in params:
                self._rename(params, rule, bucket)
            else:
                copies.route(self.router, params, call)
        return call

    def _rename(self, params: Params, rule: Rule, bucket: str) -> None:
        """RenameObject moves inside one bucket, and no other call would do the same in one step.

        Its source is a url-encoded key, which may have the bucket before it.
        """
        source = params["RenameSource"]
        if not isinstance(source, str):
            return
        slash = "/" if source.startswith("/") else ""
        named, _, key = unquote(source).removeprefix("/").partition("/")
        head = f"{slash}{params['Bucket']}/"
        if named != bucket and not slash:
            named, key, head = bucket, unquote(source), ""
        from_rule = self.routes.rule(named, key)
        place = from_rule.client, from_rule.bucket(named)
        if place != (rule.client, params["Bucket"]):
            raise RefusedError(
                f"RenameObject from s3://{named}/{key}: it lies in another bucket or store"
            )
        self.routes.refuse_change(from_rule, f"s3://{named}/{key}", "RenameObject")
        params["RenameSource"] = head + quote(physical_key(from_rule, named, key))

    def _prefix(self, params: Params, name: str, bucket: str) -> Call:
        prefix = params.get("Prefix") or ""
        if not isinstance(prefix, str):
            prefix = ""
        rules = self.routes.under(bucket, prefix)
        if not rules:
            rules = [self.routes.rule(bucket, prefix)]  # raises: nothing can be there
        rule = rules[0]
        call = Call(rule.client, rule, bucket, rule.bucket(bucket), prefix)
        call.echoed = {field: params[field] for field in _ECHOED if params.get(field)}
        if len(rules) == 1 and _passes(rule, prefix, params):
            _lend_prefix(params, rule, bucket)
        else:
            merged = uploads.merged if name == "ListMultipartUploads" else merge.merged
            call.parts = rules
            answer = partial(merged, self.router, ListCall(name, rules, dict(params), params))
            call.answer = partial(bucket_lists.whole, self.router, rules, bucket, answer)
        params["Bucket"] = call.physical
        return call


def _passes(rule: Rule, prefix: str, params: Params) -> bool:
    """Tell if the store's own list is the logical one: all names are the rule's, alike begun."""
    if rule.name is not None and not globs.owns_all_below(rule.key_pattern, prefix):
        return False
    if tokens.is_ours(params.get("ContinuationToken")):
        return False
    return all(
        params[field].startswith(rule.folder)
        for field in _MARKERS
        if isinstance(params.get(field), str) and params[field]
    )


def _lend_prefix(params: Params, rule: Rule, bucket: str) -> None:
    if rule.prefix is None:
        return
    for field in _MARKERS:
        if isinstance(params.get(field), str) and params[field]:
            params[field] = rule.key(bucket, params[field])
    prefix = params.get("Prefix", "")
    if isinstance(prefix, str):
        params["Prefix"] = rule.key(bucket, prefix)
