"""Routes over servers, and what is found of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from s3r_spark import doctor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from servers.store import Store

    from s3r_spark.diagnosis.findings import Diagnosis, Finding


def entry(store: Store, **more: Any) -> dict[str, Any]:
    """A store as an entry of `clients` has it; None leaves a key out."""
    keys = {"access_key": store.access_key, "secret_key": store.secret_key}
    trust = {"ca_bundle": str(store.ca_bundle)} if store.ca_bundle else {}
    data = {
        "service": store.kind,
        "endpoint_url": store.endpoint_url,
        "region": store.region,
        "credentials": keys,
        **trust,
        **more,
    }
    return {key: value for key, value in data.items() if value is not None}


def routes(*, bucket: str = "data", **clients: Mapping[str, Any]) -> dict[str, Any]:
    """A profile for each client, of its own logical bucket, all on one physical bucket's name."""
    profiles = {
        name: {"client": name, "source_bucket_pattern": f"of-{name}", "mapped_bucket_name": bucket}
        for name in clients
    }
    return {"clients": clients, "profiles": profiles, "unmatched": "refuse"}


def bad(entry: Mapping[str, Any], **asked: Any) -> str:
    """The one thing that is wrong with a client, as people read it."""
    (finding,) = doctor(routes(one=entry), **asked).bad
    return f"{finding.check}: {finding.text}: {finding.mend}" if finding.mend else str(finding.text)


def checks(findings: tuple[Finding, ...]) -> dict[str, str]:
    """States by check."""
    return {finding.check: finding.state for finding in findings}


class Measured(NamedTuple):
    """A folder that was written to, to try and to measure, and what was there afterwards."""

    diagnosis: Diagnosis
    changed: set[str]
    versions: dict[str, Any]
    uploads: dict[str, Any]


@pytest.fixture(scope="package")
def measured(north_store: Store) -> Measured:
    """`doctor(write=True)` over a profile's folder of a bucket with versions."""
    store = north_store
    store.forget_requests()
    store.make_bucket("data")
    client = store.client()
    client.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    store.put("data", "in/team2/a/b", b"x")
    rule = {
        "client": "one",
        "source_bucket_pattern": "shared",
        "source_key_pattern": "team2/*",
        "mapped_bucket_name": "data",
        "mapped_prefix": "in/team2",
    }
    data = {"clients": {"one": entry(store)}, "profiles": {"p": rule}, "unmatched": "refuse"}
    store.forget_requests()
    diagnosis = doctor(data, write=True, timeout=100)
    changed = {r["path"] for r in store.requests() if r["method"] in {"PUT", "DELETE"}}
    versions = client.list_object_versions(Bucket="data")
    uploads = client.list_multipart_uploads(Bucket="data")
    store.clear()
    return Measured(diagnosis, changed, versions, uploads)
