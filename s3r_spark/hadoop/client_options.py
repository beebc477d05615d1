"""S3A's options to reach one client of routes.yaml, for one Hadoop version.

Each client gets a value for everything that another client (or Spark, from the driver's
environment) may have set for all buckets: S3A lays a bucket's own options over the global ones, so
what a bucket doesn't say, it inherits.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s3r_spark.endpoints import dns_suffix
from s3r_spark.errors import EngineError, RoutesWarning
from s3r_spark.hadoop.providers import Providers, providers
from s3r_spark.hadoop.s3a_options import OPTIONS, ignored_per_bucket, known, short_name
from s3r_spark.hadoop.versions import hadoop_line
from s3r_spark.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from s3r_spark.model import Client
    from s3r_spark.routing import Routes

Value = str | Secret
Options = dict[str, Value]
"""S3A options without their `fs.s3a.`."""

_AWS_ENDPOINT = "s3.amazonaws.com"
_KINDS = ("fips", "dualstack")
_NO_REGIONS = ("auto", "ec2", "null", "sdk")
_AWS_REGION = "us-east-1"  # S3A finds a bucket of another region from there
KEYS = ("access.key", "secret.key", "session.token")
"""The options that hold a client's keys."""

# With these a job that reads from a store that is down (refused connections, HTTP 500) ends after 4
# seconds. Hadoop's own settings, 5 attempts and 7 retries with doubling pauses, live through an
# outage of two minutes. A host that takes connections and says nothing costs 60 s a try whatever is
# set here, since the limit of one request also bounds copies: 4 minutes with fail_fast.
_FAIL_FAST = {
    "attempts.maximum": "1",
    "retry.limit": "1",
    "connection.establish.timeout": "15000",
    "connection.timeout": "60000",
}
# Hadoop 3.3 takes no unit for these (S3AUtils.intOption); newer ones read a bare number alike.
_BARE_DEFAULTS = {
    "connection.establish.timeout": "30000",
    "connection.timeout": "200000",
    "threads.keepalivetime": "60",
    "multipart.purge.age": "86400",
}
_DEFAULTS_OF_3_3 = {"attempts.maximum": "20", "connection.establish.timeout": "5000"}


@dataclass(frozen=True)
class Stores:
    """The S3A options of all clients, for one Hadoop version.

    Attributes:
        version: the Hadoop version.
        options: by client, what its buckets are to be told.
        findings: what the routes ask that S3A can't do, though it can work without.
    """

    version: str
    options: Mapping[str, Options]
    findings: tuple[RoutesWarning, ...]


def stores(routes: Routes, version: str, *, of_jar: bool = False) -> Stores:
    """The S3A options of every client.

    Args:
        routes: whose clients they are.
        version: the Hadoop version.
        of_jar: whether the router's jar is there, with its credential providers.

    Raises:
        EngineError: a client asks for what this Hadoop version doesn't have; all of them at once.
        SetupError: the version is not known.
    """
    problems: list[str] = []
    findings: list[RoutesWarning] = []
    default = routes.clients.get("default")
    # Global keys of S3A are the default client's, or else Spark's from the environment.
    global_keys = default is not None and default.credentials is not None
    options: dict[str, Options] = {}
    names = providers(version, of_jar=of_jar)
    for name, client in routes.clients.items():
        line = routes.line_of("clients", name)
        problems += [f"{line}: {problem}" for problem in _problems(client, version, names)]
        findings += [
            RoutesWarning(f"{line}: {text}", code, routes.position("clients", name))
            for code, text in _findings(client, version)
        ]
        chain_from = 2 if global_keys and name != "default" else 0
        options[name] = _of_client(client, version, _credentials(client, names, chain_from))
    if problems:
        raise EngineError("\n".join(problems))
    return Stores(version, _evened(options, version), tuple(findings))


def _of_client(client: Client, version: str, credentials: Options) -> Options:
    preset = client.preset
    out: Options = {
        **_endpoint(client),
        "endpoint.region": _region(client),
        "path.style.access": str(client.uses_path_style).lower(),
        "connection.ssl.enabled": str(not (client.endpoint_url or "").startswith("http:")).lower(),
        **credentials,
        **(_FAIL_FAST if client.fail_fast else {}),
    }
    if not preset.conditional_writes:
        out["create.conditional.enabled"] = "false"
    if not preset.payload_checksums:
        out["checksum.generation"] = "false"
    out.update(preset.hadoop)
    if out["connection.ssl.enabled"] == "false" and hadoop_line(version) != "3.3":
        out.update(preset.hadoop_over_http)
    out = {key: value for key, value in out.items() if key in credentials or known(key, version)}
    out.update({short_name(key): value for key, value in client.hadoop.items()})
    return out


def _endpoint(client: Client) -> Options:
    """The address that S3A asks. AWS's own is the SDK's to find, by region and FIPS.

    Of dual-stack S3A can't be told, so its address is given; beside one, S3A refuses FIPS.
    """
    fips, dual = (client.botocore.get(f"use_{kind}_endpoint") is True for kind in _KINDS)
    if client.endpoint_url is not None or not dual:
        out: Options = {"endpoint": client.endpoint_url or _AWS_ENDPOINT}
        return out | {"endpoint.fips": "true"} if fips else out
    region = _region(client)
    name = "s3-fips" if fips else "s3"
    return {"endpoint": f"https://{name}.dualstack.{region}.{dns_suffix(region)}"}


