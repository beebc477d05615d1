"""Checksums of requests, as far as a store knows them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from botocore.utils import conditionally_calculate_md5

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.config import Config

_CHOSEN = "x-amz-sdk-checksum-algorithm"  # what the caller has asked for


def old_where_required(model: Any, params: dict[str, Any], **_: Any) -> None:
    """Send Content-MD5 where a checksum is required and the store may know no others.

    botocore sends a CRC32 then, whatever the settings; older stores miss the Content-MD5 that S3
    has asked for since ever.

    Args:
        model: the operation's.
        params: the request, before its checksum is computed.
    """
    context = params.get("context", {})
    required = model.http_checksum.get("requestChecksumRequired")
    if not required or "request_algorithm" not in context.get("checksum", {}):
        return
    when = getattr(context.get("client_config"), "request_checksum_calculation", None)
    if when == "when_required" and _CHOSEN not in params["headers"]:
        del context["checksum"]
        conditionally_calculate_md5(params)


def register(client: BaseClient) -> None:
    """Let a plain client send them."""
    client.meta.events.register_first("before-call.s3", old_where_required)


def unasked(config: Config) -> Config:
    """Settings by which s3transfer adds no checksums: the store of each call adds its own.

    s3transfer asks its client's settings, which can't be those of the store that a call goes to.
    """
    quiet: Config = copy.copy(config)
    quiet.request_checksum_calculation = "when_required"
    return quiet
