"""What settings are made of a full example, pinned for every Hadoop version.

`golden/*.json` are read in a review as they are: each shows a map whole. After a wanted change,
`GOLDEN=write pytest tests/hadoop/test_routes_plan.py` writes them anew.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from golden import assert_golden

from s3r_spark.errors import SecretError, SetupError
from s3r_spark.hadoop.engines import ENGINES
from s3r_spark.hadoop.routes_plan import settings, store_uri, with_store
from s3r_spark.hadoop.s3a_options import known
from s3r_spark.hadoop.versions import HADOOP_VERSIONS, version_tuple

GOLDEN = Path(__file__).parent / "golden"
KEYS = {"access_key": "${ACCESS_KEY}", "secret_key": "${SECRET_KEY}"}


def example(version: str, engine: Any) -> dict[str, Any]:
    """Every kind of service and of credentials that this version has; folders where engines can."""
    clients: dict[str, dict[str, Any]] = {
        "default": {"service": "aws", "region": "us-east-1"},
        "minio": {
            "service": "minio",
            "endpoint_url": "https://minio.example.com:9000",
            "credentials": KEYS,
        },
        "ceph": {
            "service": "ceph",
            "endpoint_url": "http://rgw.example.com:7480",
            "credentials": {**KEYS, "session_token": "${SESSION_TOKEN}"},
            "fail_fast": True,
        },
        "lakefs": {
            "service": "lakefs",
            "endpoint_url": "https://lakefs.example.com",
            "credentials": {"access_key": "${LAKEFS_KEY}", "secret_key": "${LAKEFS_SECRET}"},
        },
        "seaweedfs": {
            "service": "seaweedfs",
            "endpoint_url": "http://seaweed.example.com:8333",
            "credentials": {"anonymous": True},
        },
        "generic": {"endpoint_url": "https://s3.example.com", "path_style": False},
        "role": {
            "service": "aws",
            "region": "eu-west-1",
            "credentials": {"role_arn": "arn:aws:iam::123456789012:role/reader"},
            "hadoop": {"fs.s3a.connection.maximum": 200, "fs.s3a.encryption.algorithm": "SSE-S3"},
        },
    }
    if version_tuple(version) >= (3, 4, 1):
        clients["role"]["credentials"]["external_id"] = "analytics"
    if version_tuple(version) >= (3, 4, 2):
        clients["profile"] = {"region": "us-west-2", "credentials": {"aws_profile": "west"}}
    profiles: dict[str, dict[str, Any]] = {
        name: {"source_bucket_pattern": f"{name}-data"} for name in clients if name != "default"
    }
    profiles["role"] |= {"source_bucket_pattern": "role-*", "buckets": ["role-a", "role-b"]}
    if engine != "s3a":
        profiles["minio"] |= {
            "source_key_pattern": "team2/*",
            "mapped_bucket_name": "minio-bucket",
            "mapped_prefix": "data/team2",
        }
    return {"clients": clients, "profiles": profiles}


every_map = pytest.mark.parametrize(
    ("version", "engine"),
    [
        (version, engine)
        for version in HADOOP_VERSIONS
        for engine in ENGINES
        if (version, engine) != ("3.3", "router")
    ],
)


@every_map
@pytest.mark.filterwarnings("error")
def test_the_settings_of_a_full_example_are_the_pinned_ones(version: str, engine: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ACCESS_KEY", "SECRET_KEY", "SESSION_TOKEN", "LAKEFS_SECRET"):
            patch.setenv(name, f"the value of {name}")  # which must not be read
        conf = settings(example(version, engine), engine=engine, hadoop_version=version)
    assert "the value of" not in str(conf)
    assert_golden(GOLDEN / f"{engine}-{version}.json", json.dumps(conf, indent=2) + "\n")


@every_map
def test_every_key_of_s3a_exists_in_its_hadoop(version: str, engine: Any) -> None:
    conf = json.loads((GOLDEN / f"{engine}-{version}.json").read_text(encoding="utf-8"))
    options = {
        re.sub(r"fs\.(s3a\.(bucket\.[^.]+\.)?|s3r\.client\.[^.]+\.)", "", key)
        for key in conf
        if key.startswith(("fs.s3a.", "fs.s3r.client."))
        and key != "fs.s3a.impl"  # hadoop-common's own
    }
    assert len(options) > 10
    assert [name for name in sorted(options) if not known(name, version)] == []


@pytest.mark.parametrize("engine", ["s3a", "viewfs"])
def test_hadoop_3_3_gets_durations_without_units(engine: Any) -> None:
    """Its S3AUtils reads them by Configuration.getInt, which fails for `30s`."""
    conf = json.loads((GOLDEN / f"{engine}-3.3.json").read_text(encoding="utf-8"))
    bare = {v for k, v in conf.items() if k.endswith(("connection.timeout", "establish.timeout"))}
    assert bare == {"5000", "15000", "60000", "200000"}


def test_a_credential_store_comes_before_those_that_a_bucket_has_of_its_own() -> None:
    key = "fs.s3a.bucket.b.c.security.credential.provider.path"
    none = "fs.s3a.bucket.d.security.credential.provider.path"
    rendered_settings = with_store(
        {key: "jceks://hdfs/x", none: "", "fs.s3a.a": "b"}, Path("/conf/s3r.jceks")
    )
    store = "localjceks://file/conf/s3r.jceks"
    assert rendered_settings == {
        key: f"{store},jceks://hdfs/x",
        none: store,
        "fs.s3a.a": "b",
        "fs.s3a.security.credential.provider.path": store,
    }


@pytest.mark.parametrize("path", ["/a b", "/a,b", "/a%20b", "/a#b", "/a?b", "/[a]", "/a\nb"])
def test_a_credential_store_that_hadoop_could_not_read_is_refused(path: str) -> None:
    with pytest.raises(SecretError, match="Hadoop can't read a credential store"):
        store_uri(Path(path))


@pytest.mark.parametrize("version", ["2.10", "4.0", "", "new"])
def test_a_version_out_of_range_is_told_before_anything_else(version: str) -> None:
    """Of engines too: none goes with it, whatever the routes ask."""
    routes = {
        "clients": {"default": {}},
        "profiles": {"default": {"source_bucket_pattern": "b", "source_key_pattern": "x/*/y/*"}},
    }
    with pytest.raises(SetupError, match=r"out of range|is no Hadoop version"):
        settings(routes, hadoop_version=version)


def test_a_version_that_is_no_text() -> None:
    with pytest.raises(TypeError, match=r'must be text like "3\.4\.1", not 3\.5'):
        settings({"clients": {"default": {}}}, hadoop_version=3.5)  # type: ignore[arg-type]