def _region(client: Client) -> str:
    """The region to sign for; a word that S3A has other plans for is never given to it."""
    region = client.region or client.preset.region or _AWS_REGION
    return client.preset.region_for_s3a or region if region in _NO_REGIONS else region


def _credentials(client: Client, names: Providers, chain_from: int) -> Options:
    who = client.credentials
    chain = ",".join(names.chain[chain_from:])
    if who is None:
        return {"aws.credentials.provider": chain}
    if who.anonymous:
        return {"aws.credentials.provider": names.anonymous}
    if who.access_key is not None and who.secret_key is not None:
        keys: Options = {"access.key": who.access_key, "secret.key": who.secret_key}
        if who.session_token is None:
            return {"aws.credentials.provider": names.keys, **keys}
        return {
            "aws.credentials.provider": names.session,
            **keys,
            "session.token": who.session_token,
        }
    if who.aws_profile is not None:
        return {
            "aws.credentials.provider": names.profile or "",
            "auth.profile.name": who.aws_profile,
        }
    role: Options = {
        "aws.credentials.provider": names.role,
        "assumed.role.arn": who.role_arn or "",
        "assumed.role.credentials.provider": chain,
    }
    if who.external_id is not None:
        role["assumed.role.external.id"] = who.external_id
    # Said always: the SDK would ask whatever AWS_ENDPOINT_URL names.
    region = _region(client)
    role["assumed.role.sts.endpoint"] = f"sts.{region}.{dns_suffix(region)}"
    role["assumed.role.sts.endpoint.region"] = region
    return role


def _problems(client: Client, version: str, names: Providers) -> Iterable[str]:
    """List what the client asks for and can't have."""
    who = client.credentials
    if client.region in _NO_REGIONS and client.region != client.preset.region:
        yield (
            f"region {client.region!r} has a meaning of its own in S3A: write the region itself, "
            f"or for a service without regions any fixed word, such as {_AWS_REGION}"
            + (" (service: r2 and tigris know auto)" if client.region == "auto" else "")
        )
    if who is not None and who.aws_profile is not None and names.profile is None:
        yield (
            f"aws_profile needs engine router, or Hadoop 3.4.2 (Spark 4.1) or newer, and this is "
            f"{version}: "
            "write access_key and secret_key, or a role_arn"
        )
    if (
        who is not None
        and who.external_id is not None
        and not known("assumed.role.external.id", version)
    ):
        yield f"external_id needs Hadoop 3.4.1 (Spark 4.0) or newer, and this is {version}"
    if client.botocore.get("use_fips_endpoint") is True and not known("endpoint.fips", version):
        yield f"use_fips_endpoint needs Hadoop 3.4.0 (Spark 4.0) or newer, and this is {version}"
    for key in client.hadoop:
        if reason := ignored_per_bucket(key):
            yield f"hadoop: {key} has no effect for one client: {reason}; set it for the session"


def _findings(client: Client, version: str) -> Iterable[tuple[str, str]]:
    """List what the client asks for and S3A leaves undone."""
    for key in client.hadoop:
        if not known(key, version):
            names = [option.name for option in OPTIONS if known(option.name, version)]
            close = difflib.get_close_matches(short_name(key), names, n=1)
            hint = f" (did you mean fs.s3a.{close[0]}?)" if close else ""
            yield "unknown-option", f"hadoop: Hadoop {version} has no option {key}{hint}"
    if (client.botocore.get("s3") or {}).get("use_accelerate_endpoint") is True:
        yield (
            "unaccelerated",
            "use_accelerate_endpoint is for boto3 and pandas; S3A goes to the region's own address",
        )
    if client.ca_bundle is not None:
        yield (
            "jvm-trust",
            (
                "ca_bundle is for boto3 and pandas; a JVM trusts what its trust store holds: give "
                "driver and executors -Djavax.net.ssl.trustStore=… (see 'Trust a private CA')"
            ),
        )
    if not client.verify:
        yield (
            "jvm-trust",
            "verify: false is for boto3 and pandas; S3A always checks the server's certificate",
        )


def _evened(options: dict[str, Options], version: str) -> dict[str, Options]:
    """Each client's options, with S3A's default for what only another client sets."""
    old = _DEFAULTS_OF_3_3 if hadoop_line(version) == "3.3" else {}
    extra = {key for some in options.values() for key in some} - set(KEYS)
    return {
        name: {**{key: old.get(key) or _default(key) for key in sorted(extra - set(some))}, **some}
        for name, some in options.items()
    }


def _default(key: str) -> str:
    if key in _BARE_DEFAULTS:
        return _BARE_DEFAULTS[key]
    # An empty value is S3A's "nothing" for those that have no default.
    return next((option.default or "" for option in OPTIONS if option.name == key), "")
