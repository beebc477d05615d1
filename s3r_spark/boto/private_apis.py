"""Private parts of botocore and boto3 that the router rests on.

tests/boto/test_private_apis.py holds digests of these functions as they are in releases that the
tests have run on, so that a release that changes one is looked at before it is trusted.
"""

from __future__ import annotations

# Function -> what is relied on.
RELIED_ON = {
    "botocore.client:BaseClient._make_api_call": "the order of events, and what is in the context",
    "botocore.client:BaseClient._emit_api_params": "taken over; for presigning too",
    "botocore.client:BaseClient._make_request": "sends through `_endpoint.make_request`",
    "botocore.client:BaseClient._resolve_endpoint_ruleset": "asks `_ruleset_resolver` twice",
    "botocore.client:BaseClient._register_handlers": "what is registered on request-created",
    "botocore.client:ClientCreator._register_legacy_retries": "the unique id of the retry handler",
    "botocore.client:ClientCreator._register_s3_events": "redirects, presigning's default",
    "botocore.client:ClientCreator._set_s3_presign_signature_version": "not with a version given",
    "botocore.endpoint:Endpoint.__init__": "what a copy of an endpoint shares",
    "botocore.endpoint:Endpoint._send_request": "signs anew for each attempt",
    "botocore.endpoint:Endpoint._needs_retry": "what is emitted on needs-retry",
    "botocore.hooks:HierarchicalEmitter._emit": "the order of handlers",
    "botocore.regions:EndpointRulesetResolver.construct_endpoint": "emits on its own emitter",
    "botocore.regions:EndpointRulesetResolver._get_customized_builtins": "likewise",
    "botocore.regions:EndpointRulesetResolver.auth_schemes_to_signing_ctx": "asked right behind it",
    "botocore.signers:RequestSigner.__init__": "what a copy of a signer shares",
    "botocore.signers:RequestSigner.handler": "what request-created calls",
    "botocore.signers:RequestSigner.sign": "emits on its own emitter",
    "botocore.signers:RequestSigner._choose_signer": "likewise",
    "botocore.signers:RequestSigner.generate_presigned_url": "takes the request's context along",
    "botocore.signers:generate_presigned_url": "goes through the same events as a call",
    "botocore.signers:_should_use_global_endpoint": "is asked of the store's client",
    "botocore.utils:S3RegionRedirectorv2.redirect_from_error": "keeps to `redirected`",
    "botocore.utils:S3RegionRedirectorv2.annotate_request_context": "sets `s3_redirect`",
    "botocore.utils:S3RegionRedirectorv2.redirect_from_cache": "only by the bucket's name",
    "botocore.utils:S3ExpressIdentityResolver.resolve_s3express_identity": "the last one wins",
    "botocore.handlers:handle_copy_source_param": "takes a dict or a text",
    "botocore.handlers:_decode_list_object": "runs behind the mapping of names",
    "botocore.config:Config.merge": "all there is to a Config are the options that it was given",
    "boto3.crt:_initialize_crt_transfer_primatives": "with no credentials it still begins",
    "boto3.crt:is_crt_compatible_request": "no client without `_get_credentials` is",
    "boto3.crt:create_crt_transfer_manager": "gives none to a client that isn't compatible",
    "boto3.s3.inject:inject_s3_transfer_methods": "what uploads, by the arguments Bucket and Key",
    "s3transfer.manager:TransferManager._add_operation_defaults": "asks `meta.config`",
    "boto3.session:Session.resource": "a resource whose `meta.client` can be set",
}
