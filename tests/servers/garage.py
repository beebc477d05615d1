"""A Garage server of one node."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from servers.install import program
from servers.process import free_ports, running
from servers.store import Store
from servers.web import answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["start_garage"]

CONFIG = """\
metadata_dir = "{folder}/meta"
data_dir = "{folder}/data"
db_engine = "sqlite"
replication_factor = 1
rpc_bind_addr = "127.0.0.1:{rpc}"
rpc_public_addr = "127.0.0.1:{rpc}"
rpc_secret = "{secret}"
[s3_api]
s3_region = "garage"
api_bind_addr = "127.0.0.1:{port}"
root_domain = ".s3.localhost"
[admin]
api_bind_addr = "127.0.0.1:{admin}"
"""


@contextmanager
def start_garage(
    folder: Path,
    access_key: str = f"GK{1:024}",
    secret_key: str = f"{1:064}",
) -> Iterator[Store]:
    """Run Garage on free ports until the block ends, with its data in a new folder.

    It talks plain http, and takes keys of its own form only: ``GK`` and 24, or 64, hexadecimals.
    """
    for name in ("meta", "data"):
        (folder / name).mkdir(parents=True)
    port, rpc, admin = free_ports(3)
    config = folder / "garage.toml"
    config.write_text(
        CONFIG.format(folder=folder, port=port, rpc=rpc, admin=admin, secret=f"{7:064}")
    )
    config.chmod(0o600)

    def garage(*words: str) -> str:
        command = [program("garage"), "-c", str(config), *words]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=60
        ).stdout.strip()

    url = f"http://127.0.0.1:{port}"
    with running([program("garage"), "-c", str(config), "server"], folder / "garage.log") as server:
        server.wait_until(lambda: answers(url))
        node = garage("node", "id", "-q").partition("@")[0]
        garage("layout", "assign", "-z", "dc1", "-c", "10G", node)
        garage("layout", "apply", "--version", "1")
        garage("key", "import", "--yes", "-n", "tests", access_key, secret_key)
        garage("key", "allow", "--create-bucket", access_key)
        yield Store(
            name="garage",
            kind="garage",
            endpoint_url=url,
            access_key=access_key,
            secret_key=secret_key,
            region="garage",
        )
