"""Stores of obstore, each made of what a plain boto3 client has: address, keys, trust, patience.

obstore does in Rust what botocore does in Python, so small objects cost it a quarter of the time.
What it can't say as the client would is left to boto3, and said why.
"""

# ruff: noqa: SLF001 - private parts of botocore, each listed in private_apis.py

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from botocore import UNSIGNED
from botocore.credentials import Credentials

if TYPE_CHECKING:
    from s3r_spark.boto.stores import Store
    from s3r_spark.model import Client

__all__ = ["UnsayableError", "obstore_of", "refuse_unreachable", "refuse_unsayable"]

_PATH = "path"
_EXPRESS = "--x-s3"  # directory buckets end in it; they are signed in another way
_TRUST = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")  # botocore's own variables
# Variables that obstore takes from its environment, and botocore doesn't; the others are overruled.
_FOREIGN = ("AWS_CHECKSUM_", "AWS_SERVER_SIDE_", "AWS_SSE_")
_PROBE = "_s3r-spark-migrate-probe"  # a key that is asked for, and isn't there
# How Rust's TLS says why it refuses a certificate, in the tree of causes that obstore tells.
_CERTIFICATE = re.compile(r"InvalidCertificate\((?:\s*Other\w*\()*\s*(\w+)")
_KEPT = timedelta(seconds=1)  # for which keys that may be renewed are used without asking again


class UnsayableError(Exception):
    """obstore can't be told what the boto3 client of a store was told; it says what."""


def refuse_unsayable(store: Store, bucket: str) -> None:
    """Leave to boto3 what obstore couldn't say as the store's client does.

    Raises:
        UnsayableError: there is such a thing.
    """
    config, options = store.config, dict(store.config.s3 or {})
    style = options.pop("addressing_style", None)
    checks = {
        "the client was made elsewhere": store.ready,
        "a proxy": config.proxies or getproxies().keys() - {"no"},
        "a client's certificate": config.client_cert,
        "its signature version": config.signature_version not in {"s3v4", UNSIGNED},
        "further S3 settings": any(options.values()),
        "an endpoint of FIPS or of both IP versions": (
            config.use_fips_endpoint or config.use_dualstack_endpoint
        ),
        "a bucket of its kind": ":" in bucket or bucket.endswith(_EXPRESS),
        "a bucket's dots in a host name": style != _PATH and "." in bucket,
        "variables of obstore's own": any(name.startswith(_FOREIGN) for name in os.environ),
    }
    for why, holds in checks.items():
        if holds:
            raise UnsayableError(why)


def obstore_of(store: Store, entry: Client, folder: Path, bucket: str) -> Any:
    """A store of obstore for a bucket.

    Args:
        store: the store, with its plain client.
        entry: the client in the routes.
        folder: what paths in the routes are relative to.
        bucket: the physical bucket.

    Raises:
        UnsayableError: obstore can't be told what the client was told, or isn't installed.
    """
    try:
        from obstore.store import S3Store  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UnsayableError("not installed: pip install 's3r-spark[migrate]'") from error
    refuse_unsayable(store, bucket)
    config, address = store.config, store.client.meta.endpoint_url
    in_path = (config.s3 or {}).get("addressing_style") == _PATH
    options: Any = {
        "allow_http": address.startswith("http:"),
        "connect_timeout": _seconds(config.connect_timeout),
        "timeout": _seconds(config.read_timeout),
        "user_agent": config.user_agent,
    }
    if not entry.verify:
        options["allow_invalid_certificates"] = True
    elif trusted := _bundle(entry, folder):
        options["root_certificate"] = trusted.read_bytes()
    unsigned = config.signature_version is UNSIGNED
    credentials: Any = store.signer._credentials
    if credentials is None and not unsigned:
        raise UnsayableError("no credentials")
    keys: Any = None if unsigned else _Keys(credentials)
    return S3Store(
        bucket,
        config={
            "region": store.region or "us-east-1",
            # Before the one without S3, which a variable might overrule.
            "aws_endpoint_url_s3": address if in_path else _with_host(address, bucket),
            "virtual_hosted_style_request": not in_path,
            "skip_signature": unsigned,
            # As botocore's S3SigV4Auth has it: over TLS, and where a checksum proves the payload.
            "unsigned_payload": address.startswith("https:"),
            "conditional_put": "etag",
            "s3_express": False,
            "request_payer": False,
        },
        client_options=options,
        # What fails once is boto3's to try again, with its retries.
        retry_config={"max_retries": 0},
        credential_provider=keys,
    )


def refuse_unreachable(store: Any) -> None:
    """Leave to boto3 a store that obstore can't reach, by one HEAD.

    Rust's TLS refuses some certificates that Python's takes, such as one that is its own authority.

    Args:
        store: obstore's store.

    Raises:
        UnsayableError: it is such a store.
    """
    from obstore.exceptions import (  # noqa: PLC0415 - an extra
        BaseError,
        PermissionDeniedError,
        UnauthenticatedError,
    )

    try:
        store.head(_PROBE)
    except (FileNotFoundError, PermissionDeniedError, UnauthenticatedError):
        return
    except BaseError as error:
        if certificate := _CERTIFICATE.search(str(error)):
            raise UnsayableError(f"obstore refuses the certificate: {certificate[1]}") from error
        why = str(error).partition("\n")[0].rpartition(" - ")[2]
        raise UnsayableError(f"obstore can't reach it: {why}") from error


class _Keys:
    """The keys of a boto3 client, as obstore asks for them.

    Args:
        credentials: botocore's, which renew themselves where they can.
    """

    refresh_threshold = timedelta(0)

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def __call__(self) -> dict[str, Any]:
        """The keys to sign with, and until when they are used."""
        keys = self._credentials.get_frozen_credentials()
        fixed = type(self._credentials) is Credentials
        return {
            "access_key_id": keys.access_key,
            "secret_access_key": keys.secret_key,
            "token": keys.token,
            "expires_at": None if fixed else datetime.now(timezone.utc) + _KEPT,
        }


def _seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def _bundle(entry: Client, folder: Path) -> Path | None:
    """The file of the authorities that are trusted; None: the system's."""
    if entry.ca_bundle is not None:
        return folder / entry.ca_bundle
    named = next((os.environ[name] for name in _TRUST if os.environ.get(name)), None)
    return None if named is None else Path(named)


def _with_host(address: str, bucket: str) -> str:
    url = urlsplit(address)
    return url._replace(netloc=f"{bucket}.{url.netloc}").geturl()
