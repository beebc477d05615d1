"""Which packages a Spark needs, beside what a user brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3r_spark.errors import SetupError
from s3r_spark.hadoop.packages import (
    Needed,
    cloud,
    excludes,
    hadoop_version_of,
    has_cloud,
    installed_hadoop_version,
    installed_spark_version,
    jars_folder,
    merge,
    misfit,
    needed,
    packages,
)

if TYPE_CHECKING:
    from pathlib import Path

S3A = "org.apache.hadoop:hadoop-aws"
CLOUD = "org.apache.spark:spark-hadoop-cloud_2.13"
BUNDLE = "software.amazon.awssdk:bundle"


def spark(home: Path, *jars: str) -> Path:
    """A Spark installation, as far as its jars tell."""
    folder = home / "jars"
    folder.mkdir(parents=True)
    for jar in jars:
        (folder / jar).touch()
    return folder


@pytest.mark.parametrize(
    ("version", "hadoop"),
    [
        ("3.5.8", "3.3.4"),
        ("4.0.0", "3.4.1"),
        ("4.1.4", "3.4.2"),
        ("4.2.1", "3.5.0"),
        ("4.3.0", "3.5.0"),
        ("4.3.0-SNAPSHOT", "3.5.0"),
    ],
)
def test_the_hadoop_of_a_spark(version: str, hadoop: str) -> None:
    assert hadoop_version_of(version) == hadoop


@pytest.mark.parametrize("version", ["3.4.1", "4.4.0", "5.0.0", "banana"])
def test_a_spark_out_of_range_is_refused(version: str) -> None:
    with pytest.raises(SetupError, match=r"4\.0 to 4\.3"):
        hadoop_version_of(version)


def test_versions_are_read_off_the_jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = spark(tmp_path, "spark-core_2.13-4.1.1.jar", "hadoop-client-api-3.4.2.jar")
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    assert jars_folder() == folder
    assert installed_spark_version() == "4.1.1"
    assert installed_hadoop_version() == "3.4.2"


def test_a_vendor_s_suffix_is_no_part_of_the_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spark(tmp_path, "spark-core_2.13-4.0.1-amzn-0.jar", "hadoop-client-api-3.4.1-amzn-2.jar")
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    assert installed_spark_version() == "4.0.1-amzn-0"
    assert installed_hadoop_version() == "3.4.1-amzn-2"


def test_spark_3_5_is_for_files_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spark(tmp_path, "spark-core_2.12-3.5.6.jar", "hadoop-client-api-3.3.4.jar")
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    assert installed_hadoop_version(oldest="3.5") == "3.3.4"
    with pytest.raises(SetupError, match=r"Spark 3\.5\.6 .* 4\.0 to 4\.3"):
        installed_hadoop_version()


@pytest.mark.parametrize(
    ("jars", "says"),
    [
        ((), "no Spark in"),
        (("spark-core_2.13-4.1.1.jar",), "no Hadoop in"),
        (("spark-core_2.13-4.9.0.jar", "hadoop-client-api-3.5.0.jar"), "out of range"),
    ],
)
def test_an_unusable_spark_is_named(
    jars: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spark(tmp_path, *jars)
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    with pytest.raises(SetupError, match=says):
        installed_hadoop_version()


def test_no_spark_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="SPARK_HOME is"):
        jars_folder()
    monkeypatch.delenv("SPARK_HOME")
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    monkeypatch.delitem(__import__("sys").modules, "pyspark", raising=False)
    with pytest.raises(SetupError, match="pip install"):
        jars_folder()


@pytest.mark.parametrize(
    ("hadoop", "release", "sdk"),
    [
        ("3.4.1", "3.4.1", "2.25.53"),
        ("3.4.2", "3.4.2", "2.29.52"),
        ("3.4.3", "3.4.3", "2.35.4"),
        ("3.5.0", "3.5.0", "2.35.4"),
        ("3.4.1-amzn-2", "3.4.1", "2.25.53"),
    ],
)
def test_packages_have_the_sdk_that_hadoop_aws_was_built_with(
    hadoop: str, release: str, sdk: str
) -> None:
    s3a, *modules, last = packages(hadoop)
    assert last == cloud(hadoop)
    assert s3a == f"{S3A}:{release}"
    assert {module.rpartition(":")[2] for module in modules} == {sdk}
    assert f"software.amazon.awssdk:s3:{sdk}" in modules
    assert BUNDLE in excludes()


def test_hadoop_3_3_brings_its_own_sdk() -> None:
    assert packages("3.3") == (f"{S3A}:3.3.4",)
    assert cloud("3.3.6") is None


@pytest.mark.parametrize(
    ("hadoop", "release"),
    [("3.4.1", "4.0.2"), ("3.4.2", "4.1.1"), ("3.4.3", "4.1.1"), ("3.5.0", "4.1.1")],
)
def test_spark_hadoop_cloud_is_of_the_spark_or_the_last_there_is(hadoop: str, release: str) -> None:
    assert cloud(hadoop) == f"{CLOUD}:{release}"


def test_spark_hadoop_cloud_is_found_wherever_it_is(tmp_path: Path) -> None:
    assert has_cloud(f"x:y:1,{CLOUD}:4.1.1", None, None)
    assert has_cloud(None, "/x/spark-hadoop-cloud_2.13-4.1.1.jar", None)
    assert has_cloud(None, None, spark(tmp_path, "spark-hadoop-cloud_2.13-4.0.2.jar"))
    assert not has_cloud("x:spark-hadoop-cloud_2.13:1", "/x/hadoop-aws-3.5.0.jar", None)


@pytest.mark.parametrize(
    ("existing", "added", "merged"),
    [
        (None, ["a:b:1"], "a:b:1"),
        ("", ["a:b:1"], "a:b:1"),
        ("a:b:9", ["a:b:1", "c:d:2"], "a:b:9,c:d:2"),
        (" c:d:2 , a:b:1 ,", ["a:b:1"], "c:d:2,a:b:1"),
        ("a/b:9", ["a:b:1"], "a/b:9"),
        ("a:b:1,a:b:2", [], "a:b:1"),
        ("io.netty:*", ["io.netty:*", "org.slf4j:*"], "io.netty:*,org.slf4j:*"),
        ("/x/a.jar,s3a://b/c.jar", ["/x/a.jar", "/y/a.jar"], "/x/a.jar,s3a://b/c.jar,/y/a.jar"),
        ("file:/x/a.jar", ["file:/x/b.jar"], "file:/x/a.jar,file:/x/b.jar"),
    ],
)
def test_merge(existing: str | None, added: list[str], merged: str) -> None:
    assert merge(existing, added) == merged


coordinates = st.from_regex(r"[a-c]:[a-c]:[1-3]", fullmatch=True)


@given(theirs=st.lists(coordinates), added=st.lists(coordinates))
def test_merging_keeps_what_is_theirs_and_adds_only_what_is_missing(
    theirs: list[str], added: list[str]
) -> None:
    once = merge(",".join(theirs), added)
    names = [item.rpartition(":")[0] for item in once.split(",") if item]
    assert len(names) == len(set(names))
    assert set(names) == {item.rpartition(":")[0] for item in [*theirs, *added]}
    assert once.startswith(merge(",".join(theirs), []))
    assert merge(once, added) == once


def test_nothing_there_all_is_needed(tmp_path: Path) -> None:
    folder = spark(tmp_path, "hadoop-client-api-3.5.0.jar")
    assert needed("3.5.0", None, None, folder) == Needed(packages("3.5.0"), excludes())
    assert needed("3.5.0", None, "/x/my.jar", folder) == Needed(packages("3.5.0"), excludes())


def test_what_a_user_s_packages_could_need_is_not_excluded() -> None:
    azure = "org.apache.hadoop:hadoop-azure"
    beside = needed("3.5.0", f"io.delta:delta-spark_2.13:4.1.0,{azure}:3.5.0")
    assert beside.packages == packages("3.5.0")
    assert "org.apache.hadoop:hadoop-huaweicloud" in beside.excludes
    assert not {azure, "com.squareup.okhttp3:*"} & {*beside.excludes}
    assert {azure, "com.squareup.okhttp3:*"} < {*excludes()}


def test_who_brings_hadoop_aws_is_left_alone(tmp_path: Path) -> None:
    assert needed("3.5.0", f"x:y:1, {S3A}:3.5.0") == Needed()
    assert needed("3.5.0", None, "/opt/hadoop-aws-3.5.0.jar,/opt/bundle-2.35.4.jar") == Needed()
    assert needed("3.5.0", folder=spark(tmp_path, "hadoop-aws-3.5.0.jar")) == Needed()


def test_who_brings_the_bundle_gets_hadoop_aws_alone() -> None:
    named = needed("3.5.0", f"{BUNDLE}:2.35.4")
    assert named.packages == (f"{S3A}:3.5.0", cloud("3.5.0"))
    assert BUNDLE not in named.excludes  # it would take the user's away
    file = needed("3.5.0", None, "https://host/bundle-2.35.4.jar")
    assert file == Needed(named.packages, excludes())


def test_wildcards_among_the_jars_are_looked_into(tmp_path: Path) -> None:
    folder = spark(tmp_path, "hadoop-aws-3.5.0.jar")
    assert needed("3.5.0", None, f"{folder}/*.jar") == Needed()
    assert needed("3.5.0", None, f"file://{folder}/*.jar") == Needed()


@pytest.mark.parametrize(
    ("named", "jars"),
    [
        (f"{S3A}:3.3.4", None),
        (f"{S3A.replace(':', '/')}:3.3.4", None),
        (None, "/x/hadoop-aws-3.3.4.jar"),
    ],
)
def test_a_hadoop_aws_for_another_hadoop_is_noticed(named: str | None, jars: str | None) -> None:
    assert "hadoop-aws 3.3.4 does not work with Hadoop 3.5.0" in (
        misfit("3.5.0", named, jars) or ""
    )
    assert misfit("3.3.4", named, jars) is None


def test_no_hadoop_aws_is_no_misfit() -> None:
    assert misfit("3.5.0", "io.delta:delta-spark_2.13:4.1.0", "/x/hadoop-awsome.jar") is None
