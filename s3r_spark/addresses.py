"""Addresses of stores, and whether anybody takes a TCP connection there."""

from __future__ import annotations

import socket
from typing import NamedTuple
from urllib.parse import urlsplit

__all__ = ["Address", "unreachable"]


class Address(NamedTuple):
    """The address of a store.

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


def unreachable(address: Address, seconds: float) -> str | None:
    """Try a TCP connection: the reason why it can't be had, or None; no request is sent.

    Args:
        address: where.
        seconds: how long to wait for an answer. To look up a name may take longer.
    """
    try:
        socket.create_connection((address.host, address.port), seconds).close()
    except socket.gaierror:
        return f"the name {address.host} is not known"
    except ConnectionRefusedError:
        return f"nobody listens on {address}"
    except TimeoutError:
        return f"{address} does not answer within {seconds:g} s"
    except OSError as error:
        return f"{address} can't be reached: {error.strerror or error}"
    return None
