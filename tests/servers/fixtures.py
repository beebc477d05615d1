"""The servers as pytest fixtures; tests/conftest.py names this module in ``pytest_plugins``."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from servers.ceph import start_ceph
from servers.garage import start_garage
from servers.install import find
from servers.minio import start_minio
from servers.moto import start_moto
from servers.seaweed import start_seaweed
from servers.store import Store
from servers.versity import start_versity

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREIGN = ("AWS_", "FSSPEC_", "HADOOP_", "PYSPARK_", "S3R_", "SPARK_")


@pytest.fixture(scope="session", autouse=True)
def _nothing_from_outside() -> Iterator[None]:
    """Keep the tests from the settings and the keys of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            patch.delenv(name)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        # As in an activated environment: Spark's scripts look for a python that has pyspark.
        here = Path(sys.executable).parent
        patch.setenv("PATH", f"{here}{os.pathsep}{os.environ['PATH']}")
        yield


@contextmanager
def moto_store(name: str, region: str = "us-east-1") -> Iterator[Store]:
    """A service that knows only keys of its own."""
    with start_moto(f"{name}-access-key", f"{name}-secret-key") as moto:
        yield Store(name, "generic", moto.endpoint_url, moto.access_key, moto.secret_key, region)


def lent(store: Store) -> Iterator[Store]:
    """Lend a store to one test: without buckets and requests before, and without buckets after."""
    store.forget_requests()
    yield store
    store.forget_buckets()


@pytest.fixture(scope="session")
def west_store() -> Iterator[Store]:
    with moto_store("west", "us-west-1") as store:
        yield store


@pytest.fixture(scope="session")
def east_store() -> Iterator[Store]:
    with moto_store("east") as store:
        yield store


@pytest.fixture(scope="session")
def north_store() -> Iterator[Store]:
    with moto_store("north") as store:
        yield store


@pytest.fixture
def west(west_store: Store) -> Iterator[Store]:
    """One of three services that don't know each other's keys; it signs for us-west-1."""
    yield from lent(west_store)


@pytest.fixture
def east(east_store: Store) -> Iterator[Store]:
    """The second one, in us-east-1."""
    yield from lent(east_store)


@pytest.fixture
def north(north_store: Store) -> Iterator[Store]:
    """The third one, in us-east-1 too."""
    yield from lent(north_store)


@pytest.fixture(scope="session")
def minio_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with start_minio(tmp_path_factory.mktemp("servers") / "minio") as store:
        yield store


@pytest.fixture(scope="session")
def seaweed_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with start_seaweed(tmp_path_factory.mktemp("servers") / "seaweed") as store:
        yield store


@pytest.fixture(scope="session")
def ceph_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with start_ceph(tmp_path_factory.mktemp("servers") / "ceph") as store:
        yield store


@pytest.fixture(scope="session")
def versity_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with start_versity(tmp_path_factory.mktemp("servers") / "versity") as store:
        yield store


@pytest.fixture(scope="session")
def garage_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if find("garage") is None:
        pytest.skip("Garage takes long to build: python tests/servers/install.py garage")
    with start_garage(tmp_path_factory.mktemp("servers") / "garage") as store:
        yield store
