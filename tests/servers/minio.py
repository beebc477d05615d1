"""A MinIO server."""

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

    from servers.certificate import Certificate

__all__ = ["start_minio"]


@contextmanager
def start_minio(  # noqa: PLR0913 - what servers differ in
    folder: Path,
    access_key: str = "minio-access-key",
    secret_key: str = "minio-secret-key",
    *,
    tls: bool | Certificate = False,
    region: str = "us-east-1",
    port: int | None = None,
) -> Iterator[Store]:
    """Run MinIO on a free port until the block ends, with its data in a new folder.

    Args:
        folder: the new folder.
        access_key: its only access key.
        secret_key: the secret of it.
        tls: whether it talks https, by a new certificate, self-signed, or by this one.
        region: what requests have to be signed for.
        port: its port, where it has run before in that folder.
    """
    folder.mkdir(parents=True, exist_ok=port is not None)
    port = port or free_ports(1)[0]
    certificate = make_certificate(folder / "certs") if tls is True else tls or None
    certs = certificate.public.parent if certificate else folder / "certs"
    command = [program("minio"), "server", "--quiet", "--certs-dir", str(certs)]
    command += ["--address", f"127.0.0.1:{port}", str(folder / "data")]
    settings = {
        "MINIO_ROOT_USER": access_key,
        "MINIO_ROOT_PASSWORD": secret_key,
        "MINIO_REGION": region,
        "MINIO_UPDATE": "off",
        "MINIO_BROWSER": "off",
        "MINIO_CI_CD": "1",  # a folder of the system's own disk will do
    }
    url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    with running(command, folder / "minio.log", os.environ | settings) as server:
        server.wait_until(lambda: answers(f"{url}/minio/health/ready", 200))
        yield Store(
            name="minio",
            kind="minio",
            endpoint_url=url,
            access_key=access_key,
            secret_key=secret_key,
            region=region,
            ca_bundle=certificate.public if certificate else None,
        )
