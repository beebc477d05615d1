"""A Ceph cluster of one monitor, one OSD in memory and one RADOS gateway."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from servers.certificate import make_certificate
from servers.install import program
from servers.process import Program, free_ports, running
from servers.store import Store
from servers.web import answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["start_ceph"]

# One copy of everything, no authentication inside, no wait for what a cluster would have.
CONFIG = """\
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon_port}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr1 = false
ms bind port min = 15000
ms bind port max = 32000
ms mon client mode = crc secure
auth cluster required = none
auth service required = none
auth client required = none
run dir = {folder}/run
pid file = {folder}/run/$name.pid
admin socket = {folder}/run/$name.asok
crash dir = {folder}/run
log file = {folder}/$name.log
log to stderr = false
mon cluster log file = {folder}/cluster.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 2
[mon]
mon data = {folder}/mon
mon initial members = a
paxos propose interval = 0.05
mon osd initial require min compat client = luminous
[osd]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *
[client.rgw]
ms mon client mode = crc
rgw data = {folder}/rgw
rgw frontends = beast {endpoint} tcp_nodelay=1
"""


@contextmanager
def start_ceph(
    folder: Path,
    access_key: str = "ceph-access-key",
    secret_key: str = "ceph-secret-key",
    *,
    tls: bool = False,
) -> Iterator[Store]:
    """Run a small Ceph cluster on free ports until the block ends; it keeps nothing."""
    for name in ("mon", "osd", "rgw", "run"):
        (folder / name).mkdir(parents=True)
    certificate = make_certificate(folder / "certs") if tls else None
    mon_port, port = free_ports(2)
    fsid = str(uuid.uuid4())
    endpoint = f"endpoint=127.0.0.1:{port}"
    if certificate:
        endpoint = f"ssl_{endpoint} ssl_certificate={certificate.both}"
    config = CONFIG.format(fsid=fsid, mon_port=mon_port, folder=folder, endpoint=endpoint)
    (folder / "ceph.conf").write_text(config)
    env = os.environ | {"CEPH_CONF": str(folder / "ceph.conf"), "PYTHONWARNINGS": "ignore"}

    def run(name: str, *args: str) -> str:
        process = subprocess.run(
            [program(name), *args],
            env=env,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if process.returncode:
            raise RuntimeError(f"{name} {' '.join(args)}: {process.stderr}")
        return process.stdout

    def ask(*args: str) -> Any:
        return json.loads(run("ceph", "--connect-timeout", "20", "-f", "json", *args))

    with ExitStack() as daemons:

        def start(name: str, *args: str) -> Program:
            command = [program(name), "-f", *args]
            return daemons.enter_context(running(command, folder / f"{name}.out", env))

        keyring, monmap = str(folder / "keyring"), str(folder / "monmap")
        run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.")
        address = f"[v2:127.0.0.1:{mon_port}]"
        run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, monmap)
        run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
        start("ceph-mon", "-i", "a")
        osd = str(uuid.uuid4())
        run("ceph", "--connect-timeout", "20", "osd", "new", osd)
        run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        start("ceph-osd", "-i", "0").wait_until(lambda: ask("osd", "stat")["num_up_osds"] == 1)
        keys = [f"--access-key={access_key}", f"--secret-key={secret_key}"]
        run("radosgw-admin", "user", "create", "--uid=admin", "--display-name=admin", *keys)
        url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        start("radosgw", "-n", "client.rgw").wait_until(lambda: answers(url))
        yield Store(
            name="ceph",
            kind="ceph",
            endpoint_url=url,
            access_key=access_key,
            secret_key=secret_key,
            ca_bundle=certificate.public if certificate else None,
        )
