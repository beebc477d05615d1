"""The model of routes.yaml: what may be written, checked field by field.

What concerns several entries at once (unknown clients, profiles that can never match) is checked in
`s3r_spark.source`, where the lines are known.
"""

from __future__ import annotations

import re
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from s3r_spark import globs
from s3r_spark.secrets import Secret, is_sensitive
from s3r_spark.services import SERVICES, Service

BUCKET = "{bucket}"  # in a mapped name: the logical bucket


def _glob(text: str) -> str:
    if not text:
        raise ValueError("must not be empty: write '*' for everything, or leave the key out")
    if problem := globs.problem(text):
        raise ValueError(f"{text!r} {problem}")
    return text


def _placeholders(text: str) -> str:
    if unknown := next((m for m in re.findall(r"\{[^{}]*\}", text) if m != BUCKET), None):
        raise ValueError(f"unknown placeholder {unknown}: the only one is {BUCKET}")
    return text


def _bucket_name(text: str) -> str:
    if globs.has_wildcard(text):
        raise ValueError(f"{text!r} is a pattern; a place has one name (or {BUCKET} in it)")
    if not text or "/" in text:
        raise ValueError(f"{text!r} is no bucket name: a folder goes into mapped_prefix")
    return _placeholders(text)


def _prefix(text: str) -> str:
    if text.startswith("/"):
        raise ValueError(f"must not start with '/': write {text.lstrip('/')!r}")
    if "//" in text:
        raise ValueError(f"must not contain '//': write {re.sub('/+', '/', text)!r}")
    if any(part in {".", ".."} for part in text.split("/")):
        raise ValueError("must not contain the parts '.' or '..': name the folder itself")
    return _placeholders(text)


