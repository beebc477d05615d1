"""Lists of buckets: all of them, and whether one is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from s3r_spark import globs
from s3r_spark.boto.buckets import default_has_names
from s3r_spark.boto.error_details import IncompleteError, Place, told
from s3r_spark.boto.synthetic import failure
from s3r_spark.errors import RoutesWarning, warn
from s3r_spark.model import BUCKET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from s3r_spark.boto.router import Router
    from s3r_spark.routing import Rule

# How stores say that whoever they know by his keys may not list buckets, or that they never do.
_MAY_NOT_LIST = {"403", "AccessDenied", "Forbidden", "MethodNotAllowed", "NotImplemented"}
_FOUND, _NOT_YOURS, _NOT_HERE = 200, 403, {301, 404}
_NOBODYS = "s3r-0b9f4f6e2f9d4c0f8a55d5a3c1e7b264"  # a bucket that nobody has
_Entry = dict[str, Any]


def find_bucket(
    router: Router, rules: list[Rule], bucket: str, method: str, params: Mapping[str, Any]
) -> dict[str, Any]:
    """Answer HeadBucket or GetBucketLocation: a bucket is there if any of its stores has it.

    Args:
        router: the client's router.
        rules: those that can have names in the bucket; the first is asked first.
        bucket: the logical bucket.
        method: the client's method for the operation.
        params: the call's parameters.

    Raises:
        ClientError, BotoCoreError: no store has it; the error is one that says more than so.
    """
    places = {(rule.client, rule.bucket(bucket)): rule for rule in reversed(rules)}
    errors: list[ClientError | BotoCoreError] = []
    for (client, physical), rule in reversed(places.items()):
        store = router.store(rule)
        try:
            with told(Place(rule, store, bucket)):
                response: dict[str, Any] = getattr(store.client, method)(
                    **{**params, "Bucket": physical}
                )
        except (ClientError, BotoCoreError) as error:
            errors.append(error)
        else:
            response["ResponseMetadata"]["Route"] = {"profile": rule.name, "client": client}
            return response
    raise next((error for error in errors if not _says_missing(error)), errors[0])


def whole(
    router: Router, rules: list[Rule], bucket: str, answer: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """A list; where no part of it has its bucket, it fails as of a bucket that isn't there.

    Raises:
        IncompleteError: some part has its bucket, and a profile's own is missing.
    """
    try:
        return answer()
    except IncompleteError as error:
        try:
            find_bucket(router, rules, bucket, "head_bucket", {})
        except (ClientError, BotoCoreError) as nowhere:
            if _says_missing(nowhere) and error.__cause__ is not None:
                raise error.__cause__ from None
        raise


def _says_missing(error: ClientError | BotoCoreError) -> bool:
    return isinstance(error, ClientError) and _status(error) in _NOT_HERE


def _status(error: ClientError) -> int:
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status


def list_buckets(router: Router, params: Mapping[str, Any], *, default: bool) -> dict[str, Any]:
    """The logical buckets and, where there is a default client, its own: one sorted list.

    A bucket of a profile is there if its physical one is. Each store is asked once for all its
    buckets; one that doesn't let us list them is asked for each name that can be known. A store
    that can't be asked is passed over, and `Route` of the answer names it under `missing`.

    Raises:
        ClientError, BotoCoreError: no store could be asked; it is the first one's error.

    Warns:
        RoutesWarning: for each store that was passed over.
    """
    routes = router.routes
    filters = {key: params[key] for key in ("BucketRegion",) if key in params}
    lists = _Lists(router, filters)
    buckets: dict[str, _Entry] = {}
    if default:
        defaults = lists.of(routes.default) or {}
        buckets = {name: defaults[name] for name in defaults if default_has_names(routes, name)}
    for rule in routes.rules:
        for logical, entry in lists.logical(rule):
            buckets.setdefault(logical, {**entry, "Name": logical})
    rules = [*routes.rules, *([routes.default] if default else [])]
    return {**_page(buckets, lists.owner, params), "ResponseMetadata": lists.route(rules)}


class _Lists:
    """Answers of each store about its buckets, asked for once.

    Attributes:
        owner: whom the first store names as theirs.
    """

    def __init__(self, router: Router, filters: Mapping[str, Any]) -> None:
        self._router, self._filters = router, filters
        self._listed: dict[str, dict[str, _Entry] | None] = {}
        self._errors: dict[str, ClientError | BotoCoreError] = {}
        self._told_apart: dict[str, bool] = {}
        self._left_out: set[str] = set()  # clients of which some buckets aren't known
        self.owner: dict[str, Any] = {}

    def of(self, rule: Rule) -> dict[str, _Entry] | None:
        """All buckets of a rule's store by name; None: that can't be known."""
        if rule.client not in self._listed:
            self._listed[rule.client] = None
            store = self._router.store(rule)
            try:
                with told(Place(self._router.routes.default, store)):
                    self._listed[rule.client] = self._all(store.client)
            except (ClientError, BotoCoreError) as error:
                self._errors[rule.client] = error
        if self._listed[rule.client] is None and not _known(rule):
            self._left_out.add(rule.client)
        return self._listed[rule.client]

    def _all(self, client: Any) -> dict[str, _Entry]:
        out: dict[str, _Entry] = {}
        token: dict[str, str] = {}
        while True:
            page = client.list_buckets(**self._filters, **token)
            self.owner.setdefault("Owner", page.get("Owner", {}))
            out.update((entry["Name"], entry) for entry in page.get("Buckets", ()))
            if not page.get("ContinuationToken"):
                return out
            token = {"ContinuationToken": page["ContinuationToken"]}

    def logical(self, rule: Rule) -> Iterator[tuple[str, _Entry]]:
        """The logical buckets of a rule whose physical ones are there, with their entries."""
        listed = self.of(rule)
        pattern = rule.profile.source_bucket_pattern
        for logical in _known(rule):
            physical = rule.bucket(logical)
            if listed is None:
                if self._exists(rule, physical):
                    yield logical, {}
            elif physical in listed:
                yield logical, listed[physical]
        if globs.has_wildcard(pattern) and BUCKET in (rule.profile.mapped_bucket_name or BUCKET):
            for physical, entry in (listed or {}).items():
                if (logical_name := rule.logical_bucket(physical)) is not None:
                    yield logical_name, entry

    def _exists(self, rule: Rule, bucket: str) -> bool:
        """Tell whether a store that doesn't list its buckets has one, maybe somebody else's.

        Where the keys are no good, a store may answer so for any name, and says nothing by it.
        """
        error = self._errors[rule.client]
        if isinstance(error, ClientError) and error.response["Error"]["Code"] in _MAY_NOT_LIST:
            status = self._head(rule.client, bucket)
            if status == _FOUND or status in _NOT_HERE:
                return status == _FOUND
            if status == _NOT_YOURS and self._tells_apart(rule.client):
                return True
        self._left_out.add(rule.client)
        return False

    def _tells_apart(self, client: str) -> bool:
        """Tell whether a store answers otherwise where there is no bucket."""
        if client not in self._told_apart:
            self._told_apart[client] = self._head(client, _NOBODYS) in _NOT_HERE
        return self._told_apart[client]

    def _head(self, client: str, bucket: str) -> int | None:
        """Ask a store for one bucket; None: it has no such bucket."""
        try:
            self._router.stores.get(client).client.head_bucket(Bucket=bucket)
        except ClientError as error:
            return _status(error)
        except BotoCoreError:
            return None
        return _FOUND

    def route(self, rules: list[Rule]) -> dict[str, Any]:
        """Make the answer's metadata: who gave it, and who didn't.

        Raises:
            ClientError, BotoCoreError: nobody could be asked.
        """
        if self._left_out == set(self._listed):
            raise next(iter(self._errors.values()))
        parts = [{"profile": rule.name, "client": rule.client} for rule in rules]
        missing = [
            {"client": name, "error": _text(error)}
            for name, error in self._errors.items()
            if name in self._left_out
        ]
        for one in missing:
            warn(RoutesWarning(f"buckets are left out: {one['error']}", "buckets-left-out"))
        route = {"profile": None, "client": None, "parts": parts}
        return {"Route": {**route, "missing": missing} if missing else route}


def _known(rule: Rule) -> tuple[str, ...]:
    """The logical buckets of a rule that can be known without asking."""
    pattern = rule.profile.source_bucket_pattern
    return rule.profile.buckets or (() if globs.has_wildcard(pattern) else (pattern,))


def _text(error: ClientError | BotoCoreError) -> str:
    """Put an error in words, with its place."""
    if not isinstance(error, ClientError):
        return str(error)
    details = error.response["Error"]
    return f"{details['Code']}: {details.get('Message', '')}"


def _page(
    buckets: Mapping[str, dict[str, Any]], owner: Mapping[str, Any], params: Mapping[str, Any]
) -> dict[str, Any]:
    prefix, after = params.get("Prefix") or "", params.get("ContinuationToken") or ""
    most = params.get("MaxBuckets")
    if most is not None and most < 1:
        raise failure("InvalidArgument", "MaxBuckets must be 1 or more", 400, "ListBuckets")
    names = sorted(name for name in buckets if name.startswith(prefix) and name > after)
    shown = names if most is None else names[:most]
    out: dict[str, Any] = {"Buckets": [buckets[name] for name in shown], **owner}
    if len(shown) < len(names):
        out["ContinuationToken"] = shown[-1]
    if prefix:
        out["Prefix"] = prefix
    return out
