"""Details of errors: the logical name, the real place, and what to do.

Type, code and all fields of an error stay the store's; only its message goes on.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from s3r_spark.boto.stores import Store
    from s3r_spark.routing import Routes, Rule

# What errors say, as patterns, and what that mostly means; `{client}` is the client's name.
_HINTS = [
    (
        re.compile("WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE"),
        "the endpoint_url of client {client!r} says https, and the port speaks http",
    ),
    (re.compile("certificate has expired"), "it is to be renewed on the server"),
    (
        re.compile("Hostname mismatch|IP address mismatch|hostname .* doesn't match"),
        "the certificate is for another host than the endpoint_url of client {client!r} names",
    ),
    (
        re.compile("CERTIFICATE_VERIFY_FAILED"),
        "a private CA is named by the ca_bundle of client {client!r}",
    ),
    (
        re.compile(r"\bSignatureDoesNotMatch\b"),
        "the secret_key of client {client!r} is not its access_key's, or a proxy changes requests",
    ),
    (re.compile(r"\bInvalidAccessKeyId\b"), "the store doesn't know the access_key of {client!r}"),
    (
        re.compile(r"^403 Forbidden$"),  # a HEAD, whose answer has no words
        "the store gives no reason: are the keys of client {client!r} right, and may they do that?",
    ),
    (
        re.compile(r"\b(301|PermanentRedirect|AuthorizationHeaderMalformed)\b"),
        "the bucket is in {region}: the client's region or endpoint_url is another's",
    ),
]
_OVER_HTTP = (
    re.compile(r"\b400\b.*Bad Request|HTTP request to an HTTPS|Connection was closed before"),
    "the endpoint_url of client {client!r} says http: does the port speak https?",
)
_TOLD = "_s3r_told"
# The profile that plain clients of this thread, or task, are asked for.
_PROFILE: ContextVar[str | None] = ContextVar("s3r_profile", default=None)


@contextmanager
def serving(rule: Rule) -> Iterator[None]:
    """Let plain clients be asked in this block for a rule's profile (`s3r_spark.boto.tally`)."""
    token = _PROFILE.set(rule.name)
    try:
        yield
    finally:
        _PROFILE.reset(token)


def served() -> str | None:
    """The profile that plain clients are asked for; None: none, or nobody has said."""
    return _PROFILE.get()


class Place(NamedTuple):
    """The place of a request.

    Attributes:
        rule: the rule that led there.
        store: the store.
        bucket: the logical bucket; None: none was named.
        key: the logical key, or a prefix; None: none was named.
    """

    rule: Rule
    store: Store
    bucket: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        """As it stands in a message: each thing once."""
        at = f"on {self.store.client.meta.endpoint_url}, client {self.store.name!r}"
        if self.rule.name is not None:
            at += f", profile {self.rule.name!r}"
        if self.bucket is None:
            return at
        name = f"s3://{self.bucket}" + ("" if self.key is None else f"/{self.key}")
        there = f"s3://{self.rule.bucket(self.bucket)}"
        if self.key is not None:  # a prefix may end above the folder
            inside = self.key if self.key.startswith(self.rule.folder) else self.rule.folder
            there += f"/{self.rule.key(self.bucket, inside)}"
        return f"{name} {at}" if name == there else f"{name}, really {there} {at}"


def tell(parsed: dict[str, Any], place: Place, *, physical: bool = False) -> None:
    """Let an error that a store answered with say where, unless it does; in place.

    Args:
        parsed: the store's answer.
        place: where it was asked.
        physical: whether the fields of the error keep the store's names.
    """
    meta = parsed.setdefault("ResponseMetadata", {})
    if "Route" in meta:
        return
    meta["Route"] = {"profile": place.rule.name, "client": place.store.name}
    error = parsed["Error"]
    if place.bucket is not None and not physical:
        _map_back(error, place.rule, place.bucket)
    text = error.get("Message") or ""
    hint = _hint(f"{error.get('Code')} {text}", place, meta.get("HTTPHeaders", {}), error)
    error["Message"] = f"{text} ({place}){hint}".lstrip()


def _map_back(error: dict[str, Any], rule: Rule, bucket: str) -> None:
    """Give the fields of an error the caller's names."""
    if isinstance(error.get("Key"), str) and error["Key"]:
        error["Key"] = logical_key(rule, bucket, error["Key"])
    for field in ("BucketName", "Bucket"):
        if error.get(field) == rule.bucket(bucket):
            error[field] = bucket
    if isinstance(error.get("Resource"), str):
        error["Resource"] = location(rule, bucket, error["Resource"])


def logical_key(rule: Rule, bucket: str, key: str) -> str:
    """The caller's name for a key of a rule's store; the key itself where it has none."""
    name = rule.logical_key(bucket, key)
    return key if name is None else name


def location(rule: Rule, bucket: str, address: str) -> str:
    """An object's or a bucket's address, with the logical names in the physical ones' place."""
    url, physical = urlsplit(address), rule.bucket(bucket)
    named, _, key = unquote_plus(url.path.removeprefix("/").replace("+", "%2B")).partition("/")
    if named == physical:
        path = f"/{bucket}" + (f"/{quote(logical_key(rule, bucket, key))}" if key else "")
        return urlunsplit(url._replace(path=path))
    if url.netloc.startswith(f"{physical}."):
        key = f"{named}/{key}" if key else named
        host = f"{bucket}{url.netloc.removeprefix(physical)}"
        path = f"/{quote(logical_key(rule, bucket, key))}"
        return urlunsplit(url._replace(netloc=host, path=path))
    return address


def tell_own(error: BotoCoreError, place: Place) -> None:
    """Let an error of botocore itself say where, unless it does."""
    if not hasattr(error, _TOLD):
        error.args = (f"{error} ({place}){_hint(str(error), place)}",)
        setattr(error, _TOLD, True)


class IncompleteError(ClientError):
    """A list can't be had whole, since the bucket of one of its parts is missing."""


def missing_part(routes: Routes, rule: Rule, error: ClientError) -> ClientError:
    """The error, if it says that the default client's bucket is missing, which nobody has named.

    Raises:
        IncompleteError: it is a profile's own bucket.
        ClientError: it says something else.
    """
    if error.response["Error"]["Code"] != "NoSuchBucket":
        raise error
    if rule.name is None:
        return error
    details = error.response["Error"]
    why = f"without this bucket ({routes.line_of('profiles', rule.name)}) a list would not be whole"
    response = {**error.response, "Error": {**details, "Message": f"{details['Message']}: {why}"}}
    raise IncompleteError(response, error.operation_name) from error


@contextmanager
def told(place: Place) -> Iterator[None]:
    """Let the errors of what is done in this block, and what is counted, say that it was there."""
    try:
        with serving(place.rule):
            yield
    except ClientError as error:
        tell(error.response, place)
        error.args = ClientError(error.response, error.operation_name).args
        raise
    except BotoCoreError as error:
        tell_own(error, place)
        raise


def _hint(
    text: str, place: Place, headers: Mapping[str, str] | None = None, error: Any = None
) -> str:
    region = (headers or {}).get("x-amz-bucket-region") or (error or {}).get("Region")
    where = f"region {region!r}" if region else "another region, or at another address"
    secure = str(place.store.client.meta.endpoint_url).startswith("https:")
    for pattern, hint in _HINTS if secure else (*_HINTS, _OVER_HTTP):
        if pattern.search(text):
            return f": {hint.format(client=place.store.name, region=where)}"
    return ""
