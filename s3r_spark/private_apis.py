"""Private functions of libraries that the package rests on, as they are in tested releases.

A release in which one of them is another is looked at before it is trusted: the tests fail on it,
and `s3r-spark check --environment` says so where it is installed.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import textwrap
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RELIED_ON", "TESTED", "Reliance", "State", "state"]

State = Literal["tested", "changed", "gone", "unused", "unreadable"]
"""States of a function here: `tested`: as in a tested release; `changed`: not as in any;
`gone`: not there; `unused`: needs awscrt, which isn't here; `unreadable`: without its source."""


class Reliance(NamedTuple):
    """One function that is relied on.

    Attributes:
        on: what of it is relied on.
        digests: of its code in the tested releases, the oldest one's first, between spaces.
    """

    on: str
    digests: str


_BOTO3 = ("1.36.0", "1.38.0", "1.40.0", "1.42.0", "1.43.0", "1.44.5")
TESTED: Mapping[str, tuple[str, ...]] = {
    "botocore": _BOTO3,
    "boto3": _BOTO3,
    "s3transfer": (),
    "fsspec": ("2026.6.0", "2026.9.0"),
    "aiobotocore": ("2.20.0", "3.10.0"),
    "s3fs": ("2026.6.0", "2026.9.0"),
}
"""The tested releases of each library; of s3transfer, those that went with boto3's."""

