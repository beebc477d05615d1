"""Routes over servers, and what is found of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3r_spark import doctor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from servers.store import Store

    from s3r_spark.diagnosis.findings import Finding


def entry(store: Store, **more: Any) -> dict[str, Any]:
    """A store as an entry of `clients` has it; None leaves a key out."""
    keys = {"access_key": store.access_key, "secret_key": store.secret_key}
    trust = {"ca_bundle": str(store.ca_bundle)} if store.ca_bundle else {}
    said = {
        "service": store.kind,
        "endpoint_url": store.endpoint_url,
        "region": store.region,
        "credentials": keys,
        **trust,
        **more,
    }
    return {key: value for key, value in said.items() if value is not None}


def routes(*, bucket: str = "data", **clients: Mapping[str, Any]) -> dict[str, Any]:
    """A profile for each client, of its own logical bucket, all on one physical bucket's name."""
    profiles = {
        name: {"client": name, "source_bucket_pattern": f"of-{name}", "mapped_bucket_name": bucket}
        for name in clients
    }
    return {"clients": clients, "profiles": profiles, "unmatched": "refuse"}


def bad(entry: Mapping[str, Any], **asked: Any) -> str:
    """The one thing that is wrong with a client, as people read it."""
    (found,) = doctor(routes(one=entry), **asked).bad
    return f"{found.check}: {found.text}: {found.mend}" if found.mend else str(found.text)


def checks(findings: tuple[Finding, ...]) -> dict[str, str]:
    """States by check."""
    return {found.check: found.state for found in findings}
