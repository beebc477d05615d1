"""What S3A is told of each client, and that nothing of one client reaches another."""

from __future__ import annotations

from typing import Any

import pytest
from cases import load

from s3r_spark.errors import EngineError
from s3r_spark.hadoop.client_options import Options, Stores, stores
from s3r_spark.hadoop.providers import providers
from s3r_spark.hadoop.versions import HADOOP_VERSIONS
from s3r_spark.secrets import Secret

NEWEST = HADOOP_VERSIONS[-1]
KEYS = {"access_key": "${KEY}", "secret_key": "${SECRET}"}
every_version = pytest.mark.parametrize("version", HADOOP_VERSIONS)


def made(version: str = NEWEST, **clients: dict[str, Any]) -> Stores:
    """The stores of some clients, each with a bucket of its own; `default` may be left out."""
    profiles = {name: {"source_bucket_pattern": f"{name}-data"} for name in clients}
    profiles.pop("default", None)
    routes = {"clients": {"default": {}, **clients}, "profiles": profiles}
    return stores(load(routes), version)


def minio(**more: Any) -> dict[str, Any]:
    return {"service": "minio", "endpoint_url": "http://minio.test:9000", **more}


def one(version: str = NEWEST, **client: Any) -> Options:
    return dict(made(version, minio=minio(**client)).options["minio"])


@every_version
def test_keys(version: str) -> None:
    options = one(version, credentials=KEYS)
    assert options["aws.credentials.provider"] == providers(version).keys
    assert options["access.key"] == Secret("${KEY}")
    assert options["secret.key"] == Secret("${SECRET}")
    assert "session.token" not in options


@every_version
def test_keys_with_a_token(version: str) -> None:
    options = one(version, credentials={**KEYS, "session_token": "${TOKEN}"})
    assert options["aws.credentials.provider"] == providers(version).session
    assert options["session.token"] == Secret("${TOKEN}")


@every_version
def test_nobody_signs(version: str) -> None:
    options = one(version, credentials={"anonymous": True})
    assert options["aws.credentials.provider"] == providers(version).anonymous
    assert not any(isinstance(value, Secret) for value in options.values())


@every_version
def test_a_role(version: str) -> None:
    credentials = {"role_arn": "arn:aws:iam::123456789012:role/reader"}
    client = {"region": "eu-west-1", "credentials": credentials}
    options = made(version, west=client).options["west"]
    assert options["aws.credentials.provider"] == providers(version).role
    assert options["assumed.role.arn"] == credentials["role_arn"]
    assert options["assumed.role.sts.endpoint"] == "sts.eu-west-1.amazonaws.com"
    assert options["assumed.role.sts.endpoint.region"] == "eu-west-1"


@pytest.mark.parametrize("version", ["3.4.2", "3.5.0"])
def test_a_profile_of_aws(version: str) -> None:
    options = one(version, credentials={"aws_profile": "west"})
    assert options["aws.credentials.provider"] == providers(version).profile
    assert options["auth.profile.name"] == "west"


def test_what_a_hadoop_lacks_is_refused_all_at_once() -> None:
    role = {"role_arn": "arn:aws:iam::123456789012:role/r", "external_id": "x"}
    with pytest.raises(EngineError) as caught:
        made("3.3", one=minio(credentials={"aws_profile": "west"}), two=minio(credentials=role))
    first, second = str(caught.value).splitlines()
    assert "client 'one'" in first
    assert (
        "aws_profile needs engine router, or Hadoop 3.4.2 (Spark 4.1) or newer, and this is 3.3"
        in first
    )
    assert "client 'two'" in second
    assert "external_id needs Hadoop 3.4.1 (Spark 4.0)" in second


@every_version
def test_the_usual_chain_asks_for_the_global_keys_of_spark(version: str) -> None:
    """Spark copies the driver's AWS variables there, which is how executors get them."""
    options = one(version)
    assert options["aws.credentials.provider"] == ",".join(providers(version).chain)


@every_version
def test_the_usual_chain_of_one_client_is_not_the_keys_of_the_default(version: str) -> None:
    of = made(version, default=minio(credentials=KEYS), other=minio()).options
    usual = str(of["other"]["aws.credentials.provider"]).split(",")
    names = providers(version)
    assert usual == list(names.chain[2:])
    assert not {names.keys, names.session} & set(usual)
    role = made(
        version,
        default=minio(credentials=KEYS),
        other={"credentials": {"role_arn": "arn:aws:iam::123456789012:role/r"}},
    ).options["other"]
    assert not {names.keys, names.session} & set(
        str(role["assumed.role.credentials.provider"]).split(",")
    )


@every_version
def test_where_a_client_is_and_who_signs_is_always_said(version: str) -> None:
    """S3A lays a bucket's options over the global ones: what isn't said is another client's."""
    options = made(version, default=minio(credentials=KEYS), aws={}, other=minio()).options
    for of in options.values():
        assert {
            "endpoint",
            "endpoint.region",
            "path.style.access",
            "connection.ssl.enabled",
            "aws.credentials.provider",
        } <= set(of)
    assert options["aws"]["endpoint"] == "s3.amazonaws.com"
    assert options["aws"]["path.style.access"] == "false"


