"""What configure puts on a builder, and when it refuses; no session starts here."""

from __future__ import annotations

import warnings
from inspect import currentframe
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import SparkSession

import s3r_spark
from s3r_spark.errors import EngineError, RoutesWarning, SecretError, SessionError, SetupError
from s3r_spark.spark import user_conf
from s3r_spark.spark.routed_builder import options_without_routes, with_packages

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"access_key": "${KEY}", "secret_key": "${SECRET}"}
ROUTES: dict[str, Any] = {
    "clients": {
        "default": {"endpoint_url": "http://default.test"},
        "minio": {"service": "minio", "endpoint_url": "http://minio.test", "credentials": KEYS},
    },
    "profiles": {"minio": {"source_bucket_pattern": "data"}},
}
OTHER = "org.yaml:snakeyaml:2.4"  # small, and alone
BUCKET = "spark.hadoop.fs.s3a.bucket.data."


@pytest.fixture(autouse=True)
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's spark-defaults.conf; the secrets are set."""
    monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
    monkeypatch.delenv(user_conf.SUBMIT_ARGS, raising=False)
    monkeypatch.setenv("KEY", "the-access-key")
    monkeypatch.setenv("SECRET", "the-secret-key")
    return tmp_path / "spark-defaults.conf"


def made(builder: Any = None, **options: Any) -> dict[str, str]:
    """The options of a builder that was configured; warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        builder = s3r_spark.configure(builder or SparkSession.builder, ROUTES, **options)
    return {key: str(value) for key, value in builder._options.items()}


def test_the_same_builder_comes_back() -> None:
    builder = SparkSession.builder.appName("mine")
    assert s3r_spark.configure(builder, ROUTES) is builder
    assert builder._options["spark.app.name"] == "mine"


def test_no_secret_goes_on_the_builder() -> None:
    """PySpark passes its options as arguments, which `ps` shows."""
    options = made()
    assert options[f"{BUCKET}access.key"] == "${env.KEY:-}"
    assert options[f"{BUCKET}secret.key"] == "${env.SECRET:-}"
    assert "the-" not in str(options)


def test_a_secret_that_has_no_variable_stays_away_too() -> None:
    keys = {"access_key": "plain-access", "secret_key": "plain-${SECRET}"}
    minio = {**ROUTES["clients"]["minio"], "credentials": keys}
    routes = {**ROUTES, "clients": {**ROUTES["clients"], "minio": minio}}
    options = s3r_spark.configure(SparkSession.builder, routes)._options
    assert "plain" not in str(options)
    assert f"{BUCKET}endpoint" in options


def test_a_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET")
    with pytest.raises(SecretError, match="SECRET is not set"):
        made()


def test_a_value_that_hadoop_would_expand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "a${b}c")
    with pytest.raises(SecretError) as caught:
        made()
    assert "a${b}c" not in str(caught.value)


def test_the_jars_of_s3a_are_files() -> None:
    options = made()
    jars = options["spark.jars"].split(",")
    assert any("hadoop-aws-" in jar for jar in jars)
    assert "spark.jars.packages" not in options
    assert "spark.jars" not in made(packages=False)


def test_jars_of_the_user_stay(conf: Path) -> None:
    conf.write_text("spark.jars /their/own.jar\n")
    jars = made()["spark.jars"].split(",")
    assert jars[0] == "/their/own.jar"
    assert len(jars) > 1
    assert made(SparkSession.builder.config("spark.jars", "/on/builder.jar"))[
        "spark.jars"
    ].startswith("/on/builder.jar,")


def test_packages_of_the_user_are_joined_by_ours(conf: Path) -> None:
    conf.write_text("spark.jars.packages org.example:one:1.0\nspark.jars.excludes org.a:b\n")
    options = made()
    assert "spark.jars" not in options  # would hide the packages from a cluster's executors
    packages = options["spark.jars.packages"].split(",")
    assert packages[0] == "org.example:one:1.0"
    assert any(name.startswith("org.apache.hadoop:hadoop-aws:") for name in packages)
    assert options["spark.jars.excludes"].startswith("org.a:b,software.amazon.awssdk:bundle")


def test_packages_by_an_argument_are_joined_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(user_conf.SUBMIT_ARGS, "--packages org.example:one:1.0 pyspark-shell")
    options = made()
    assert "spark.jars.packages" not in options
    packages = user_conf.read({}).flags["spark.jars.packages"]
    assert packages.startswith("org.example:one:1.0,org.apache.hadoop:hadoop-aws:")


@pytest.mark.parametrize("when", ["before", "after"])
def test_packages_beside_jars_are_files_too(when: str) -> None:
    """PySpark writes a builder's spark.jars back over what Spark resolves of packages."""
    builder = SparkSession.builder.config("spark.jars", "/my/own.jar")
    if when == "before":
        made(builder.config("spark.jars.packages", OTHER), engine="router")
    else:
        made(builder, engine="router")
        builder.config("spark.jars.packages", OTHER)
    whole = with_packages(builder._options)
    assert whole is not None
    assert whole.startswith("/my/own.jar,")
    for name in ("snakeyaml-2.4.jar", "hadoop-aws-", "s3r-hadoop-"):
        assert name in whole
    assert "bundle-" not in whole


