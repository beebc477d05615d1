"""boto-s3-router's call, `client(client_mapping, profiles)`: ready clients and a dict of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.client import BaseClient

from s3r_spark.errors import RoutesError
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from collections.abc import Mapping


def looks_ready(routes: object) -> bool:
    """Tell whether this is a mapping of ready clients, and not the content of a routes.yaml."""
    return isinstance(routes, dict) and any(isinstance(v, BaseClient) for v in routes.values())


def _say_modes(profiles: Mapping[str, Mapping[str, Any]]) -> None:
    """Let nobody's data move: a prefix alone means something else here than to boto-s3-router.

    Raises:
        RoutesError: a profile has a prefix, and doesn't say which of the two it means.
    """
    problems = [
        f"profiles[{name!r}]: mapped_prefix {profile['mapped_prefix']!r} needs a prefix_mode: "
        "'prepend' puts it before the whole key, as boto-s3-router does; 'replace' puts it in "
        "the place of the pattern's folder, as s3r_spark does by itself"
        for name, profile in profiles.items()
        if profile.get("mapped_prefix") is not None and profile.get("prefix_mode") is None
    ]
    if problems:
        raise RoutesError("\n".join(problems))


def read(
    client_mapping: Mapping[str, BaseClient], profiles: Mapping[str, Mapping[str, Any]] | None
) -> tuple[dict[str, BaseClient], Routes]:
    """The ready clients, and routes between them.

    Raises:
        TypeError: something is not what it must be: a dict of boto3 S3 clients, a dict of dicts.
        ValueError: there is no default client, or a profile can't be used.
    """
    if not isinstance(client_mapping, dict):
        raise TypeError(
            "client_mapping must be a dict of boto3 S3 clients by name, "
            f"not {type(client_mapping).__name__}"
        )
    if not isinstance(profiles, dict):
        raise TypeError(f"profiles must be a dict of dicts, not {type(profiles).__name__}")
    for name, profile in profiles.items():
        if not isinstance(profile, dict):
            raise TypeError(f"profiles[{name!r}] must be a dict, not {type(profile).__name__}")
    for name, client in client_mapping.items():
        if not isinstance(client, BaseClient):
            raise TypeError(
                f"client_mapping[{name!r}] must be a boto3 S3 client, not {type(client).__name__}"
            )
        if client.meta.service_model.service_name != "s3":
            raise TypeError(
                f"client_mapping[{name!r}] must be a boto3 client of S3, "
                f"not of {client.meta.service_model.service_name}"
            )
        if hasattr(client, "_s3r_router"):
            raise TypeError(
                f"client_mapping[{name!r}] routes itself: give its own clients and profiles instead"
            )
    if "default" not in client_mapping:
        raise ValueError(
            "client_mapping has no 'default': the client of all names that no profile matches"
        )
    _say_modes(profiles)
    # The clients are there already, so their entries say nothing.
    routes = Routes.load({"clients": {name: {} for name in client_mapping}, "profiles": profiles})
    return dict(client_mapping), routes
