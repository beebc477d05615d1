"""`s3r-spark conf --format PLATFORM`: how settings, keys and the router's jar get there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from botocore.model import ServiceModel
from botocore.session import Session
from botocore.validate import ParamValidator

from s3r_spark.spark.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

JAR = "local:///opt/s3r/s3r-hadoop.jar"
NAMES = ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")
MARK = "spark.s3r.written.by"
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
    assert spark["Classification"] == "spark-defaults"
    assert spark["Properties"].pop(MARK)
    assert spark["Properties"] == settings
    assert hadoop["Properties"]["fs.s3r.client.minio.secret.key"] == "${env.MINIO_SECRET_KEY}"
    cluster = json.loads(conf("databricks").stdout)
    assert cluster["spark_env_vars"] == {name: f"{{{{secrets/s3r/{name}}}}}" for name in NAMES}
    assert not [key for key in cluster["spark_conf"] if key.startswith("spark.jars")]
    operator = json.loads(conf("airflow").stdout)
    assert (operator["jars"], operator["packages"]) == (JAR, settings["spark.jars.packages"])
    assert operator["conf"][SECRET] == "${env.MINIO_SECRET_KEY}"


def test_airflow_fills_in_nothing_of_a_pattern(conf: Callable[..., Result], routes: str) -> None:
    """A template that Airflow renders is a pattern that means another folder."""
    Path(routes).write_text(Path(routes).read_text().replace("team2/*", "te{{am}}2/*"))
    result = conf("airflow")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Airflow would fill in the braces" in result.stderr
    assert "te{{am}}2" in conf("yarn").stdout


def faults(service: str, operation: str, **arguments: Any) -> str:
    """What AWS's own description of an operation finds wrong with its arguments."""
    loader = Session().get_component("data_loader")
    model = ServiceModel(loader.load_service_model(service, "service-2"))
    shape = model.operation_model(operation).input_shape
    return str(ParamValidator().validate(arguments, shape).generate_report())


def test_aws_describes_what_emr_takes_in_this_form(conf: Callable[..., Result]) -> None:
    written = json.loads(conf("emr").stdout)
    instances = {"KeepJobFlowAliveWhenNoSteps": False}
    job_flow = {"Name": "x", "Instances": instances}
    assert faults("emr", "RunJobFlow", **job_flow, Configurations=written) == ""
    wrong = [{"Classification": "spark-defaults", "properties": {}}]
    assert "properties" in faults("emr", "RunJobFlow", **job_flow, Configurations=wrong)
    small = [{name.lower(): value for name, value in each.items()} for each in written]
    application = {"releaseLabel": "x", "type": "SPARK", "clientToken": "x"}
    assert (
        faults("emr-serverless", "CreateApplication", **application, runtimeConfiguration=small)
        == ""
    )
    job = {"virtualClusterId": "x", "clientToken": "x"}
    overrides = {"applicationConfiguration": small}
    assert faults("emr-containers", "StartJobRun", **job, configurationOverrides=overrides) == ""


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
    update = json.loads(result.stdout)
    assert faults("glue", "UpdateJob", JobName="x", JobUpdate=update) == ""
    arguments = update["DefaultArguments"]
    assert arguments["--extra-jars"] == JAR
    settings = dict(one.split("=", 1) for one in arguments["--conf"].split(" --conf "))
    assert "blue" in settings["spark.hadoop.fs.s3r.routes"]
    assert "gr%20" in settings["spark.hadoop.fs.s3r.routes.1"]
    assert not [value for value in settings.values() if " " in value]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_was_written_is_written_again_unless_it_was_changed(
    conf: Callable[..., Result], tmp_path: Path, routes: str, platform: str
) -> None:
    if platform == "glue":
        text = Path(routes).read_text().replace("MINIO_", "CUSTOMER_")
        Path(routes).write_text(text)
    assert conf(platform, "-o", "conf").exit_code == 0
    (file,) = (tmp_path / "conf").iterdir()
    text = file.read_text()
    again = conf(platform, "-o", "conf", "--no-packages")
    assert (again.exit_code, again.stderr) == (0, "")
    if file.suffix != ".json":  # the others' heading says that changes are lost
        return
    file.write_text(text.replace('": "', '": "my ', 1))
    changed = conf(platform, "-o", "conf")
    assert (changed.exit_code, changed.stdout) == (1, "")
    assert "changed since; --force overwrites" in changed.stderr
    assert conf(platform, "-o", "conf", "--force").exit_code == 0
    assert file.read_text() == text


def test_a_jar_that_would_be_nowhere_is_asked_for(run: Callable[..., Result], routes: str) -> None:
    for platform in ("kubernetes", "operator", "emr", "databricks", "glue"):
        result = run("conf", routes, "--format", platform, "--hadoop-version", "3.4.1")
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"--router-jar says where the router's jar is for {platform}" in result.stderr
    for platform in ("yarn", "airflow", "connect"):
        result = run("conf", routes, "--format", platform, "--hadoop-version", "3.4.1")
        assert result.exit_code == 0


def test_a_jar_that_only_the_router_could_read_is_refused(
    run: Callable[..., Result], routes: str
) -> None:
    """Spark looks for the router before it has its jar: Class RouterFileSystem not found."""
    for place in ("s3a://lake/s3r-hadoop.jar", "s3://lake/s3r.jar", "s3r://lake/repository"):
        for platform in ("spark", "kubernetes", "emr"):
            result = run("conf", routes, "--format", platform, "--router-jar", place)
            assert (result.exit_code, result.stdout) == (2, "")
            assert "local:///opt/s3r/s3r-hadoop.jar" in result.stderr
    jar = ("--router-jar", "s3://lake/s3r-hadoop.jar", "--hadoop-version", "3.4.1")
    assert run("conf", routes, "--format", "databricks", *jar).exit_code == 0


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
