"""Responses that the router assembles itself, in botocore's parsed form."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


class Answered:
    """Stands for the HTTP response of a call that was answered without a request of its own."""

    content, raw = b"", None

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        self.status_code, self.headers = status, headers


def failure(code: str, message: str, status: int, operation: str) -> ClientError:
    """The error that a store would give."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0},
    }
    return ClientError(response, operation)


def complete(parsed: dict[str, Any]) -> tuple[Answered, dict[str, Any]]:
    """An answer with all that botocore and its users look for, and what stands for its response."""
    meta = parsed.setdefault("ResponseMetadata", {})
    for field, value in (
        ("RequestId", ""),
        ("HTTPStatusCode", 200),
        ("HTTPHeaders", {}),
        ("RetryAttempts", 0),
    ):
        meta.setdefault(field, value)
    return Answered(meta["HTTPStatusCode"], meta["HTTPHeaders"]), parsed
