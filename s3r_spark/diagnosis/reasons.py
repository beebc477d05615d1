"""Reasons why a call failed, in plain words, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from botocore import exceptions as of_botocore
from botocore.parsers import ResponseParserError

from s3r_spark.errors import SecretError

if TYPE_CHECKING:
    from s3r_spark.model import Client

__all__ = ["ERRORS", "Reason", "code_of", "reason", "signed_for"]

# What boto3 raises where a call fails.
ERRORS = (of_botocore.ClientError, of_botocore.BotoCoreError, ResponseParserError)


class Reason(NamedTuple):
    """A reason: what was wrong, and what to do."""

    text: str
    mend: str = ""


_NO_S3 = Reason(
    "what answers there is no S3 service", "look at endpoint_url: it may be the port of a web page"
)
_RIGHTS = "give the keys that right, or write other keys"
_KEY = Reason("the store doesn't know the access key", "look at credentials.access_key")
_OLD = Reason("the session token has expired", "get new temporary keys")
_TOKEN = Reason("the session token is not of these keys", "look at credentials.session_token")
_CODES = {
    "InvalidAccessKeyId": _KEY,
    "InvalidAccessKey": _KEY,
    "XAdminUserNotFound": _KEY,  # VersityGW
    "SignatureDoesNotMatch": Reason(
        "the secret key is not the access key's",
        "look at credentials.secret_key (or does a proxy change requests on their way?)",
    ),
    "ExpiredToken": _OLD,
    "ExpiredTokenException": _OLD,
    "TokenRefreshRequired": _OLD,
    "InvalidToken": _TOKEN,
    "InvalidSecurity": _TOKEN,
    "RequestTimeTooSkewed": Reason(
        "the clocks differ by more than 15 minutes", "set this machine's clock"
    ),
}
_REGION = (
    "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError",
    "IllegalLocationConstraintException",
    "InvalidRegion",
    "PermanentRedirect",
    "301",
)
_DENIED = ("AccessDenied", "AllAccessDisabled", "Forbidden", "403", "UnauthorizedAccess")
_BUCKET = ("NoSuchBucket", "NotFound", "404")


def code_of(error: BaseException) -> str:
    """The code of a store's answer; "" for what is none."""
    if isinstance(error, of_botocore.ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return ""


def reason(error: BaseException, client: Client, bucket: str = "") -> Reason:
    """The meaning of an error.

    Args:
        error: what boto3 raised.
        client: whose store was asked.
        bucket: the physical bucket, where one was asked for.
    """
    if isinstance(error, of_botocore.ClientError):
        return _answered(error, client, bucket)
    if isinstance(error, SecretError):
        mend = "set it where this runs, and on every machine that runs the job"
        return Reason(str(error), mend)
    if isinstance(error, of_botocore.SSLError) and "EOF" in str(error):
        text = "the store ended the connection in the midst of a request"
        return Reason(text, "VersityGW does so over https where it refuses one: rights? bucket?")
    for kinds, text, mend in _NOT_ANSWERED:
        if isinstance(error, kinds):
            return Reason(text or str(error), mend)
    return Reason(f"{type(error).__name__}: {error}")


_NOT_ANSWERED: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (of_botocore.NoCredentialsError,
     "there are no keys: the usual chain (environment, AWS profile, container, machine) has none",
     "write credentials: {access_key, secret_key}, or anonymous: true for what is public"),
    (of_botocore.ProfileNotFound, "", "look at ~/.aws/config and ~/.aws/credentials"),
    ((of_botocore.SSOError, of_botocore.TokenRetrievalError), "", "run: aws sso login"),
    (of_botocore.CredentialRetrievalError, "", ""),
    (of_botocore.PartialCredentialsError, "", "the two keys go together"),
    (of_botocore.ConnectTimeoutError, "the store does not answer in time", "a firewall?"),
    (of_botocore.ReadTimeoutError, "the store takes the request and does not answer in time", ""),
    (of_botocore.ProxyConnectionError, "the proxy can't be reached", "look at proxies"),
    (of_botocore.EndpointConnectionError, "", "look at endpoint_url"),
    (of_botocore.SSLError, "", "look at the finding of tls"),
    (of_botocore.NoRegionError, "no region is known", "write region"),
    (ResponseParserError, *_NO_S3),
)  # fmt: skip


def _answered(error: of_botocore.ClientError, client: Client, bucket: str) -> Reason:
    code = code_of(error)
    message = str(error.response.get("Error", {}).get("Message", "")).strip()
    region = _region(error, message)
    # What botocore can't read, such as a page, is a 500 to it, or a status without a code.
    if code in ({"500"} if bucket else {"404", "405", "500"}) and "Head" not in str(error):
        return _NO_S3
    if code in _CODES:
        return _CODES[code]
    if code in _BUCKET and bucket:
        return Reason(f"there is no bucket {bucket!r}", "look at its name, or make it")
    if code in _REGION or (region and "region" in message.lower()):
        text = f"requests are signed for the region {signed_for(client)!r}, and the store wants"
        known = Reason(f"{text} {region!r}", f"write region: {region}")
        return known if region else Reason(f"{text} another ({message})", "write its region")
    if code in _DENIED:
        where = f" in the bucket {bucket!r}" if bucket else ""
        return Reason(f"the keys may not do that{where} ({code})", _RIGHTS)
    words = ": ".join(part for part in (code, message) if part)
    return Reason(f"the store answers {words or 'with an error and no reason'}")


def signed_for(client: Client) -> str:
    """The region that a client's requests are signed for."""
    return client.region or client.preset.region or "us-east-1"


def _region(error: of_botocore.ClientError, message: str) -> str | None:
    """The region that the store asks for."""
    region = error.response.get("Error", {}).get("Region")
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    # AWS and MinIO end their message so; Garage names the whole scope that it wants.
    match = re.search(r"""expect(?:ing|ed):? ['"]?(?:\d+/)?([\w-]+)""", message)
    return region or headers.get("x-amz-bucket-region") or (match[1] if match else None)
