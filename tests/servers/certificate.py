"""Certificates for servers on this machine that talk https."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Certificate", "make_certificate", "sign_certificate"]

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
HERE = "DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as PEM files; a self-signed one is its own authority."""

    public: Path
    private: Path
    both: Path


def make_certificate(folder: Path) -> Certificate:
    """Make one for 127.0.0.1 and localhost, in files named as MinIO looks for them."""
    certificate = _files(folder)
    command = ["openssl", "req", "-x509", *KEY, "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", f"subjectAltName={HERE}"]
    command += ["-keyout", str(certificate.private), "-out", str(certificate.public)]
    subprocess.run(command, check=True, capture_output=True)
    return _joined(certificate)


def sign_certificate(
    folder: Path, authority: Certificate, *, days: int = 2, names: str = HERE
) -> Certificate:
    """Make one that an authority has signed.

    Args:
        folder: a new folder for its files.
        authority: whose ``public`` is to be trusted for it.
        days: how long it is good; -1 makes one that has expired.
        names: for whom, as openssl writes it.
    """
    certificate = _files(folder)
    request, names_file = folder / "request.csr", folder / "names.ext"
    names_file.write_text(f"subjectAltName={names}")
    command = ["openssl", "req", *KEY, "-subj", "/CN=server"]
    command += ["-keyout", str(certificate.private), "-out", str(request)]
    subprocess.run(command, check=True, capture_output=True)
    command = ["openssl", "x509", "-req", "-in", str(request), "-days", str(days)]
    command += ["-CA", str(authority.public), "-CAkey", str(authority.private), "-CAcreateserial"]
    command += ["-extfile", str(names_file), "-out", str(certificate.public)]
    subprocess.run(command, check=True, capture_output=True)
    return _joined(certificate)


def _files(folder: Path) -> Certificate:
    folder.mkdir(parents=True)
    return Certificate(folder / "public.crt", folder / "private.key", folder / "both.pem")


def _joined(certificate: Certificate) -> Certificate:
    certificate.both.write_bytes(certificate.public.read_bytes() + certificate.private.read_bytes())
    return certificate
