"""boto3's managed transfers keep to the routes, and to the settings of the store they go to."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from boto.conftest import asked, entry, forget
from boto3.s3.transfer import TransferConfig

from s3r_spark.boto import client

if TYPE_CHECKING:
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
def test_uploads_are_checked_as_their_own_store_has_it(east: Store, west: Store, main: str) -> None:
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
    assert {path.partition("?")[0] for path in asked(west)} == {
        f"{method} /data/{FOLDERS[other]}" for method in ("PUT", "POST")
    }
