"""Certificates for servers on this machine that talk https."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Certificate", "make_certificate"]


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate, which so is its own authority, and its key; all PEM files."""

    public: Path
    private: Path
    both: Path


def make_certificate(folder: Path) -> Certificate:
    """Make one for 127.0.0.1 and localhost, in files named as MinIO looks for them."""
    folder.mkdir(parents=True)
    made = Certificate(folder / "public.crt", folder / "private.key", folder / "both.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-keyout", str(made.private), "-out", str(made.public)]
    subprocess.run(command, check=True, capture_output=True)
    made.both.write_bytes(made.public.read_bytes() + made.private.read_bytes())
    return made
