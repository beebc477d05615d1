"""The way to a store, before any S3 is spoken: name, TCP, TLS, http, and what time it is there."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from s3r_spark.addresses import unreachable
from s3r_spark.diagnosis.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.addresses import Address

__all__ = ["network"]

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_NOT_YET, _EXPIRED, _SELF_SIGNED, _SELF_SIGNED_CHAIN, _NAME, _IP = 9, 10, 18, 19, 62, 64
_DAYS = 86_400
_SOON = 14  # days that are left of a certificate, from which on it is said what to do
_SKEW = 15 * 60  # seconds; S3 refuses requests whose time differs by more (RequestTimeTooSkewed)
_PRIVATE = "give the client ca_bundle: the PEM file of the authority (and a JVM its trust store)"


def network(address: Address, authorities: str | None, seconds: float) -> Iterator[Finding]:
    """Findings on the way to a store, up to the first one that is bad.

    Args:
        address: where it listens.
        authorities: PEM file of the authorities that are trusted; None: nothing is checked.
        seconds: how long to wait at each step.
    """
    try:
        addresses = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        text = f"the name {address.host} is not known"
        yield Finding("name", "bad", text, "look at endpoint_url, and at this machine's DNS or VPN")
        return
    yield Finding("name", "good", ", ".join(dict.fromkeys(str(a[4][0]) for a in addresses)))
    reason = unreachable(address, seconds)
    if reason is not None:
        mend = "look at endpoint_url, at the server, and at what may stand between (a firewall)"
        yield Finding("tcp", "bad", reason, mend)
        return
    yield Finding("tcp", "good", str(address))
    if address.tls:
        finding = _tls(address, authorities, seconds)
        yield finding
        if finding.state == "bad":
            return
    yield from _http(address, seconds)


def _tls(address: Address, authorities: str | None, seconds: float) -> Finding:
    try:
        context = _context(authorities)
    except OSError as error:  # which ssl.SSLError is, too
        text = f"ca_bundle {authorities} can't be used: {error.strerror or error}"
        return Finding("tls", "bad", text, "write the path of a PEM file of certificates")
    try:
        with (
            socket.create_connection((address.host, address.port), seconds) as plain,
            context.wrap_socket(plain, server_hostname=address.host) as secure,
        ):
            certificate, version = secure.getpeercert() or {}, secure.version()
    except OSError as error:
        return Finding("tls", "bad", *_no_handshake(error, address, seconds))
    if authorities is None:
        text = f"{version}, but whose certificate it is isn't checked (verify: false)"
        return Finding("tls", "open", text, "S3A checks it all the same")
    days = (ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()) / _DAYS
    mend = "renew the certificate" if days < _SOON else ""
    return Finding("tls", "good", f"{version}, certificate good for {days:.0f} days", mend)


def _context(authorities: str | None) -> ssl.SSLContext:
    if authorities is not None:
        return ssl.create_default_context(cafile=authorities)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _no_handshake(error: OSError, address: Address, seconds: float) -> tuple[str, str]:
    """The reason why there is no TLS, and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _mistrust(error, address)
    if isinstance(error, TimeoutError):
        text = f"{address} takes the connection and says nothing within {seconds:g} s"
        return text, "is it an https port?"
    if _speaks_http(address, seconds):
        return f"{address} speaks plain http, not https", f"write endpoint_url: http://{address}"
    text = f"no TLS with {address}: {getattr(error, 'reason', None) or error}"
    return text, "is it an https port, and is its TLS of today?"


def _mistrust(error: ssl.SSLCertVerificationError, address: Address) -> tuple[str, str]:
    """The reason why a certificate isn't taken, and what to do."""
    if error.verify_code == _EXPIRED:
        return "the certificate has expired", "renew it on the server"
    if error.verify_code == _NOT_YET:
        return "the certificate is not valid yet", "look at this machine's clock and the server's"
    if error.verify_code in {_NAME, _IP}:
        mend = "ask for the store by a name that its certificate has"
        return f"the certificate is not for {address.host}", mend
    if error.verify_code == _SELF_SIGNED:
        return "the certificate is self-signed, and not trusted here", _PRIVATE
    if error.verify_code == _SELF_SIGNED_CHAIN:
        return "the certificate is of an authority that is not trusted here", _PRIVATE
    return f"the certificate is not trusted here ({error.verify_message})", _PRIVATE


def _speaks_http(address: Address, seconds: float) -> bool:
    try:
        _head(address._replace(tls=False), seconds)
    except (OSError, http.client.HTTPException):
        return False
    return True


def _speaks_tls(address: Address, seconds: float) -> bool:
    try:
        with (
            socket.create_connection((address.host, address.port), seconds) as plain,
            _context(None).wrap_socket(plain, server_hostname=address.host),
        ):
            return True
    except OSError:
        return False


def _head(address: Address, seconds: float) -> tuple[int, str | None]:
    """Status and date of an answer to a request that isn't signed."""
    if address.tls:  # whose certificate was looked at before
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            address.host, address.port, timeout=seconds, context=_context(None)
        )
    else:
        connection = http.client.HTTPConnection(address.host, address.port, timeout=seconds)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        return answer.status, answer.getheader("Date")
    finally:
        connection.close()


def _http(address: Address, seconds: float) -> Iterator[Finding]:
    try:
        status, date = _head(address, seconds)
    except TimeoutError:
        text = f"{address} takes the connection and answers no request within {seconds:g} s"
        yield Finding("http", "bad", text, "is it the port of an S3 service?")
        return
    except (OSError, http.client.HTTPException) as error:
        status, date = 0, None
        text, mend = f"{address} answers no http: {error}", "is it the port of an S3 service?"
    # Some close the connection, some say 400, as S3 may, too: the handshake tells.
    if status in {0, 400} and not address.tls and _speaks_tls(address, seconds):
        yield Finding(
            "http", "bad", f"{address} speaks https, not plain http", f"write https://{address}"
        )
        return
    if not status:
        yield Finding("http", "bad", text, mend)
        return
    yield Finding("http", "good", f"answers ({status} to a request that isn't signed)")
    yield _clock(date)


def _clock(date: str | None) -> Finding:
    try:
        there = parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return Finding("clock", "open", "the store doesn't say what time it is")
    ahead = time.time() - there
    text = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the store"
    if abs(ahead) > _SKEW:
        mend = "set the clock (a store refuses what differs by more than 15 minutes)"
        return Finding("clock", "bad", f"this machine is {text}", mend)
    return Finding("clock", "good", f"this machine is {text}")
