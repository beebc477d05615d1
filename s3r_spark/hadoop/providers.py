"""Class names of S3A's credential providers, by Hadoop version."""

from __future__ import annotations

from dataclasses import dataclass

from s3r_spark.hadoop.versions import hadoop_line

__all__ = ["Providers", "providers"]


@dataclass(frozen=True)
class Providers:
    """What `fs.s3a.aws.credentials.provider` is to be for each kind of credentials.

    Attributes:
        keys: access and secret key from the configuration. It ignores a session token, so a global
            one (Spark copies AWS_SESSION_TOKEN) can't get among a bucket's own keys.
        session: the same with a session token; without one it has no credentials.
        role: a role assumed by `fs.s3a.assumed.role.*`.
        anonymous: requests are not signed.
        profile: a named profile of the AWS credentials file; None where S3A can't name one
            (before 3.4.2 only `AWS_PROFILE` could, for all buckets at once).
        chain: the usual chain, in its order: global keys of S3A (Spark fills them from the
            environment), environment, web identity, AWS profile, container or instance.
    """

    keys: str
    session: str
    role: str
    anonymous: str
    profile: str | None
    chain: tuple[str, ...]


def providers(version: str) -> Providers:
    """The credential providers of a Hadoop version.

    Args:
        version: as `hadoop_line` takes it.

    Raises:
        SetupError: as `hadoop_line` does.
    """
    line = hadoop_line(version)
    s3a = "org.apache.hadoop.fs.s3a."
    keys, session = f"{s3a}SimpleAWSCredentialsProvider", f"{s3a}TemporaryAWSCredentialsProvider"
    return Providers(
        keys=keys,
        session=session,
        role=f"{s3a}auth.AssumedRoleCredentialProvider",
        anonymous=f"{s3a}AnonymousAWSCredentialsProvider",
        profile=None if line in {"3.3", "3.4.1"} else f"{s3a}auth.ProfileAWSCredentialsProvider",
        chain=(session, keys, *(_SDK_V1 if line == "3.3" else _SDK_V2)),
    )


_SDK_V1 = ("com.amazonaws.auth.DefaultAWSCredentialsProviderChain",)

# Not DefaultCredentialsProvider: its create() gives one object to the whole JVM, and S3A closes it
# with the first file system that is closed; web identity and roles could not be renewed after that.
# Each of these is made anew for every file system.
_SDK_V2 = (
    "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider",
    "software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider",
    "software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider",
    "org.apache.hadoop.fs.s3a.auth.IAMInstanceCredentialsProvider",
)
