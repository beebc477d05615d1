"""boto-s3-router's call, with ready clients."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import boto3
import boto_s3_router
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.handlers import disable_signing

from s3r_spark.boto import client, resource

if TYPE_CHECKING:
    from servers.store import Store

RULE = {
    "source_bucket_pattern": "example-bucket",
    "source_key_pattern": "team2/*",
    "mapped_bucket_name": "minio-bucket",
    "mapped_prefix": "data/",
    "prefix_mode": "prepend",
}
PLACE = {"Bucket": "example-bucket", "Key": "team2/x"}


@pytest.fixture
def ready(east: Store, west: Store) -> dict[str, Any]:
    east.make_bucket("example-bucket")
    west.make_bucket("minio-bucket")
    return {"default": east.client(), "minio": west.client()}


def test_code_of_boto_s3_router_does_the_same_here(ready: dict[str, Any]) -> None:
    """One changed import, and prefix_mode in each profile with a mapped_prefix."""
    theirs = {key: value for key, value in RULE.items() if key != "prefix_mode"}
    old = boto_s3_router.client(ready, {"minio": theirs})
    new = client(ready, {"minio": RULE}, names="physical")
    old.put_object(Bucket="example-bucket", Key="team2/old", Body=b"old")
    new.put_object(Bucket="example-bucket", Key="team2/new", Body=b"new")
    for s3 in (old, new):
        for key in ("old", "new"):
            response = s3.get_object(Bucket="example-bucket", Key=f"team2/{key}")
            assert response["Body"].read() == key.encode()
        page = s3.list_objects_v2(Bucket="example-bucket", Prefix="team2/")
        assert [keys["Key"] for keys in page["Contents"]] == ["data/team2/new", "data/team2/old"]
        pages = s3.get_paginator(operation_name="list_objects").paginate(
            Bucket="example-bucket", Prefix="team2/"
        )
        keys = [entry["Key"] for page in pages for entry in page["Contents"]]
        assert keys == ["data/team2/new", "data/team2/old"]
        s3.delete_objects(Bucket="example-bucket", Delete={"Objects": [{"Key": "team2/none"}]})
        assert s3.meta.region_name == "us-east-1"


def test_ready_clients_keep_what_is_theirs(ready: dict[str, Any], west: Store) -> None:
    agents: list[str] = []
    ready["minio"] = west.client(user_agent_extra="mine", retries={"total_max_attempts": 4})
    s3 = client(ready, {"minio": RULE})
    s3.meta.events.register(
        "before-send.s3", lambda request, **_: agents.append(str(request.headers["User-Agent"]))
    )
    s3.put_object(**PLACE)
    assert "mine" in agents[0]
    assert west.keys("minio-bucket") == ["data/team2/x"]
    assert {received["region"] for received in west.requests()[-1:]} == {"us-west-1"}
    s3.close()
    ready["minio"].list_buckets()
    with pytest.raises(TypeError, match="keep their own config"):
        client(ready, {"minio": RULE}, config=Config())


@pytest.mark.parametrize("way", ["config", "hook"])
def test_anonymous_clients_stay_anonymous(ready: dict[str, Any], west: Store, way: str) -> None:
    if way == "config":
        ready["minio"] = west.client(signature_version=UNSIGNED)
    else:
        ready["minio"].meta.events.register("choose-signer.s3.*", disable_signing)
    west.forget_requests()
    with pytest.raises(ClientError):
        client(ready, {"minio": RULE}).get_object(**PLACE)
    assert [request["access_key"] for request in west.requests()] == [""]


def test_what_is_wrong_is_said_with_boto_s3_routers_exceptions(ready: dict[str, Any]) -> None:
    sqs = boto3.client("sqs", region_name="us-east-1")
    wrong: list[tuple[type[Exception], str, Any, Any]] = [
        (TypeError, "client_mapping must be a dict", [], {}),
        (TypeError, "profiles must be a dict", ready, []),
        (TypeError, r"profiles\['minio'\] must be a dict, not str", ready, {"minio": "x"}),
        (TypeError, "client_mapping must be a dict", "routes.yaml", {}),
        (TypeError, r"client_mapping\['x'\] must be a boto3 S3 client", {**ready, "x": "s3"}, {}),
        (TypeError, "not of sqs", {**ready, "x": sqs}, {}),
        (ValueError, "no 'default'", {"minio": ready["minio"]}, {"minio": RULE}),
        (ValueError, "no client 'other'", ready, {"other": RULE}),
        (ValueError, "source_bucket_pattern is missing", ready, {"minio": {}}),
        (ValueError, "mapped_bucket_name", ready, {"minio": {**RULE, "mapped_bucket": "x"}}),
        (TypeError, r"client_mapping\['x'\] routes itself", {**ready, "x": client(ready, {})}, {}),
    ]
    for kind, message, mapping, profiles in wrong:
        with pytest.raises(kind, match=message):
            client(mapping, profiles)
    for kind in (TypeError,):
        with pytest.raises(kind):
            client(ready)


def test_a_prefix_says_which_of_the_two_it_means(ready: dict[str, Any], west: Store) -> None:
    """With boto-s3-router it stands before the whole key, in routes.yaml in the folder's place."""
    bare = {key: value for key, value in RULE.items() if key != "prefix_mode"}
    for prefix in ("data/", ""):
        with pytest.raises(ValueError, match=r"profiles\['b'\].*\n?.*") as error:
            client(ready, {"a": RULE | {"client": "minio"}, "b": bare | {"mapped_prefix": prefix}})
        for words in ("'prepend' puts it before", "'replace' puts it in the place", repr(prefix)):
            assert words in str(error.value)
    for mode, key in (("prepend", "data/team2/x"), ("replace", "data/y")):
        s3 = client(ready, {"minio": bare | {"prefix_mode": mode}})
        s3.put_object(Bucket="example-bucket", Key=f"team2/{key[-1]}")
        assert key in west.keys("minio-bucket")
    del bare["mapped_prefix"]
    client(ready, {"minio": bare}).put_object(Bucket="example-bucket", Key="team2/z")
    assert "team2/z" in west.keys("minio-bucket")


def test_pickling_says_why_not(ready: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="make it from routes"):
        pickle.dumps(client(ready, {"minio": RULE}))


def test_resource_of_ready_clients(ready: dict[str, Any], west: Store) -> None:
    resource(ready, {"minio": RULE}).Object("example-bucket", "team2/x").put(Body=b"two")
    assert west.get("minio-bucket", "data/team2/x") == b"two"


def test_a_copy_between_buckets_of_one_name(east: Store, west: Store) -> None:
    """Of two ready clients the routes know no addresses: they are two stores all the same."""
    for store in (east, west):
        store.make_bucket("shared")
        store.put("shared", "x", store.name.encode())
    profile = {"source_bucket_pattern": "other", "mapped_bucket_name": "shared"}
    s3 = client({"default": east.client(), "minio": west.client()}, {"minio": profile})
    s3.copy_object(Bucket="other", Key="x", CopySource="shared/x")
    assert west.get("shared", "x") == b"east"
