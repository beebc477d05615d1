"""Keys, buckets and rights: what `doctor` finds, and what it leaves behind."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from diagnosis.conftest import bad, checks, entry, routes
from servers.counting import counted
from servers.minio import start_minio
from servers.moto import start_moto
from servers.seaweed import reader, start_seaweed
from servers.store import Store
from servers.versity import start_versity

from s3r_spark import doctor
from s3r_spark.diagnosis import buckets
from s3r_spark.diagnosis.places import Place
from s3r_spark.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from diagnosis.conftest import Measured

CHANGES = ["put", "multipart", "copy", "delete", "delete many"]


@pytest.fixture
def store(west: Store) -> Store:
    west.make_bucket("data")
    west.put("data", "a/b", b"x")
    return west


def test_what_works_is_said_and_nothing_is_changed(store: Store) -> None:
    store.forget_requests()
    diagnosis = doctor(routes(one=entry(store)))
    assert diagnosis.healthy
    assert set(checks(diagnosis.findings)) == {
        "name", "tcp", "http", "clock", "keys", "identity", "address", "list", "read",
    }  # fmt: skip
    assert set(checks(diagnosis.findings).values()) == {"good"}
    assert {request["method"] for request in store.requests()} == {"GET", "HEAD"}
    assert {finding.client for finding in diagnosis.findings} == {"one"}


def test_writes_are_tried_and_removed_again(measured: Measured) -> None:
    findings = measured.diagnosis.findings
    assert [f.check for f in findings if f.check in CHANGES] == CHANGES
    assert measured.diagnosis.healthy
    # Not even a version, a delete marker or an upload that was begun is left.
    assert [version["Key"] for version in measured.versions["Versions"]] == ["in/team2/a/b"]
    assert "DeleteMarkers" not in measured.versions
    assert "Uploads" not in measured.uploads


def test_a_place_is_written_to_where_its_names_lie(measured: Measured) -> None:
    assert measured.changed
    folder = "/data/in/team2/_s3r-spark-check-"
    assert [path for path in measured.changed if not path.startswith(folder)] == []


def test_wrong_keys(store: Store) -> None:
    assert bad(entry(replace(store, access_key="nobody"))) == (
        "identity: the store doesn't know the access key: look at credentials.access_key"
    )
    assert bad(entry(replace(store, secret_key="another"))).startswith(
        "identity: the secret key is not the access key's: look at credentials.secret_key"
    )
    token = {"access_key": store.access_key, "secret_key": store.secret_key, "session_token": "t"}
    assert bad(entry(store, credentials=token)) == (
        "identity: the session token is not of these keys: look at credentials.session_token"
    )


def test_where_keys_come_from(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def told(credentials: Any) -> str:
        diagnosis = doctor(routes(one=entry(store, credentials=credentials)))
        return next(finding.text for finding in diagnosis.findings if finding.check == "keys")

    assert bad(entry(store, credentials=None)).startswith(
        "keys: there are no keys: the usual chain"
    )
    assert "profile (nobody) could not be found" in bad(
        entry(store, credentials={"aws_profile": "nobody"})
    )
    unset = {"access_key": "${UNSET_KEY}", "secret_key": "${UNSET_SECRET}"}
    assert bad(entry(store, credentials=unset)).startswith(
        "keys: routes: client 'one': credentials.access_key: the environment variable UNSET_KEY is "
        "not set: set it where this runs"
    )
    file = tmp_path / "credentials"
    file.write_text(
        f"[mine]\naws_access_key_id={store.access_key}\naws_secret_access_key={store.secret_key}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    assert told({"aws_profile": "mine"}) == "the AWS profile 'mine': the AWS credentials file"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", store.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store.secret_key)
    assert told(None).startswith("the usual chain: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in")
    monkeypatch.setenv("K", store.access_key)
    monkeypatch.setenv("S", store.secret_key)
    assert told({"access_key": "${K}", "secret_key": "${S}"}) == (
        "access_key from K, secret_key from S"
    )


def test_no_key_is_ever_shown(store: Store) -> None:
    wrong = {"access_key": "AKIA-SHOWN", "secret_key": "SECRET-SHOWN", "session_token": "T-SHOWN"}
    for one in (entry(store), entry(store, credentials=wrong)):
        diagnosis = doctor(routes(one=one))
        shown = str(diagnosis) + json.dumps(diagnosis.as_dict()) + repr(diagnosis)
        assert "SHOWN" not in shown
        assert store.secret_key not in shown


def test_nobody_signs(store: Store) -> None:
    public = {"anonymous": True}
    finding = bad(entry(store, credentials=public))
    assert finding.startswith("list: the keys may not do that in the bucket 'data' (AccessDenied)")
    with start_moto("key", "secret", anonymous=True) as moto:
        open_one = Store("open", "generic", moto.endpoint_url, "key", "secret")
        open_one.make_bucket("data")
        diagnosis = doctor(routes(one=entry(open_one, credentials=public)))
        assert diagnosis.healthy
        assert "identity" not in checks(diagnosis.findings)


def test_missing_buckets(store: Store, east: Store) -> None:
    assert bad(entry(east)) == ("bucket: there is no bucket 'data': look at its name, or make it")
    # The default store need not have the bucket of which a profile has a folder.
    rule = {"client": "one", "source_bucket_pattern": "data", "source_key_pattern": "a/*"}
    data = {"clients": {"default": entry(east), "one": entry(store)}, "profiles": {"p": rule}}
    diagnosis = doctor(data)
    assert diagnosis.healthy
    (rest,) = [finding for finding in diagnosis.findings if finding.place == "the rest of data"]
    assert (rest.check, rest.state) == ("bucket", "open")
    # Nor is anything made of it.
    alone = {"clients": {"default": entry(east)}, "profiles": {"p": {**rule, "client": "default"}}}
    assert [f.check for f in doctor(alone, write=True).bad] == ["bucket"]
    assert east.buckets() == []


def test_keys_that_may_only_read(store: Store) -> None:
    def changes(method: str, _path: str) -> bool:
        return method in {"PUT", "POST", "DELETE"}

    with counted(store, refused=changes) as proxy:
        assert doctor(routes(one=entry(proxy))).healthy
        assert bad(entry(proxy), write=True).startswith(
            "put: the keys may not do that in the bucket 'data'"
        )


def test_what_nobody_foresaw_is_no_health(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        yield from ()
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(buckets, "read", fail)
    assert bad(entry(store)) == "the check itself failed: RuntimeError: unforeseen"


def test_nothing_is_written_where_only_reading_is_allowed(store: Store) -> None:
    store.forget_requests()
    diagnosis = doctor(routes(one=entry(store, access="read")), write=True)
    assert diagnosis.healthy
    assert checks(diagnosis.findings)["put"] == "open"
    assert {request["method"] for request in store.requests()} == {"GET", "HEAD"}
    assert diagnosis.traits == {}


def test_paths(store: Store, east: Store) -> None:
    data = routes(one=entry(store), two=entry(east))
    diagnosis = doctor(data, paths=["s3a://of-one/a", "s3a://of-one/a/b", "s3a://of-one/none"])
    assert {finding.client for finding in diagnosis.findings} == {"one"}  # two's bucket isn't there
    by_path = {
        path: checks(tuple(f for f in diagnosis.findings if f.place == path))
        for path in ("s3a://of-one/a", "s3a://of-one/a/b", "s3a://of-one/none")
    }
    assert by_path["s3a://of-one/a"] == {"list": "good", "read": "good"}
    assert by_path["s3a://of-one/a/b"] == {"list": "good", "read": "good"}
    assert by_path["s3a://of-one/none"] == {"list": "good", "read": "bad"}
    (finding,) = doctor(data, paths=["s3a://nobodys/x"]).bad
    assert "no profile of" in finding.text


def test_globs_are_looked_at_where_their_bucket_is_known(store: Store) -> None:
    glob = {"client": "one", "source_bucket_pattern": "logs-*"}
    data = {"clients": {"one": entry(store)}, "unmatched": "refuse"}
    (finding,) = [f for f in doctor({**data, "profiles": {"p": glob}}).findings if f.place == "p"]
    assert (finding.check, finding.state) == ("bucket", "open")
    mapped = {**glob, "mapped_bucket_name": "data", "mapped_prefix": "{bucket}"}
    listed = {**glob, "buckets": ["logs-a"], "mapped_bucket_name": "data"}
    for rule, state in ((mapped, "open"), (listed, "good")):
        diagnosis = doctor({**data, "profiles": {"p": rule}})
        assert {f.state for f in diagnosis.findings if f.place == "p"} == {state}


def test_what_a_probe_did_not_write_is_never_deleted() -> None:
    """Whatever a store lists in answer."""

    class Store:
        """A store that lists more than it is asked for."""

        deleted: list[str]

        def __init__(self) -> None:
            self.deleted = []

        def list_objects_v2(self, **_: Any) -> dict[str, Any]:
            return {"Contents": [{"Key": "precious"}, {"Key": "probe/one"}]}

        def list_multipart_uploads(self, **_: Any) -> dict[str, Any]:
            return {"Uploads": [{"Key": "precious", "UploadId": "1"}]}

        def list_object_versions(self, **_: Any) -> dict[str, Any]:
            return {"Versions": [{"Key": "precious", "VersionId": "1"}]}

        def delete_object(self, Key: str, **_: Any) -> None:  # noqa: N803 - boto3's
            self.deleted.append(Key)

    store = Store()
    left = buckets.clean(Place("c", "p", "b", ""), store, "probe/")
    assert set(store.deleted) == {"probe/one"}
    assert left is not None
    assert (left.state, left.mend) == ("bad", "delete s3://b/probe/")


def test_what_is_no_session() -> None:
    with pytest.raises(TypeError, match="doctor takes a SparkSession, not int"):
        doctor({"clients": {"default": {}}}, spark=1)


def test_a_connect_client_is_refused() -> None:
    class Client:
        """As much of one as is looked at."""

        conf, version = (), "4.0.0"

    Client.__module__ = "pyspark.sql.connect.session"
    with pytest.raises(SessionError, match="this is a Spark Connect client, from which neither"):
        doctor({"clients": {"default": {}}}, spark=Client())


@pytest.mark.slow
@pytest.mark.parametrize("start", [start_minio, start_seaweed, start_versity])
def test_real_servers(start: Callable[..., Any], tmp_path: Path) -> None:
    with start(tmp_path / "server") as store:
        store.make_bucket("data")
        store.put("data", "a/b", b"x")
        assert doctor(routes(one=entry(store)), write=True).healthy
        assert store.keys("data") == ["a/b"]
        assert not store.client().list_multipart_uploads(Bucket="data").get("Uploads")
        assert "doesn't know the access key" in bad(entry(replace(store, access_key="nobody")))
        assert "the secret key is not" in bad(entry(replace(store, secret_key="another-one")))
        (finding,) = doctor(routes(bucket="none", one=entry(store))).bad
        assert finding.text == "there is no bucket 'none'"
        if store.kind == "seaweedfs":
            assert doctor(routes(one=entry(reader(store)))).healthy
            assert "put: the keys may not do that" in bad(entry(reader(store)), write=True)


@pytest.mark.slow
def test_wrong_regions(tmp_path: Path) -> None:
    with start_versity(tmp_path / "versity") as store:
        store.make_bucket("data")
        assert bad(entry(store, region="eu-west-3")) == (
            "identity: requests are signed for the region 'eu-west-3', and the store wants "
            "'us-east-1': write region: us-east-1"
        )
    with start_minio(tmp_path / "minio", region="eu-west-3") as store:
        store.make_bucket("data")
        assert doctor(routes(one=entry(store))).healthy
        assert bad(entry(store, region="us-west-2")) == (
            "region: 'data' is in the region 'eu-west-3', not 'us-west-2'; boto3 finds out, "
            "S3A may not: write region: eu-west-3"
        )


@pytest.mark.slow
def test_a_bucket_that_the_public_may_read(minio_store: Store) -> None:
    minio_store.make_bucket("data")
    statement = {"Effect": "Allow", "Principal": {"AWS": ["*"]}}
    rights = {"s3:ListBucket": "arn:aws:s3:::data", "s3:GetObject": "arn:aws:s3:::data/*"}
    statements = [{**statement, "Action": [a], "Resource": [r]} for a, r in rights.items()]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    minio_store.client().put_bucket_policy(Bucket="data", Policy=policy)
    public = entry(minio_store, credentials={"anonymous": True})
    try:
        assert doctor(routes(one=public)).healthy
        assert bad(public, write=True).startswith("put: the keys may not do that")
    finally:
        minio_store.clear()
