"""Where a client's store listens, and whether anybody takes a TCP connection there."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from s3r_spark.model import Client

__all__ = ["Address", "address_of", "unreachable"]


class Address(NamedTuple):
    """Where a store is asked.

    Attributes:
        host: the host's name or IP address.
        port: the port.
        tls: whether https is spoken there.
    """

    host: str
    port: int
    tls: bool

    @classmethod
    def of_url(cls, url: str) -> Address:
        """The address of an http(s) URL."""
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if tls else 80), tls)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(client: Client) -> Address:
    """The address of a client; AWS's own where the file names none."""
    region = client.region or "us-east-1"
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return Address.of_url(client.endpoint_url or f"https://s3.{region}.{domain}")


def unreachable(place: Address, seconds: float) -> str | None:
    """Why no TCP connection can be had; None: it can, and was closed again without a request.

    Args:
        place: where.
        seconds: how long to wait for an answer. To look up a name may take longer.
    """
    try:
        socket.create_connection((place.host, place.port), seconds).close()
    except socket.gaierror:
        return f"the name {place.host} is not known"
    except ConnectionRefusedError:
        return f"nobody listens on {place}"
    except TimeoutError:
        return f"{place} does not answer within {seconds:g} s"
    except OSError as error:
        return f"{place} can't be reached: {error.strerror or error}"
    return None
