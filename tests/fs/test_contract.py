"""fsspec's own contract for file systems, over folders as the routes may lay them out.

It is run on s3fs as well: what holds there on a server must hold here on the same server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from fs.conftest import plain
from fsspec.tests import abstract

from s3r_spark.fs import S3RFileSystem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers.store import Store

BUCKETS = ("example-bucket", "other-bucket", "third-bucket")


def routes(store: Store) -> dict[str, Any]:
    """One folder that lies elsewhere; and one whose files and folders are in three places."""
    elsewhere = {"client": "elsewhere", "source_bucket_pattern": "example-bucket"}
    return {
        "clients": {"default": entry(store), "elsewhere": entry(store), "third": entry(store)},
        "profiles": {
            "routed": {
                **elsewhere,
                "source_key_pattern": "routed/*",
                "mapped_bucket_name": "other-bucket",
                "mapped_prefix": "data",
            },
            "folders": {
                **elsewhere,
                "source_key_pattern": "spanning/*/subdir/*",
                "mapped_bucket_name": "other-bucket",
                "mapped_prefix": "folders",
            },
            "files": {
                **elsewhere,
                "client": "third",
                "source_key_pattern": "spanning/*2",
                "mapped_bucket_name": "third-bucket",
            },
        },
    }


class Contract(abstract.AbstractFixtures):
    """The contract in a folder of moto; the file system is the router's."""

    folder, server = "plain", "east_store"

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, request: pytest.FixtureRequest) -> Iterator[Store]:
        store: Store = request.getfixturevalue(cls.server)
        for bucket in BUCKETS:
            store.make_bucket(bucket)
        yield store
        store.clear()

    @pytest.fixture(scope="class")
    @classmethod
    def fs(cls, store: Store) -> Any:
        return S3RFileSystem(routes(store))

    @pytest.fixture(scope="class")
    @classmethod
    def fs_path(cls) -> str:
        return f"example-bucket/{cls.folder}"

    @pytest.fixture(scope="class")
    @classmethod
    def fs_join(cls) -> Callable[..., str]:
        return lambda *parts: "/".join(parts)

    @pytest.fixture(scope="class")
    @classmethod
    def supports_empty_directories(cls) -> bool:
        return False


class Routed(Contract):
    folder = "routed"


class Spanning(Contract):
    folder = "spanning"


class S3fs(Contract):
    @pytest.fixture(scope="class")
    @classmethod
    def fs(cls, store: Store) -> Any:
        return plain(store)


class OnMinio(Contract):
    server = "minio_store"


class Everything(
    abstract.AbstractCopyTests,
    abstract.AbstractGetTests,
    abstract.AbstractOpenTests,
    abstract.AbstractPipeTests,
    abstract.AbstractPutTests,
):
    def test_open_exclusive(self, fs: Any, fs_target: str) -> None:
        """s3fs fails fsspec's: it looks only when the file is closed, and gives any OSError."""
        fs.pipe_file(fs_target, b"data")
        with pytest.raises(OSError, match=r"(?i)pre-?condition"), fs.open(fs_target, "xb") as file:
            file.write(b"other")
        assert fs.cat_file(fs_target) == b"data"

    def test_pipe_exclusive(self, fs: Any, fs_target: str) -> None:
        fs.pipe_file(fs_target, b"data", mode="create")
        with pytest.raises(OSError, match=r"(?i)pre-?condition"):
            fs.pipe_file(fs_target, b"other", mode="create")
        assert fs.cat_file(fs_target) == b"data"


class Brief(Everything):
    """Without the hundred patterns, over which moto takes many minutes."""

    test_copy_glob_edge_cases = test_get_glob_edge_cases = test_put_glob_edge_cases = None


class TestSpanning(Spanning, abstract.AbstractPipeTests):
    """The everyday part."""


@pytest.mark.slow
class TestS3fsOnMoto(S3fs, Brief):
    pass


@pytest.mark.slow
class TestPlainOnMoto(Contract, Brief):
    pass


@pytest.mark.slow
class TestRoutedOnMoto(Routed, Brief):
    pass


@pytest.mark.slow
class TestSpanningOnMoto(Spanning, Brief):
    pass


@pytest.mark.slow
class TestS3fsOnMinio(S3fs, OnMinio, Everything):
    pass


@pytest.mark.slow
class TestPlainOnMinio(OnMinio, Everything):
    pass


@pytest.mark.slow
class TestRoutedOnMinio(Routed, OnMinio, Everything):
    pass


@pytest.mark.slow
class TestSpanningOnMinio(Spanning, OnMinio, Everything):
    pass
