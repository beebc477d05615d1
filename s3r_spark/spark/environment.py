"""What the environment of a driver does to S3A, whatever it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.routing import Routes

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


def check(routes: Routes, environ: Mapping[str, str]) -> None:
    """Refuse an endpoint in the environment that would take the place of AWS.

    S3A leaves AWS's own endpoint to the SDK, which finds the bucket's region that way; but the SDK
    asks these variables first, and nothing switches that off. A client with an endpoint is safe.

    Raises:
        SessionError: with the clients it concerns, and what to do.
    """
    name = next((name for name in _ENDPOINTS if environ.get(name)), None)
    if name is None:
        return
    lines = []
    for client_name, client in routes.clients.items():
        if client.endpoint_url is None and client.kind == "aws":
            own = f"https://s3.{client.region or 'REGION'}.amazonaws.com"
            place = routes.place("clients", client_name)
            lines.append(
                f"{place}: {name} is set, and S3A would ask what it names in place of AWS: unset "
                f"it, or give the client an endpoint (service: aws, endpoint_url: {own})"
            )
    if lines:
        raise SessionError("\n".join(lines))
