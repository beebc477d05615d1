"""A VersityGW server over a folder."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from servers.certificate import make_certificate
from servers.install import program
from servers.process import free_ports, running
from servers.store import Store
from servers.web import answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["start_versity"]


@contextmanager
def start_versity(
    folder: Path,
    access_key: str = "versity-access-key",
    secret_key: str = "versity-secret-key",
    *,
    tls: bool = False,
    by_host: bool = False,
) -> Iterator[Store]:
    """Run VersityGW on a free port until the block ends, with its data in a new folder.

    Args:
        folder: the new folder; its file system must have extended attributes.
        access_key: its only access key.
        secret_key: the secret of it.
        tls: whether it talks https.
        by_host: whether it takes buckets before the host name `localhost` too.
    """
    (folder / "data").mkdir(parents=True)
    (port,) = free_ports(1)
    certificate = make_certificate(folder / "certs") if tls else None
    command = [program("versitygw"), "--quiet", "--port", f"127.0.0.1:{port}"]
    if certificate:
        command += ["--cert", str(certificate.public), "--key", str(certificate.private)]
    if by_host:
        command += ["--virtual-domain", f"localhost:{port}"]
    command += ["posix", str(folder / "data")]
    settings = {"ROOT_ACCESS_KEY": access_key, "ROOT_SECRET_KEY": secret_key}
    url = f"{'https' if tls else 'http'}://{'localhost' if by_host else '127.0.0.1'}:{port}"
    with running(command, folder / "versity.log", os.environ | settings) as server:
        server.wait_until(lambda: answers(url))
        yield Store(
            name="versity",
            kind="versitygw",
            endpoint_url=url,
            access_key=access_key,
            secret_key=secret_key,
            ca_bundle=certificate.public if certificate else None,
        )
