"""Notices when what the router rests on in botocore and boto3 is no longer what was tested."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import textwrap

import pytest

from s3r_spark.boto.private_apis import RELIED_ON

# By function, the oldest release's first: boto3 1.36.0, 1.38.0, 1.40.0, 1.42.0, 1.43.0 and 1.44.5.
SEEN: dict[str, set[str]] = {
    "botocore.client:BaseClient._make_api_call": {
        "a12bcfc8a1fb",
        "3b75d443f82e",
        "430eb78e379f",
        "7125152f2bce",
    },
    "botocore.client:BaseClient._emit_api_params": {"806e3882e05a"},
    "botocore.client:BaseClient._make_request": {"3a97139f6e7e"},
    "botocore.client:BaseClient._resolve_endpoint_ruleset": {"fbfc0149abd7"},
    "botocore.client:BaseClient._register_handlers": {"b00465f3aba5", "8184a8e3f555"},
    "botocore.client:ClientCreator._register_legacy_retries": {"cc039dfde8ff"},
    "botocore.client:ClientCreator._register_s3_events": {"cdd8bac3a539"},
    "botocore.client:ClientCreator._set_s3_presign_signature_version": {"fed6310c3d56"},
    "botocore.endpoint:Endpoint.__init__": {"63154c37e4c9"},
    "botocore.endpoint:Endpoint._send_request": {"67696ecaf110"},
    "botocore.endpoint:Endpoint._needs_retry": {"63fef080ec6e", "cf3e12862c24"},
    "botocore.hooks:HierarchicalEmitter._emit": {"9da096afc06a"},
    "botocore.regions:EndpointRulesetResolver.construct_endpoint": {"6d4d50f1ea80", "41d052b58e00"},
    "botocore.regions:EndpointRulesetResolver._get_customized_builtins": {"ddc43745b6b4"},
    "botocore.regions:EndpointRulesetResolver.auth_schemes_to_signing_ctx": {
        "98f2f6418922",
        "7365ec20b850",
    },
    "botocore.signers:RequestSigner.__init__": {"40c7234a8d27"},
    "botocore.signers:RequestSigner.handler": {"363c5c2f19e6"},
    "botocore.signers:RequestSigner.sign": {"2837b48117d2"},
    "botocore.signers:RequestSigner._choose_signer": {"57ddf81da2d5"},
    "botocore.signers:RequestSigner.generate_presigned_url": {"beb9e80992a3"},
    "botocore.signers:generate_presigned_url": {"e01fad133cd1"},
    "botocore.signers:_should_use_global_endpoint": {"49c5eee39aac"},
    "botocore.utils:S3RegionRedirectorv2.redirect_from_error": {
        "e908b2b495e2",
        "82f159f18762",
        "4c72743ade09",
    },
    "botocore.utils:S3RegionRedirectorv2.annotate_request_context": {"13d3abf8b11a"},
    "botocore.utils:S3RegionRedirectorv2.redirect_from_cache": {"83278cac55f8", "50963c91ed4e"},
    "botocore.utils:S3ExpressIdentityResolver.resolve_s3express_identity": {"44407d473fce"},
    "botocore.handlers:handle_copy_source_param": {"6b49fdcd62b2"},
    "botocore.handlers:_decode_list_object": {"d2fd9b26d4ee"},
    "botocore.config:Config.merge": {"15f93333de29"},
    "boto3.crt:_initialize_crt_transfer_primatives": {"6e9c3822d11b"},
    "boto3.crt:is_crt_compatible_request": {"371224e7a072"},
    "boto3.crt:create_crt_transfer_manager": {"84027b288821", "8c4cd9bc3f1d"},
    "boto3.s3.inject:inject_s3_transfer_methods": {"09e451976653"},
    "boto3.session:Session.resource": {"ed9de3f92358"},
    "s3transfer.manager:TransferManager._add_operation_defaults": {"47c056f01539"},
}


def digest(name: str) -> str:
    """A digest of a function's code, the same whatever its comments, docstring and Python say."""
    module, _, path = name.partition(":")
    found = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    source = textwrap.dedent(inspect.getsource(found))
    lines = source.splitlines()
    body = ast.parse(source).body[0].body  # type: ignore[attr-defined]  # a function
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        del lines[body[0].lineno - 1 : body[0].end_lineno]
    code = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()[:12]


@pytest.mark.usefixtures("crt")
@pytest.mark.parametrize("name", RELIED_ON)
def test_what_is_relied_on_is_as_it_was_tested(name: str) -> None:
    """Where it isn't: read what changed, run all tests on that release, and add the digest."""
    assert digest(name) in SEEN[name], RELIED_ON[name]
