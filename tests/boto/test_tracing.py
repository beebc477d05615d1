"""OpenTelemetry's spans of boto3 calls say which client and profile has served them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from spark.places import client

import s3r_spark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Where the spans of botocore's calls go."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    untyped: Any = BotocoreInstrumentor
    instrumentor = untyped()
    instrumentor.instrument(tracer_provider=provider)
    yield exporter
    instrumentor.uninstrument()


def test_spans_name_client_and_profile(
    spans: InMemorySpanExporter, west: Store, east: Store
) -> None:
    west.make_bucket("lake")
    east.make_bucket("real")
    rule: dict[str, Any] = {"client": "east", "source_bucket_pattern": "lake"}
    rule |= {"source_key_pattern": "team2/*", "mapped_bucket_name": "real"}
    clients = {"default": client(west), "east": client(east)}
    s3 = s3r_spark.client({"clients": clients, "profiles": {"team2": rule}})
    spans.clear()
    s3.put_object(Bucket="lake", Key="team2/a", Body=b"1")
    s3.put_object(Bucket="lake", Key="other", Body=b"1")
    s3.list_objects_v2(Bucket="lake")  # one call, and one to each store
    spans_of_calls = [
        (span.name, attributes.get("s3r_spark.client"), attributes.get("s3r_spark.profile"))
        for span in spans.get_finished_spans()
        if (attributes := span.attributes) is not None
    ]
    assert spans_of_calls[:2] == [
        ("S3.PutObject", "east", "team2"),
        ("S3.PutObject", "default", ""),
    ]
    assert set(spans_of_calls[2:]) == {
        ("S3.ListObjectsV2", "east", "team2"),
        ("S3.ListObjectsV2", "default", ""),
        ("S3.ListObjectsV2", None, None),
    }
