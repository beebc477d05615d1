"""From a client's entry in routes.yaml to botocore's Config: layers, of which the last one wins."""

# ruff: noqa: SLF001 - private parts of botocore, each listed in s3r_spark.private_apis

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from botocore import UNSIGNED
from botocore.config import Config

from s3r_spark.errors import RoutesError
from s3r_spark.secrets import revealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.model import Client
    from s3r_spark.routing import Routes

_FAIL_FAST = {"connect_timeout": 5, "retries": {"total_max_attempts": 1}}
# Arguments of Config that hold several settings. `proxies` is one: {} says that there are none.
_OF_SEVERAL = ("s3", "retries", "proxies_config")
_ATTEMPTS = {"max_attempts", "total_max_attempts"}  # two words for one setting


def config_of(routes: Routes, name: str, over: Config | None, under: Config | None) -> Config:
    """Make botocore's Config for a client: preset, its own settings, the user's."""
    client = routes.clients[name]
    # The file says where data is, so AWS_ENDPOINT_URL must not say otherwise, as for Spark.
    layers: list[Mapping[str, Any]] = [] if under is None else [under._user_provided_options]
    options: dict[str, Any] = {"ignore_configured_endpoint_urls": True, **client.preset.botocore}
    if not client.preset.payload_checksums:
        options["request_checksum_calculation"] = options["response_checksum_validation"] = (
            "when_required"
        )
    if client.hadoop.get("fs.s3a.endpoint.fips") == "true":
        options["use_fips_endpoint"] = True
    if client.fail_fast:
        options.update(_FAIL_FAST)
    if client.credentials is not None and client.credentials.anonymous:
        options["signature_version"] = UNSIGNED
    if (style := _addressing_style(client)) is not None:
        options["s3"] = {"addressing_style": style}
    layers += options, revealed(client.botocore)  # a proxy's address may hold a password
    if over is not None:
        layers.append(over._user_provided_options)
    try:
        return Config(**reduce(_laid_over, layers))
    except Exception as error:  # botocore raises several kinds, each for one argument
        raise RoutesError(f"{routes.line_of('clients', name)}: botocore: {error}") from error


def _addressing_style(client: Client) -> str | None:
    """Choose the addressing style that S3A has too; None: botocore's own choice.

    By itself it puts it into the path wherever an endpoint is given.
    """
    if client.uses_path_style:
        return "path"
    return None if client.path_style is None and client.endpoint_url is None else "virtual"


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of Config laid over others; of one that holds several settings, those it names."""
    out = {**below, **above}
    for name in _OF_SEVERAL:
        named = {} if above.get(name) is None else above[name]
        if below.get(name) and isinstance(named, dict):
            again = _ATTEMPTS if _ATTEMPTS & named.keys() else ()
            out[name] = {k: v for k, v in below[name].items() if k not in again} | named
    return out
