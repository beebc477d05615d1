"""The wheel, built from the source distribution and installed where there is nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from spark.places import PLACES, buckets, routes
from spark.running import CHECKOUT, JOBS, QUIET, environment, job
from uv import find_uv_bin

from s3r_spark.hadoop.jar import router_jar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store

pytestmark = pytest.mark.slow


def hatchling(source: Path, target: str, folder: Path) -> Path:
    """What hatchling builds of a folder, in a process of its own as pip would have it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is released as source."""
    return hatchling(CHECKOUT, "sdist", tmp_path_factory.mktemp("sdist") / "dist")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, sdist: Path) -> Path:
    """Built from what is released as source, by Maven: the jar is no part of it."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        assert not [name for name in archive.getnames() if name.endswith(".jar")]
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    return hatchling(source, "wheel", folder / "dist")


def test_the_wheel_has_the_jar_and_not_what_it_is_made_of(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        java = [name for name in archive.namelist() if name.startswith("s3r_spark/jvm")]
        (jar,) = [name for name in java if name.endswith(".jar")]
        content = archive.read(jar)
        assert "s3r_spark/picture/page.html" in archive.namelist()
    assert all(name.startswith("s3r_spark/jvm/repository/s3r/s3r-hadoop/") for name in java)
    assert {Path(name).suffix for name in java} == {".jar", ".pom"}
    # The same source gives the same jar, wherever it is built.
    assert Path(jar).name == router_jar().file.name
    assert content == router_jar().file.read_bytes()


def test_the_same_source_gives_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    here = hatchling(CHECKOUT, "wheel", tmp_path / "dist")
    assert here.name == wheel.name
    assert here.read_bytes() == wheel.read_bytes()


def test_an_index_takes_what_is_released(wheel: Path, sdist: Path) -> None:
    command = [find_uv_bin(), "tool", "run", "--quiet", "twine", "check", "--strict"]
    process = subprocess.run(
        [*command, str(wheel), str(sdist)], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """Where an environment may be made; with Spark in it, it is too large to be left behind."""
    folder = tmp_path / "fresh"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_an_installed_wheel_routes_a_job(
    wheel: Path, west: Store, east: Store, fresh: Path, tmp_path: Path
) -> None:
    for store in (west, east):
        for bucket in buckets("router"):
            store.make_bucket(bucket)
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    bare = os.environ | {"PATH": str(nothing)}  # no Maven and no JDK
    python = str(fresh / "bin" / "python")
    for command in (
        ["venv", "--python", sys.executable, str(fresh)],
        ["pip", "install", "--python", python, f"{wheel}[spark]"],
    ):
        subprocess.run([find_uv_bin(), "--quiet", *command], env=bare, check=True)
    file = tmp_path / "routes.yaml"
    file.write_text(json.dumps(routes("router", west, east)))
    paths = [f"{place.path}/t" for place in PLACES["router"].values()]
    env = environment(PYSPARK_SUBMIT_ARGS=f"--master local[2] {QUIET} pyspark-shell")
    env["PATH"] = f"{fresh / 'bin'}{os.pathsep}{os.environ['PATH']}"
    del env["PYTHONPATH"], env["SPARK_HOME"]  # all of it is the wheel's
    with job([python, str(JOBS / "round_trip.py"), str(file), *paths], tmp_path, env) as answer:
        assert answer["counts"] == dict.fromkeys(paths, 90)
        assert str(fresh) in answer["jars"]
    stores = {"west": west, "east": east}
    for place in PLACES["router"].values():
        assert stores[place.store].keys(place.bucket, place.key("t/_SUCCESS"))
