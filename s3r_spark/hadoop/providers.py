"""Class names of S3A's credential providers, by Hadoop version."""

from __future__ import annotations

from dataclasses import dataclass

from s3r_spark.hadoop.versions import hadoop_line, version_tuple

__all__ = ["Providers", "providers"]


@dataclass(frozen=True)
class Providers:
    """Values of `fs.s3a.aws.credentials.provider` for each kind of credentials.

    Attributes:
        keys: access and secret key from the configuration. It ignores a session token, so a global
            one (Spark copies AWS_SESSION_TOKEN) can't get among a bucket's own keys.
        session: the same with a session token; without one it has no credentials.
        role: a role assumed by `fs.s3a.assumed.role.*`.
        anonymous: requests are not signed.
        profile: a named profile of the AWS files; None where S3A can't name one (before 3.4.2
            only `AWS_PROFILE` could, for all buckets at once).
        chain: the usual chain, in its order: global keys of S3A (Spark fills them from the
            environment), environment, web identity, AWS profile, container or instance.
    """

    keys: str
    session: str
    role: str
    anonymous: str
    profile: str | None
    chain: tuple[str, ...]


def providers(version: str, *, of_jar: bool = False) -> Providers:
    """The credential providers of a Hadoop version.

    Args:
        version: as `hadoop_line` takes it.
        of_jar: whether to take those of the router's jar, which read the AWS files again when one
            has changed. Those of S3A and of the SDK read them once.

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
        profile=f"{_JAR}ProfileCredentials" if of_jar else _profile_of_s3a(line),
        chain=(session, keys, *((f"{_JAR}UsualCredentials",) if of_jar else _of_sdk(version))),
    )


_JAR = "s3r.hadoop."
_SDK = "software.amazon.awssdk.auth.credentials."


def _profile_of_s3a(line: str) -> str | None:
    known = line not in {"3.3", "3.4.1"}
    return "org.apache.hadoop.fs.s3a.auth.ProfileAWSCredentialsProvider" if known else None


def _of_sdk(version: str) -> tuple[str, ...]:
    """The providers that the SDK itself would ask, in its order."""
    numbers = version_tuple(version)
    if numbers < (3, 4, 0):
        return ("com.amazonaws.auth.DefaultAWSCredentialsProviderChain",)
    if numbers < (3, 4, 3):
        # Before SDK 2.35, web identity by itself ends S3A's search where its variable is not set.
        # This one has a flaw too: it is one object for the whole JVM, and S3A closes it with the
        # first file system that is closed; web identity and roles can't be renewed after that.
        return (f"{_SDK}DefaultCredentialsProvider",)
    return (  # each made anew for every file system
        f"{_SDK}EnvironmentVariableCredentialsProvider",
        f"{_SDK}WebIdentityTokenFileCredentialsProvider",
        f"{_SDK}ProfileCredentialsProvider",
        "org.apache.hadoop.fs.s3a.auth.IAMInstanceCredentialsProvider",
    )
