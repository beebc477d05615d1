"""The router's Java: its own tests on every Hadoop, its style, and Hadoop's contract tests."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from servers.minio import start_minio

from s3r_spark.hadoop.files import core_site
from s3r_spark.hadoop.routes_plan import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store

pytestmark = pytest.mark.slow

JVM = Path(__file__).parents[2] / "s3r_spark" / "jvm"
SDK = {"3.4.1": "2.25.53", "3.4.2": "2.29.52", "3.5.0": "2.35.4"}
MODES = ("plain", "none", "folder", "span")
# Bytes are counted where they go by, at the store: Spark adds up the counts of all file systems.
COUNTED_ONCE = {"StatisticsTest.testStatistics"}
# A folder below a name that is a file on another store: to ask that store first would cost every
# new folder a request, and S3A doesn't ask either when it writes a file there.
BELOW_A_FILE = {
    f"{tests}.testMkdirsFailsForSubdirectoryOfExistingFile"
    for tests in ("MainOperationsTest", "UriTest")
}
DIFFERS = {
    "plain": set[str](),
    "none": COUNTED_ONCE,
    "folder": COUNTED_ONCE,
    "span": COUNTED_ONCE | BELOW_A_FILE,
}


def maven(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["mvn", "--quiet", "--batch-mode", "--file", str(JVM / "pom.xml"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", SDK)
def test_routing_and_forwarding_in_every_hadoop(version: str) -> None:
    process = maven(
        "test", "-Dtests", f"-Dhadoop.version={version}", f"-Dsdk.version={SDK[version]}"
    )
    assert process.returncode == 0, process.stdout[-3000:]


def test_the_source_is_formatted_and_errorprone_finds_nothing() -> None:
    process = maven("verify", "-Dchecks")
    assert process.returncode == 0, process.stdout[-3000:]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    folder = tmp_path_factory.mktemp("contract")
    with (
        start_minio(folder / "west") as west,
        start_minio(folder / "east", "east-access", "east-secret-key") as east,
    ):
        for store in (west, east):
            for bucket in ("lake", "real", "other"):
                store.make_bucket(bucket)
        yield west, east


def profiles(mode: str, folder: str) -> dict[str, dict[str, Any]]:
    east = {"client": "east", "source_bucket_pattern": "lake"}
    if mode == "folder":
        mapped = {"mapped_bucket_name": "real", "mapped_prefix": "data/team2"}
        return {"team2": east | mapped | {"source_key_pattern": f"{folder}/*"}}
    if mode == "span":  # what the tests call their folders, so that they lie on both
        elsewhere = east | {"mapped_bucket_name": "other"}
        return {
            "dirs": east | {"source_key_pattern": f"{folder}/*/dir*/*"},
            "sources": elsewhere | {"source_key_pattern": f"{folder}/*/source/*"},
            "contexts": elsewhere | {"source_key_pattern": f"{folder}/*/hadoop/*"},
        }
    return {}


def run(mode: str, stores: tuple[Store, Store], folder: Path) -> dict[str, list[str]]:
    """What became of each test: passed, skipped or failed, once for each of its parameters."""
    clients = {
        name: {
            "service": "minio",
            "endpoint_url": store.endpoint_url,
            "credentials": {"access_key": store.access_key, "secret_key": store.secret_key},
        }
        for name, store in zip(("default", "east"), stores, strict=True)
    }
    # One path here and in the store, since some of Hadoop's tests use it for both.
    place = folder / mode / "test"
    conf = settings(
        {"clients": clients, "profiles": profiles(mode, str(place).removeprefix("/"))},
        engine="s3a" if mode == "plain" else "router",
        hadoop_version="3.5.0",
        secrets="inline",
    )
    conf |= {"fs.contract.test.fs.s3a": "s3a://lake", "fs.s3a.input.stream.type": "classic"}
    file = folder / f"{mode}.xml"
    file.write_text(core_site(conf, "the servers of a test"), encoding="utf-8")
    reports = JVM / "target" / "contract" / "surefire-reports"
    for old in reports.glob("TEST-*.xml"):
        old.unlink()
    properties = (f"-Ds3r.conf={file}", f"-Ds3r.path={place}", f"-Dtest.build.data={place}")
    process = maven("test", "-Dcontract", *properties)
    out: dict[str, list[str]] = {}
    for report in reports.glob("TEST-*.xml"):
        for case in ET.parse(report).getroot().iter("testcase"):
            bad = case.find("failure") is not None or case.find("error") is not None
            skipped = case.find("skipped") is not None
            name = f"{case.get('classname', '').rpartition('$')[2]}.{case.get('name')}"
            result = "failed" if bad else "skipped" if skipped else "passed"
            out.setdefault(name, []).append(result)
    assert out, process.stdout[-3000:]
    return out


@pytest.mark.timeout(1200)
def test_hadoop_s_contract(stores: tuple[Store, Store], tmp_path: Path) -> None:
    """Nothing fails on the router that passes on plain S3A, but what is known and named above."""
    runs = {mode: run(mode, stores, tmp_path) for mode in MODES}
    print("\n          passed skipped failed")  # noqa: T201 - the table of the figures
    for mode, results in runs.items():
        count = Counter(result for each in results.values() for result in each)
        print(f"{mode:8} {count['passed']:7} {count['skipped']:7} {count['failed']:6}")  # noqa: T201
    failed = {
        mode: {name for name, each in results.items() if "failed" in each}
        for mode, results in runs.items()
    }
    assert len(runs["plain"]) > 300
    for mode, names in failed.items():
        assert names - failed["plain"] == DIFFERS[mode], mode
        assert runs[mode].keys() == runs["plain"].keys()
