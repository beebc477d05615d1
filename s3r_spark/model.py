"""The model of routes.yaml: what may be written, checked field by field.

What concerns several entries at once (unknown clients, profiles that can never match) is checked in
`s3r_spark.source`, where the lines are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_serializer,
    field_validator,
    model_validator,
)

from s3r_spark import globs
from s3r_spark.endpoints import service_at
from s3r_spark.fields import (
    BOTOCORE,
    BUCKET,
    BotocoreOption,
    BucketGlob,
    BucketName,
    Endpoint,
    File,
    KeyGlobs,
    LogicalBucket,
    Name,
    One,
    Prefix,
    S3AOption,
    S3AValue,
    ServiceName,
    Truth,
    Word,
    botocore_number,
    hidden,
    nothing_is_empty,
    redacted,
)
from s3r_spark.secrets import Secret, is_sensitive
from s3r_spark.services import SERVICES, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BUCKET", "Client", "Credentials", "Profile", "RoutesFile"]


Access = Literal["read", "write"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Credentials(_Entry):
    """Credentials: keys, a profile of the AWS configuration files, a role to assume, or nobody."""

    access_key: Secret | None = Field(None, description="Goes with secret_key.")
    secret_key: Secret | None = Field(None, description="Goes with access_key.")
    session_token: Secret | None = Field(None, description="Goes with temporary keys.")
    aws_profile: Name | None = Field(None, description="A profile of ~/.aws/credentials or config.")
    role_arn: Name | None = Field(None, description="A role, assumed with the usual chain's keys.")
    external_id: Name | None = Field(None, description="Goes with role_arn.")
    anonymous: Truth = Field(default=False, description="Requests are not signed.")

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
            stated = f"both {' and '.join(kinds)}" if kinds else "nothing"
            raise ValueError(
                f"says {stated}: write one of access_key with secret_key, aws_profile, role_arn, "
                "or anonymous: true; leave credentials out for the usual chain"
            )
        return self


class Client(_Entry):
    """A place of data: one service, account or region."""

    service: ServiceName | None = Field(
        None,
        description="A preset of settings; without it aws, or generic where an endpoint is given.",
    )
    endpoint_url: Endpoint | None = Field(
        None,
        description="http(s)://host[:port]; needed for all but AWS.",
        examples=["https://minio.internal:9000"],
    )
    region: Word | None = Field(None, description="The region to sign for.", examples=["us-east-1"])
    path_style: Truth | None = Field(
        None,
        description="The bucket in the path (true) or in the host name (false), for S3A and boto3.",
    )
    ca_bundle: File | None = Field(
        None,
        description="PEM file of a private CA; relative to routes.yaml. Spark's JVM wants it too.",
        examples=["certs/ca.pem"],
    )
    verify: Truth = Field(
        default=True,
        description="false: the server's certificate is not checked; S3A can't do without.",
    )
    credentials: Annotated[Credentials | None, BeforeValidator(nothing_is_empty)] = Field(
        None, description="Without it: the usual chain."
    )
    access: Access = Field(
        "write", description="read: nothing is ever changed there, by whatever profile."
    )
    fail_fast: Truth = Field(
        default=False,
        description="Give up after seconds where the store can't be reached; without it, Spark "
        "tries for minutes, as S3A by itself.",
    )
    hadoop: dict[S3AOption, S3AValue] = Field(
        default_factory=dict,
        description="More settings for S3A, as Hadoop spells them: fs.s3a.…",
        examples=[{"fs.s3a.connection.maximum": 200}],
    )
    botocore: dict[BotocoreOption, Any] = Field(
        default_factory=dict,
        description="More settings for boto3: arguments of botocore.config.Config. Proxies are "
        "kept like secrets; S3A heeds use_fips_endpoint and use_dualstack_endpoint too.",
        examples=[{"max_pool_connections": 50}],
        json_schema_extra={
            "propertyNames": {
                "pattern": f"^({'|'.join(BOTOCORE)})$",
                "patternErrorMessage": "an argument of botocore.config.Config",
            }
        },
    )

    @property
    def preset(self) -> Service:
        """The preset of the kind of service."""
        return SERVICES[self.kind]

    @property
    def kind(self) -> str:
        """The service that is meant where the file doesn't say."""
        return self.service or ("generic" if self.endpoint_url else "aws")

    @property
    def service_id(self) -> str:
        """The common part of all its service's addresses; see `endpoints.service_at`."""
        return service_at(self.endpoint_url, self.region)

    @property
    def uses_path_style(self) -> bool:
        """Tell whether the bucket stands in the path: what the file says, or else the service's."""
        return self.preset.path_style if self.path_style is None else self.path_style

    @property
    def secrets(self) -> Iterator[tuple[tuple[str, ...], Secret]]:
        """Every secret of the client, with the keys that lead to it."""
        places: list[tuple[tuple[str, ...], Any]] = [
            (("credentials",), dict(self.credentials or ())),
            (("hadoop",), self.hadoop),
            (("botocore",), self.botocore),
        ]
        while places:
            keys, value = places.pop(0)
            if isinstance(value, Secret):
                yield keys, value
            elif isinstance(value, dict):
                places += [((*keys, str(key)), inner) for key, inner in value.items()]

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
    def _hide_botocore(cls, options: dict[str, Any]) -> dict[str, Any]:
        return {name: hidden(botocore_number(name, value), name) for name, value in options.items()}

    @field_serializer("botocore", when_used="json")
    def _dump_botocore(self, options: dict[str, Any]) -> Any:
        return redacted(options)

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
        description="A glob over logical buckets, as fnmatch.fnmatchcase has it, e.g. logs-*.",
        examples=["example-bucket", "logs-*"],
        json_schema_extra={
            "pattern": r"^([^/{}\s]|\$\{[^{}]*\})*$",
            "patternErrorMessage": "a bucket's name or a glob, without '/', '{' or blanks",
        },
    )
    source_key_pattern: KeyGlobs | None = Field(
        None,
        description="A glob over keys, e.g. team2/*, or a list of such, each as if alone; * "
        "crosses /, and ** is no more than *. For Spark it is absent, *, or ends in /*, so that a "
        "table's files stay together.",
        examples=["team2/*", ["team2/*", "team3/*"]],
    )
    mapped_bucket_name: BucketName | None = Field(
        None,
        description="The real bucket; {bucket} stands for the logical one. An access point goes by "
        "its alias.",
        examples=["minio-bucket", "dev-{bucket}"],
        json_schema_extra={
            "pattern": r"^([^/*?\[{}\s]|\{bucket\}|\$\{[^{}]*\})+$",
            "patternErrorMessage": "one bucket's name, with {bucket} for the logical one: "
            "a folder goes into mapped_prefix",
        },
    )
    mapped_prefix: Prefix | None = Field(
        None,
        description="What takes the place of the pattern's fixed folder (the part before the first "
        "wildcard, up to its last /); {bucket} may stand in it.",
        examples=["data/team2"],
        json_schema_extra={
            "pattern": r"^(?!/)(?!.*//)(?!(.*/)?\.\.?(/|$))(?!.*\*$)",
            "patternErrorMessage": "a folder without '/' at its start, '//', '.', '..' or a '*'",
        },
    )
    prefix_mode: Literal["replace", "prepend"] = Field(
        "replace", description="prepend: mapped_prefix stands before the whole key, as it is."
    )
    buckets: tuple[LogicalBucket, ...] | None = Field(
        None,
        description="The buckets that a glob stands for, for engines that need their names.",
        json_schema_extra={
            "items": {
                "type": "string",
                "pattern": r"^([^/*?\[{}\s]|\$\{[^{}]*\})+$",
                "patternErrorMessage": "a bucket's name, not a pattern",
            }
        },
    )
    spark: Truth = Field(
        default=True,
        description="false: for boto3 and fsspec alone; Spark must not touch what it takes.",
    )
    access: Access = Field("write", description="read: nothing is ever changed under its names.")

    @property
    def key_patterns(self) -> tuple[str, ...]:
        """The globs over keys as the file has them; `*` where there is none."""
        patterns = self.source_key_pattern
        return patterns if isinstance(patterns, tuple) else (patterns or "*",)

    @property
    def key_pattern(self) -> str:
        """The glob over keys of a profile that has one, each run of stars as one star."""
        (pattern,) = self.key_patterns
        return globs.one_star(pattern)

    @property
    def singles(self) -> tuple[Profile, ...]:
        """The profile, or where it lists key patterns one for each, as if it stood alone."""
        if not isinstance(self.source_key_pattern, tuple):
            return (self,)
        return tuple(
            self.model_copy(update={"source_key_pattern": pattern})
            for pattern in self.source_key_pattern
        )

    @model_validator(mode="after")
    def _buckets_match(self) -> Profile:
        pattern = self.source_bucket_pattern
        if wrong := [b for b in self.buckets or () if not globs.compiled(pattern)(b)]:
            raise ValueError(
                f"buckets: {wrong[0]!r} does not match source_bucket_pattern {pattern!r}"
            )
        if self.prefix_mode == "prepend" and self.mapped_prefix is None:
            raise ValueError("prefix_mode: prepend needs a mapped_prefix to put before the key")
        return self

    @model_validator(mode="after")
    def _patterns_stay_apart(self) -> Profile:
        if self.mapped_prefix is None or self.prefix_mode == "prepend":
            return self
        first, *others = self.key_patterns
        for other in others:
            if globs.folder(first) != globs.folder(other):
                raise ValueError(
                    f"source_key_pattern: names of {first!r} and {other!r} would meet under "
                    f"mapped_prefix {self.mapped_prefix!r}, which takes the place of both folders: "
                    "write prefix_mode: prepend, which keeps the folders, or a profile for each, "
                    "with a prefix of its own"
                )
        return self


class RoutesFile(_Entry):
    """routes.yaml as a whole."""

    version: One = Field(1, description="The version of this format.")
    unmatched: Literal["default", "refuse"] = Field(
        "default", description="What becomes of names that no profile matches."
    )
    clients: Annotated[
        dict[Name, Annotated[Client, BeforeValidator(nothing_is_empty)]],
        BeforeValidator(nothing_is_empty),
    ] = Field(
        description="Where data really is, by a name of your choice; "
        "default serves what no profile matches."
    )
    profiles: Annotated[
        dict[Name, Annotated[Profile, BeforeValidator(nothing_is_empty)]],
        BeforeValidator(nothing_is_empty),
    ] = Field(default_factory=dict, description="Routing rules; the first that matches wins.")