def test_packages_alone_are_left_to_spark() -> None:
    builder = SparkSession.builder.config("spark.jars.packages", OTHER)
    assert with_packages(builder._options) is None
    assert with_packages({"spark.jars": "/my/own.jar"}) is None


def test_delta_lake_is_told_of_the_scheme_that_it_does_not_know(conf: Path) -> None:
    assert "spark.delta.logStore.s3r.impl" not in made()
    store = made(engine="router")["spark.delta.logStore.s3r.impl"]
    assert store == "io.delta.storage.S3SingleDriverLogStore"
    conf.write_text("spark.delta.logStore.class org.example.Own\n")
    assert "spark.delta.logStore.s3r.impl" not in made(engine="router")


def test_an_iceberg_catalog_past_the_routes_is_told_of() -> None:
    builder = SparkSession.builder.config("spark.sql.catalog.lake.type", "rest")
    with pytest.warns(RoutesWarning, match=r"set spark\.sql\.catalog\.lake\.io-impl") as caught:
        s3r_spark.configure(builder, ROUTES)
    assert [warning.message.code for warning in caught] == ["past-the-routes"]  # type: ignore[union-attr]


def test_who_brings_s3a_gets_no_jars(conf: Path) -> None:
    conf.write_text("spark.jars.packages org.apache.hadoop:hadoop-aws:3.4.1\n")
    builder = s3r_spark.configure(SparkSession.builder, ROUTES)
    assert not [key for key in builder._options if key.startswith("spark.jars")]


