"""The client as one that code gets which was never written for it."""

from __future__ import annotations

import copy
import io
import os
import pickle
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import botocore
import pytest
from boto.conftest import TEAM2, asked, entry, forget
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from s3r_spark.boto import client, resource
from s3r_spark.boto.credentials import signing
from s3r_spark.errors import RefusedError, RoutesError, UnmatchedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store

PLACE = {"Bucket": "example-bucket", "Key": "team2/x"}


class NoBody(io.BytesIO):
    """What urllib3 would give for an empty answer."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield b""


def test_a_call_goes_to_the_store_of_its_key_with_one_request(
    s3: Any, east: Store, west: Store
) -> None:
    s3.put_object(**PLACE, Body=b"two")
    s3.put_object(Bucket="example-bucket", Key="team1/x", Body=b"one")
    assert s3.get_object(**PLACE)["Body"].read() == b"two"
    assert s3.head_object(**PLACE)["ContentLength"] == 3
    s3.delete_object(**PLACE)
    place = "/minio-bucket/data/team2/x"
    assert asked(west) == [f"PUT {place}", f"GET {place}", f"HEAD {place}", f"DELETE {place}"]
    assert asked(east) == ["PUT /example-bucket/team1/x"]


def test_every_answer_says_who_served_it(s3: Any) -> None:
    served = s3.put_object(**PLACE)["ResponseMetadata"]["Route"]
    assert served == {"profile": "minio", "client": "minio"}
    with pytest.raises(s3.exceptions.NoSuchKey) as error:
        s3.get_object(Bucket="example-bucket", Key="nothing")
    served = error.value.response["ResponseMetadata"]["Route"]
    assert served == {"profile": None, "client": "default"}
    listed = s3.list_objects_v2(Bucket="example-bucket")["ResponseMetadata"]["Route"]
    assert listed["parts"] == [
        {"profile": "minio", "client": "minio"},
        {"profile": None, "client": "default"},
    ]


def test_the_callers_parameters_stay_as_they_are(s3: Any) -> None:
    delete = {"Objects": ({"Key": "team2/x"}, {"Key": "a"})}
    source = {"Bucket": "example-bucket", "Key": "team2/x"}
    s3.put_object(**PLACE)
    s3.copy_object(Bucket="example-bucket", Key="a", CopySource=source)
    s3.delete_objects(Bucket="example-bucket", Delete=delete)
    s3.generate_presigned_url("get_object", Params=source)
    assert delete == {"Objects": ({"Key": "team2/x"}, {"Key": "a"})}
    assert source == {"Bucket": "example-bucket", "Key": "team2/x"}


def test_names_in_answers_are_logical(s3: Any) -> None:
    upload = s3.create_multipart_upload(**PLACE)
    assert (upload["Bucket"], upload["Key"]) == ("example-bucket", "team2/x")
    part = s3.upload_part(**PLACE, UploadId=upload["UploadId"], PartNumber=1, Body=b"x")
    parts = s3.list_parts(**PLACE, UploadId=upload["UploadId"])
    assert (parts["Bucket"], parts["Key"]) == ("example-bucket", "team2/x")
    response = s3.complete_multipart_upload(
        **PLACE,
        UploadId=upload["UploadId"],
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    assert (response["Bucket"], response["Key"]) == ("example-bucket", "team2/x")
    assert response["Location"].endswith("/team2/x")
    assert "example-bucket" in response["Location"]
    listed = s3.list_objects_v2(Bucket="example-bucket", Prefix="team2/")
    assert (listed["Name"], listed["Prefix"]) == ("example-bucket", "team2/")
    with pytest.raises(s3.exceptions.NoSuchKey) as error:
        s3.get_object(Bucket="example-bucket", Key="team2/nothing")
    assert error.value.response["Error"]["Key"] == "team2/nothing"


def test_names_can_be_physical(routes: dict[str, Any]) -> None:
    s3 = client(routes, names="physical")
    for key in ("team2/x", "team2/y", "team2/z", "a"):
        s3.put_object(Bucket="example-bucket", Key=key)
    assert s3.create_multipart_upload(**PLACE)["Key"] == "data/team2/x"
    for operation in ("list_objects", "list_objects_v2", "list_object_versions"):
        for prefix, names in (("team2/", []), ("", ["a"])):
            if operation == "list_object_versions" and not prefix:
                continue  # moto loses a name behind a KeyMarker that it doesn't have
            pages = s3.get_paginator(operation).paginate(
                Bucket="example-bucket", Prefix=prefix, PaginationConfig={"PageSize": 1}
            )
            keys = [
                entry["Key"]
                for page in pages
                for entry in (*page.get("Contents", ()), *page.get("Versions", ()))
            ]
            assert keys == [*names, "data/team2/x", "data/team2/y", "data/team2/z"]
    with pytest.raises(ValueError, match="'logical' or 'physical'"):
        client(routes, names="real")  # type: ignore[arg-type]


def test_wrong_calls_fail_as_on_a_plain_client(s3: Any, east: Store) -> None:
    plain = east.client()
    calls: list[Any] = [
        lambda c: c.get_object("example-bucket", "x"),
        lambda c: c.get_object(Bucket="example-bucket"),
        lambda c: c.get_object(Bucket="example-bucket", Key=""),
        lambda c: c.get_object(Bucket="example-bucket", Key=5),
        lambda c: c.get_object(Bucket=None, Key="x"),
        lambda c: c.get_object(Bucket="no bucket!", Key="x"),
        lambda c: c.list_objects_v2(Bucket="example-bucket", Prefix=None),
        lambda c: c.list_objects_v2(Bucket="example-bucket", MaxKeys="5"),
        lambda c: c.delete_objects(Bucket="example-bucket", Delete={"Objects": [{}]}),
        lambda c: c.delete_objects(Bucket="example-bucket", Delete=None),
        lambda c: c.copy_object(Bucket="example-bucket", Key="x", CopySource=5),
        lambda c: c.copy_object(Bucket="example-bucket", Key="x", CopySource={"Bucket": "b"}),
        lambda c: c.get_objekt(),
        lambda c: c.get_paginator("get_object"),
        lambda c: c.get_waiter("nothing"),
        lambda c: c.get_object(Bucket="example-bucket", Key="nothing"),
        lambda c: c.head_object(Bucket="example-bucket", Key="nothing"),
        lambda c: c.get_object(Bucket="no-such-bucket", Key="nothing"),
        lambda c: c.list_objects_v2(Bucket="no-such-bucket"),
    ]
    for call in calls:
        errors = []
        for asked_client in (plain, s3):
            with pytest.raises(Exception) as error:  # noqa: PT011 - whatever the plain one gives
                call(asked_client)
            errors.append(error.value)
        assert type(errors[0]).__name__ == type(errors[1]).__name__, errors
        # Of a store's own errors it is said where they come from.
        plainly, routed = (str(error).replace(" ", "") for error in errors)
        rest = routed.removeprefix(plainly)
        assert rest.startswith("(s3://") if isinstance(errors[0], ClientError) else not rest


def test_hooks_of_the_user_are_heard_and_see_the_names_that_are_promised(s3: Any) -> None:
    heard: dict[str, Any] = {}

    def hear(event_name: str, **given: Any) -> None:
        if "params" in given and "Key" in given["params"]:
            heard[event_name.partition(".")[0]] = given["params"]["Key"]
        elif "request" in given:
            heard[event_name.partition(".")[0]] = given["request"].url
        else:
            heard[event_name.partition(".")[0]] = True

    events = ("provide-client-params", "before-parameter-build", "before-endpoint-resolution")
    for name in (*events, "before-call", "request-created", "before-sign", "choose-signer"):
        s3.meta.events.register(f"{name}.s3", hear)
    for name in ("before-send", "response-received", "needs-retry", "after-call"):
        s3.meta.events.register(f"{name}.s3", hear)
    s3.put_object(**PLACE)
    assert heard.pop("provide-client-params") == "team2/x"
    assert heard.pop("before-parameter-build") == "data/team2/x"
    assert heard.pop("before-sign").endswith("/minio-bucket/data/team2/x")
    assert set(heard) == {
        "before-endpoint-resolution",
        "before-call",
        "request-created",
        "choose-signer",
        "before-send",
        "response-received",
        "needs-retry",
        "after-call",
    }


def test_a_hook_that_gives_other_parameters_is_routed(s3: Any, west: Store) -> None:
    s3.meta.events.register(
        "provide-client-params.s3.GetObject", lambda params, **_: {**params, "Key": "team2/x"}
    )
    s3.put_object(**PLACE, Body=b"two")
    assert s3.get_object(Bucket="example-bucket", Key="a")["Body"].read() == b"two"
    assert asked(west)[-1] == "GET /minio-bucket/data/team2/x"


def test_what_a_hook_gives_stays_as_it_is(s3: Any, west: Store) -> None:
    """The same dict comes with every call: mapped twice, it would name another object."""
    fixed = {**PLACE, "Body": b"two"}
    s3.meta.events.register("provide-client-params.s3.PutObject", lambda **_: fixed)
    s3.meta.events.register("provide-client-params.s3.GetObject", lambda params, **_: params)
    for _ in range(2):
        s3.put_object(Bucket="example-bucket", Key="a")
    asked_with = dict(PLACE)
    for _ in range(2):
        url = s3.generate_presigned_url("get_object", Params=asked_with)
        assert "/minio-bucket/data/team2/x?" in url
    assert fixed == {**PLACE, "Body": b"two"}
    assert asked_with == PLACE
    assert asked(west) == ["PUT /minio-bucket/data/team2/x"] * 2


def test_a_header_that_a_hook_adds_is_sent(s3: Any) -> None:
    def tag(request: Any, **_: Any) -> None:
        request.headers["x-amz-meta-added"] = "yes"

    s3.meta.events.register("before-sign.s3.PutObject", tag)
    s3.put_object(**PLACE)
    assert s3.head_object(**PLACE)["Metadata"] == {"added": "yes"}


def test_paginators_and_waiters_are_boto3s(s3: Any) -> None:
    assert s3.can_paginate("list_objects_v2")
    assert not s3.can_paginate("get_object")
    s3.get_waiter("object_not_exists").wait(**PLACE)
    s3.put_object(**PLACE)
    s3.get_waiter("object_exists").wait(**PLACE)
    s3.get_waiter("bucket_exists").wait(Bucket="example-bucket")


def test_transfers_count_every_byte_and_stay_in_one_store(
    s3: Any, east: Store, west: Store, tmp_path: Any
) -> None:
    data = os.urandom(11 << 20)
    counted: list[int] = []
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    source = tmp_path / "big.bin"
    source.write_bytes(data)
    s3.upload_file(
        str(source), "example-bucket", "team2/big", Callback=counted.append, Config=parts
    )
    s3.download_file("example-bucket", "team2/big", str(tmp_path / "back"), Config=parts)
    buffer = io.BytesIO()
    s3.download_fileobj(
        "example-bucket", "team2/big", buffer, Callback=counted.append, Config=parts
    )
    assert (tmp_path / "back").read_bytes() == buffer.getvalue() == data
    assert sum(counted) == 2 * len(data)
    assert asked(east) == []
    assert {path.partition("?")[0] for path in asked(west)} == {
        f"{method} /minio-bucket/data/team2/big" for method in ("POST", "PUT", "HEAD", "GET")
    }


def test_a_transfer_that_is_cancelled_leaves_nothing(s3: Any) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 6 << 20:
                raise OSError("the disk is gone")
            return super().read(size)

    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    with pytest.raises(OSError, match="the disk is gone"):
        s3.upload_fileobj(Failing(bytes(16 << 20)), "example-bucket", "team2/x", Config=parts)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="example-bucket")


def test_many_threads_can_share_it(s3: Any) -> None:
    keys = [f"{folder}/{n}" for n in range(40) for folder in ("team1", "team2")]
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda k: s3.put_object(Bucket="example-bucket", Key=k, Body=k.encode()), keys)
        )
        bodies = pool.map(
            lambda k: s3.get_object(Bucket="example-bucket", Key=k)["Body"].read().decode(), keys
        )
        assert list(bodies) == keys


def test_it_pickles_by_its_routes_and_can_be_copied(s3: Any, routes: dict[str, Any]) -> None:
    s3.put_object(**PLACE, Body=b"two")
    again = pickle.loads(pickle.dumps(s3))
    assert again.get_object(**PLACE)["Body"].read() == b"two"
    settings = Config(retries={"total_max_attempts": 7}, user_agent_extra="us")
    tuned = pickle.loads(pickle.dumps(client(routes, names="physical", config=settings)))
    assert tuned.meta.config.retries["total_max_attempts"] == 7
    assert tuned.create_multipart_upload(**PLACE)["Key"] == "data/team2/x"
    unsigned = Config(signature_version=UNSIGNED, connect_timeout=3)
    anonymous = pickle.loads(pickle.dumps(client(routes, config=unsigned)))
    assert anonymous.meta.config.connect_timeout == 3
    assert "?" not in anonymous.generate_presigned_url("get_object", PLACE)
    assert copy.deepcopy(s3).get_object(**PLACE)["Body"].read() == b"two"
    bucket = pickle.loads(pickle.dumps(resource(routes))).Bucket("example-bucket")
    assert [item.key for item in bucket.objects.all()] == ["team2/x"]


def test_secrets_are_not_in_a_pickle(
    routes: dict[str, Any], west: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEST_SECRET", west.secret_key)
    routes["clients"]["minio"]["credentials"]["secret_key"] = "${WEST_SECRET}"
    s3 = client(routes)
    s3.put_object(**PLACE)
    assert west.secret_key.encode() not in pickle.dumps(s3)


def test_a_fork_opens_connections_of_its_own(s3: Any, west: Store) -> None:
    s3.put_object(**PLACE, Body=b"two")
    with s3._s3r_router.stores._lock:  # as another thread may hold it while this one forks
        child = os.fork()
        if child == 0:
            os._exit(0 if s3.get_object(**PLACE)["Body"].read() == b"two" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert s3.get_object(**PLACE)["Body"].read() == b"two"
    assert asked(west)[-1].startswith("GET")


def test_a_fork_while_a_thread_makes_a_client_waits_for_nobody(
    routes: dict[str, Any], west: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread does not exist in the child, and would never let go of its locks there."""
    west.put("minio-bucket", "data/team2/x", b"two")
    s3 = client(routes)
    making, go_on = threading.Event(), threading.Event()

    def slow(*arguments: Any) -> Any:
        making.set()
        go_on.wait(60)
        return signing(*arguments)

    monkeypatch.setattr("s3r_spark.boto.stores.signing", slow)
    thread = threading.Thread(target=s3._s3r_router.stores.get, args=("minio",))
    thread.start()
    making.wait(60)
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a child that hangs ends by it
        go_on.set()
        body = s3.get_object(Bucket="example-bucket", Key="team2/x")["Body"]
        os._exit(0 if body.read() == b"two" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    go_on.set()
    thread.join()


def test_resource_goes_the_same_ways(routes: dict[str, Any], west: Store) -> None:
    bucket = resource(routes).Bucket("example-bucket")
    bucket.put_object(Key="team2/x", Body=b"two")
    bucket.Object("a").put(Body=b"one")
    assert [item.key for item in bucket.objects.filter(Prefix="team2/")] == ["team2/x"]
    assert west.keys("minio-bucket") == ["data/team2/x"]
    assert bucket.creation_date is not None
    bucket.Object("b").copy_from(CopySource={"Bucket": "example-bucket", "Key": "team2/x"})
    assert bucket.Object("b").get()["Body"].read() == b"two"
    bucket.objects.all().delete()
    assert list(bucket.objects.all()) == []


def test_a_resource_never_asks_for_a_name_that_its_lists_gave_by_another(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    """It asks for what is listed: with physical names, for another object of that name."""
    for rule in (TEAM2, {**TEAM2, "mapped_prefix": None}, {**TEAM2, "mapped_bucket_name": None}):
        routes["profiles"]["minio"] = rule
        with pytest.raises(RefusedError, match=r"profile 'minio': a resource asks for what"):
            resource(routes, names="physical")
    rule = {"client": "minio", "source_bucket_pattern": "same-*", "source_key_pattern": "t/*"}
    routes["profiles"]["minio"] = rule
    for store in (east, west):
        store.make_bucket("same-bucket")
        store.put("same-bucket", "t/x")
    bucket = resource(routes, names="physical").Bucket("same-bucket")
    bucket.objects.filter(Prefix="t/").delete()
    assert (east.keys("same-bucket"), west.keys("same-bucket")) == (["t/x"], [])


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_retries_after_errors(
    routes: dict[str, Any], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    for name, times in (("default", 2), ("minio", 3)):
        retries = {"mode": mode, "total_max_attempts": times}
        routes["clients"][name]["botocore"] = {"retries": retries}
    s3 = client(routes)
    sent: list[str] = []

    def unavailable(request: Any, **_: Any) -> Any:
        sent.append(request.url)
        return AWSResponse(request.url, 503, {}, NoBody())

    s3.meta.events.register("before-send.s3", unavailable)
    for key, times in (("a", 2), ("team2/x", 3)):
        sent.clear()
        with pytest.raises(ClientError):
            s3.head_object(Bucket="example-bucket", Key=key)
        assert len(sent) == times


def test_standard_retries_get_their_quota_back(
    routes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    retries = {"mode": "standard", "total_max_attempts": 2}
    for name in ("default", "minio"):
        routes["clients"][name]["botocore"] = {"retries": retries}
    s3 = client(routes)
    calls = count()

    def every_other(request: Any, **_: Any) -> AWSResponse:
        if next(calls) % 2 == 0:
            raise EndpointConnectionError(endpoint_url=request.url)
        return AWSResponse(request.url, 200, {}, NoBody())

    s3.meta.events.register("before-send.s3", every_other)
    monkeypatch.setattr("time.sleep", lambda _: None)
    # 500 tokens, and 5 or more for a retry: without those that a success gives back, a hundred
    # calls would be all.
    for _ in range(120):
        s3.head_object(**PLACE)


def test_a_store_without_credentials_never_signs_with_anothers(
    routes: dict[str, Any], west: Store
) -> None:
    del routes["clients"]["minio"]["credentials"]
    s3 = client(routes)
    with pytest.raises(NoCredentialsError):
        s3.get_object(**PLACE)
    assert asked(west) == []


def test_anonymous_requests_carry_no_signature(routes: dict[str, Any], west: Store) -> None:
    routes["clients"]["minio"]["credentials"] = {"anonymous": True}
    s3 = client(routes)
    with pytest.raises(ClientError, match=r"AccessDenied|Forbidden"):
        s3.get_object(**PLACE)
    assert [request["access_key"] for request in west.requests()] == [""]


def test_unset_secrets_are_named_when_their_store_is_used(
    routes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    routes["clients"]["minio"]["credentials"]["secret_key"] = "${NOT_SET}"
    s3 = client(routes)
    s3.put_object(Bucket="example-bucket", Key="a")
    with pytest.raises(LookupError, match="NOT_SET"):
        s3.get_object(**PLACE)


def test_what_is_written_under_botocore_reaches_its_store_alone(routes: dict[str, Any]) -> None:
    routes["clients"]["minio"]["botocore"] = {
        "read_timeout": 7,
        "user_agent_extra": "from-minio",
        "s3": {"use_accelerate_endpoint": False},
    }
    s3 = client(routes)
    agents: list[str] = []
    s3.meta.events.register(
        "before-send.s3", lambda request, **_: agents.append(str(request.headers["User-Agent"]))
    )
    s3.put_object(**PLACE)
    s3.put_object(Bucket="example-bucket", Key="a")
    assert ["from-minio" in agent for agent in agents] == [True, False]
    assert s3._s3r_router.stores.plain("minio").meta.config.read_timeout == 7
    assert s3._s3r_router.stores.plain("minio").meta.config.s3["addressing_style"] == "path"
    routes["clients"]["minio"]["botocore"] = {"reed_timeout": 7}
    with pytest.raises(RoutesError, match=r"client 'minio': botocore: .*reed_timeout"):
        client(routes)


def test_the_users_config_is_laid_over_every_store(routes: dict[str, Any]) -> None:
    s3 = client(routes, config=Config(connect_timeout=3))
    for name in ("default", "minio"):
        assert s3._s3r_router.stores.plain(name).meta.config.connect_timeout == 3
    with pytest.raises(TypeError, match="aws_access_key_id"):
        client(routes, aws_access_key_id="x")


def test_an_endpoint_from_outside_doesnt_reroute(
    routes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    routes["clients"]["aws"] = {"service": "aws", "region": "eu-west-1"}
    routes["profiles"]["aws"] = {"source_bucket_pattern": "aws-bucket"}
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    url = client(routes).generate_presigned_url(
        "get_object", Params={"Bucket": "aws-bucket", "Key": "x"}
    )
    assert url.startswith("https://aws-bucket.s3")
    assert "amazonaws.com/x?" in url


def test_unmatched_names_are_refused_where_the_file_says_so(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    routes["unmatched"] = "refuse"
    del routes["clients"]["default"]
    s3 = client(routes)
    s3.put_object(**PLACE)
    forget(west)
    calls: list[Any] = [
        lambda: s3.get_object(Bucket="example-bucket", Key="a"),
        lambda: s3.create_bucket(Bucket="example-bucket"),
        lambda: s3.list_objects_v2(Bucket="other"),
        lambda: s3.list_objects_v2(Bucket="example-bucket", Prefix="a"),
        lambda: s3.delete_objects(
            Bucket="example-bucket", Delete={"Objects": [{"Key": "team2/x"}, {"Key": "a"}]}
        ),
        lambda: s3.copy_object(
            Bucket="example-bucket", Key="team2/y", CopySource="example-bucket/a"
        ),
        lambda: s3.generate_presigned_url("get_object", {"Bucket": "other", "Key": "a"}),
        lambda: s3.generate_presigned_post("other", "a"),
    ]
    for call in calls:
        with pytest.raises(UnmatchedError):
            call()
    assert asked(west) == asked(east) == []
    with pytest.raises(ParamValidationError):
        s3.get_object(Key="a")
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="example-bucket")["Contents"]] == [
        "team2/x"
    ]
    assert [entry["Name"] for entry in s3.list_buckets()["Buckets"]] == ["example-bucket"]


@pytest.mark.filterwarnings("ignore::s3r_spark.errors.RoutesWarning")  # shared, as they say
def test_what_would_hit_a_whole_bucket_is_never_sent(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    routes["profiles"] |= {
        "strip": {**TEAM2, "source_key_pattern": "strip/*", "mapped_prefix": ""},
        "folder": {
            "client": "minio",
            "source_bucket_pattern": "foldered",
            "mapped_bucket_name": "minio-bucket",
            "mapped_prefix": "data",
        },
        "many": {
            "client": "minio",
            "source_bucket_pattern": "dev-*",
            "mapped_bucket_name": "sandbox",
        },
        "one": {
            "client": "minio",
            "source_bucket_pattern": "shared-1",
            "mapped_bucket_name": "shared",
        },
        "two": {
            "client": "minio",
            "source_bucket_pattern": "shared-?",
            "mapped_bucket_name": "shared",
        },
        "own": {"client": "minio", "source_bucket_pattern": "own"},
    }
    s3 = client(routes)
    root = {"Bucket": "example-bucket", "Key": "strip/"}
    rules = {"Rules": [{"ID": "x", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}]}
    calls: list[Any] = [
        lambda: s3.delete_object(**root),
        lambda: s3.get_object(**root),
        lambda: s3.delete_objects(Bucket="example-bucket", Delete={"Objects": [{"Key": "strip/"}]}),
        lambda: s3.copy_object(**root, CopySource="example-bucket/a"),
        lambda: s3.copy_object(Bucket="own", Key="x", CopySource="example-bucket/strip/"),
        lambda: s3.generate_presigned_url("delete_object", root),
        lambda: s3.generate_presigned_post(**root),
        lambda: s3.delete_bucket(Bucket="foldered"),
        lambda: s3.put_bucket_lifecycle_configuration(
            Bucket="foldered", LifecycleConfiguration=rules
        ),
        lambda: s3.delete_bucket(Bucket="dev-a"),
        lambda: s3.delete_bucket_policy(Bucket="shared-1"),
        lambda: s3.put_bucket_versioning(
            Bucket="shared-2", VersioningConfiguration={"Status": "Enabled"}
        ),
    ]
    for call in calls:
        with pytest.raises(RefusedError):
            call()
    assert asked(west) == asked(east) == []
    elsewhere = {"LocationConstraint": west.region}
    s3.create_bucket(Bucket="own", CreateBucketConfiguration=elsewhere)
    s3.put_bucket_versioning(Bucket="own", VersioningConfiguration={"Status": "Enabled"})
    s3.head_bucket(Bucket="foldered")  # reading is no harm
    s3.delete_bucket(Bucket="own")


@pytest.mark.filterwarnings("ignore::s3r_spark.errors.RoutesWarning")  # shared, as they say
def test_a_bucket_that_has_other_names_is_not_changed_by_one(
    routes: dict[str, Any], east: Store, west: Store
) -> None:
    routes["clients"]["alias"] = entry(west, region="us-east-1")
    routes["profiles"] = {
        "other": {
            "client": "default",
            "source_bucket_pattern": "other",
            "mapped_bucket_name": "example-bucket",
        },
        "aliased": {
            "client": "alias",
            "source_bucket_pattern": "aliased",
            "mapped_bucket_name": "minio-bucket",
        },
        "minio": {"source_bucket_pattern": "minio-bucket"},
    }
    ready = {name: store.client() for name, store in (("default", east), ("alias", west))}
    both = client({**ready, "minio": west.client()}, routes["profiles"])
    for s3 in (client(routes), both):
        for bucket in ("other", "example-bucket", "aliased", "minio-bucket"):
            with pytest.raises(RefusedError, match="would change the whole bucket"):
                s3.delete_bucket(Bucket=bucket)
    assert asked(east) == asked(west) == []


def test_clients_of_aws_are_one_store_in_all_regions() -> None:
    clients = {name: {"service": "aws", "region": name} for name in ("us-east-1", "us-west-2")}
    rule = {"source_bucket_pattern": "a", "mapped_bucket_name": "b", "client": "us-west-2"}
    s3 = client({"clients": {**clients, "default": {"service": "aws"}}, "profiles": {"a": rule}})
    with pytest.raises(RefusedError, match="which no profile takes whole"):
        s3.delete_bucket(Bucket="a")


def test_a_bucket_with_names_elsewhere_is_not_deleted(s3: Any, east: Store, west: Store) -> None:
    """The default store's own part may be empty, and is not all of it."""
    with pytest.raises(RefusedError, match="keeps names of it in another place"):
        s3.delete_bucket(Bucket="example-bucket")
    assert asked(east) == asked(west) == []
    enabled = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket="example-bucket", VersioningConfiguration=enabled)
    assert asked(east) == ["PUT /example-bucket"]


def test_stores_with_one_bucket_name_never_mix(east: Store, west: Store) -> None:
    east.make_bucket("sales")
    west.make_bucket("sales")
    rule = {"client": "west", "source_bucket_pattern": "sales", "source_key_pattern": "archive/*"}
    s3 = client(
        {"clients": {"default": entry(east), "west": entry(west)}, "profiles": {"archive": rule}}
    )
    for key in ("archive/x", "new/x"):
        s3.put_object(Bucket="sales", Key=key, Body=key.encode())
    assert (east.keys("sales"), west.keys("sales")) == (["new/x"], ["archive/x"])
    forget(east, west)
    s3.copy_object(Bucket="sales", Key="new/y", CopySource="sales/archive/x")
    assert east.get("sales", "new/y") == b"archive/x"
    assert "us-west-1" not in {request["region"] for request in east.requests()}


def test_a_rename_inside_one_bucket_is_mapped_and_others_are_refused(s3: Any) -> None:
    if "rename_object" not in s3.meta.method_to_api_mapping:
        assert tuple(map(int, botocore.__version__.split(".")[:2])) < (1, 39)
        pytest.skip("RenameObject came to botocore after the lowest release that is supported")
    sent: list[Any] = []

    def stop(params: Any, **_: Any) -> Any:
        sent.append((params["url_path"], params["headers"]["x-amz-rename-source"]))
        return type("Response", (), {"status_code": 200}), {}

    s3.meta.events.register("before-call.s3.RenameObject", stop)
    s3.rename_object(**PLACE, RenameSource="example-bucket/team2/old name")
    assert sent == [("/data/team2/x?renameObject", "minio-bucket/data/team2/old%20name")]
    sent.clear()
    for source in ("example-bucket/team2/a%20b", "/example-bucket/team2/a%20b", "team2/a%20b"):
        s3.rename_object(**PLACE, RenameSource=source)
    assert [header for _, header in sent] == [
        "minio-bucket/data/team2/a%20b",
        "/minio-bucket/data/team2/a%20b",
        "data/team2/a%20b",
    ]
    for source in ("example-bucket/a", "/other/team2/a", "a"):
        with pytest.raises(RefusedError, match="another bucket or store"):
            s3.rename_object(**PLACE, RenameSource=source)
