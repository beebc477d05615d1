"""The model of routes.yaml, and the JSON Schema that editors check it with."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest
import yaml
from botocore.config import Config
from cases import CASES, routes_dict
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # has no types
from pydantic import ValidationError
from written import MISTAKES, load_text

from s3r_spark.fields import BOTOCORE
from s3r_spark.json_schema import json_schema
from s3r_spark.model import Client, Profile, RoutesFile
from s3r_spark.secrets import Secret
from s3r_spark.services import SERVICES

EXAMPLE = textwrap.dedent("""\
    version: 1
    clients:
      default:
        service: aws
        region: us-east-1
      minio:
        service: minio
        endpoint_url: https://minio.internal:9000
        credentials: {access_key: "${MINIO_ACCESS_KEY}", secret_key: "${MINIO_SECRET_KEY}"}
      west:
        service: aws
        region: us-west-1
        credentials: {aws_profile: west}
        hadoop: {fs.s3a.connection.maximum: 200}
        botocore: {max_pool_connections: 50}
    profiles:
      minio:
        source_bucket_pattern: example-bucket
        source_key_pattern: team2/*
        mapped_bucket_name: minio-bucket
        mapped_prefix: data/team2
      west-logs:
        client: west
        source_bucket_pattern: "logs-west-*"
""")
# What no schema can tell: entries that don't fit each other, and what fnmatch makes of a bracket.
BEYOND_A_SCHEMA = {
    "unknown client",
    "can never match",
    "a range the wrong way round",
    "open bracket",
    "a class that takes nothing",
    "prepend without a prefix",
    "folders of a list that would meet",
    "a wrong pattern in a list",
    "a pattern that one before it in a list covers",
    "one of a list covered by an earlier profile",
}


def complaints(data: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(json_schema()).iter_errors(data)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json_schema()["title"] == "routes.yaml of s3r_spark"


def test_the_example_loads_and_fits_the_schema() -> None:
    assert complaints(yaml.safe_load(EXAMPLE)) == []
    routes = load_text(EXAMPLE)
    assert routes.findings() == []
    assert routes.resolve("example-bucket", "team2/obj2").uri == "s3://minio-bucket/data/team2/obj2"
    assert routes.clients["west"].hadoop == {"fs.s3a.connection.maximum": "200"}


@pytest.mark.parametrize(
    "text",
    [
        "clients: {default: }",
        "clients: {default: {region: , service: , path_style: }}",
        "clients: {default: {service: ceph, endpoint_url: 'HTTPS://[::1]:9000/'}}",
        "clients: {default: }\nprofiles: {}",
        "unmatched: refuse\nclients: {m: {endpoint_url: 'http://m'}}",
        "clients: {default: {verify: '${VERIFY:-true}', service: '${SERVICE:-aws}'}}",
        "clients: {default: {verify: 'No', path_style: '1', fail_fast: on}}",
        "clients: {default: {hadoop: {fs.s3a.x: true, fs.s3a.y: 1, fs.s3a.z: a, fs.s3a.w: 1.5}}}",
        "clients: {default: {credentials: {anonymous: true}, botocore: {s3: {b: [c, {d: 1}]}}}}",
        """\
        clients: {default: }
        profiles:
          default:
            {source_bucket_pattern: "b*", buckets: [b1, b2], mapped_bucket_name: "x-{bucket}",
             mapped_prefix: "a.b/..c/{bucket}/", spark: false}
          other:
            {source_bucket_pattern: "c", client: default, mapped_bucket_name: "${NAME:-a}",
             mapped_prefix: "${PREFIX:-}"}
        """,
    ],
)
def test_what_loads_fits_the_schema(text: str) -> None:
    load_text(text)
    assert complaints(yaml.safe_load(text)) == []


@pytest.mark.parametrize("section", ["cases", "hadoop", "bucket_calls"])
def test_all_routing_cases_fit_the_schema(section: str) -> None:
    for case in CASES[section]:
        assert complaints(routes_dict(case)) == []


@pytest.mark.parametrize("case", CASES["invalid"], ids=lambda case: case["name"])
def test_the_schema_refuses_what_the_loader_refuses(case: dict[str, Any]) -> None:
    assert bool(complaints(routes_dict(case))) is (case["name"] not in BEYOND_A_SCHEMA)


def test_the_schema_refuses_wrong_types_and_unknown_keys() -> None:
    says = ("must be text", "must be true or", "must be a map", "must be a list", "unknown key")
    rows = [row for row in MISTAKES["fields"] if any(words in row["says"] for words in says)]
    assert len(rows) > 15
    for row in rows:
        try:
            data = yaml.safe_load(row["text"])
        except (yaml.YAMLError, ValueError, KeyError):
            continue  # what YAML itself can't read never gets to a schema
        assert complaints(data), row["text"]


def test_editors_are_offered_examples_and_no_null() -> None:
    schema = json_schema()
    text = json.dumps(schema)
    assert '"null"' not in text
    assert "null" not in text
    assert schema["$id"] == "urn:s3r-spark:routes:1"
    profile = schema["$defs"]["Profile"]["properties"]
    assert profile["source_key_pattern"]["examples"] == ["team2/*", ["team2/*", "team3/*"]]
    for model in schema["$defs"].values():
        for field in model["properties"].values():
            for example in field.get("examples", ()):
                assert Draft202012Validator({**field, "$defs": schema["$defs"]}).is_valid(example)


def test_every_pattern_says_what_would_be_right() -> None:
    def check(part: Any) -> None:
        if isinstance(part, dict):
            assert ("pattern" in part) is ("patternErrorMessage" in part), part
        for inner in part.values() if isinstance(part, dict) else part:
            if isinstance(inner, (dict, list)):
                check(inner)

    check(json_schema())


def test_every_field_is_described() -> None:
    schema = json_schema()
    for model in [schema, *schema["$defs"].values()]:
        for name, field in model["properties"].items():
            assert field.get("description"), name


def test_every_service_is_known_to_model_and_schema() -> None:
    for kind, preset in SERVICES.items():
        client = Client.model_validate({"service": kind, "endpoint_url": "http://h"})
        assert (client.kind, client.preset) == (kind, preset)
        assert complaints({"clients": {"default": {"service": kind}}}) == []
    assert complaints({"clients": {"default": {"service": "mino"}}})
    assert Client().kind == "aws"
    assert Client.model_validate({"endpoint_url": "http://h"}).kind == "generic"


def test_hadoop_options() -> None:
    client = Client.model_validate({
        "hadoop": {
            "fs.s3a.a": True, "fs.s3a.b": 5, "fs.s3a.c": "x", "fs.s3a.encryption.key": "arn:aws:k",
            "fs.s3a.proxy.password": "${P}", "fs.s3a.secret.key": Secret("${S}"),
        }
    })  # fmt: skip
    assert client.hadoop == {
        "fs.s3a.a": "true", "fs.s3a.b": "5", "fs.s3a.c": "x", "fs.s3a.encryption.key": "arn:aws:k",
        "fs.s3a.proxy.password": Secret("${P}"), "fs.s3a.secret.key": Secret("${S}"),
    }  # fmt: skip


def test_proxies_of_botocore_are_secrets() -> None:
    files = {"proxy_ca_bundle": "ca.pem", "proxy_client_cert": ["cert", "key"]}
    options = {"proxies": {"https": "http://u:p@h"}, "proxies_config": {"a": "b", **files}}
    client = Client.model_validate({"botocore": {**options, "s3": {"x": {"token": "t", "n": 1}}}})
    assert client.botocore == {
        "proxies": {"https": Secret("http://u:p@h")},
        "proxies_config": {"a": Secret("b"), **files},
        "s3": {"x": {"token": Secret("t"), "n": 1}},
    }


def test_every_argument_of_botocore_is_known() -> None:
    assert set(Config.OPTION_DEFAULTS) <= set(BOTOCORE)
    assert list(BOTOCORE) == sorted(BOTOCORE)


def test_entries_are_frozen() -> None:
    file = RoutesFile.model_validate({"clients": {"default": {}}})
    with pytest.raises(ValidationError):
        file.clients["default"].region = "x"  # type: ignore[misc] # that is what is tested


@pytest.mark.parametrize(
    ("key", "pattern"), [(None, "*"), ("*", "*"), ("**", "*"), ("a/*", "a/*"), ("?*", "?*")]
)
def test_key_pattern(key: str | None, pattern: str) -> None:
    profile = Profile(source_bucket_pattern="b", source_key_pattern=key)
    assert profile.key_pattern == pattern
