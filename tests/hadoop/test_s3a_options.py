"""The table of options against the released jars of Hadoop."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from s3r_spark.errors import SetupError
from s3r_spark.hadoop.providers import providers
from s3r_spark.hadoop.s3a_options import OPTIONS, Option, ignored_per_bucket, known
from s3r_spark.hadoop.versions import HADOOP_VERSIONS, hadoop_line, version_tuple
from s3r_spark.secrets import is_sensitive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Strings = dict[str, set[str]]
RELEASES = ("3.3.4", "3.4.1", "3.4.2", "3.4.3", "3.5.0")

# classes that only declare names: one that no other class holds is read by nobody
DECLARING = {"Constants", "CommitConstants", "S3AAuditConstants", "InternalConstants"}

# names that are put together at run time, and what a class that does so holds
COMPOSED = {
    "accesspoint.arn": "fs.s3a.bucket.%s.accesspoint.arn",
    "s3.signing-algorithm": "SIGNING_ALGORITHM_S3",
    "sts.signing-algorithm": "SIGNING_ALGORITHM_STS",
    "client.s3.custom.headers": "CUSTOM_HEADERS_S3",
    "client.sts.custom.headers": "CUSTOM_HEADERS_STS",
    "analytics.accelerator.*": "fs.s3a.analytics.accelerator",
}
# read by hadoop-common, whatever the scheme
GENERIC = {"impl", "impl.disable.cache"}


def is_read(option: Option, strings: Strings) -> bool:
    if option.name in COMPOSED:
        return COMPOSED[option.name] in strings
    return bool(strings.get(f"fs.s3a.{option.name}", set()) - DECLARING)


@pytest.mark.parametrize("version", RELEASES)
def test_a_release_reads_exactly_the_options_that_are_known_for_it(
    version: str, s3a_strings: Callable[[str], Strings]
) -> None:
    strings = s3a_strings(version)
    names = [option for option in OPTIONS if option.name not in GENERIC]
    read = {option.name for option in names if is_read(option, strings)}
    assert read == {option.name for option in names if known(option.name, version)}


def test_defaults_are_those_of_core_default_xml(hadoop_jar: Callable[[str, str], Path]) -> None:
    with zipfile.ZipFile(hadoop_jar("hadoop-common", "3.5.0")) as jar:
        properties = ET.fromstring(jar.read("core-default.xml")).findall("property")
    stated = {p.findtext("name", ""): " ".join(p.findtext("value", "").split()) for p in properties}
    defaults = {f"fs.s3a.{option.name}": option.default or "" for option in OPTIONS}
    both = stated.keys() & defaults.keys()
    assert len(both) > 60
    assert {name: defaults[name] for name in both if known(name, "3.5.0")} == {
        name: stated[name] for name in both if known(name, "3.5.0")
    }


@pytest.mark.parametrize("version", RELEASES)
def test_the_providers_of_hadoop_exist_in_its_jar(
    version: str, hadoop_jar: Callable[[str, str], Path]
) -> None:
    provider_names = providers(version)
    names = [
        provider_names.keys,
        provider_names.session,
        provider_names.role,
        provider_names.anonymous,
        *provider_names.chain,
    ]
    names += [provider_names.profile] if provider_names.profile else []
    with zipfile.ZipFile(hadoop_jar("hadoop-aws", version)) as jar:
        classes = {name[: -len(".class")].replace("/", ".") for name in jar.namelist()}
    hadoops = {name for name in names if name.startswith("org.apache.hadoop.")}
    assert hadoops <= classes
    named = "org.apache.hadoop.fs.s3a.auth.ProfileAWSCredentialsProvider"
    assert (provider_names.profile == named) == (named in classes)


def test_names_are_there_once_and_every_reason_to_ignore_has_an_option() -> None:
    names = [option.name for option in OPTIONS]
    assert len(names) == len(set(names))
    assert {option.name for option in OPTIONS if ignored_per_bucket(option.name)} >= {
        "impl",
        "impl.disable.cache",
        "committer.name",
        "ssl.channel.mode",
    }


@pytest.mark.parametrize(
    ("name", "version", "is_known"),
    [
        ("create.conditional.enabled", "3.4.1", False),
        ("fs.s3a.create.conditional.enabled", "3.4.2", True),
        ("request.md5.header", "3.4.2", False),
        ("request.md5.header", "3.4.3", True),
        ("request.md5.header", "3.4.3-amzn-1", True),
        ("md5.header.enabled", "3.5.0", False),
        ("endpoint.region", "3.3", True),
        ("endpoint.region", "3.3.1", False),
        ("socket.send.buffer", "3.3", True),
        ("socket.send.buffer", "3.4.1", False),
        ("analytics.accelerator.physicalio.blocksizebytes", "3.5.0", True),
        ("endpoint", "3.9.0", True),
    ],
)
def test_known(name: str, version: str, is_known: bool) -> None:
    assert (known(name, version) is not None) == is_known


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("3.3", "3.3"),
        ("3.3.4", "3.3"),
        ("3.3.6", "3.3"),
        ("3.4.1", "3.4.1"),
        ("3.4.2", "3.4.2"),
        ("3.4.3", "3.4.2"),
        ("3.5", "3.5.0"),
        ("3.5.0", "3.5.0"),
        ("3.5.1-SNAPSHOT", "3.5.0"),
        ("3.6.0", "3.5.0"),
    ],
)
def test_hadoop_line(version: str, line: str) -> None:
    assert hadoop_line(version) == line


@pytest.mark.parametrize("version", ["2.10.2", "3.2.4", "3.4.0", "3.4", "4.0.0", "three", "", "3"])
def test_a_hadoop_that_settings_are_not_made_for_is_refused(version: str) -> None:
    with pytest.raises(SetupError, match="Hadoop"):
        hadoop_line(version)


def test_lines_are_in_order() -> None:
    assert sorted(HADOOP_VERSIONS, key=version_tuple) == list(HADOOP_VERSIONS)
    assert [hadoop_line(line) for line in HADOOP_VERSIONS] == list(HADOOP_VERSIONS)


@pytest.mark.parametrize(
    "name",
    [
        "impl",
        "fs.s3a.impl",
        "bucket.other.endpoint",
        "impl.disable.cache",
        "committer.name",
        "fs.s3a.committer.threads",
        "committer.magic.track.commits.in.memory.enabled",
        "ssl.channel.mode",
    ],
)
def test_what_can_not_be_said_for_one_bucket_has_a_reason(name: str) -> None:
    assert ignored_per_bucket(name)


@pytest.mark.parametrize("name", ["endpoint", "committer.magic.enabled", "fs.s3a.acl.default"])
def test_what_can_be_said_for_one_bucket_has_none(name: str) -> None:
    assert ignored_per_bucket(name) is None


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("fs.s3a.bucket.b.access.key", True),
        ("fs.s3a.bucket.b.fs.s3a.secret.key", True),
        ("session.token", True),
        ("spark.hadoop.fs.s3a.encryption.key", True),
        ("server-side-encryption.key", True),
        ("proxy.password", True),
        ("encryption.context", False),
        ("endpoint", False),
        ("proxy.username", False),
        ("assumed.role.session.name", False),
        ("create.storage.class", False),
    ],
)
def test_is_sensitive(name: str, secret: bool) -> None:
    assert is_sensitive(name) == secret


def test_every_option_of_kind_secret_is_sensitive_and_no_other() -> None:
    secret = {option.name for option in OPTIONS if option.kind == "secret"}
    assert secret == {option.name for option in OPTIONS if is_sensitive(option.name)}
