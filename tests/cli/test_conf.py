"""`s3r-spark conf`: whole files, for their owner alone, without a secret that was not asked for."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from s3r_spark.hadoop.jar import router_jar
from s3r_spark.hadoop.packages import installed_hadoop_version, packages
from s3r_spark.hadoop.routes_plan import settings
from s3r_spark.spark.session_plan import MAGIC

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

KEY = "spark.hadoop.fs.s3r.client.minio.secret.key"
FILES = ["core-site.xml", "spark-defaults.conf", "spark-submit.args"]


def names_in(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def properties(text: str) -> dict[str, str]:
    """The settings of a spark-defaults.conf without escapes."""
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {key: value for key, _, value in (line.partition(" ") for line in lines)}


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIO_ACCESS_KEY", "AKIAOPEN")
    monkeypatch.setenv("MINIO_SECRET_KEY", "hunter2")


def test_spark_defaults_conf_goes_to_stdout(run: Callable[..., Result], routes: str) -> None:
    result = run("conf", routes, "--hadoop-version", "3.4.1")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = properties(result.stdout)
    assert lines[KEY] == "${env.MINIO_SECRET_KEY}"
    coordinates = [*packages("3.4.1"), router_jar().coordinate]
    assert lines["spark.jars.packages"].split(",") == coordinates
    assert "software.amazon.awssdk:bundle" in lines["spark.jars.excludes"].split(",")
    of_hadoop = {
        f"spark.hadoop.{k}": v for k, v in settings(routes, hadoop_version="3.4.1").items()
    }
    hadoop = {k: v for k, v in lines.items() if k.startswith("spark.hadoop.")}
    assert hadoop == of_hadoop | {"spark.hadoop.fs.s3a.committer.name": "magic"}


def test_the_magic_committer_comes_with_spark_hadoop_cloud(
    run: Callable[..., Result], routes: str
) -> None:
    for words in (["--no-packages"], ["--hadoop-version", "3.3"]):
        settings = properties(run("conf", routes, *words).stdout)
        assert not {*MAGIC} & {*settings}
    settings = properties(run("conf", routes, "--hadoop-version", "3.5.0").stdout)
    assert MAGIC.items() < settings.items()


def test_the_version_is_that_of_the_spark_here(run: Callable[..., Result], routes: str) -> None:
    version = installed_hadoop_version()
    assert f"Hadoop {version}.\n" in run("conf", routes).stdout
    assert run("conf", routes).stdout == run("conf", routes, "--hadoop-version", version).stdout


def test_without_a_spark_the_version_must_be_named(
    run: Callable[..., Result], routes: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    result = run("conf", routes)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no folder jars in it" in result.stderr
    assert "--hadoop-version 3.4.1" in result.stderr
    assert run("conf", routes, "--hadoop-version", "3.4.1").exit_code == 0


@pytest.mark.parametrize(
    ("version", "package"),
    [
        ("3.3", "streaming"),
        ("3.4.1", "streaming"),
        ("3.4.2", "streaming.checkpointing"),
        ("3.5.0", "streaming.checkpointing"),
    ],
)
def test_viewfs_tells_streaming_where_its_class_is(
    run: Callable[..., Result], routes: str, version: str, package: str
) -> None:
    result = run("conf", routes, "--engine", "viewfs", "--hadoop-version", version)
    settings = properties(result.stdout)
    name = settings["spark.sql.streaming.checkpointFileManagerClass"]
    assert name == f"org.apache.spark.sql.execution.{package}.FileSystemBasedCheckpointFileManager"


def test_packages_can_be_left_to_the_cluster(run: Callable[..., Result], routes: str) -> None:
    assert "spark.jars" not in run("conf", routes, "--no-packages").stdout


def test_the_router_s_jar_is_the_one_here_or_where_it_is_said_to_be(
    run: Callable[..., Result], routes: str
) -> None:
    jar = router_jar()
    here = jar.repository.removeprefix("file://")
    settings = properties(run("conf", routes).stdout)
    assert settings["spark.jars.packages"].endswith(f",{jar.coordinate}")
    assert settings["spark.jars.repositories"] == jar.repository
    assert "spark.jars" not in settings, "which a driver on Kubernetes has too late"
    there = "local:///opt/s3r/s3r-hadoop.jar"
    result = run("conf", routes, "--router-jar", there, "-o", "conf")
    assert "--router-jar" not in result.stdout
    for name in FILES:
        assert here not in Path("conf", name).read_text()
    settings = properties(Path("conf", "spark-defaults.conf").read_text())
    assert settings["spark.jars"] == there
    assert jar.coordinate not in settings["spark.jars.packages"]
    settings = properties(run("conf", routes, "--router-jar", "/opt/s3r/repository").stdout)
    assert settings["spark.jars.repositories"] == "file:///opt/s3r/repository"
    output = run("conf", routes, "-o", "conf").stdout
    assert f"for a driver on another machine, copy {here} there" in output


def test_a_hadoop_too_old_for_the_router_has_viewfs(
    run: Callable[..., Result], routes: str
) -> None:
    settings = properties(run("conf", routes, "--hadoop-version", "3.3").stdout)
    assert settings["spark.hadoop.fs.s3a.impl"].endswith(".ViewFileSystemOverloadScheme")
    assert "spark.jars" not in settings


def test_core_site_holds_the_keys_as_hadoop_spells_them(
    run: Callable[..., Result], routes: str
) -> None:
    result = run("conf", routes, "--format", "core-site", "--hadoop-version", "3.5.0")
    entries = ET.fromstring(result.stdout)
    properties_by_name = {entry.findtext("name"): entry.findtext("value") for entry in entries}
    assert properties_by_name == settings(routes, hadoop_version="3.5.0")


def test_submit_arguments_hold_what_spark_defaults_conf_does(
    run: Callable[..., Result], routes: str
) -> None:
    words = shlex.split(run("conf", routes, "--format", "submit-args").stdout.replace("\\\n", ""))
    assert words[::2] == ["--conf"] * (len(words) // 2)
    settings = dict(word.split("=", 1) for word in words[1::2])
    assert settings == properties(run("conf", routes).stdout)


def test_o_writes_all_and_says_how_to_use_them(run: Callable[..., Result], routes: str) -> None:
    result = run("conf", routes, "-o", "my conf")
    assert (result.exit_code, result.stderr) == (0, "")
    assert names_in("my conf") == FILES
    modes = {stat.S_IMODE(Path("my conf", name).stat().st_mode) for name in FILES}
    assert modes == {0o600}
    assert (
        "\n    spark-submit --properties-file 'my conf/spark-defaults.conf' job.py\n"
        in result.stdout
    )
    assert "'my conf/spark-submit.args'" in result.stdout
    assert "in their environment: MINIO_ACCESS_KEY, MINIO_SECRET_KEY\n" in result.stdout


def test_the_command_that_it_names_for_the_arguments_works_in_a_shell(
    run: Callable[..., Result], routes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run("conf", routes, "-o", "my conf").stdout.splitlines()
    (line,) = (line.strip() for line in result if "eval" in line)
    stub = tmp_path / "spark-submit"
    stub.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    stub.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    process = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    words = process.stdout.split("\0")
    assert (words[0], words[-2]) == ("--conf", "job.py")
    assert f"{KEY}=${{env.MINIO_SECRET_KEY}}" in words


def test_one_format_can_be_written_alone(run: Callable[..., Result], routes: str) -> None:
    run("conf", routes, "-o", "conf", "--format", "core-site")
    assert names_in("conf") == ["core-site.xml"]


@pytest.mark.parametrize("folder", [[], ["-o", "conf"]])
def test_a_secret_in_the_file_stops_it(
    run: Callable[..., Result], routes: str, tmp_path: Path, folder: list[str]
) -> None:
    file = tmp_path / routes
    file.write_text(file.read_text().replace("${MINIO_SECRET_KEY}", "hunter2"))
    result = run("conf", routes, *folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert KEY.removeprefix("spark.hadoop.") in result.stderr
    assert "inline or jceks" in result.stderr
    assert "hunter2" not in result.stderr
    assert not (tmp_path / "conf").exists()


@pytest.mark.usefixtures("secrets")
def test_inline_writes_the_values_but_no_arguments(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    result = run("conf", routes, "--secrets", "inline", "-o", "conf")
    assert names_in("conf") == ["core-site.xml", "spark-defaults.conf"]
    text = (tmp_path / "conf" / "spark-defaults.conf").read_text()
    assert properties(text)[KEY] == "hunter2"
    assert "# It holds secrets.\n" in text
    assert "hunter2" not in result.output


def test_inline_needs_the_variables(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    result = run("conf", routes, "--secrets", "inline", "-o", "conf")
    assert result.exit_code == 1
    assert "MINIO_ACCESS_KEY is not set" in result.stderr
    assert not (tmp_path / "conf").exists()


@pytest.mark.usefixtures("secrets")
def test_what_a_file_cant_hold_leaves_all_files_as_they_were(
    run: Callable[..., Result], routes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("conf", routes, "-o", "conf")
    before = {name: (tmp_path / "conf" / name).read_text() for name in FILES}
    monkeypatch.setenv("MINIO_SECRET_KEY", "no\x01xml")
    result = run("conf", routes, "--secrets", "inline", "-o", "conf")
    assert result.exit_code == 1
    assert "XML can't hold" in result.stderr
    assert {name: (tmp_path / "conf" / name).read_text() for name in FILES} == before


@pytest.mark.slow
@pytest.mark.usefixtures("secrets")
def test_a_credential_store_holds_the_secrets_in_their_stead(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    result = run("conf", routes, "--secrets", "jceks", "-o", "conf")
    assert (result.exit_code, result.stderr) == (0, "")
    assert names_in("conf") == sorted([*FILES, "s3r.jceks"])
    store = tmp_path / "conf" / "s3r.jceks"
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    settings = properties((tmp_path / "conf" / "spark-defaults.conf").read_text())
    assert KEY not in settings
    path = settings["spark.hadoop.fs.s3a.security.credential.provider.path"]
    assert path == f"localjceks://file{store}"
    assert read_back(path, KEY.removeprefix("spark.hadoop.")) == "hunter2"
    for name in FILES:
        assert "hunter2" not in (tmp_path / "conf" / name).read_text()


@pytest.mark.slow
@pytest.mark.usefixtures("secrets")
def test_a_credential_store_holds_any_character_and_is_written_quietly(
    run: Callable[..., Result],
    routes: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    value = "ä\U0001f511 and \uffff"
    monkeypatch.setenv("MINIO_SECRET_KEY", value)
    assert run("conf", routes, "--secrets", "jceks", "-o", "conf").exit_code == 0
    assert capfd.readouterr() == ("", "")
    path = f"localjceks://file{tmp_path}/conf/s3r.jceks"
    assert read_back(path, KEY.removeprefix("spark.hadoop.")) == value
    monkeypatch.setenv("MINIO_SECRET_KEY", "\udc80")
    result = run("conf", routes, "--secrets", "jceks", "-o", "conf")
    assert (result.exit_code, "is no Unicode text" in result.stderr) == (1, True)


def read_back(path: str, alias: str) -> str:
    """What Hadoop finds in a credential store, as S3A asks for it."""
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415 - only where it is asked for

    gateway: Any = launch_gateway()
    try:
        conf = gateway.jvm.org.apache.hadoop.conf.Configuration(False)
        conf.set("hadoop.security.credential.provider.path", path)
        return str(gateway.jvm.java.lang.String.copyValueOf(conf.getPassword(alias)))
    finally:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(60)


@pytest.mark.usefixtures("secrets")
def test_a_store_where_hadoop_cant_read_it_is_refused_before_anything_is_written(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    result = run("conf", routes, "--secrets", "jceks", "-o", "my conf")
    assert result.exit_code == 1
    assert "Hadoop can't read a credential store whose path has ' ' in it" in result.stderr
    assert not (tmp_path / "my conf").exists()


def test_files_of_others_stay_unless_it_is_forced(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    mine = tmp_path / "conf" / "spark-defaults.conf"
    mine.parent.mkdir()
    mine.write_text("spark.mine 1\n")
    result = run("conf", routes, "-o", "conf")
    assert (result.exit_code, result.stdout) == (1, "")
    says = "not written by `s3r-spark conf`, or changed since; --force overwrites"
    assert result.stderr == f"conf/spark-defaults.conf: {says}\n"
    assert names_in("conf") == ["spark-defaults.conf"]
    assert mine.read_text() == "spark.mine 1\n"
    assert run("conf", routes, "-o", "conf", "--force").exit_code == 0
    assert mine.read_text() != "spark.mine 1\n"
    assert run("conf", routes, "-o", "conf").exit_code == 0, "all are its own now"


def test_a_link_stays_one(run: Callable[..., Result], routes: str, tmp_path: Path) -> None:
    run("conf", routes, "-o", "elsewhere")
    real, link = tmp_path / "elsewhere" / "core-site.xml", tmp_path / "conf" / "core-site.xml"
    before = real.read_text()
    link.parent.mkdir()
    link.symlink_to("../elsewhere/core-site.xml")
    assert run("conf", routes, "-o", "conf", "--engine", "viewfs").exit_code == 0
    assert link.is_symlink()
    assert real.read_text() != before
    assert names_in("elsewhere") == FILES


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_secrets_go_through_no_link(
    run: Callable[..., Result], routes: str, tmp_path: Path, force: list[str]
) -> None:
    mine, link = tmp_path / "mine.txt", tmp_path / "conf" / "core-site.xml"
    mine.write_text("mine")
    link.parent.mkdir()
    link.symlink_to(mine)
    result = run("conf", routes, "-o", "conf", "--secrets", "inline", *force)
    assert result.exit_code == 1
    assert f"conf/core-site.xml is a link to {mine}: secrets are not written" in result.stderr
    assert mine.read_text() == "mine"
    assert names_in("conf") == ["core-site.xml"]


@pytest.mark.usefixtures("secrets")
def test_no_stale_arguments_stay(run: Callable[..., Result], routes: str, tmp_path: Path) -> None:
    run("conf", routes, "-o", "conf")
    arguments = tmp_path / "conf" / "spark-submit.args"
    assert arguments.is_file()
    result = run("conf", routes, "-o", "conf", "--secrets", "inline")
    assert "conf/spark-submit.args\n    is removed" in result.stdout
    assert names_in("conf") == ["core-site.xml", "spark-defaults.conf"]
    arguments.write_text("--mine")  # somebody else's
    run("conf", routes, "-o", "conf", "--secrets", "inline")
    assert arguments.read_text() == "--mine"


LIMITED = """
import resource, signal, sys
from s3r_spark.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
sys.argv[1:] = ["conf", "routes.yaml", "-o", "conf"]
main()
"""


def test_a_command_that_is_killed_while_it_writes_leaves_no_half_file(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    """The system kills it after 1,000 bytes."""
    run("conf", routes, "-o", "conf", "--hadoop-version", "3.3")
    before = {name: (tmp_path / "conf" / name).read_text() for name in FILES}
    process = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, check=False)
    assert process.returncode < 0
    assert {name: (tmp_path / "conf" / name).read_text() for name in FILES} == before
