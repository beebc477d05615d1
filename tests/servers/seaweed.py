"""A SeaweedFS server: master, volume, filer and S3 gateway in one process."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from servers.certificate import make_certificate
from servers.install import program
from servers.process import free_ports, running
from servers.store import Store
from servers.web import answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["reader", "start_seaweed"]

SERVICES = ("s3", "master", "volume", "filer", "admin")


def reader(store: Store) -> Store:
    """The same server with keys that may change nothing."""
    access_key, secret_key = f"{store.access_key}-reader", f"{store.secret_key}-reader"
    return replace(store, access_key=access_key, secret_key=secret_key)


@contextmanager
def start_seaweed(
    folder: Path,
    access_key: str = "seaweed-access-key",
    secret_key: str = "seaweed-secret-key",
    *,
    tls: bool = False,
) -> Iterator[Store]:
    """Run SeaweedFS on free ports until the block ends, with its data in a new folder.

    It knows ``reader(store)`` too, whose keys may read and list, and no more.
    """
    (folder / "data").mkdir(parents=True)
    certificate = make_certificate(folder / "certs") if tls else None
    keys = {"accessKey": access_key, "secretKey": secret_key}
    admin = {"name": "admin", "credentials": [keys], "actions": ["Admin"]}
    read_keys = {"accessKey": f"{access_key}-reader", "secretKey": f"{secret_key}-reader"}
    read = {"name": "reader", "credentials": [read_keys], "actions": ["Read", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [admin, read]}))

    names = [f"{service}.port{kind}" for service in SERVICES for kind in ("", ".grpc")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    options = {
        "dir": folder / "data",
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": 128,
        "volume.max": 100,
        "filer.localSocket": folder / "filer.sock",
        "s3.config": folder / "s3.json",
        "s3.localSocket": folder / "s3.sock",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.allowDeleteBucketNotEmpty": "false",
        "s3.autoCreateBucket": "false",
        "webdav": "false",
        "admin.ui": "false",
        **ports,
    }
    if certificate:
        options |= {"s3.cert.file": certificate.public, "s3.key.file": certificate.private}
    command = [program("weed"), f"-logdir={folder}", "mini"]
    command += [f"-{name}={value}" for name, value in options.items()]
    # weed makes an identity of its own of keys that it finds in the environment
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    url = f"{'https' if tls else 'http'}://127.0.0.1:{ports['s3.port']}"
    with running(command, folder / "seaweed.log", env) as server:
        server.wait_until(lambda: answers(f"{url}/status", 200))
        yield Store(
            name="seaweed",
            kind="seaweedfs",
            endpoint_url=url,
            access_key=access_key,
            secret_key=secret_key,
            ca_bundle=certificate.public if certificate else None,
        )
