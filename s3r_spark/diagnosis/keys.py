"""The origin of a client's keys; the keys themselves are never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3r_spark.diagnosis.findings import Finding
from s3r_spark.diagnosis.reasons import reason

if TYPE_CHECKING:
    from s3r_spark.model import Client, Credentials

__all__ = ["keys"]

# What botocore's chain calls its places.
_PLACES = {
    "env": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment",
    "shared-credentials-file": "the AWS credentials file",
    "config-file": "the AWS config file",
    "assume-role": "a role",
    "assume-role-with-web-identity": "a web identity's token",
    "custom-process": "a credential_process of the AWS profile",
    "sso": "AWS SSO",
    "container-role": "the container",
    "iam-role": "the machine (instance metadata)",
}


def keys(client: Client, session: Any) -> Finding:
    """Say where the keys come from; a role is not assumed for it.

    Args:
        client: whose keys.
        session: the boto3.Session that its requests are signed by.
    """
    who = client.credentials
    if who is not None and who.anonymous:
        return Finding("keys", "good", "none: requests are not signed (anonymous: true)")
    if who is not None and who.access_key is not None:
        return Finding("keys", "good", _written(who))
    if who is not None and who.role_arn is not None:
        return Finding("keys", "good", f"the role {who.role_arn}, taken by the usual chain's keys")
    try:
        credentials = session.get_credentials()
    except Exception as error:  # noqa: BLE001 - each place of the chain has errors of its own
        return Finding("keys", "bad", *reason(error, client))
    by = "the AWS profile " + repr(who.aws_profile) if who is not None else "the usual chain"
    if credentials is None:
        text = f"there are no keys: {by} has none"
        mend = "write credentials: {access_key, secret_key}, or anonymous: true for what is public"
        return Finding("keys", "bad", text, mend)
    return Finding("keys", "good", f"{by}: {_PLACES.get(credentials.method, credentials.method)}")


def _written(who: Credentials) -> str:
    fields = {"access_key": who.access_key, "secret_key": who.secret_key}
    fields |= {"session_token": who.session_token} if who.session_token is not None else {}
    origins = [
        f"{name} from {' and '.join(value.names) or 'the file'}"
        for name, value in fields.items()
        if value is not None
    ]
    return ", ".join(origins)
