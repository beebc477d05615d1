"""The kinds of values that the fields of routes.yaml take, and what is wrong with those they don't.

A message says what would be right; it shows the value only where that can't be a secret.
"""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from s3r_spark import globs
from s3r_spark.secrets import Secret, hidden_in_botocore, is_sensitive
from s3r_spark.services import SERVICES

BUCKET = "{bucket}"  # in a mapped name: the logical bucket
# The arguments of botocore.config.Config in any release that is supported; a test compares.
BOTOCORE = (
    "account_id_endpoint_mode", "auth_scheme_preference", "client_cert", "client_context_params",
    "connect_timeout", "defaults_mode", "disable_request_compression",
    "endpoint_discovery_enabled", "ignore_configured_endpoint_urls", "inject_host_prefix",
    "max_pool_connections", "parameter_validation", "proxies", "proxies_config", "read_timeout",
    "region_name", "request_checksum_calculation", "request_min_compression_size_bytes",
    "response_checksum_validation", "retries", "s3", "s3_disable_express_session_auth",
    "signature_version", "sigv4a_signing_region_set", "tcp_keepalive", "use_dualstack_endpoint",
    "use_fips_endpoint", "user_agent", "user_agent_appid", "user_agent_extra",
)  # fmt: skip
_NUMBERS = ("connect_timeout", "read_timeout", "max_pool_connections")
TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")  # as a variable may say it


def _glob(text: str) -> str:
    if not text:
        raise ValueError("must not be empty: write '*' for everything, or leave the key out")
    if problem := globs.problem(text):
        raise ValueError(f"{text!r} {problem}")
    return text


def _no_arn(text: str) -> None:
    if text.startswith("arn:"):
        raise ValueError(
            f"{text!r} is an ARN, which S3A takes for no bucket: write the access point's alias "
            "(its name ends in -s3alias; `aws s3control get-access-point` shows it)"
        )


def _key_glob(text: str) -> str:
    if uri := re.fullmatch(r"s3[a-z]?://([^/]*)/*(.*)", text, re.DOTALL):
        raise ValueError(
            f"{text!r} names a bucket too: write {uri[1]!r} as source_bucket_pattern"
            + (f", and {uri[2]!r} here" if uri[2] else "")
        )
    return _glob(text)


def _bucket_glob(text: str) -> str:
    _no_arn(text)
    if "/" in text:
        bucket, _, key = re.sub(r"^[^/]*://", "", text).partition("/")
        raise ValueError(
            f"{text!r} has a '/', and no bucket has: write {bucket!r}"
            + (f", and {key!r} as source_key_pattern" if key else "")
        )
    if "{" in text or "}" in text:
        raise ValueError(f"{text!r} has a brace, and no bucket has: write a profile for each name")
    return _glob(_word(text))


def _word(text: str) -> str:
    if blank := re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError(f"{text!r} has {blank[0]!r} in it: take it out")
    return text


def _placeholders(text: str) -> str:
    if unknown := next((m for m in re.findall(r"\{[^{}]*\}", text) if m != BUCKET), None):
        raise ValueError(f"unknown placeholder {unknown}: the only one is {BUCKET}")
    if {"{", "}"} & set(text.replace(BUCKET, "")):
        raise ValueError(f"{text!r} has a brace that belongs to no {BUCKET}")
    return text


def _bucket_name(text: str) -> str:
    _no_arn(text)
    if globs.has_wildcard(text):
        raise ValueError(f"{text!r} is a pattern; a place has one name (or {BUCKET} in it)")
    if not text or "/" in text:
        bucket, _, key = re.sub(r"^[^/]*://", "", text).partition("/")
        hint = f"write {bucket!r}, and {key!r} as mapped_prefix" if bucket and key else ""
        raise ValueError(
            f"{text!r} is no bucket name: {hint or 'a folder goes into mapped_prefix'}"
        )
    if text in {".", ".."}:
        raise ValueError(f"{text!r} is no bucket name")
    return _placeholders(_word(text))