def test_options_of_one_client_are_undone_for_the_others() -> None:
    hadoop = {
        "fs.s3a.connection.maximum": 7,
        "fs.s3a.encryption.algorithm": "SSE-C",
        "fs.s3a.encryption.key": "${ENCRYPTION}",
    }
    of = made(default=minio(credentials=KEYS, hadoop=hadoop), other=minio(fail_fast=True)).options
    assert of["default"]["connection.maximum"] == "7"
    assert of["default"]["encryption.key"] == Secret("${ENCRYPTION}")
    assert of["other"]["connection.maximum"] == "500"  # S3A's own
    assert of["other"]["encryption.algorithm"] == ""
    assert of["other"]["encryption.key"] == ""
    assert of["default"]["connection.timeout"] == "200000"
    assert of["other"]["connection.timeout"] == "60000"
    assert set(of["default"]) - set(of["other"]) <= {"access.key", "secret.key"}


def test_a_client_can_set_everything() -> None:
    hadoop = {
        "fs.s3a.endpoint.region": "de",
        "fs.s3a.attempts.maximum": 9,
        "fs.s3a.path.style.access": False,
    }
    options = one(hadoop=hadoop)
    assert options["endpoint.region"] == "de"
    assert options["attempts.maximum"] == "9"
    assert options["path.style.access"] == "false"


@pytest.mark.parametrize(
    "key", ["fs.s3a.impl", "fs.s3a.committer.name", "fs.s3a.impl.disable.cache"]
)
def test_what_has_no_effect_for_one_client_is_refused(key: str) -> None:
    with pytest.raises(EngineError, match=rf"client 'minio'.*{key} has no effect for one client"):
        one(hadoop={key: "x"})


def test_botocore_s_addresses_of_aws_are_s3a_s_too() -> None:
    fips, dual = {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}
    west: dict[str, Any] = {"region": "us-west-2"}
    known = made(a=west, b={**west, "botocore": fips}, c={**west, "botocore": {**fips, **dual}})
    assert [known.options[name]["endpoint.fips"] for name in "abc"] == ["false", "true", "false"]
    address = known.options["c"]["endpoint"]
    assert address == "https://s3-fips.dualstack.us-west-2.amazonaws.com"
    with pytest.raises(EngineError, match=r"use_fips_endpoint needs Hadoop 3\.4\.0"):
        made("3.3.6", a={**west, "botocore": fips})
    (conf,) = made(a={"botocore": {"s3": {"use_accelerate_endpoint": True}}}).findings
    assert conf.code == "unaccelerated"


def test_an_option_that_hadoop_does_not_know_is_told() -> None:
    conf = made(minio=minio(hadoop={"fs.s3a.connection.maximun": 1})).findings
    assert [finding.code for finding in conf] == ["unknown-option"]
    assert "did you mean fs.s3a.connection.maximum?" in str(conf[0])
    hadoop = {"fs.s3a.create.conditional.enabled": "false"}
    assert [f.code for f in made("3.4.1", minio=minio(hadoop=hadoop)).findings] == [
        "unknown-option"
    ]
    assert made("3.5.0", minio=minio(hadoop=hadoop)).findings == ()


def test_what_a_jvm_does_not_take_is_told() -> None:
    of = made(one=minio(ca_bundle="ca.pem"), two=minio(verify=False))
    assert [finding.code for finding in of.findings] == ["jvm-trust", "jvm-trust"]
    assert "client 'one'" in str(of.findings[0])
    assert "client 'two'" in str(of.findings[1])


@pytest.mark.parametrize(
    ("kind", "version", "conditional"),
    [
        ("minio", "3.5.0", None),
        ("ceph", "3.5.0", "false"),
        ("ceph", "3.4.1", None),  # which has no conditional writes to turn off
    ],
)
def test_what_a_service_lacks_is_turned_off_where_hadoop_has_it(
    kind: str, version: str, conditional: str | None
) -> None:
    client = {"service": kind, "endpoint_url": "http://store.test"}
    assert made(version, one=client).options["one"].get("create.conditional.enabled") == conditional


@pytest.mark.parametrize(("version", "attempts"), [("3.3", "20"), ("3.4.1", "5"), ("3.5.0", "5")])
def test_patience_is_s3a_s_own_unless_a_client_fails_fast(version: str, attempts: str) -> None:
    patience = ("attempts.maximum", "retry.limit")
    of = made(version, plain=minio()).options
    assert not {key for options in of.values() for key in patience if key in options}
    of = made(version, quick=minio(fail_fast=True), plain=minio()).options
    tries = {name: tuple(map(of[name].get, patience)) for name in of}
    assert tries == {"default": (attempts, "7"), "quick": ("1", "1"), "plain": (attempts, "7")}
