"""`session`: what libraries that take a boto3.Session make of it."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import boto3
import django.conf  # type: ignore[import-untyped]
import pytest
from cloudpathlib import S3Client
from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]

from s3r_spark import Routes, session

if TYPE_CHECKING:
    from servers.store import Store


def test_s3_is_the_router_and_all_else_boto3_s(routes: dict[str, Any], west: Store) -> None:
    routed = session(routes)
    assert isinstance(routed, boto3.Session)
    for word in (routed.client("s3"), routed.resource("s3").meta.client):
        word.put_object(Bucket="example-bucket", Key="team2/x", Body=b"x")
        assert list(west.keys("minio-bucket")) == ["data/team2/x"]
        west.client().delete_object(Bucket="minio-bucket", Key="data/team2/x")
    assert routed.client("sts").meta.service_model.service_name == "sts"
    assert (routed.region_name, routed.get_credentials().access_key) == (
        "us-east-1",
        routes["clients"]["default"]["credentials"]["access_key"],
    )


def test_what_libraries_pass_on_unasked_is_taken_and_what_is_a_stores_own_refused(
    routes: dict[str, Any],
) -> None:
    routed = session(routes)
    assert routed.client("s3", None, use_ssl=True, verify=None, endpoint_url=None)
    with pytest.raises(TypeError, match="takes no endpoint_url: it would mean another thing"):
        routed.client("s3", endpoint_url="http://elsewhere.test")
    with pytest.raises(TypeError, match="takes no region_name"):
        routed.resource("s3", "eu-west-1")


def test_it_pickles_by_its_routes(routes: dict[str, Any], west: Store) -> None:
    again = pickle.loads(pickle.dumps(session(routes)))
    again.client("s3").put_object(Bucket="example-bucket", Key="team2/x", Body=b"x")
    assert list(west.keys("minio-bucket")) == ["data/team2/x"]


def test_cloudpathlib(routes: dict[str, Any], west: Store) -> None:
    folder = S3Client(boto3_session=session(Routes.load(routes))).CloudPath(
        "s3://example-bucket/team2"
    )
    (folder / "a" / "größe").write_text("x")
    assert list(west.keys("minio-bucket")) == ["data/team2/a/größe"]
    assert [path.name for path in (folder / "a").iterdir()] == ["größe"]
    assert (folder / "a" / "größe").read_text() == "x"
    (folder / "a" / "größe").rename(folder.parent / "team1" / "größe")
    assert not list(west.keys("minio-bucket"))
    folder.parent.joinpath("team1").rmtree()


class RoutedStorage(S3Storage):  # type: ignore[misc]  # it has no types
    """A storage of django as its users would write it."""

    routes: Any = None

    def _create_session(self) -> boto3.Session:
        return session(self.routes)


def test_django_storages(routes: dict[str, Any], west: Store) -> None:
    from django.core.files.base import ContentFile  # type: ignore[import-untyped]  # noqa: PLC0415 - wants settings first

    if not django.conf.settings.configured:
        django.conf.settings.configure(USE_TZ=True)
    storage = type("Storage", (RoutedStorage,), {"routes": routes})(
        bucket_name="example-bucket", location="team2"
    )
    name = storage.save("größe.txt", ContentFile(b"x"))
    assert list(west.keys("minio-bucket")) == ["data/team2/größe.txt"]
    assert (storage.open(name).read(), storage.listdir("")) == (b"x", ([], ["größe.txt"]))
    assert "minio-bucket/data/team2/gr" in storage.url(name)
    storage.delete(name)
    assert not storage.exists(name)
