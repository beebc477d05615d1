"""`s3r-spark conf --format PLATFORM`: how settings, keys and the router's jar get there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

JAR = "local:///opt/s3r/s3r-hadoop.jar"
NAMES = ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")
SECRET = "spark.hadoop.fs.s3r.client.minio.secret.key"


@pytest.fixture
def conf(run: Callable[..., Result], routes: str) -> Callable[..., Result]:
    def call(platform: str, *words: str) -> Result:
        more = ("--router-jar", JAR, "--hadoop-version", "3.4.1")
        return run("conf", routes, "--format", platform, *more, *words)

    return call


def properties(text: str) -> dict[str, str]:
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {key: value for key, _, value in (line.partition(" ") for line in lines)}


def test_kubernetes_takes_keys_from_a_secret(conf: Callable[..., Result]) -> None:
    result = conf("kubernetes")
    assert (result.exit_code, result.stderr) == (0, "")
    settings = properties(result.stdout)
    assert (settings[SECRET], settings["spark.jars"]) == ("${env.MINIO_SECRET_KEY}", JAR)
    for role in ("driver", "executor"):
        for name in NAMES:
            assert settings[f"spark.kubernetes.{role}.secretKeyRef.{name}"] == f"s3r:{name}"
    spec = yaml.safe_load(conf("operator").stdout)["spec"]
    assert spec == {"sparkConf": settings}
    assert all(isinstance(value, str) for value in spec["sparkConf"].values())


def test_yarn_takes_values_as_variables_of_its_containers(
    conf: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "spark.executorEnv." not in conf("yarn").stdout
    for name in NAMES:
        monkeypatch.setenv(name, f"value of {name}")
    settings = properties(conf("yarn", "--secrets", "inline").stdout)
    assert settings[SECRET] == "${env.MINIO_SECRET_KEY}"
    for name in NAMES:
        for prefix in ("spark.yarn.appMasterEnv", "spark.executorEnv"):
            assert settings[f"{prefix}.{name}"] == f"value of {name}"


def test_what_many_may_look_at_holds_no_values(conf: Callable[..., Result]) -> None:
    for platform in ("emr", "databricks", "glue", "airflow"):
        result = conf(platform, "--secrets", "inline")
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{platform} shows its configuration" in result.stderr


def test_emr_and_databricks_and_airflow_get_json(conf: Callable[..., Result]) -> None:
    settings = properties(conf("spark").stdout)
    spark, hadoop = json.loads(conf("emr").stdout)
    assert (spark["Classification"], spark["Properties"]) == ("spark-defaults", settings)
    assert hadoop["Properties"]["fs.s3r.client.minio.secret.key"] == "${env.MINIO_SECRET_KEY}"
    cluster = json.loads(conf("databricks").stdout)
    assert cluster["spark_env_vars"] == {name: f"{{{{secrets/s3r/{name}}}}}" for name in NAMES}
    assert not [key for key in cluster["spark_conf"] if key.startswith("spark.jars")]
    operator = json.loads(conf("airflow").stdout)
    assert (operator["jars"], operator["packages"]) == (JAR, settings["spark.jars.packages"])
    assert operator["conf"][SECRET] == "${env.MINIO_SECRET_KEY}"


def test_glue_has_one_argument_for_all(
    conf: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    assert "only variables whose names begin with CUSTOMER_" in conf("glue").stderr
    data = yaml.safe_load(Path(routes).read_text())
    data["clients"]["minio"]["credentials"] = {
        "access_key": "${CUSTOMER_KEY}",
        "secret_key": "${CUSTOMER_SECRET}",
    }
    data["profiles"]["minio"]["source_key_pattern"] = ["raw/blue/*", "raw/gr ün/*"]
    data["profiles"]["minio"] |= {"mapped_prefix": "data/", "prefix_mode": "prepend"}
    (tmp_path / routes).write_text(yaml.safe_dump(data))
    result = conf("glue")
    assert result.exit_code == 0, result.stderr
    arguments = json.loads(result.stdout)["DefaultArguments"]
    assert arguments["--extra-jars"] == JAR
    settings = dict(one.split("=", 1) for one in arguments["--conf"].split(" --conf "))
    assert "blue" in settings["spark.hadoop.fs.s3r.routes"]
    assert "gr%20" in settings["spark.hadoop.fs.s3r.routes.1"]
    assert not [value for value in settings.values() if " " in value]


def test_a_jar_that_would_be_nowhere_is_asked_for(run: Callable[..., Result], routes: str) -> None:
    for platform in ("kubernetes", "operator", "emr", "databricks", "glue"):
        result = run("conf", routes, "--format", platform, "--hadoop-version", "3.4.1")
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"--router-jar says where the router's jar is for {platform}" in result.stderr
    for platform in ("yarn", "airflow", "connect"):
        result = run("conf", routes, "--format", platform, "--hadoop-version", "3.4.1")
        assert result.exit_code == 0


def test_a_credential_store_may_lie_elsewhere_for_who_reads_it(
    run: Callable[..., Result], routes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[Any] = []
    monkeypatch.setattr("s3r_spark.cli.conf.write_store", lambda file, _: stored.append(file))
    for name in NAMES:
        monkeypatch.setenv(name, "x")
    jceks = ("--secrets", "jceks", "--hadoop-version", "3.4.1", "-o", "out")
    for where, uri in (
        ("/opt/s3r/s3r.jceks", "localjceks://file/opt/s3r/s3r.jceks"),
        ("jceks://hdfs@namenode:8020/s3r.jceks", "jceks://hdfs@namenode:8020/s3r.jceks"),
    ):
        result = run("conf", routes, *jceks, "--jceks-path", where)
        assert result.exit_code == 0, result.stderr
        assert f"must lie at {where} on every machine" in result.stdout
        settings = properties(Path("out/spark-defaults.conf").read_text())
        stores = {v for k, v in settings.items() if k.endswith("credential.provider.path")}
        assert stores == {uri}
    assert stored == [Path("out/s3r.jceks")] * 2
    assert run("conf", routes, "--jceks-path", "/x").exit_code == 2


def test_short_names_are_those_of_the_long_ones(conf: Callable[..., Result]) -> None:
    for short, long in (
        ("spark", "spark-defaults"),
        ("hadoop", "core-site"),
        ("args", "submit-args"),
    ):
        assert conf(short).stdout == conf(long).stdout


@pytest.mark.slow
def test_spark_submit_reads_what_is_for_kubernetes(
    conf: Callable[..., Result], tmp_path: Path
) -> None:
    """By its own parser, which prints what it has read, and then finds no job."""
    assert conf("kubernetes", "-o", str(tmp_path)).exit_code == 0
    settings = properties((tmp_path / "kubernetes.conf").read_text())
    process = subprocess.run(
        [
            Path(sys.executable).with_name("spark-submit"),
            *("--verbose", "--properties-file", "kubernetes.conf"),
            *("--master", "local", "--class", "No", "nowhere.jar"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
    )
    read = dict(
        re.findall(r"^Adding default property: ([^=]+)=(.*)$", process.stderr, re.MULTILINE)
    )
    assert read.keys() == settings.keys()
    shown = {key: value for key, value in read.items() if "(redacted)" not in value}
    assert len(shown) > 20
    assert shown.items() <= settings.items()
