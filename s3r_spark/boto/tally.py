"""Counts what each store is asked, as botocore tells of every request and its answer.

What is counted is what is sent: also the requests by which the router answers in several stores'
stead, which their plain clients send.
"""

from __future__ import annotations

import sys
import time
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING, Any

from s3r_spark.boto.calls import CONTEXT
from s3r_spark.boto.error_details import served
from s3r_spark.usage import RoutesReport, Usage, summed

if TYPE_CHECKING:
    from s3r_spark.boto.calls import Call

__all__ = ["Tally"]

_ERROR, _NOT_FOUND = 400, 404  # errors are the first, and above
_WITH_BODY = ("PUT", "POST")
_LENGTH, _DECODED = "Content-Length", "X-Amz-Decoded-Content-Length"

# When the request that this thread, or task, waits for was sent, and how long its body is.
_SENT: ContextVar[tuple[float, int, bool]] = ContextVar("s3r_sent", default=(0.0, 0, False))


class _Counts:
    __slots__ = ("errors", "received", "requests", "seconds", "sent")

    def __init__(self) -> None:
        self.requests = self.errors = self.sent = self.received = 0
        self.seconds = 0.0


class Tally:
    """Usage of the stores of one client, in this process."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str | None], _Counts] = {}
        self._lock = Lock()

    def watch(self, events: Any) -> None:
        """Count the calls of a routing client."""
        events.register("before-send.s3", self._note)
        events.register("response-received.s3", self._count_call)

    def watch_plain(self, events: Any, client: str) -> None:
        """Count what the plain client of a store is asked, for the profile that `serving` names."""

        def count(**said: Any) -> None:
            self._count(client, served(), **said)

        events.register("before-send.s3", self._note)
        events.register("response-received.s3", count)

    def report(self) -> RoutesReport:
        """Sum up what was counted so far."""
        with self._lock:
            rows = [
                Usage(*whose, of.requests, of.errors, of.sent, of.received, of.seconds)
                for whose, of in self._counts.items()
            ]
        return RoutesReport(summed(rows))

    @staticmethod
    def _note(request: Any, **_: Any) -> None:
        length = 0
        if request.method in _WITH_BODY:
            headers = request.headers
            length = int(headers.get(_DECODED) or headers.get(_LENGTH) or 0)
        _SENT.set((time.perf_counter(), length, request.method == "HEAD"))

    def _count_call(self, context: dict[str, Any], **said: Any) -> None:
        call: Call | None = context.get(CONTEXT)
        if call is not None:
            self._count(call.client, call.rule.name, **said)

    def _count(self, client: str, profile: str | None, *, response_dict: Any, **_: Any) -> None:
        start, sent, is_head = _SENT.get()
        received, failed = 0, 1
        if response_dict is not None:
            status = response_dict["status_code"]
            failed = status >= _ERROR and not (is_head and status == _NOT_FOUND)
            received = 0 if is_head else int(response_dict["headers"].get(_LENGTH) or 0)
        with self._lock:
            counts = self._counts.get((client, profile))
            if counts is None:
                counts = self._counts[client, profile] = _Counts()
            counts.requests += 1
            counts.errors += failed
            counts.sent += sent
            counts.received += received
            counts.seconds += time.perf_counter() - start
        _tell_span(client, profile)


def _tell_span(client: str, profile: str | None) -> None:
    """Say on OpenTelemetry's span of the call who has served it, where somebody traces."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is not None:
        span = trace.get_current_span()
        if span.is_recording():
            span.set_attribute("s3r_spark.client", client)
            span.set_attribute("s3r_spark.profile", profile or "")
