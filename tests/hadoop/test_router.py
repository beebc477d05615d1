"""The router's settings, its jar, and what of routes only it can do."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cases import load

from s3r_spark.errors import EngineError
from s3r_spark.hadoop.client_options import stores
from s3r_spark.hadoop.engines import choose, router
from s3r_spark.hadoop.engines.router import encoded
from s3r_spark.hadoop.jar import router_jar
from s3r_spark.hadoop.routes_plan import plan, settings
from s3r_spark.jvm import build_jar

CHECKOUT = Path(__file__).parents[2]
CLIENTS: dict[str, Any] = {
    "default": {"endpoint_url": "http://default.test"},
    "one": {
        "endpoint_url": "http://one.test",
        "credentials": {"access_key": "${KEY}", "secret_key": "${SECRET}"},
    },
}
FOLDER = {"client": "one", "source_bucket_pattern": "shared", "source_key_pattern": "team2/*"}


def routes(*profiles: dict[str, Any], **top: Any) -> dict[str, Any]:
    names = {f"p{number}": profile for number, profile in enumerate(profiles)}
    return {"clients": CLIENTS, "profiles": names, **top}


def made(*profiles: dict[str, Any], **top: Any) -> dict[str, str]:
    return settings(load(routes(*profiles, **top)), engine="router", hadoop_version="3.5.0")


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(FOLDER, id="one bucket name on two services"),
        pytest.param({**FOLDER, "source_key_pattern": "a/*/raw/*"}, id="a pattern"),
        pytest.param({"client": "one", "source_bucket_pattern": "dev-*"}, id="a bucket glob"),
        pytest.param({**FOLDER, "spark": False}, id="names that are not for Spark"),
    ],
)
def test_auto_takes_it_where_no_configuration_would_do(profile: dict[str, Any]) -> None:
    assert choose(load(routes(profile))).engine.NAME == "router"


def test_a_prefix_that_is_no_folder_is_refused() -> None:
    profile = {"client": "one", "source_bucket_pattern": "b", "prefix_mode": "prepend"}
    profile["mapped_prefix"] = "v1-"
    with pytest.raises(EngineError, match=r"'v1-' before all keys.*end it in '/'"):
        made(profile)
    assert made({**profile, "source_key_pattern": "a/*"})


def test_hadoop_3_3_is_too_old() -> None:
    with pytest.raises(EngineError, match=r"3\.4\.1"):
        settings(load(routes(FOLDER)), engine="router", hadoop_version="3.3.6")


def test_a_client_s_options_and_secrets_are_its_own() -> None:
    conf = made(FOLDER)
    assert conf["fs.s3r.client.one.endpoint"] == "http://one.test"
    assert conf["fs.s3r.client.one.secret.key"] == "${env.SECRET}"
    assert conf["fs.s3r.client.default.endpoint"] == "http://default.test"
    secrets = plan(load(routes(FOLDER)), "router", "3.5.0").secrets
    assert set(secrets) == {f"fs.s3r.client.one.{name}.key" for name in ("access", "secret")}


def test_profiles_are_one_text_in_the_order_in_which_they_are_tried() -> None:
    conf = made(FOLDER, {"client": "one", "source_bucket_pattern": "x", "mapped_prefix": ""})
    assert conf["fs.s3r.profiles"] == "2"
    assert conf["fs.s3r.routes"].split() == [
        "name=p0;client=one;source_bucket_pattern=shared;source_key_pattern=team2/*",
        "name=p1;client=one;source_bucket_pattern=x;mapped_prefix=",
    ]
    assert conf["fs.s3r.unmatched"] == "default"
    assert made(FOLDER, unmatched="refuse")["fs.s3r.unmatched"] == "refuse"


@pytest.mark.parametrize(
    ("client", "scheme"),
    [("minio", "minio"), ("s3_west", "s3+5fwest"), ("Größe", "+47r+c3+b6+c3+9fe")],
)
def test_any_name_of_a_client_makes_a_scheme(client: str, scheme: str) -> None:
    assert encoded(client) == scheme


def test_the_jar_is_small_and_brings_nothing() -> None:
    jar = router_jar()
    assert jar.file.stat().st_size < 250_000
    with zipfile.ZipFile(jar.file) as content:
        classes = [name for name in content.namelist() if name.endswith(".class")]
    assert classes
    assert {name.rpartition("/")[0] for name in classes} == {"s3r/hadoop"}
    group, artifact, version = jar.coordinate.split(":")
    assert jar.file.as_uri() == (
        f"{jar.repository}/{group}/{artifact}/{version}/{artifact}-{version}.jar"
    )
    assert jar.file.with_suffix(".pom").is_file()


def test_the_jar_is_of_this_source() -> None:
    assert router_jar().coordinate.endswith(build_jar.digest(CHECKOUT / "s3r_spark" / "jvm"))


@pytest.mark.parametrize(
    ("tools", "says"),
    [
        ({"mvn": ""}, "there is no javac on the PATH"),
        ({"javac": "echo javac 21.0.1"}, "there is no mvn on the PATH"),
        ({"javac": "echo javac 1.8.0_402 >&2", "mvn": ""}, "JDK (17 or newer), and BIN/javac is"),
        ({"javac": "exit 1", "mvn": ""}, "BIN/javac can't be run"),
    ],
)
def test_a_build_without_its_tools_fails_in_one_line(
    tools: dict[str, str], says: str, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    for name, script in tools.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / "pom.xml").touch()
    env = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
    code = "import pathlib; from s3r_spark.jvm.build_jar import build; build(pathlib.Path(), '1')"
    process = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**env, "PATH": str(tmp_path / "bin"), "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    (line,) = process.stderr.splitlines()
    assert says.replace("BIN", str(tmp_path / "bin")) in line


def test_a_jar_of_an_older_build_is_not_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Maven's folder of results may hold one."""
    (tmp_path / "bin").mkdir()
    mvn = tmp_path / "bin" / "mvn"
    mvn.write_text(f"#!/bin/sh\necho new > {tmp_path}/target/s3r-hadoop-0.2.0.jar\n")
    mvn.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    (tmp_path / "pom.xml").touch()
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "s3r-hadoop-0.1.0.jar").write_text("old")
    assert build_jar.build(tmp_path, "0.2.0").read_text() == "new\n"


def test_no_character_of_a_profile_is_taken_for_another_s() -> None:
    odd = "a b;c=d%20+$e\\\"'ü"
    conf = made({"client": "one", "source_bucket_pattern": "b", "mapped_prefix": odd})
    assert conf["fs.s3r.routes"].endswith(";mapped_prefix=a%20b%3Bc%3Dd%2520%2B%24e%5C%22%27%C3%BC")


def test_many_profiles_are_few_settings_that_arguments_can_hold() -> None:
    few, many = (
        load(routes(*({**FOLDER, "source_key_pattern": f"team{n}/*"} for n in range(count))))
        for count in (1, 10_000)
    )
    options = router.settings(many, stores(many, "3.5.0"))
    assert len(options) - len(router.settings(few, stores(few, "3.5.0"))) < 20
    assert max(len(str(value)) for value in options.values()) < 128 * 1024
    parts = [str(options["fs.s3r.routes"])]
    while value := options.get(f"fs.s3r.routes.{len(parts)}"):
        parts.append(str(value))
    assert len(" ".join(parts).split()) == 10_000
