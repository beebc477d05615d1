"""Notices when what the file system rests on in aiobotocore and s3fs is not as tested any more."""

from __future__ import annotations

import pytest
from boto.test_private_apis import digest

from s3r_spark.fs.private_apis import RELIED_ON

# By function, the oldest release's first: s3fs 2026.6 with aiobotocore 2.20, s3fs 2026.9 with 3.10.
SEEN: dict[str, set[str]] = {
    "fsspec.asyn:AsyncFileSystem._copy": {"40ca55d1fb5e"},
    "aiobotocore.client:AioBaseClient._make_api_call": {"98c0301a7f7c", "4c472e5f5330"},
    "aiobotocore.client:AioBaseClient._make_request": {"15eb9ed7c225"},
    "aiobotocore.client:AioBaseClient._resolve_endpoint_ruleset": {"de35e945eb8e"},
    "aiobotocore.client:AioBaseClient.close": {"637b93c220d3"},
    "aiobotocore.client:AioClientCreator._register_legacy_retries": {"cc039dfde8ff"},
    "aiobotocore.client:AioClientCreator._register_s3_events": {"3a314f0e2fb5"},
    "aiobotocore.endpoint:AioEndpoint._send_request": {"11aee2d75068"},
    "aiobotocore.endpoint:AioEndpoint._needs_retry": {"a58da8b377db", "be0c8637aab1"},
    "aiobotocore.hooks:AioHierarchicalEmitter._emit": {"36ee10a6464b"},
    "aiobotocore.httpsession:AIOHTTPSession.send": {"d0505f51d841", "22e1e4d802c9"},
    "aiobotocore.httpsession:AIOHTTPSession._get_session": {"e8ba23fa117f", "0ad6b801faee"},
    "fsspec.asyn:sync": {"2023a7d4cb56"},
    "aiobotocore.regions:AioEndpointRulesetResolver.construct_endpoint": {
        "9734734c7988",
        "5623c323220e",
    },
    "aiobotocore.session:AioSession._create_client": {"72214215e316", "04cb06e6d0d6"},
    "aiobotocore.session:AioSession.get_credentials": {"575b3a145766"},
    "aiobotocore.signers:AioRequestSigner.sign": {"206814af49aa"},
    "aiobotocore.signers:AioRequestSigner.get_auth_instance": {"837e2d1ff92f", "ad1eeaabc2d7"},
    "aiobotocore.signers:generate_presigned_url": {"c01bcb242eb0"},
    "s3fs.core:S3FileSystem.set_session": {"684ea0842377", "e260011894bf"},
    "s3fs.core:S3FileSystem.close_session": {"2ddd848b2732"},
    "s3fs.core:S3FileSystem._call_s3": {"a68724e6d82b"},
    "s3fs.core:S3FileSystem._rm": {"55a33c2ad8f1"},
    "s3fs.core:S3FileSystem._bulk_delete": {"37d584b0012e"},
    "s3fs.core:S3FileSystem._info": {"ccba0a0eb18f", "959a24aa3f2c"},
    "s3fs.core:S3FileSystem._exists": {"21787e06dc84", "84053e77cec1"},
    "s3fs.core:S3FileSystem._mkdir": {"db49600226c0"},
    "s3fs.core:S3FileSystem._rmdir": {"50345083294f"},
    "s3fs.core:S3FileSystem._cp_file": {"93866b727d0c"},
    "s3fs.core:S3FileSystem._copy_basic": {"4b92e068febf"},
    "s3fs.core:S3FileSystem._ls": {"e0be34f9564b"},
    "s3fs.core:S3FileSystem._isdir": {"dec9b8b8481a"},
    "s3fs.core:S3FileSystem._open": {"81202d4db883", "f97ae4a09807"},
}


@pytest.mark.parametrize("name", RELIED_ON)
def test_what_is_relied_on_is_as_it_was_tested(name: str) -> None:
    """Where it isn't: read what changed, run all tests on that release, and add the digest."""
    assert digest(name) in SEEN[name], RELIED_ON[name]