def _prefix(text: str) -> str:
    if uri := re.fullmatch(r"s3[a-z]?://([^/]*)/*(.*)", text, re.DOTALL):
        bucket, folder = uri[1], uri[2].rstrip("/")
        raise ValueError(
            f"{text!r} is a bucket and a folder: write mapped_bucket_name: {bucket}"
            + (f" and mapped_prefix: {folder}" if folder else "")
        )
    if control := re.search(r"[\x00-\x1f\x7f-\x9f]", text):
        raise ValueError(f"{text!r} has {control[0]!r} in it: take it out")
    if text.endswith("*"):
        raise ValueError(f"{text!r} is a pattern; a place has one name: write {text.rstrip('*')!r}")
    if text.startswith("/"):
        raise ValueError(f"must not start with '/': write {text.lstrip('/')!r}")
    if "//" in text:
        raise ValueError(f"must not contain '//': write {re.sub('/+', '/', text)!r}")
    if any(part in {".", ".."} for part in text.split("/")):
        raise ValueError("must not contain the parts '.' or '..': name the folder itself")
    return _placeholders(text)


def _endpoint(text: str) -> str:
    """Check an endpoint; what is wrong with it is told without it, for it may hold a password."""
    if "@" in text:
        raise ValueError(
            "must not hold a user or password: write credentials: {access_key, secret_key}"
        )
    right = "must be a URL like https://minio.internal:9000"
    try:
        url = urlsplit(text)
        host, scheme = url.hostname, url.scheme
    except ValueError:
        raise ValueError(right) from None
    if scheme not in {"http", "https"} or not host or not re.fullmatch(r"[!-~]+", text):
        raise ValueError(right)
    if url.query or url.fragment or text.endswith(("?", "#")) or url.path.strip("/"):
        raise ValueError("must end with the host or port: buckets and folders go into profiles")
    try:
        url.port  # noqa: B018 - reading it checks it
    except ValueError:
        raise ValueError("has a port that is no number from 0 to 65535") from None
    return text.rstrip("/")


def _service(text: str) -> str:
    if text not in SERVICES:
        close = get_close_matches(text.lower(), SERVICES, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(SERVICES)}"
        raise ValueError(f"{text!r} is not known ({hint})")
    return text


def _s3a_option(name: str) -> str:
    if not re.fullmatch(r"fs\.s3a\.[\w.-]+", name, re.ASCII):
        known = name.partition(":")[0]  # `{fs.s3a.secret.key:abc}` is a name without a value
        raise ValueError(f"{known!r} is no S3A setting: its name starts with fs.s3a.")
    if name.startswith("fs.s3a.bucket."):
        raise ValueError(f"{name!r} names a bucket: write it as for all buckets (fs.s3a.…)")
    return name


def _s3a_value(value: object) -> object:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, (str, int, float)):
        raise ValueError("must be a text, a number, true or false")  # noqa: TRY004 - pydantic's
    return str(value).lower() if isinstance(value, bool) else str(value)


def _path(value: object) -> object:
    if value == "":
        raise ValueError("must not be empty")
    if "\0" in str(value):
        raise ValueError("holds a NUL character, which no path does")
    return value


def _truth(value: object) -> object:
    """A truth value, also as a text, since a variable is one; 0 and 1 mean something else."""
    word = value.lower() if isinstance(value, str) else None
    if not isinstance(value, bool) and word not in (*TRUE, *FALSE):
        raise ValueError("must be true or false")
    return word in TRUE if word is not None else value


def _one(value: object) -> object:
    return None if isinstance(value, (bool, float)) else value  # which are equal to 1


def _logical_bucket(text: str) -> str:
    _no_arn(text)
    if globs.has_wildcard(text):
        raise ValueError(f"{text!r} is a pattern: write the names that it stands for")
    if "{" in text or "}" in text:
        raise ValueError(f"{text!r} has a brace, and no bucket has: write the names themselves")
    return _bucket_name(text)


