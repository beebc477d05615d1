"""Surroundings of a driver that would send clients of AWS elsewhere, whatever S3A is told.

S3A leaves AWS's own endpoint to the SDK, which finds the bucket's region that way; but the SDK asks
for an endpoint in many places first, and nothing switches that off. A client with an endpoint is
safe. The router looks again on every machine; the other engines can't.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from s3r_spark.routing import Routes

__all__ = ["check", "check_settings"]

_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_PROPERTY = re.compile(r"-D(aws\.endpointUrl(?:S3)?)=")
# Where Java itself, and Spark's scripts, take options from.
_JAVA_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "SPARK_SUBMIT_OPTS")
_JAVA_SETTINGS = re.compile(r"spark\.(driver|executor)\.(extra|default)JavaOptions")
_EXECUTORS = re.compile(rf"spark\.executorEnv\.({'|'.join(_VARIABLES)})")


def check(routes: Routes, environ: Mapping[str, str]) -> None:
    """Refuse what the environment and the AWS files of this machine have in place of AWS.

    Args:
        routes: whose clients are concerned.
        environ: the environment that AWS's files are found by.

    Raises:
        SessionError: with the clients it concerns, and what to do.
    """
    _refuse(routes, _of_the_environment(environ))


def check_settings(routes: Routes, settings: Mapping[str, str]) -> None:
    """Refuse what Spark is told to give its Java machines in place of AWS.

    Args:
        routes: whose clients are concerned.
        settings: Spark's.

    Raises:
        SessionError: as `check` does.
    """
    _refuse(routes, _of_settings(settings))


def _refuse(routes: Routes, settings: Iterable[str]) -> None:
    concerned = {
        name: client
        for name, client in routes.clients.items()
        if client.endpoint_url is None and client.kind == "aws"
    }
    setting = next(iter(settings), None) if concerned else None
    if setting is None:
        return
    lines = []
    for name, client in concerned.items():
        address = f"https://s3.{client.region or 'REGION'}.amazonaws.com"
        lines.append(
            f"{routes.line_of('clients', name)}: {setting} is set, and S3A would ask what it names "
            "in place of AWS: unset it, or give the client an endpoint "
            f"(service: aws, endpoint_url: {address})"
        )
    raise SessionError("\n".join(lines))


def _of_the_environment(environ: Mapping[str, str]) -> Iterator[str]:
    yield from (name for name in _VARIABLES if name in environ)
    for name in _JAVA_VARIABLES:
        if match := _PROPERTY.search(environ.get(name, "")):
            yield f"{match[1]} in {name}"
    yield from _of_the_files(environ.get("AWS_PROFILE", "default"))


def _of_the_files(profile: str) -> Iterator[str]:
    """Read the AWS files as botocore reads them."""
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        files: dict[str, Any] = Session().full_config
    except BotoCoreError:
        return  # whoever needs them says what is wrong
    section = files.get("profiles", {}).get(profile, {})
    services = files.get("services", {}).get(section.get("services"), {})
    if isinstance(services.get("s3"), dict) and "endpoint_url" in services["s3"]:
        yield f"endpoint_url of s3 in the section [services {section['services']}] of the AWS files"
    if "endpoint_url" in section:
        yield f"endpoint_url of the profile {profile!r} in the AWS files"


def _of_settings(settings: Mapping[str, str]) -> Iterator[str]:
    for name, value in settings.items():
        if _EXECUTORS.fullmatch(name):
            yield name
        elif _JAVA_SETTINGS.fullmatch(name) and (match := _PROPERTY.search(value)):
            yield f"{match[1]} in {name}"
