"""boto3's managed transfers keep to the routes, and to the settings of the store they go to."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from boto.conftest import asked, entry, forget
from boto3.s3.transfer import S3Transfer, TransferConfig
from s3transfer.manager import TransferManager

from s3r_spark.boto import client

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from servers.store import Store

PARTS = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, use_threads=False)
FOLDERS = {"supported": "team1/x", "required": "team2/x"}


def test_no_transfer_goes_past_the_routes_by_awscrt(s3: Any, east: Store, crt: ModuleType) -> None:
    keys = east.client()._get_credentials().get_frozen_credentials()
    same = MagicMock(
        access_key_id=keys.access_key,
        secret_access_key=keys.secret_key,
        session_token=keys.token,
    )
    one = MagicMock(region="us-east-1", cred_provider=lambda: same)
    assert crt.is_crt_compatible_request(east.client(), one)
    assert not crt.is_crt_compatible_request(s3, one)
    assert crt.create_crt_transfer_manager(s3, TransferConfig()) is None


@pytest.mark.parametrize("main", ["supported", "required"])
def test_uploads_are_checked_as_their_own_store_has_it(
    east: Store, west: Store, main: str, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.write_bytes(b"small")
    other = next(name for name in FOLDERS if name != main)
    policies = {"default": main, "minio": other}
    clients = {
        name: entry(store, botocore={"request_checksum_calculation": f"when_{policies[name]}"})
        for name, store in (("default", east), ("minio", west))
    }
    for store in (east, west):
        store.make_bucket("data")
    forget(west)
    rule = {
        "client": "minio",
        "source_bucket_pattern": "data",
        "source_key_pattern": FOLDERS[other].replace("x", "*"),
    }
    s3 = client({"clients": clients, "profiles": {"other": rule}})
    sent: list[tuple[str, bool]] = []

    def hear(request: Any, event_name: str, **_: Any) -> None:
        names = " ".join(request.headers).lower()
        sent.append((event_name.rpartition(".")[2], "checksum" in names))

    s3.meta.events.register("before-send.s3", hear)
    for policy, key in FOLDERS.items():
        sent.clear()
        checked = policy == "supported"
        s3.upload_fileobj(io.BytesIO(b"small"), "data", key)
        s3.upload_fileobj(Fileobj=io.BytesIO(bytes(6 << 20)), Bucket="data", Key=key, Config=PARTS)
        assert sent == [
            ("PutObject", checked),
            ("CreateMultipartUpload", checked),
            ("UploadPart", checked),
            ("UploadPart", checked),
            ("CompleteMultipartUpload", False),
        ]
        sent.clear()  # by a manager of one's own, whose client is that of all stores
        with TransferManager(s3, PARTS) as manager:
            manager.upload(io.BytesIO(b"small"), "data", key).result()
            manager.upload(io.BytesIO(bytes(6 << 20)), "data", key).result()
        S3Transfer(s3).upload_file(str(small), "data", key)
        assert {checks for _, checks in sent} == ({True, False} if checked else {False})
        assert [operation for operation, checks in sent if checks] == (
            ["PutObject", "UploadPart", "UploadPart", "PutObject"] if checked else []
        )
    assert {path.partition("?")[0] for path in asked(west)} == {
        f"{method} /data/{FOLDERS[other]}" for method in ("PUT", "POST")
    }


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA1"])
def test_a_copys_own_checksum_is_heeded(s3: Any, east: Store, algorithm: str) -> None:
    data = bytes(11 << 20)
    s3.put_object(Bucket="example-bucket", Key="team2/x", Body=data)
    source = {"Bucket": "example-bucket", "Key": "team2/x"}
    more = {"ChecksumAlgorithm": algorithm}
    s3.copy(source, "example-bucket", "copy", ExtraArgs=more, Config=PARTS)
    with TransferManager(s3, PARTS) as manager:
        manager.copy(source, "example-bucket", "managed", extra_args=more).result()
    for key in ("copy", "managed"):
        head = east.client().head_object(Bucket="example-bucket", Key=key, ChecksumMode="ENABLED")
        assert f"Checksum{algorithm}" in head
        assert east.get("example-bucket", key) == data


def test_what_requires_a_checksum_gets_an_old_one_where_no_other_may_be_known(
    routes: dict[str, Any],
) -> None:
    routes["clients"]["minio"]["service"] = "generic"
    sent: dict[str, set[str]] = {"default": set(), "minio": set()}

    def heard(name: str) -> Any:
        def hear(request: Any, **_: Any) -> None:
            known = {"content-md5", "x-amz-checksum-crc32", "x-amz-checksum-sha256"}
            sent[name] |= known & set(" ".join(request.headers).lower().split())

        return hear

    s3 = client(routes)
    objects = [{"Key": "team2/x"}, {"Key": "x"}]
    for name in sent:
        s3._s3r_router.stores.plain(name).meta.events.register("before-send.s3", heard(name))
    s3.delete_objects(Bucket="example-bucket", Delete={"Objects": objects})
    assert sent == {"default": {"x-amz-checksum-crc32"}, "minio": {"content-md5"}}
    for name, key, more in (
        ("minio", "team2/x", {}),
        ("default", "x", {}),
        ("minio", "team2/x", {"ChecksumAlgorithm": "SHA256"}),
    ):
        sent[name].clear()
        handler = heard(name)
        s3.meta.events.register("before-send.s3", handler)
        delete = {"Objects": [{"Key": key}]}
        s3.delete_objects(Bucket="example-bucket", Delete=delete, **more)
        s3.meta.events.unregister("before-send.s3", handler)
        known = {"minio": {"content-md5"}, "default": {"x-amz-checksum-crc32"}}
        assert sent[name] == ({"x-amz-checksum-sha256"} if more else known[name])


def test_wrong_arguments_are_told_as_boto3_does(s3: Any, east: Store) -> None:
    plain = east.client()
    for name in ("upload_file", "upload_fileobj", "copy"):
        errors = []
        for one in (s3, plain):
            with pytest.raises(TypeError) as error:
                getattr(one, name)("f")
            errors.append(str(error.value))
        assert errors[0] == errors[1]
