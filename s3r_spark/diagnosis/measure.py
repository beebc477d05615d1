"""A store measured, and held against the preset that its client has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from botocore.config import Config

from s3r_spark.diagnosis.buckets import clean
from s3r_spark.diagnosis.findings import Finding
from s3r_spark.diagnosis.reasons import ERRORS
from s3r_spark.diagnosis.traits import TRAITS, Probe
from s3r_spark.diagnosis.wire import Wire
from s3r_spark.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from s3r_spark.boto.stores import Recipe
    from s3r_spark.diagnosis.places import Place
    from s3r_spark.model import Client
    from s3r_spark.services import Service

__all__ = ["Measurement", "entry_for"]

# What a preset promises, and the traits that such a store must have.
_PROMISES: Mapping[str, tuple[str, ...]] = {
    "conditional_writes": ("conditional_put", "conditional_complete"),
    "byte_ordered_lists": ("byte_order", "byte_order_with_delimiter"),
    "payload_checksums": ("header_checksums", "trailing_checksums"),
}
_CONDITIONAL = "fs.s3a.create.conditional.enabled"
_SIGNER = "s3.signing-algorithm"
_OWN_WAYS = ("aws", "lakefs", "oss", "cos")  # services that no other is like
_CHECKSUMS = ("request_checksum_calculation", "response_checksum_validation")
_PLAIN = Config(signature_version="s3v4", **dict.fromkeys(_CHECKSUMS, "when_required"))


class Measurement:
    """The traits of one client's store, as they are found.

    Attributes:
        traits: by name, whether the store has it; None where it can't be told.
    """

    def __init__(self, place: Place, client: Client, recipe: Recipe, prefix: str) -> None:
        self.traits: dict[str, bool | None] = {}
        self._place, self._client, self._recipe, self._prefix = place, client, recipe, prefix

    @property
    def folder(self) -> str:
        """The place of the measurement, for people."""
        return f"s3://{self._place.bucket}/{self._prefix}"

    @property
    def finished(self) -> bool:
        """Tell whether every trait was measured."""
        return len(self.traits) == len(TRAITS)

    def findings(self) -> Generator[Finding, None, None]:
        """Measure; the probe's folder is removed again, whatever happens."""
        s3, bucket = self._recipe.make(), self._place.bucket
        plain = self._recipe._replace(config=self._recipe.config.merge(_PLAIN)).make()
        wire = Wire(self._client, self._recipe, s3, bucket)
        try:
            for trait in TRAITS:
                probe = Probe(s3, plain, wire, bucket, f"{self._prefix}{trait.name}/")
                has: bool | None = None
                if wire.signs:
                    try:
                        has = trait.measure(probe)
                    except ERRORS:  # it answers with an error, or breaks the connection
                        has = False
                self.traits[trait.name] = has
                words = {True: "yes", False: "no", None: "can't be told here"}[has]
                yield Finding("measured", "good" if has else "open", f"{trait.about}: {words}")
            yield from self._against_preset()
        finally:
            left = clean(self._place, s3, self._prefix)
        if left is not None:
            yield left

    def _against_preset(self) -> Iterator[Finding]:
        """Findings where the client asks something else of the store than it does."""
        client = self._client
        for promise, names in _PROMISES.items():
            lacking = [name for name in names if not self.traits[name]]
            if _used(client, promise) and lacking:
                text = f"service {client.kind} counts on {_words(promise)}, which this store lacks"
                text += f" ({', '.join(lacking)})"
                yield Finding("preset", "bad", text, "write what --print-preset shows")
            elif not _used(client, promise) and not lacking:
                text = f"this store has {_words(promise)}, which service {client.kind} doesn't use"
                yield Finding("preset", "open", text, "--print-preset shows what does")
        path = client.uses_path_style
        if self.traits["path_style" if path else "virtual_hosts"] is False:
            text = f"this store doesn't take the bucket in the {'path' if path else 'host name'}"
            yield Finding("preset", "bad", text, f"write path_style: {str(not path).lower()}")
        if _over_http(client) and self.traits["chunked_signing"] is False:
            signer = client.hadoop.get(f"fs.s3a.{_SIGNER}")
            if not signer and _SIGNER not in client.preset.hadoop_over_http:
                text = "this store refuses bodies signed in chunks, as S3A sends them over http"
                yield Finding("preset", "bad", text, "write what --print-preset shows")


def _over_http(client: Client) -> bool:
    return (client.endpoint_url or "").startswith("http:")


def _used(client: Client, promise: str) -> bool:
    """Tell whether a client counts on something, by its preset or by settings of its own."""
    by_preset = bool(getattr(client.preset, promise))
    if promise == "conditional_writes":
        return str(client.hadoop.get(_CONDITIONAL, by_preset)).lower() == "true"
    if promise == "payload_checksums":
        setting = client.botocore.get(_CHECKSUMS[0])
        return by_preset if setting is None else setting == "when_supported"
    return by_preset


def _words(promise: str) -> str:
    return promise.replace("_", " ").replace("byte ordered", "byte-ordered")


def entry_for(name: str, client: Client, traits: Mapping[str, bool | None]) -> str:
    """The entry of a client that fits what was measured, as YAML; its keys are not in it.

    What no single setting can say is the order of lists: so the service is the client's own, unless
    that promises an order that the store lacks, or nothing is known of it; then it is the one that
    promises the most of what the store has. The rest follows as settings.
    """
    has = {promise: all(traits[name] for name in needed) for promise, needed in _PROMISES.items()}
    kind, preset = client.kind, client.preset
    orders = has["byte_ordered_lists"]
    if kind == "generic" or (preset.byte_ordered_lists and not orders):
        kind = max(
            (k for k in SERVICES if k not in _OWN_WAYS and _promises_no_more(SERVICES[k], has)),
            key=lambda k: sum(bool(getattr(SERVICES[k], promise)) for promise in _PROMISES),
        )
    service = SERVICES[kind]
    entry: dict[str, Any] = {"service": kind}
    if client.endpoint_url is not None:
        entry["endpoint_url"] = client.endpoint_url
    if (region := client.region or preset.region) is not None:
        entry["region"] = region
    path = bool(traits["path_style"]) if client.uses_path_style else not traits["virtual_hosts"]
    if path is not service.path_style:
        entry["path_style"] = path
    hadoop, botocore = dict(_hadoop(client, service, traits, has)), {}
    if has["payload_checksums"] is not service.payload_checksums:
        when = "when_supported" if has["payload_checksums"] else "when_required"
        botocore = dict.fromkeys(_CHECKSUMS, when)
    entry |= {
        key: settings for key, settings in (("hadoop", hadoop), ("botocore", botocore)) if settings
    }
    return str(yaml.safe_dump({name: entry}, sort_keys=False))


def _promises_no_more(service: Service, has: Mapping[str, bool]) -> bool:
    return all(has[promise] or not getattr(service, promise) for promise in _PROMISES)


def _hadoop(
    client: Client, service: Service, traits: Mapping[str, bool | None], has: Mapping[str, bool]
) -> Iterator[tuple[str, str]]:
    """S3A's settings for what a store does otherwise than a service says."""
    for promise, option in (
        ("conditional_writes", _CONDITIONAL),
        ("payload_checksums", "fs.s3a.checksum.generation"),
    ):
        if has[promise] is not getattr(service, promise):
            yield option, str(has[promise]).lower()
    if _over_http(client) and traits["chunked_signing"] is False and not service.hadoop_over_http:
        yield f"fs.s3a.{_SIGNER}", "AWS4UnsignedPayloadSignerType"
