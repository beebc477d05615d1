"""`access: read`: every change is refused before a request is sent, and reading is as ever."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from boto.conftest import entry, forget

from s3r_spark.boto import client
from s3r_spark.boto.operations import Kind, operation
from s3r_spark.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.store import Store

MODEL = botocore.session.Session().get_service_model("s3")
CHANGES = sorted(
    name for name in MODEL.operation_names if operation(MODEL.operation_model(name)).changes
)
FROZEN = {"Bucket": "shared", "Key": "frozen/x"}
LIVE = {"Bucket": "shared", "Key": "live/x"}


def routes(east: Store, west: Store, **frozen: Any) -> dict[str, Any]:
    """A folder of a bucket that is for reading, on the other store, and the rest of the bucket."""
    rule = {
        "client": "west",
        "source_bucket_pattern": "shared",
        "source_key_pattern": "frozen/*",
        "mapped_bucket_name": "real",
        **frozen,
    }
    clients = {"default": entry(east), "west": entry(west)}
    return {"clients": clients, "profiles": {"frozen": rule}}


@pytest.fixture
def frozen_routes(east: Store, west: Store) -> dict[str, Any]:
    east.make_bucket("shared")
    west.make_bucket("real")
    west.put("real", "frozen/x", b"kept")
    forget(east, west)
    return routes(east, west, access="read")


def changed(*stores: Store) -> list[tuple[str, str]]:
    """What the stores were asked to change."""
    return [
        (request["method"], request["path"])
        for store in stores
        for request in store.requests()
        if request["method"] not in {"GET", "HEAD"}
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_every_operation_that_changes_something(name: str) -> None:
    """Those that botocore gets tomorrow, too."""
    model = MODEL.operation_model(name)
    keys = {"access_key": "k", "secret_key": "s"}
    place = {"endpoint_url": "http://store.test", "credentials": keys, "access": "read"}
    s3 = client({"clients": {"default": place}})

    def send(**_: Any) -> None:
        raise AssertionError("a request was sent")

    s3.meta.events.register("before-send.s3", send)
    params: dict[str, Any] = (
        {"Bucket": "b", "Key": "k"} if "Key" in model.input_shape.members else {"Bucket": "b"}
    )
    if operation(model).kind is Kind.MANY:
        params["Delete"] = {"Objects": [{"Key": "k"}]}
    if operation(model).kind is Kind.TWO:
        source = "CopySource" if "CopySource" in model.input_shape.members else "RenameSource"
        params[source] = "b/other"
    with pytest.raises(RefusedError, match=f"client 'default': access: read: {name} would change"):
        s3._make_api_call(name, params)


def test_reading_is_as_ever_and_the_rest_can_be_written(
    frozen_routes: dict[str, Any], east: Store, west: Store
) -> None:
    s3 = client(frozen_routes)
    assert s3.get_object(**FROZEN)["Body"].read() == b"kept"
    assert s3.head_object(**FROZEN)["ContentLength"] == 4
    listed = s3.list_objects_v2(Bucket="shared")["Contents"]
    assert [page["Key"] for page in listed] == ["frozen/x"]
    s3.copy(dict(FROZEN), "shared", "live/x")
    assert east.get("shared", "live/x") == b"kept"
    forget(east, west)
    s3.get_object(**FROZEN)
    assert len(west.requests()) == 1
    assert east.requests() == []


def test_what_would_change_it_names_the_route(
    frozen_routes: dict[str, Any], east: Store, west: Store
) -> None:
    s3 = client(frozen_routes)
    s3.put_object(**LIVE, Body=b"x")
    forget(east, west)
    calls: dict[str, Callable[[], Any]] = {
        "PutObject": lambda: s3.put_object(**FROZEN, Body=b"y"),
        "DeleteObject": lambda: s3.delete_object(**FROZEN),
        "CopyObject": lambda: s3.copy(dict(LIVE), "shared", "frozen/y"),
        "CreateMultipartUpload": lambda: s3.create_multipart_upload(**FROZEN),
        "DeleteObjects": lambda: s3.delete_objects(
            Bucket="shared", Delete={"Objects": [{"Key": "live/x"}, {"Key": "frozen/x"}]}
        ),
    }
    for name, call in calls.items():
        with pytest.raises(RefusedError) as caught:
            call()
        assert str(caught.value).startswith(
            f"routes: profile 'frozen': access: read: {name} would change s3://shared/frozen/"
        )
    with pytest.raises(RefusedError, match="PutObject would change"):
        s3.upload_fileobj(io.BytesIO(b"y"), "shared", "frozen/y")
    assert changed(east, west) == []


def test_no_address_and_no_form_writes_there(frozen_routes: dict[str, Any]) -> None:
    s3 = client(frozen_routes)
    assert s3.generate_presigned_url("get_object", Params=FROZEN)
    with pytest.raises(RefusedError, match="access: read: PutObject would change"):
        s3.generate_presigned_url("put_object", Params=FROZEN)
    for key in ("frozen/x", "frozen/${filename}"):
        with pytest.raises(RefusedError, match="access: read: a form would change"):
            s3.generate_presigned_post("shared", key)
    assert s3.generate_presigned_post("shared", "live/x")


def test_a_client_that_only_reads(east: Store, west: Store) -> None:
    data = routes(east, west)
    data["clients"]["west"]["access"] = "read"
    data["clients"]["default"]["access"] = "read"
    s3 = client(data)
    with pytest.raises(RefusedError) as caught:
        s3.put_object(**FROZEN)
    assert str(caught.value) == (
        "routes: client 'west': access: read: PutObject would change s3://shared/frozen/x "
        "(by profile 'frozen'); nothing was sent"
    )
    calls: list[Callable[[], Any]] = [
        lambda: s3.put_object(Bucket="other", Key="x"),
        lambda: s3.create_bucket(Bucket="other"),
        lambda: s3.put_bucket_policy(Bucket="other", Policy="{}"),
    ]
    for call in calls:
        with pytest.raises(RefusedError, match="client 'default': access: read"):
            call()
    assert changed(east, west) == []
