"""Packages that become files."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from s3r_spark.errors import SetupError
from s3r_spark.hadoop.ivy import resolve
from s3r_spark.hadoop.packages import excludes, jars_folder, packages

if TYPE_CHECKING:
    from pathlib import Path

LOAD = """
class Load {
    public static void main(String[] names) throws Exception {
        for (String name : names) Class.forName(name).getDeclaredMethods();
    }
}
"""


def repository(folder: Path, name: str, depends_on: str = "") -> None:
    """A package `org.example:<name>:1.0` in a Maven repository of files."""
    place = folder / "org" / "example" / name / "1.0"
    place.mkdir(parents=True)
    (place / f"{name}-1.0.jar").write_bytes(b"PK\x05\x06" + bytes(18))
    dependency = (
        f"<dependency><groupId>org.example</groupId><artifactId>{depends_on}</artifactId>"
        "<version>1.0</version></dependency>"
    )
    (place / f"{name}-1.0.pom").write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"<groupId>org.example</groupId><artifactId>{name}</artifactId><version>1.0</version>"
        f"<dependencies>{dependency if depends_on else ''}</dependencies></project>"
    )


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of two packages, one of which needs the other, in the place of Maven Central."""
    folder = tmp_path / "registry"
    repository(folder, "one", depends_on="two")
    repository(folder, "two")
    monkeypatch.setenv("DEFAULT_ARTIFACT_REPOSITORY", f"{folder.as_uri()}/")
    return folder


def names(jars: tuple[Path, ...]) -> list[str]:
    return sorted(jar.name for jar in jars)


def test_repositories_are_asked_beside_settings_of_the_user_s(tmp_path: Path) -> None:
    repository(tmp_path / "theirs", "one", depends_on="two")
    repository(tmp_path / "more", "two")
    settings = tmp_path / "ivysettings.xml"
    settings.write_text(
        '<ivysettings><settings defaultResolver="mine"/><resolvers>'
        '<ibiblio name="mine" m2compatible="true" root="file://${ivy.settings.dir}/theirs/"/>'
        "</resolvers></ivysettings>"
    )
    jars = resolve(
        ["org.example:one:1.0"],
        spark_jars=jars_folder(),
        home=str(tmp_path / "ivy"),
        repositories=[(tmp_path / "more").as_uri() + "/"],
        settings=str(settings),
    )
    assert names(jars) == ["one-1.0.jar", "two-1.0.jar"]


def test_settings_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"spark\.jars\.ivySettings: .*gone\.xml"):
        resolve(["a:b:1"], spark_jars=jars_folder(), settings=str(tmp_path / "gone.xml"))


def test_a_package_comes_with_what_it_needs(local: Path, tmp_path: Path) -> None:
    assert local.is_dir()
    home = str(tmp_path / "ivy")
    jars = resolve(["org.example:one:1.0"], spark_jars=jars_folder(), home=home)
    assert names(jars) == ["one-1.0.jar", "two-1.0.jar"]
    assert all(jar.is_file() for jar in jars)
    alone = resolve(
        ["org.example:one:1.0"], ["org.example:tw*"], spark_jars=jars_folder(), home=home
    )
    assert names(alone) == ["one-1.0.jar"]


def test_what_was_resolved_once_needs_no_java(
    local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert local.is_dir()
    home = str(tmp_path / "ivy")
    first = resolve(["org.example:one:1.0"], spark_jars=jars_folder(), home=home)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    assert resolve(["org.example:one:1.0"], spark_jars=jars_folder(), home=home) == first
    first[0].unlink()  # somebody cleaned up: it must not be believed
    with pytest.raises((SetupError, OSError)):
        resolve(["org.example:one:1.0"], spark_jars=jars_folder(), home=home)


def test_another_repository_can_be_asked(local: Path, tmp_path: Path) -> None:
    assert local.is_dir()
    repository(tmp_path / "more", "three")
    jars = resolve(
        ["org.example:three:1.0"],
        spark_jars=jars_folder(),
        home=str(tmp_path / "ivy"),
        repositories=[(tmp_path / "more").as_uri()],
    )
    assert names(jars) == ["three-1.0.jar"]


def test_what_can_not_be_had_is_named(
    local: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert local.is_dir()
    with pytest.raises(SetupError, match=r"org\.example#nothing;1\.0"):
        resolve(["org.example:nothing:1.0"], spark_jars=jars_folder(), home=str(tmp_path / "ivy"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("package", ["org.example:one", "one", "a:b:c:d", '"><x:y:1'])
def test_what_is_no_coordinate_is_refused(package: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError):
        resolve([package], spark_jars=jars_folder(), home=str(tmp_path))


def test_a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match=r"spark\.jars\.ivy"):
        resolve(["a:b:1"], spark_jars=jars_folder(), home=str(tmp_path / "file" / "ivy"))


def test_no_ivy(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no Ivy in"):
        resolve(["a:b:1"], spark_jars=tmp_path, home=str(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("hadoop", ["3.4.1", "3.4.2", "3.4.3", "3.5.0"])
def test_the_slim_set_is_small_and_whole(hadoop: str, tmp_path: Path) -> None:
    jars = resolve(packages(hadoop), excludes(), spark_jars=jars_folder())
    assert sum(jar.stat().st_size for jar in jars) < 16_000_000
    sdk = {jar.stem.rpartition("-")[2] for jar in jars if "awssdk" in str(jar)}
    assert len(sdk) == 1  # all of one version
    assert not [jar for jar in jars if jar.name.startswith(("netty-b", "slf4j", "bundle"))]
    program = tmp_path / "Load.java"
    program.write_text(LOAD)
    classes = [
        "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "org.apache.hadoop.fs.s3a.auth.AssumedRoleCredentialProvider",
        "software.amazon.awssdk.http.apache.ApacheHttpClient",
        "software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient",
        "software.amazon.awssdk.transfer.s3.S3TransferManager",
    ]
    path = ":".join([*map(str, jars), f"{jars_folder()}/*"])
    process = subprocess.run(
        ["java", "-cp", path, str(program), *classes], capture_output=True, check=False
    )
    assert process.returncode == 0, process.stderr.decode()
