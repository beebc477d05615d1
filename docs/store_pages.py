"""A page for each preset of s3r_spark.services: what is known of the store, and from where."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from code_tables import code, table

from s3r_spark.services import SERVICES, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TRAITS = {
    "path_style": "the bucket stands in the path, not in the host name",
    "conditional_writes": "PUT and CompleteMultipartUpload honour `If-None-Match: *`",
    "conditional_deletes": "DELETE honours `If-Match`",
    "byte_ordered_lists": "lists come in the order of the keys' bytes",
    "payload_checksums": "requests may carry the trailing checksums that today's SDKs add",
    "md5_etags": "the ETag of what was put at once, and isn't encrypted, is its MD5",
}

MEASURED_BY_TESTS = ("minio", "ceph", "seaweedfs", "versitygw", "garage")  # tests/servers has them


def pages(notes: Path) -> dict[str, str]:
    """The pages by the service's name in routes.yaml.

    Args:
        notes: a folder that may have more about a service in NAME.md.
    """
    return {name: _page(name, service, notes / f"{name}.md") for name, service in SERVICES.items()}


def _page(name: str, service: Service, notes: Path) -> str:
    address = "" if name == "aws" else f"\n    endpoint_url: https://{name}.example.com"
    region = f"\n    region: {service.region}" if service.region != "us-east-1" else ""
    if name == "aws":
        region = "\n    region: us-east-1"
    parts = [
        f"# {service.title}",
        _source(name, service),
        "```yaml\nclients:\n  " + f"store:\n    service: {name}{address}{region}\n```",
        "## Traits\n\nWhat s3r_spark takes for granted of it, and what not:",
        table(
            ("", "trait"),
            (("yes" if getattr(service, t) else "no", text) for t, text in TRAITS.items()),
        ),
    ]
    if not service.conditional_writes:
        parts.append("Where a trait is “no”, the store lacks it, or nobody has vouched for it.")
    parts += _settings("S3A", {f"fs.s3a.{k}": v for k, v in service.hadoop.items()})
    parts += _settings(
        "S3A over plain http", {f"fs.s3a.{k}": v for k, v in service.hadoop_over_http.items()}
    )
    parts += _settings("boto3", service.botocore)
    if notes.is_file():
        parts.append(notes.read_text(encoding="utf-8").strip())
    return "\n\n".join(parts) + "\n"


def _source(name: str, service: Service) -> str:
    """From where the traits are known, in a sentence."""
    release = service.source.partition("measured: ")[2]
    if release:
        again = ", and the tests do so again" if name in MEASURED_BY_TESTS else ""
        return (
            f"Measured on the real server ({release}): `s3r-spark check --live --write` asks it "
            f"for each trait below{again}."
        )
    if not service.source.startswith("https://"):
        return f"{service.source[0].upper()}{service.source[1:]}."
    if service.title == "AWS S3":
        return f"By its documentation (<{service.source}>), and tested on moto, which plays AWS."
    return (
        f"By its documentation (<{service.source}>). It was not tried here: what that doesn't say "
        "is taken to be missing."
    )


def _settings(what: str, options: Mapping[str, object]) -> list[str]:
    if not options:
        return []
    rows = [(code(name), code(str(value))) for name, value in options.items()]
    return [f"## Settings of {what}", table(("setting", "value"), rows)]


def overview() -> str:
    """All services, with their traits."""
    rows = []
    for name, service in SERVICES.items():
        source = service.source.removeprefix("measured: ") if "measured" in service.source else ""
        marks = ("✓" if getattr(service, trait) else "" for trait in TRAITS)
        rows.append((f"[{service.title}]({name}.md)", code(name), source, *marks))
    short = (
        "path style",
        "conditional writes",
        "conditional deletes",
        "byte order",
        "checksums",
        "MD5 ETags",
    )
    return table(("store", "`service`", "measured on", *short), rows)


assert {field.name for field in fields(Service)} >= set(TRAITS)  # noqa: S101 - a trait that is gone

PARTS: dict[str, Callable[[], str]] = {"stores": overview}
