"""Notices when what the router rests on in botocore and boto3 is no longer what was tested."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import textwrap

import pytest

from s3r_spark.boto.pinned import RELIED_ON

# By function, the oldest release's first: boto3 1.36.0, 1.38.0, 1.40.0, 1.42.0, 1.43.0 and 1.44.5.
SEEN: dict[str, set[str]] = {
    "botocore.client:BaseClient._make_api_call": {
        "d85df6c7a797",
        "6e2ad2885000",
        "c10abb352f77",
        "81a60d6ae146",
    },
    "botocore.client:BaseClient._emit_api_params": {"5173e7f7950a"},
    "botocore.client:BaseClient._make_request": {"76812e1bac73"},
    "botocore.client:BaseClient._resolve_endpoint_ruleset": {"36503361a8b0"},
    "botocore.client:BaseClient._register_handlers": {"cccf38f83dbb", "78ec9d677a84"},
    "botocore.client:ClientCreator._register_legacy_retries": {"ab2e8e69f10d"},
    "botocore.client:ClientCreator._register_s3_events": {"bd6358fa6c02"},
    "botocore.client:ClientCreator._set_s3_presign_signature_version": {"2b5190c05c45"},
    "botocore.endpoint:Endpoint.__init__": {"70fd88db5f51"},
    "botocore.endpoint:Endpoint._send_request": {"250b241ee2fd"},
    "botocore.endpoint:Endpoint._needs_retry": {"552e8fdaed9b", "c7f0e3ef8eff"},
    "botocore.hooks:HierarchicalEmitter._emit": {"1608dcd8cb3e"},
    "botocore.regions:EndpointRulesetResolver.construct_endpoint": {"40c1736596c2", "3fc3ec043e17"},
    "botocore.regions:EndpointRulesetResolver._get_customized_builtins": {"56c276b3bc92"},
    "botocore.regions:EndpointRulesetResolver.auth_schemes_to_signing_ctx": {
        "5bc2625db1d2",
        "b3cb13e6ccf9",
    },
    "botocore.signers:RequestSigner.__init__": {"e8162c886306"},
    "botocore.signers:RequestSigner.handler": {"d933d1047b47"},
    "botocore.signers:RequestSigner.sign": {"447b2b7ced7c"},
    "botocore.signers:RequestSigner._choose_signer": {"1a164af6ba38"},
    "botocore.signers:RequestSigner.generate_presigned_url": {"f90e1ceb9a2f"},
    "botocore.signers:generate_presigned_url": {"44f14346d1ee"},
    "botocore.signers:_should_use_global_endpoint": {"d16e2541cf29"},
    "botocore.utils:S3RegionRedirectorv2.redirect_from_error": {
        "7f52a9e01b37",
        "2207ddd9e23b",
        "c919fc7fd2ef",
    },
    "botocore.utils:S3RegionRedirectorv2.annotate_request_context": {"1893d9f05dc5"},
    "botocore.utils:S3RegionRedirectorv2.redirect_from_cache": {"b2a99cc9a097", "f6aea4342b33"},
    "botocore.utils:S3ExpressIdentityResolver.resolve_s3express_identity": {"b6235c74a118"},
    "botocore.handlers:handle_copy_source_param": {"555f529e6ef9"},
    "botocore.handlers:_decode_list_object": {"2390a33a6475"},
    "boto3.session:Session.resource": {"1382095fd26c"},
}


def digest(name: str) -> str:
    """A digest of a function's code, the same whatever its comments and docstrings say."""
    module, _, path = name.partition(":")
    found = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    tree = ast.parse(textwrap.dedent(inspect.getsource(found)))
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:12]


@pytest.mark.parametrize("name", RELIED_ON)
def test_what_is_relied_on_is_as_it_was_tested(name: str) -> None:
    """Where it isn't: read what changed, run all tests on that release, and add the digest."""
    assert digest(name) in SEEN[name], RELIED_ON[name]