def nothing_is_empty(value: object) -> object:
    """`minio:` with nothing behind it is an entry without settings."""
    return {} if value is None else value


def _botocore_option(name: str) -> str:
    if name in BOTOCORE:
        return name
    known = name.partition(":")[0]  # `{secret:abc}` is a name without a value
    close = get_close_matches(known.lower(), BOTOCORE, n=1)
    if known.startswith("aws_") or is_sensitive(known):
        hint = " (keys go under credentials)"
    else:
        hint = f" (did you mean {close[0]!r}?)" if close else ""
    raise ValueError(f"{known!r} is no argument of botocore.config.Config{hint}")


def botocore_number(name: str, value: Any) -> Any:
    """A number that botocore finds wrong in a call at the earliest; also read from a text."""
    if name not in _NUMBERS or value is None:
        return value
    whole = name == "max_pool_connections"
    if isinstance(value, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        value = float(value) if "." in value else int(value)  # a variable is text
    kinds = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be a {'whole ' if whole else ''}number above 0")
    return value


def hidden(value: Any, *path: str | int) -> Any:
    """Read what stands at a path below `botocore`, with a Secret for each text that may be one."""
    if isinstance(value, dict):
        return {key: hidden(inner, *path, key) for key, inner in value.items()}
    if not hidden_in_botocore(*path):
        return value
    if isinstance(value, (list, tuple)):
        raise ValueError(f"{'.'.join(map(str, path))} must be a text, not a list")  # noqa: TRY004 - pydantic's
    return Secret.checked(value) if isinstance(value, str) else value


def redacted(value: Any) -> Any:
    """The same with each Secret as it may be seen."""
    if isinstance(value, dict):
        return {key: redacted(inner) for key, inner in value.items()}
    return str(value) if isinstance(value, Secret) else value


Name = Annotated[str, Field(min_length=1)]
KeyGlob = Annotated[
    str,
    AfterValidator(_key_glob),
    Field(
        min_length=1,
        json_schema_extra={
            "pattern": "^(?!s3[a-z]?://)",
            "patternErrorMessage": "a pattern of keys alone: the bucket is source_bucket_pattern's",
        },
    ),
]
KeyGlobs = Annotated[
    Annotated[KeyGlob, Tag("one")]
    | Annotated[tuple[KeyGlob, ...], Field(min_length=1), Tag("list")],
    Discriminator(lambda value: "list" if isinstance(value, (list, tuple)) else "one"),
]
"""A glob over keys, or a list of such; an error's place has the tag in it."""
BucketGlob = Annotated[str, AfterValidator(_bucket_glob), Field(min_length=1)]


BotocoreOption = Annotated[str, AfterValidator(_botocore_option)]
S3AOption = Annotated[str, AfterValidator(_s3a_option)]
S3AValue = Annotated[
    str | Secret,
    BeforeValidator(_s3a_value),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
Word = Annotated[str, Field(min_length=1), AfterValidator(_word)]
BucketName = Annotated[str, AfterValidator(_bucket_name)]
LogicalBucket = Annotated[str, AfterValidator(_logical_bucket)]
Truth = Annotated[bool, BeforeValidator(_truth)]
One = Annotated[Literal[1], BeforeValidator(_one)]
Prefix = Annotated[str, AfterValidator(_prefix)]
Endpoint = Annotated[
    str,
    AfterValidator(_endpoint),
    Field(
        json_schema_extra={
            "pattern": r"^([hH][tT]{2}[pP][sS]?://[^/?#@\s]+/*|.*\$\{.*)$",
            "patternErrorMessage": "a URL like https://minio.internal:9000, without user or path",
        }
    ),
]
ServiceName = Annotated[
    str, AfterValidator(_service), WithJsonSchema({"type": "string", "enum": [*SERVICES]})
]
File = Annotated[Path, BeforeValidator(_path)]