@pytest.mark.parametrize("where", ["builder", "file", "argument"])
def test_what_the_user_set_stays_and_is_told(
    where: str, conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, builder = f"{BUCKET}endpoint", SparkSession.builder
    if where == "builder":
        builder = builder.config(key, "http://mine.test")
    elif where == "file":
        conf.write_text(f"{key} http://mine.test\n")
    else:
        monkeypatch.setenv(user_conf.SUBMIT_ARGS, f"--conf {key}=http://mine.test pyspark-shell")
    with pytest.warns(RoutesWarning, match="is set already and stays as it is") as caught:
        s3r_spark.configure(builder, ROUTES)
    assert [warning.message.code for warning in caught] == ["kept"]  # type: ignore[union-attr]
    assert f"{key} is set already" in str(caught[0].message)
    assert "http://minio.test" in str(caught[0].message)
    assert builder._options.get(key) == ("http://mine.test" if where == "builder" else None)


IMPL = "org.apache.hadoop.fs.s3a.S3AFileSystem"
FACTORY = "spark.hadoop.mapreduce.outputcommitter.factory.scheme"


def test_what_hadoop_has_by_itself_keeps_no_engine_out(conf: Path) -> None:
    """Many a guide says to set these."""
    factory = "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
    bare = "fs.s3a.impl my.FileSystem"  # which Spark passes over
    conf.write_text(f"spark.hadoop.fs.s3a.impl {IMPL}\n{FACTORY}.s3a {factory}\n{bare}\n")
    builder = s3r_spark.configure(SparkSession.builder, ROUTES, engine="router")
    assert builder._options["spark.hadoop.fs.s3a.impl"] == "s3r.hadoop.RouterFileSystem"
    assert builder._options[f"{FACTORY}.s3a"] == "s3r.hadoop.RouterCommitterFactory"


@pytest.mark.parametrize("engine", ["router", "viewfs"])
def test_another_file_system_for_s3a_is_refused(engine: Any) -> None:
    builder = SparkSession.builder.config("spark.hadoop.fs.s3a.impl", "my.FileSystem")
    with pytest.raises(SessionError, match=r"fs\.s3a\.impl is set to my\.FileSystem"):
        s3r_spark.configure(builder, ROUTES, engine=engine)


def test_a_file_system_of_the_users_for_s3_stays() -> None:
    builder = SparkSession.builder.config("spark.hadoop.fs.s3.impl", IMPL)
    with pytest.warns(RoutesWarning, match=r"fs\.s3\.impl is set already"):
        s3r_spark.configure(builder, ROUTES, engine="router")
    assert builder._options["spark.hadoop.fs.s3.impl"] == IMPL
    assert "spark.hadoop.fs.AbstractFileSystem.s3.impl" not in builder._options
    assert f"{FACTORY}.s3" not in builder._options
    assert f"{FACTORY}.s3r" in builder._options


def test_a_secret_of_the_users_is_not_shown(conf: Path) -> None:
    conf.write_text(f"{BUCKET}secret.key their-secret\n")
    with pytest.warns(RoutesWarning) as caught:
        builder = s3r_spark.configure(SparkSession.builder, ROUTES)
    assert "their-secret" not in str([str(warning.message) for warning in caught])
    assert f"{BUCKET}secret.key" not in builder._options


def later(builder: Any) -> dict[str, str]:
    """The options of a builder as its getOrCreate has them before it starts Spark."""
    options = options_without_routes(builder)
    builder.getOrCreate._heeding(options)
    return {key: str(value) for key, value in builder._options.items()}


def test_what_is_set_after_configure_is_as_good_as_before() -> None:
    settings = {"spark.jars": "/my/own.jar", "spark.sql.shuffle.partitions": "3"}
    before, after = SparkSession.builder, SparkSession.builder
    for key, value in settings.items():
        before.config(key, value)
    conf = made(before, engine="router")
    made(after, engine="router")
    for key, value in settings.items():
        after.config(key, value)
    assert later(after) == conf
    assert later(after) == conf, "nothing is added twice"
    # configure_spark_with_delta_pip does this.
    packages = later(after.config("spark.jars.packages", OTHER))["spark.jars.packages"].split(",")
    assert packages[0] == OTHER
    assert any(name.startswith("s3r:s3r-hadoop:") for name in packages)


@pytest.mark.parametrize("prefix", [BUCKET, BUCKET.removeprefix("spark.hadoop.")])
def test_a_store_of_the_users_own_after_configure_stays_and_is_told(prefix: str) -> None:
    builder = s3r_spark.configure(SparkSession.builder, ROUTES)
    builder.config(f"{prefix}endpoint", "http://mine.test")
    with pytest.warns(RoutesWarning, match=rf"^{prefix}endpoint is set already and stays as it is"):
        assert later(builder)[f"{prefix}endpoint"] == "http://mine.test"


@pytest.mark.parametrize("engine", ["router", "viewfs"])
@pytest.mark.parametrize(
    ("key", "name"), [("spark.hadoop.fs.s3a.impl", "my.FileSystem"), ("fs.s3a.impl", IMPL)]
)
def test_a_setting_after_configure_that_switches_the_routes_off_is_refused(
    key: str, name: str, engine: Any
) -> None:
    """Data frames go by Hadoop's own names first, where they are set on a builder."""
    builder = s3r_spark.configure(SparkSession.builder, ROUTES, engine=engine)
    line = currentframe().f_lineno + 1  # type: ignore[union-attr]
    builder.config(key, name).appName("mine")
    with pytest.raises(SessionError) as caught:
        builder.getOrCreate()
    assert str(caught.value).startswith(f"{__file__}:{line}: {key} is set to {name}, ")


def test_a_connect_client_after_configure_is_refused() -> None:
    builder = s3r_spark.configure(SparkSession.builder, ROUTES)
    line = currentframe().f_lineno + 1  # type: ignore[union-attr]
    builder.remote("sc://localhost")
    with pytest.raises(SessionError, match="this is a Spark Connect client") as caught:
        builder.getOrCreate()
    assert str(caught.value).startswith(f"{__file__}:{line}: ")


def test_settings_of_code_that_has_no_name() -> None:
    builder = s3r_spark.configure(SparkSession.Builder(), ROUTES)
    exec('builder.config("spark.app.name", "nameless")', {"builder": builder})  # noqa: S102
    assert builder._options["spark.app.name"] == "nameless"


def test_twice_is_as_good_as_once() -> None:
    builder = SparkSession.builder
    once = made(builder)
    assert made(builder) == once


def other_routes(**minio: Any) -> dict[str, Any]:
    """The routes with the client minio and its profile otherwise; nothing: without them."""
    clients = {"default": ROUTES["clients"]["default"]}
    if not minio:
        return {"clients": clients}
    return {**ROUTES, "clients": {**clients, "minio": {**ROUTES["clients"]["minio"], **minio}}}


def test_other_routes_take_the_place_of_the_first() -> None:
    builder = SparkSession.builder.config("spark.hadoop.fs.s3a.threads.max", "7")
    made(builder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        s3r_spark.configure(builder, other_routes(endpoint_url="http://moved.test"))
        assert builder._options[f"{BUCKET}endpoint"] == "http://moved.test"
        s3r_spark.configure(builder, other_routes())
        alone = s3r_spark.configure(SparkSession.builder, other_routes())
    assert builder._options == alone._options | {"spark.hadoop.fs.s3a.threads.max": "7"}


def test_another_engine_takes_the_place_of_the_first() -> None:
    builder = SparkSession.builder.config("spark.hadoop.fs.s3a.impl", IMPL)
    made(builder.config("spark.jars", "/my/own.jar"), engine="router")
    options = made(builder)
    assert options["spark.hadoop.fs.s3a.impl"] == IMPL
    assert not [key for key in options if key.startswith("spark.hadoop.fs.s3r")]
    assert options["spark.jars"].startswith("/my/own.jar,")
    assert "s3r-hadoop-" not in options["spark.jars"]


def test_what_the_user_changed_since_then_is_the_users() -> None:
    builder = SparkSession.builder
    made(builder)
    builder.config(f"{BUCKET}endpoint", "http://mine.test")
    with pytest.warns(RoutesWarning, match=r"\.endpoint is set already"):
        s3r_spark.configure(builder, ROUTES)
    s3r_spark.configure(builder, other_routes())
    assert builder._options[f"{BUCKET}endpoint"] == "http://mine.test"


@pytest.mark.parametrize("engine", ["router", "viewfs"])
def test_another_engine_in_conf_files_gives_way(engine: Any, conf: Path) -> None:
    settings = s3r_spark.settings(ROUTES, engine=engine)
    conf.write_text("".join(f"spark.hadoop.{key} {value}\n" for key, value in settings.items()))
    assert made()["spark.hadoop.fs.s3a.impl"] == IMPL


def test_profiles_of_other_routes_in_conf_files_are_refused(conf: Path) -> None:
    settings = s3r_spark.settings(ROUTES, engine="router")
    conf.write_text("".join(f"spark.hadoop.{key} {value}\n" for key, value in settings.items()))
    made(engine="router")  # the same
    routes = other_routes()
    with pytest.raises(SessionError, match=r"fs\.s3r\.routes is set already, by other routes"):
        s3r_spark.configure(SparkSession.builder, routes, engine="router")


@pytest.mark.parametrize("thing", [object(), SparkSession, None, "routes.yaml"])
def test_what_is_no_builder_is_refused(thing: object) -> None:
    with pytest.raises(TypeError, match=r"takes SparkSession\.builder"):
        s3r_spark.configure(thing, ROUTES)


def test_the_class_of_sessions_is_not_their_builder() -> None:
    with pytest.raises(TypeError, match=r"not the class SparkSession: write configure\(SparkSess"):
        s3r_spark.configure(SparkSession, ROUTES)


def test_a_connect_client_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for builder in (
        SparkSession.builder.remote("sc://localhost"),
        SparkSession.builder.config("spark.api.mode", "connect"),
    ):
        with pytest.raises(SessionError, match=r"s3r_spark\.apply"):
            made(builder)
    monkeypatch.setenv("SPARK_API_MODE", "connect")
    assert made(SparkSession.builder.config("spark.api.mode", "classic"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPARK_REMOTE", "sc://localhost"),
        ("SPARK_API_MODE", "Connect"),
        ("SPARK_CONNECT_MODE", "1"),
        ("SPARK_CONNECT_MODE_ENABLED", ""),
    ],
)
def test_a_connect_client_by_the_environment_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SessionError, match="Connect"):
        made()


def test_what_no_engine_can_leaves_the_builder_alone() -> None:
    profile = {"client": "minio", "source_bucket_pattern": "b", "source_key_pattern": "x-*"}
    builder = SparkSession.builder
    with pytest.raises(EngineError):
        s3r_spark.configure(builder, {**ROUTES, "profiles": {"p": profile}})
    assert builder._options == {}


def test_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="JAVA_HOME"):
        made()


def test_no_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="SPARK_HOME"):
        made()
