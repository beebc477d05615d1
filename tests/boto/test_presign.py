"""Presigned URLs and forms, used by plain curl."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import asked, entry, forget

from s3r_spark.boto import client
from s3r_spark.errors import RefusedError, UnmatchedError

if TYPE_CHECKING:
    from servers.store import Store

PLACE = {"Bucket": "example-bucket", "Key": "team2/ä b+c"}


def curl(*arguments: str) -> str:
    command = ["curl", "--silent", "--show-error", "--fail", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("version", ["s3v4", "s3", None])
def test_urls_are_for_the_right_store(
    routes: dict[str, Any], east: Store, west: Store, version: str | None
) -> None:
    if version:
        routes["clients"]["minio"]["botocore"] = {"signature_version": version}
    s3 = client(routes)
    url = s3.generate_presigned_url("put_object", PLACE)
    curl("-X", "PUT", "--data-binary", "two", "-H", "Content-Type:", url)
    assert curl(s3.generate_presigned_url("get_object", PLACE, ExpiresIn=60)) == "two"
    assert asked(east) == []
    assert {request["access_key"] for request in west.requests()} == {west.access_key}
    signed = "X-Amz-Signature=" if version == "s3v4" else "&Signature="
    assert signed in url
    other = s3.generate_presigned_url("get_object", {"Bucket": "example-bucket", "Key": "a"})
    assert other.startswith(f"{east.endpoint_url}/example-bucket/a?")
    assert west.access_key not in other


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["minio", "ceph", "seaweed", "versity", "garage"])
def test_urls_of_a_service_that_is_known_by_its_address_alone(
    kind: str, request: pytest.FixtureRequest
) -> None:
    store: Store = request.getfixturevalue(f"{kind}_store")
    store.make_bucket("presigned")
    s3 = client({"clients": {"default": entry(store, service="generic")}})
    place = {"Bucket": "presigned", "Key": "ä b+c"}
    url = s3.generate_presigned_url("put_object", place)
    curl("-X", "PUT", "--data-binary", "two", "-H", "Content-Type:", url)
    assert curl(s3.generate_presigned_url("get_object", place)) == "two"
    store.clear()


def test_a_url_is_the_plain_clients_own(routes: dict[str, Any], east: Store) -> None:
    routes["clients"]["default"]["botocore"] = {"signature_version": "s3v4"}
    place = {"Bucket": "example-bucket", "Key": "x"}
    for method, params in (
        ("get_object", place),
        ("put_object", {**place, "ContentType": "text/plain"}),
        ("list_objects_v2", {"Bucket": "example-bucket", "Prefix": "team1/"}),
        ("head_bucket", {"Bucket": "example-bucket"}),
    ):
        urls = [
            s3.generate_presigned_url(method, Params=params)
            for s3 in (client(routes), east.client())
        ]
        routed, plain = (url.partition("X-Amz-Date")[0] for url in urls)
        assert routed == plain


def test_what_no_url_can_do_is_refused(s3: Any) -> None:
    whole = {"Bucket": "example-bucket"}
    across = {**PLACE, "CopySource": "example-bucket/a"}
    for method, params in (("list_objects_v2", whole), ("copy_object", across)):
        with pytest.raises(RefusedError, match="can't be presigned"):
            s3.generate_presigned_url(method, Params=params)
    listing = s3.generate_presigned_url("list_objects_v2", {**whole, "Prefix": "team2/"})
    assert "prefix=data%2Fteam2%2F" in listing


def test_forms_upload_to_the_right_store(s3: Any, west: Store, tmp_path: Any) -> None:
    file = tmp_path / "name.txt"
    file.write_text("two")
    for key, conditions in (
        ("team2/form", [{"bucket": "example-bucket"}, ["eq", "$key", "team2/form"]]),
        ("team2/up/${filename}", [["starts-with", "$key", "team2/up/"]]),
    ):
        form = s3.generate_presigned_post("example-bucket", key, Conditions=conditions)
        fields = [
            part for name, value in form["fields"].items() for part in ("-F", f"{name}={value}")
        ]
        curl(*fields, "-F", f"file=@{file}", form["url"])
    assert west.get("minio-bucket", "data/team2/form") == b"two"
    assert "data/team2/up/name.txt" in west.keys("minio-bucket")


def test_forms_that_would_take_other_routes_names_are_refused(s3: Any, west: Store) -> None:
    forget(west)
    wide: list[Any] = [
        ("${filename}", None),
        ("team2/x", [["starts-with", "$key", ""]]),
        ("team2/x", [["starts-with", "$key", "team1/"]]),
    ]
    for key, conditions in wide:
        with pytest.raises(RefusedError):
            s3.generate_presigned_post("example-bucket", key, Conditions=conditions)


def test_forms_take_no_names_that_nobody_has(routes: dict[str, Any]) -> None:
    s3 = client({**routes, "unmatched": "refuse"})
    for key in ("${filename}", "te${filename}", "te${filename}.bak"):
        with pytest.raises(RefusedError, match="go by 'minio' or no profile"):
            s3.generate_presigned_post("example-bucket", key)
    with pytest.raises(UnmatchedError, match="TEAM2/"):
        s3.generate_presigned_post("example-bucket", "TEAM2/${filename}")
    for condition in ({"key": "a"}, ["eq", "$key", "a"], ["starts-with", "$key", "a"]):
        with pytest.raises(UnmatchedError):
            s3.generate_presigned_post("example-bucket", "team2/x", Conditions=[condition])
    form = s3.generate_presigned_post("example-bucket", "team2/${filename}.bak")
    assert form["fields"]["key"] == "data/team2/${filename}.bak"


def test_a_condition_on_anothers_key_is_refused(s3: Any) -> None:
    for condition in ({"key": "a"}, ["eq", "$key", "a"]):
        with pytest.raises(RefusedError, match="takes names of another profile"):
            s3.generate_presigned_post("example-bucket", "team2/x", Conditions=[condition])
