"""Private parts of aiobotocore, fsspec and s3fs that the file system rests on.

As in `boto.private_apis`; tests/fs/test_private_apis.py holds the digests.
"""

from __future__ import annotations

# Function -> what is relied on.
RELIED_ON = {
    "fsspec.asyn:AsyncFileSystem._copy": "hands options that it doesn't know on to `_cp_file`",
    "fsspec.asyn:sync": "waits in its caller's thread, which Ctrl-C interrupts",
    "aiobotocore.client:AioBaseClient._make_api_call": "the order of events, and the context",
    "aiobotocore.client:AioBaseClient._make_request": "sends through `_endpoint.make_request`",
    "aiobotocore.client:AioBaseClient._resolve_endpoint_ruleset": "asks twice, with no other task "
    "between",
    "aiobotocore.client:AioBaseClient.close": "what `close` of a client stands for",
    "aiobotocore.client:AioClientCreator._register_legacy_retries": "the retry handler's unique id",
    "aiobotocore.client:AioClientCreator._register_s3_events": "redirects, presigning's default",
    "aiobotocore.endpoint:AioEndpoint._send_request": "signs anew for each attempt",
    "aiobotocore.endpoint:AioEndpoint._needs_retry": "what is emitted on needs-retry",
    "aiobotocore.hooks:AioHierarchicalEmitter._emit": "awaits what handlers give",
    "aiobotocore.httpsession:AIOHTTPSession.send": "asks `_get_session` for what sends",
    "aiobotocore.httpsession:AIOHTTPSession._get_session": "gives an aiohttp.ClientSession",
    "aiobotocore.regions:AioEndpointRulesetResolver.construct_endpoint": "emits on its own emitter",
    "aiobotocore.session:AioSession._create_client": "asks `credential_provider` unless given keys",
    "aiobotocore.session:AioSession.get_credentials": "likewise",
    "aiobotocore.signers:AioRequestSigner.sign": "emits on its own emitter",
    "aiobotocore.signers:AioRequestSigner.get_auth_instance": "awaits `get_frozen_credentials`",
    "aiobotocore.signers:generate_presigned_url": "goes through the same events as a call",
    "s3fs.core:S3FileSystem.set_session": "takes its client from `session`; how it closes it",
    "s3fs.core:S3FileSystem.close_session": "leaves the client's context",
    "s3fs.core:S3FileSystem._call_s3": "every call but presigning goes through it",
    "s3fs.core:S3FileSystem._rm": "what is done here in its place",
    "s3fs.core:S3FileSystem._bulk_delete": "says nothing of what could not be deleted",
    "s3fs.core:S3FileSystem._info": "asks for an object before it asks for a folder",
    "s3fs.core:S3FileSystem._exists": "takes any error for a bucket that isn't there",
    "s3fs.core:S3FileSystem._mkdir": "makes a bucket that isn't there",
    "s3fs.core:S3FileSystem._rmdir": "deletes the bucket, whatever it is called",
    "s3fs.core:S3FileSystem._cp_file": "takes a slash at the end off, and copies a folder's name",
    "s3fs.core:S3FileSystem._copy_basic": "copies exactly this name",
    "s3fs.core:S3FileSystem._ls": "looks for an object in the list of the folder above",
    "s3fs.core:S3FileSystem._isdir": "lists a bucket to know whether it is there",
    "s3fs.core:S3FileSystem._open": "takes a `size`, and then asks for none",
}
