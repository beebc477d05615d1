"""The kinds of values that the fields of routes.yaml take, and what is wrong with those they don't.

A message says what would be right; it shows the value only where that can't be a secret.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from s3r_spark import globs
from s3r_spark.secrets import Secret
from s3r_spark.services import SERVICES

BUCKET = "{bucket}"  # in a mapped name: the logical bucket


def _glob(text: str) -> str:
    if not text:
        raise ValueError("must not be empty: write '*' for everything, or leave the key out")
    if problem := globs.problem(text):
        raise ValueError(f"{text!r} {problem}")
    return text


def _bucket_glob(text: str) -> str:
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
    if globs.has_wildcard(text):
        raise ValueError(f"{text!r} is a pattern; a place has one name (or {BUCKET} in it)")
    if not text or "/" in text:
        raise ValueError(f"{text!r} is no bucket name: a folder goes into mapped_prefix")
    if text in {".", ".."}:
        raise ValueError(f"{text!r} is no bucket name")
    return _placeholders(_word(text))


def _prefix(text: str) -> str:
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
    wanted = "must be a URL like https://minio.internal:9000"
    try:
        url = urlsplit(text)
        host, scheme = url.hostname, url.scheme
    except ValueError:
        raise ValueError(wanted) from None
    if scheme not in {"http", "https"} or not host or not re.fullmatch(r"[!-~]+", text):
        raise ValueError(wanted)
    if url.query or url.fragment or text.endswith(("?", "#")):
        raise ValueError("must end with the host, port or path")
    try:
        url.port  # noqa: B018 - reading it checks it
    except ValueError:
        raise ValueError("has a port that is no number from 0 to 65535") from None
    return text.rstrip("/")


def _service(text: str) -> str:
    if text not in SERVICES:
        close = get_close_matches(text, SERVICES, n=1)
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
    return value


def nothing_is_empty(value: object) -> object:
    """`minio:` with nothing behind it is an entry without settings."""
    return {} if value is None else value


def hidden(value: Any) -> Any:
    """The same with a Secret in place of each text."""
    if isinstance(value, dict):
        return {key: hidden(inner) for key, inner in value.items()}
    return Secret.checked(value) if isinstance(value, str) else value


def redacted(value: Any) -> Any:
    """The same with each Secret as it may be seen."""
    if isinstance(value, dict):
        return {key: redacted(inner) for key, inner in value.items()}
    return str(value) if isinstance(value, Secret) else value


Name = Annotated[str, Field(min_length=1)]
Glob = Annotated[str, AfterValidator(_glob), Field(min_length=1)]
BucketGlob = Annotated[str, AfterValidator(_bucket_glob), Field(min_length=1)]


S3AOption = Annotated[str, AfterValidator(_s3a_option)]
S3AValue = Annotated[
    str | Secret,
    BeforeValidator(_s3a_value),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
Word = Annotated[str, Field(min_length=1), AfterValidator(_word)]
BucketName = Annotated[str, AfterValidator(_bucket_name)]
Prefix = Annotated[str, AfterValidator(_prefix)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
ServiceName = Annotated[str, AfterValidator(_service)]
File = Annotated[Path, BeforeValidator(_path)]
