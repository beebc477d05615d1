"""The model of routes.yaml: what may be written, checked field by field.

What concerns several entries at once (unknown clients, profiles that can never match) is checked in
`s3r_spark.source`, where the lines are known.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
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


def _bucket_glob(text: str) -> str:
    if "/" in text:
        bucket, _, key = re.sub(r"^[^/]*://", "", text).partition("/")
        raise ValueError(
            f"{text!r} has a '/', and no bucket has: write {bucket!r}"
            + (f", and {key!r} as source_key_pattern" if key else "")
        )
    return _glob(text)


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


def _nothing_is_empty(value: object) -> object:
    """`minio:` with nothing behind it is an entry without settings."""
    return {} if value is None else value


def _hidden(value: Any) -> Any:
    """The same with a Secret in place of each text."""
    if isinstance(value, dict):
        return {key: _hidden(inner) for key, inner in value.items()}
    return Secret.checked(value) if isinstance(value, str) else value


Name = Annotated[str, Field(min_length=1)]
Glob = Annotated[str, AfterValidator(_glob), Field(min_length=1)]
BucketGlob = Annotated[str, AfterValidator(_bucket_glob), Field(min_length=1)]


S3AOption = Annotated[str, AfterValidator(_s3a_option)]
S3AValue = Annotated[
    str | Secret,
    BeforeValidator(_s3a_value),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Credentials(_Entry):
    """Who signs: keys, a profile of the AWS configuration files, a role to assume, or nobody."""

    access_key: Secret | None = Field(None, description="Goes with secret_key.")
    secret_key: Secret | None = Field(None, description="Goes with access_key.")
    session_token: Secret | None = Field(None, description="Goes with temporary keys.")
    aws_profile: Name | None = Field(None, description="A profile of ~/.aws/credentials or config.")
    role_arn: Name | None = Field(None, description="A role, assumed with the usual chain's keys.")
    external_id: Name | None = Field(None, description="Goes with role_arn.")
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

    service: Annotated[str, AfterValidator(_service)] | None = Field(
        None,
        json_schema_extra={"enum": [*SERVICES, None]},
        description="A preset of settings; without it aws, or generic where an endpoint is given.",
    )
    endpoint_url: Annotated[str, AfterValidator(_endpoint)] | None = Field(
        None, description="http(s)://host[:port]; needed for all but AWS."
    )
    region: Name | None = Field(None, description="The region to sign for.")
    path_style: bool | None = Field(
        None, description="The bucket in the path, not in the host name."
    )
    ca_bundle: Annotated[Path, BeforeValidator(_path)] | None = Field(
        None, description="PEM file of a private CA; relative to routes.yaml."
    )
    verify: bool = Field(
        default=True, description="false: the server's certificate is not checked."
    )
    credentials: Annotated[Credentials | None, BeforeValidator(_nothing_is_empty)] = Field(
        None, description="Without it: the usual chain."
    )
    fail_fast: bool = Field(
        default=False, description="Give up after one attempt where the store can't be reached."
    )
    hadoop: dict[S3AOption, S3AValue] = Field(
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

    @field_validator("hadoop", mode="after")
    @classmethod
    def _hide_options(cls, options: dict[str, str | Secret]) -> dict[str, str | Secret]:
        # An encryption key may be the name of a key that KMS holds: no secret.
        return {
            name: Secret.checked(value)
            if isinstance(value, str) and is_sensitive(name) and not value.startswith("arn:")
            else value
            for name, value in options.items()
        }

    @field_validator("botocore", mode="after")
    @classmethod
    def _hide_proxies(cls, options: dict[str, Any]) -> dict[str, Any]:
        # A proxy's URL may hold a password.
        return {k: _hidden(v) if k == "proxies" else v for k, v in options.items()}

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

    client: Name | None = Field(
        None, description="A name of clients; without it the profile's own name."
    )
    source_bucket_pattern: BucketGlob = Field(
        description="A glob over logical buckets, e.g. logs-*.",
        json_schema_extra={"pattern": "^[^/]*$"},
    )
    source_key_pattern: Glob | None = Field(None, description="A glob over keys, e.g. team2/*.")
    mapped_bucket_name: Annotated[str, AfterValidator(_bucket_name)] | None = Field(
        None,
        description="The real bucket; {bucket} stands for the logical one.",
        json_schema_extra={"pattern": r"^([^/*?\[{}]|\{bucket\}|\$\{[^{}]*\})+$"},
    )
    mapped_prefix: Annotated[str, AfterValidator(_prefix)] | None = Field(
        None,
        description="What takes the place of the pattern's fixed folder; {bucket} may stand in it.",
        json_schema_extra={"pattern": r"^(?!/)(?!.*//)(?!(.*/)?\.\.?(/|$))"},
    )
    prefix_mode: Literal["replace", "prepend"] = Field(
        "replace", description="prepend: mapped_prefix stands before the whole key, as it is."
    )
    buckets: tuple[Annotated[str, AfterValidator(_bucket_name)], ...] | None = Field(
        None, description="The buckets that a glob stands for, for engines that need their names."
    )
    spark: bool = Field(default=True, description="false: for boto3 and fsspec only.")

    @property
    def key_pattern(self) -> str:
        """The glob over keys; `*` where there is none."""
        key = self.source_key_pattern
        return key if key and key.strip("*") else "*"

    @model_validator(mode="after")
    def _buckets_match(self) -> Profile:
        matches = globs.compiled(self.source_bucket_pattern)
        if wrong := [b for b in self.buckets or () if not matches(b)]:
            raise ValueError(
                f"buckets: {wrong[0]!r} does not match source_bucket_pattern "
                f"{self.source_bucket_pattern!r}"
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
    clients: Annotated[
        dict[Name, Annotated[Client, BeforeValidator(_nothing_is_empty)]],
        BeforeValidator(_nothing_is_empty),
    ] = Field(
        description="Where data really is, by a name of your choice; "
        "default serves what no profile matches."
    )
    profiles: Annotated[
        dict[Name, Annotated[Profile, BeforeValidator(_nothing_is_empty)]],
        BeforeValidator(_nothing_is_empty),
    ] = Field(default_factory=dict, description="Routing rules; the first that matches wins.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of routes.yaml, for editors.

    It holds for the file as it is written: a client may have nothing behind its name, and where a
    truth value or a word is wanted, a variable may stand.
    """
    schema = _or_variable(RoutesFile.model_json_schema())
    entries = schema["properties"]["clients"]
    entries["additionalProperties"] = {"anyOf": [entries["additionalProperties"], {"type": "null"}]}
    schema["if"] = {"properties": {"unmatched": {"const": "refuse"}}, "required": ["unmatched"]}
    schema["else"] = {"properties": {"clients": {"required": ["default"]}}}
    return {
        **schema,
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "routes.yaml of s3r_spark",
    }


def _or_variable(schema: Any) -> Any:
    """The schema, with `${NAME}` allowed wherever a text that isn't free is wanted."""
    if isinstance(schema, list):
        return [_or_variable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "boolean" or "enum" in schema:
        about = {k: schema[k] for k in ("description", "default", "title") if k in schema}
        rest = {k: v for k, v in schema.items() if k not in about}
        return {**about, "anyOf": [rest, {"type": "string", "pattern": r"\$\{.+\}"}]}
    return {key: _or_variable(value) for key, value in schema.items()}