RELIED_ON: Mapping[str, Mapping[str, Reliance]] = {
    "botocore.client": {
        "BaseClient._make_api_call": Reliance(
            "the order of events, and what is in the context",
            "a12bcfc8a1fb 3b75d443f82e 430eb78e379f 7125152f2bce",
        ),
        "BaseClient._emit_api_params": Reliance("taken over; for presigning too", "806e3882e05a"),
        "BaseClient._make_request": Reliance(
            "sends through `_endpoint.make_request`", "3a97139f6e7e"
        ),
        "BaseClient._resolve_endpoint_ruleset": Reliance(
            "asks `_ruleset_resolver` twice", "fbfc0149abd7"
        ),
        "BaseClient._register_handlers": Reliance(
            "what is registered on request-created", "b00465f3aba5 8184a8e3f555"
        ),
        "ClientCreator._register_legacy_retries": Reliance(
            "the unique id of the retry handler", "cc039dfde8ff"
        ),
        "ClientCreator._register_s3_events": Reliance(
            "redirects, presigning's default", "cdd8bac3a539"
        ),
        "ClientCreator._set_s3_presign_signature_version": Reliance(
            "not with a version given", "fed6310c3d56"
        ),
    },
    "botocore.endpoint": {
        "Endpoint.__init__": Reliance("what a copy of an endpoint shares", "63154c37e4c9"),
        "Endpoint._send_request": Reliance("signs anew for each attempt", "67696ecaf110"),
        "Endpoint._needs_retry": Reliance(
            "what is emitted on needs-retry", "63fef080ec6e cf3e12862c24"
        ),
    },
    "botocore.hooks": {
        "HierarchicalEmitter._emit": Reliance("the order of handlers", "9da096afc06a"),
    },
    "botocore.regions": {
        "EndpointRulesetResolver.construct_endpoint": Reliance(
            "emits on its own emitter", "6d4d50f1ea80 41d052b58e00"
        ),
        "EndpointRulesetResolver._get_customized_builtins": Reliance(
            "emits on its own emitter", "ddc43745b6b4"
        ),
        "EndpointRulesetResolver.auth_schemes_to_signing_ctx": Reliance(
            "asked right behind it", "98f2f6418922 7365ec20b850"
        ),
    },
    "botocore.signers": {
        "RequestSigner.__init__": Reliance("what a copy of a signer shares", "40c7234a8d27"),
        "RequestSigner.handler": Reliance("what request-created calls", "363c5c2f19e6"),
        "RequestSigner.sign": Reliance("emits on its own emitter", "2837b48117d2"),
        "RequestSigner._choose_signer": Reliance("emits on its own emitter", "57ddf81da2d5"),
        "RequestSigner.generate_presigned_url": Reliance(
            "takes the request's context along", "beb9e80992a3"
        ),
        "generate_presigned_url": Reliance(
            "goes through the same events as a call", "e01fad133cd1"
        ),
        "_should_use_global_endpoint": Reliance("is asked of the store's client", "49c5eee39aac"),
    },
    "botocore.utils": {
        "S3RegionRedirectorv2.redirect_from_error": Reliance(
            "keeps to `redirected`", "e908b2b495e2 82f159f18762 4c72743ade09"
        ),
        "S3RegionRedirectorv2.annotate_request_context": Reliance(
            "sets `s3_redirect`", "13d3abf8b11a"
        ),
        "S3RegionRedirectorv2.redirect_from_cache": Reliance(
            "only by the bucket's name", "83278cac55f8 50963c91ed4e"
        ),
        "S3ExpressIdentityResolver.resolve_s3express_identity": Reliance(
            "the last one wins", "44407d473fce"
        ),
    },
    "botocore.handlers": {
        "handle_copy_source_param": Reliance("takes a dict or a text", "6b49fdcd62b2"),
        "_decode_list_object": Reliance("runs behind the mapping of names", "d2fd9b26d4ee"),
    },
    "botocore.config": {
        "Config.merge": Reliance(
            "all there is to a Config are the options that it was given", "15f93333de29"
        ),
    },
    "boto3.crt": {
        "_initialize_crt_transfer_primatives": Reliance(
            "with no credentials it still begins", "6e9c3822d11b"
        ),
        "is_crt_compatible_request": Reliance(
            "no client without `_get_credentials` is", "371224e7a072"
        ),
        "create_crt_transfer_manager": Reliance(
            "gives none to a client that isn't compatible", "84027b288821 8c4cd9bc3f1d"
        ),
    },
    "boto3.s3.inject": {
        "inject_s3_transfer_methods": Reliance(
            "what uploads, by the arguments Bucket and Key", "09e451976653"
        ),
    },
    "boto3.session": {
        "Session.resource": Reliance("a resource whose `meta.client` can be set", "ed9de3f92358"),
    },
    "s3transfer.manager": {
        "TransferManager._add_operation_defaults": Reliance("asks `meta.config`", "47c056f01539"),
    },
    "fsspec.asyn": {
        "AsyncFileSystem._copy": Reliance(
            "hands options that it doesn't know on to `_cp_file`", "40ca55d1fb5e"
        ),
        "sync": Reliance("waits in its caller's thread, which Ctrl-C interrupts", "2023a7d4cb56"),
    },
    "aiobotocore.client": {
        "AioBaseClient._make_api_call": Reliance(
            "the order of events, and the context", "98c0301a7f7c 4c472e5f5330"
        ),
        "AioBaseClient._make_request": Reliance(
            "sends through `_endpoint.make_request`", "15eb9ed7c225"
        ),
        "AioBaseClient._resolve_endpoint_ruleset": Reliance(
            "asks twice, with no other task between", "de35e945eb8e"
        ),
        "AioBaseClient.close": Reliance("what `close` of a client stands for", "637b93c220d3"),
        "AioClientCreator._register_legacy_retries": Reliance(
            "the retry handler's unique id", "cc039dfde8ff"
        ),
        "AioClientCreator._register_s3_events": Reliance(
            "redirects, presigning's default", "3a314f0e2fb5"
        ),
    },
    "aiobotocore.endpoint": {
        "AioEndpoint._send_request": Reliance("signs anew for each attempt", "11aee2d75068"),
        "AioEndpoint._needs_retry": Reliance(
            "what is emitted on needs-retry", "a58da8b377db be0c8637aab1"
        ),
    },
    "aiobotocore.hooks": {
        "AioHierarchicalEmitter._emit": Reliance("awaits what handlers give", "36ee10a6464b"),
    },
    "aiobotocore.httpsession": {
        "AIOHTTPSession.send": Reliance(
            "asks `_get_session` for what sends", "d0505f51d841 22e1e4d802c9"
        ),
        "AIOHTTPSession._get_session": Reliance(
            "gives an aiohttp.ClientSession", "e8ba23fa117f 0ad6b801faee"
        ),
    },
    "aiobotocore.regions": {
        "AioEndpointRulesetResolver.construct_endpoint": Reliance(
            "emits on its own emitter", "9734734c7988 5623c323220e"
        ),
    },
    "aiobotocore.session": {
        "AioSession._create_client": Reliance(
            "asks `credential_provider` unless given keys", "72214215e316 04cb06e6d0d6"
        ),
        "AioSession.get_credentials": Reliance("asks `credential_provider`", "575b3a145766"),
    },
    "aiobotocore.signers": {
        "AioRequestSigner.sign": Reliance("emits on its own emitter", "206814af49aa"),
        "AioRequestSigner.get_auth_instance": Reliance(
            "awaits `get_frozen_credentials`", "837e2d1ff92f ad1eeaabc2d7"
        ),
        "generate_presigned_url": Reliance(
            "goes through the same events as a call", "c01bcb242eb0"
        ),
    },
    "s3fs.core": {
        "S3FileSystem.set_session": Reliance(
            "takes its client from `session`; how it closes it", "684ea0842377 e260011894bf"
        ),
        "S3FileSystem.close_session": Reliance("leaves the client's context", "2ddd848b2732"),
        "S3FileSystem._call_s3": Reliance(
            "every call but presigning goes through it", "a68724e6d82b"
        ),
        "S3FileSystem._rm": Reliance("what is done here in its place", "55a33c2ad8f1"),
        "S3FileSystem._bulk_delete": Reliance(
            "says nothing of what could not be deleted", "37d584b0012e"
        ),
        "S3FileSystem._info": Reliance(
            "asks for an object before it asks for a folder", "ccba0a0eb18f 959a24aa3f2c"
        ),
        "S3FileSystem._exists": Reliance(
            "takes any error for a bucket that isn't there", "21787e06dc84 84053e77cec1"
        ),
        "S3FileSystem._mkdir": Reliance("makes a bucket that isn't there", "db49600226c0"),
        "S3FileSystem._rmdir": Reliance(
            "deletes the bucket, whatever it is called", "50345083294f"
        ),
        "S3FileSystem._cp_file": Reliance(
            "takes a slash at the end off, and copies a folder's name", "93866b727d0c"
        ),
        "S3FileSystem._copy_basic": Reliance("copies exactly this name", "4b92e068febf"),
        "S3FileSystem._ls": Reliance(
            "looks for an object in the list of the folder above", "e0be34f9564b"
        ),
        "S3FileSystem._isdir": Reliance(
            "lists a bucket to know whether it is there", "dec9b8b8481a"
        ),
        "S3FileSystem._open": Reliance(
            "takes a `size`, and then asks for none", "81202d4db883 f97ae4a09807"
        ),
    },
}
"""By module and name."""


def state(module: str, name: str) -> State:
    """The state of a function that is relied on, of a library that is installed."""
    try:
        function: Any = importlib.import_module(module)
        for part in name.split("."):
            function = getattr(function, part)
        return "tested" if _digest(function) in RELIED_ON[module][name].digests else "changed"
    except ImportError as error:
        return "unused" if (error.name or "").partition(".")[0] == "awscrt" else "gone"
    except AttributeError:
        return "gone"
    except OSError:
        return "unreadable"


def _digest(function: Any) -> str:
    """A digest of a function's code, the same whatever its comments, docstring and Python say."""
    source = textwrap.dedent(inspect.getsource(function))
    lines = source.splitlines()
    definition: Any = ast.parse(source).body[0]
    first = definition.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        del lines[first.lineno - 1 : first.end_lineno]
    code = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()[:12]