def _endpoint(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError(
            f"must be a URL like https://minio.internal:9000, is {url.hostname or text!r}"
            if "@" not in text
            else "must be a URL like https://minio.internal:9000"
        )
    if url.username is not None or url.password is not None:
        raise ValueError(
            "must not hold a user or password: write credentials: {access_key, secret_key}"
        )
    if url.query or url.fragment:
        raise ValueError("must end with the host, port or path")
    try:
        url.port  # noqa: B018 - reading it checks it
    except ValueError as error:
        raise ValueError("has a port that is no number from 0 to 65535") from error
    return text.rstrip("/")


def _nothing_is_empty(value: object) -> object:
    """`minio:` with nothing behind it is an entry without settings."""
    return {} if value is None else value


Glob = Annotated[str, AfterValidator(_glob)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Credentials(_Entry):
    """Who signs: keys, a profile of the AWS configuration files, a role to assume, or nobody."""

    access_key: Secret | None = None
    secret_key: Secret | None = None
    session_token: Secret | None = Field(None, description="Goes with temporary keys.")
    aws_profile: str | None = Field(None, description="A profile of ~/.aws/credentials or config.")
    role_arn: str | None = Field(None, description="A role, assumed with the usual chain's keys.")
    external_id: str | None = Field(None, description="Goes with role_arn.")
    anonymous: bool = Field(default=False, description="Requests are not signed.")

    @model_validator(mode="after")
    def _one_kind(self) -> Credentials:
        if (self.access_key is None) is not (self.secret_key is None):
            missing = "secret_key" if self.secret_key is None else "access_key"
            raise ValueError(f"{missing} is missing: the two keys go together")
        if self.session_token is not None and self.access_key is None:
            raise ValueError("session_token needs access_key and secret_key")
        if self.external_id is not None and self.role_arn is None:
            raise ValueError("external_id needs role_arn")
        kinds = [
            k for k in ("access_key", "aws_profile", "role_arn") if getattr(self, k) is not None
        ]
        if self.anonymous:
            kinds.append("anonymous")
        if len(kinds) != 1:
            found = f"both {' and '.join(kinds)}" if kinds else "nothing"
            raise ValueError(
                f"says {found}: write one of access_key with secret_key, aws_profile, role_arn, "
                "or anonymous: true; leave credentials out for the usual chain"
            )
        return self


class Client(_Entry):
    """Where data really is: one service, account or region."""

    service: Literal["aws", "minio", "ceph", "lakefs", "seaweedfs", "generic"] | None = Field(
        None,
        description="A preset of settings; without it aws, or generic where an endpoint is given.",
    )
    endpoint_url: Annotated[str, AfterValidator(_endpoint)] | None = Field(
        None, description="http(s)://host[:port]; needed for all but AWS."
    )
    region: str | None = Field(None, min_length=1, description="The region to sign for.")
    path_style: bool | None = Field(
        None, description="The bucket in the path, not in the host name."
    )
    ca_bundle: Path | None = Field(
        None, description="PEM file of a private CA; relative to routes.yaml."
    )
    verify: bool = Field(
        default=True, description="false: the server's certificate is not checked."
    )
    credentials: Annotated[
        Credentials | None, Field(description="Without it: the usual chain.")
    ] = None
    fail_fast: bool = Field(
        default=False, description="Give up after one attempt where the store can't be reached."
    )
    hadoop: dict[str, str | Secret] = Field(
        default_factory=dict, description="More settings for S3A, as Hadoop spells them: fs.s3a.…"
    )
    botocore: dict[str, Any] = Field(
        default_factory=dict,
        description="More settings for boto3: arguments of botocore.config.Config.",
    )

    @property
    def preset(self) -> Service:
        """What the kind of service needs."""
        return SERVICES[self.kind]

    @property
    def kind(self) -> str:
        """The service that is meant where the file doesn't say."""
        return self.service or ("generic" if self.endpoint_url else "aws")

    @field_validator("hadoop", mode="before")
    @classmethod
    def _hadoop(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        out: dict[object, object] = {}
        for key, given in value.items():
            if not isinstance(key, str) or not key.startswith("fs.s3a.") or key == "fs.s3a.":
                raise ValueError(f"{key!r} is no S3A setting: its name starts with fs.s3a.")
            if key.startswith("fs.s3a.bucket."):
                raise ValueError(
                    f"{key!r} names a bucket: write the setting as for all buckets (fs.s3a.…)"
                )
            if isinstance(given, Secret):
                out[key] = given
                continue
            if not isinstance(given, (str, int, float)):
                raise ValueError(f"{key} must be a text, a number, true or false")  # noqa: TRY004
            text = str(given).lower() if isinstance(given, bool) else str(given)
            # An encryption key may be the name of a key that KMS holds: no secret.
            out[key] = Secret(text) if is_sensitive(key) and not text.startswith("arn:") else text
        return out

    @model_validator(mode="after")
    def _endpoint_of_service(self) -> Client:
        if self.endpoint_url is None and self.kind != "aws":
            raise ValueError(
                f"endpoint_url is missing: service {self.kind} has no address of its own"
            )
        if self.ca_bundle is not None and not self.verify:
            raise ValueError("ca_bundle with verify: false: leave one of the two out")
        return self


class Profile(_Entry):
    """A routing rule: which logical names it takes, and where they really are."""

    client: str | None = Field(
        None, description="A name of clients; without it the profile's own name."
    )
    source_bucket_pattern: Glob = Field(description="A glob over logical buckets.")
    source_key_pattern: Glob | None = Field(None, description="A glob over keys, e.g. team2/*.")
    mapped_bucket_name: Annotated[str, AfterValidator(_bucket_name)] | None = Field(
        None, description="The real bucket; {bucket} stands for the logical one."
    )
    mapped_prefix: Annotated[str, AfterValidator(_prefix)] | None = Field(
        None, description="What takes the place of the pattern's fixed folder."
    )
    prefix_mode: Literal["replace", "prepend"] = Field(
        "replace", description="prepend: mapped_prefix stands before the whole key, as it is."
    )
    buckets: tuple[str, ...] | None = Field(
        None, description="The buckets that a glob stands for, for engines that need their names."
    )
    spark: bool = Field(default=True, description="false: for boto3 and fsspec only.")

    @model_validator(mode="after")
    def _buckets_match(self) -> Profile:
        matches = globs.compiled(self.source_bucket_pattern)
        if wrong := [b for b in self.buckets or () if not matches(b)]:
            raise ValueError(
                f"buckets: {wrong[0]!r} does not match source_bucket_pattern {self.source_bucket_pattern!r}"
            )
        if self.prefix_mode == "prepend" and self.mapped_prefix is None:
            raise ValueError("prefix_mode: prepend needs a mapped_prefix to put before the key")
        return self


class RoutesFile(_Entry):
    """routes.yaml as a whole."""

    version: Literal[1] = Field(1, description="The version of this format.")
    unmatched: Literal["default", "refuse"] = Field(
        "default", description="What becomes of names that no profile matches."
    )
    clients: dict[str, Annotated[Client, BeforeValidator(_nothing_is_empty)]] = Field(
        description="Where data really is, by a name of your choice; default serves what no profile matches."
    )
    profiles: Annotated[dict[str, Profile], BeforeValidator(_nothing_is_empty)] = Field(
        default_factory=dict, description="Routing rules; the first that matches wins."
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema of routes.yaml, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "routes.yaml of s3r_spark",
        **{k: v for k, v in RoutesFile.model_json_schema().items() if k != "title"},
    }
