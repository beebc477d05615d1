"""Migrations between real servers that talk https, by certificates of an authority of one's own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from migrate.conftest import Moving
from servers.certificate import make_certificate, sign_certificate
from servers.minio import start_minio
from urllib3.connection import HTTPSConnection

from s3r_spark.migrate.quick import QuickClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.certificate import Certificate

pytestmark = pytest.mark.slow


@contextmanager
def over_tls(folder: Path, certificate: Certificate, trusted: Path) -> Iterator[Moving]:
    with (
        start_minio(folder / "one", tls=certificate) as source,
        start_minio(folder / "other", tls=certificate) as target,
    ):
        one, other = (replace(store, ca_bundle=trusted) for store in (source, target))
        one.make_bucket("lake")
        other.make_bucket("minio-bucket")
        clients = {
            "default": entry(one, ca_bundle=str(trusted)),
            "minio": entry(other, ca_bundle=str(trusted)),
        }
        yield Moving(folder, one, other, clients)


def test_a_private_ca_is_trusted_by_both_engines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    puts: list[str] = []
    put = QuickClient.put_whole

    def noted(self: QuickClient, key: str, *args: Any, **options: Any) -> Any:
        puts.append(key)
        return put(self, key, *args, **options)

    monkeypatch.setattr(QuickClient, "put_whole", noted)
    authority = make_certificate(tmp_path / "ca")
    certificate = sign_certificate(tmp_path / "signed", authority)
    with over_tls(tmp_path, certificate, authority.public) as moving:
        moving.put("a")
        said = moving()
        assert [line.rpartition(": ")[2] for line in said["plan"]["engines"]] == ["obstore"] * 2
        assert moving.moved() == {"a": b"a"}
        assert puts == ["data/a"]


def test_a_certificate_that_obstore_refuses_is_left_to_boto3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan says so, and no object costs a handshake of its own."""
    handshakes: list[int] = []
    connect = HTTPSConnection.connect

    def noted(self: HTTPSConnection) -> None:
        handshakes.append(self.port)
        connect(self)

    monkeypatch.setattr(HTTPSConnection, "connect", noted)
    certificate = make_certificate(tmp_path / "own")
    with over_tls(tmp_path, certificate, certificate.public) as moving:
        moving.put(*(f"{number:03}" for number in range(100)))
        handshakes.clear()
        said = moving("--workers", "4")
        assert [line.partition(": ")[2] for line in said["plan"]["engines"]] == [
            "boto3 (obstore refuses the certificate: CaUsedAsEndEntity)"
        ] * 2
        assert said["outcome"]["copied"] == 100
        assert len(handshakes) < 50
