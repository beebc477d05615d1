from __future__ import annotations

import struct
import zipfile
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import machine

from s3r_spark.hadoop.ivy import resolve
from s3r_spark.hadoop.packages import jars_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servers.store import Store


@cache
def hadoop_jar(artifact: str, version: str) -> Path:
    """A released jar of Hadoop, from the registry that Spark itself uses."""
    package = f"org.apache.hadoop:{artifact}:{version}"
    return resolve([package], spark_jars=jars_folder(), transitive=False)[0]


@cache
def s3a_strings(version: str) -> dict[str, set[str]]:
    """Every string of a hadoop-aws release, and the names of the classes that hold it."""
    classes_by_text: dict[str, set[str]] = {}
    with zipfile.ZipFile(hadoop_jar("hadoop-aws", version)) as jar:
        for name in jar.namelist():
            if name.endswith(".class"):
                for text in _constants(jar.read(name)):
                    classes_by_text.setdefault(text, set()).add(
                        name.rpartition("/")[2][: -len(".class")]
                    )
    return classes_by_text


# bytes behind the tag of each kind of constant but Utf8 (JVM specification, 4.4)
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4}
_SIZES |= {15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}


def _constants(data: bytes) -> Iterator[str]:
    """The strings in the constant pool of a class file."""
    (count,), at, index = struct.unpack_from(">H", data, 8), 10, 1
    while index < count:
        tag = data[at]
        if tag == 1:
            (size,) = struct.unpack_from(">H", data, at + 1)
            yield data[at + 3 : at + 3 + size].decode("utf-8", "replace")
            at += 3 + size
        else:
            at += 1 + _SIZES[tag]
        index += 2 if tag in {5, 6} else 1  # long and double take two places


@pytest.fixture(scope="session", name="s3a_strings")
def s3a_strings_fixture() -> Callable[[str], dict[str, set[str]]]:
    return s3a_strings


@pytest.fixture(scope="session", name="hadoop_jar")
def hadoop_jar_fixture() -> Callable[[str, str], Path]:
    return hadoop_jar


@pytest.fixture(scope="session")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where `jvm` finds more classes."""
    return tmp_path_factory.mktemp("classes")


@pytest.fixture(scope="session")
def shared_machine(classes: Path) -> Iterator[Any]:
    with machine(classes=classes) as started:
        yield started


@pytest.fixture(scope="module")
def jvm(shared_machine: Any) -> Iterator[Any]:
    """A Java machine with the router, for all files that need nothing special of one.

    What one file has left in Hadoop's cache of file systems is not there for the next.
    """
    yield shared_machine
    shared_machine.org.apache.hadoop.fs.FileSystem.closeAll()


@pytest.fixture
def stores(west: Store, east: Store) -> tuple[Store, Store]:
    """Two stores with the buckets of the routes that `routerfs.lake_routes` has."""
    west.make_bucket("lake")
    east.make_bucket("real")
    return west, east
