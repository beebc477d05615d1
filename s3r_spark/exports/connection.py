"""Facts that an engine has to be told of a store, in no engine's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from s3r_spark.endpoints import dns_suffix
from s3r_spark.errors import RoutesError

if TYPE_CHECKING:
    from pathlib import Path

    from s3r_spark.routing import Routes


@dataclass(frozen=True)
class Connection:
    """A store's address, and how it wants to be asked.

    Attributes:
        client: the client's name.
        endpoint: its address, `http(s)://host[:port]`; AWS's own is written out as well, so that no
            AWS_ENDPOINT_URL takes its place.
        region: the region to sign for.
        path_style: whether the bucket stands in the path.
        anonymous: whether requests are not signed.
        verify: whether the server's certificate is checked.
        ca_bundle: a private CA's file.
        conditional_writes: whether the store honours `If-None-Match: *`.
        is_aws: whether the file gives no address: it is AWS's own.
    """

    client: str
    endpoint: str
    region: str
    path_style: bool
    anonymous: bool
    verify: bool
    ca_bundle: Path | None
    conditional_writes: bool
    is_aws: bool

    @property
    def tls(self) -> bool:
        """Tell whether https is spoken there."""
        return self.endpoint.startswith("https:")

    @property
    def host(self) -> str:
        """The host, and its port where there is one."""
        return urlsplit(self.endpoint).netloc

    def of_bucket(self, bucket: str) -> str:
        """The address that a bucket has, with its name in the host where the store wants it."""
        if self.path_style:
            return self.endpoint
        scheme, _, host = self.endpoint.partition("://")
        return f"{scheme}://{bucket}.{host}"


def connection(routes: Routes, name: str, region: str | None = None) -> Connection:
    """The connection of a client.

    Args:
        routes: the routes.
        name: the client's name.
        region: the region where neither the file nor the service says one.

    Raises:
        RoutesError: the region can't be told.
    """
    client = routes.clients[name]
    region = client.region or client.preset.region or region
    if region is None:
        raise RoutesError(
            f"{routes.line_of('clients', name)}: its region is not known, which other engines "
            "need: write region: …"
        )
    endpoint = client.endpoint_url or f"https://s3.{region}.{dns_suffix(region)}"
    return Connection(
        client=name,
        endpoint=endpoint,
        region=region,
        path_style=client.uses_path_style,
        anonymous=client.credentials is not None and client.credentials.anonymous,
        verify=client.verify,
        ca_bundle=routes.folder / client.ca_bundle if client.ca_bundle else None,
        conditional_writes=client.preset.conditional_writes,
        is_aws=client.endpoint_url is None,
    )


def not_handed_on(routes: Routes, name: str) -> list[str]:
    """The settings of a client that are S3A's or botocore's alone, and reach no other engine."""
    client = routes.clients[name]
    groups: dict[str, Any] = {"hadoop": client.hadoop, "botocore": client.botocore}
    return [f"{group}: {key}" for group, options in groups.items() for key in options]
