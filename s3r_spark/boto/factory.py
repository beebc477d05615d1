"""`client` and `resource`: what boto3 gives, for all stores of the routes."""

# ruff: noqa: SLF001 - private parts of botocore, each listed in s3r_spark.private_apis

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Literal, cast

from botocore import UNSIGNED
from botocore.config import Config

from s3r_spark.boto import boto_s3_router, checksums, stores
from s3r_spark.boto.credentials import session
from s3r_spark.boto.hooks import Hooks
from s3r_spark.boto.requests import Requests
from s3r_spark.boto.routed import mixed_in
from s3r_spark.boto.router import Router
from s3r_spark.boto.stores import Stores
from s3r_spark.errors import RefusedError
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.client import BaseClient
    from mypy_boto3_s3 import S3Client, S3ServiceResource

    from s3r_spark.routing import RoutesLike

Names = Literal["logical", "physical"]


def client(
    routes: RoutesLike | Mapping[str, BaseClient] | None = None,
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    names: Names = "logical",
    config: Config | None = None,
    **others: Any,
) -> S3Client:
    """A boto3 S3 client that sends each call to the store that has the bucket and key.

    It is a real boto3 client: every operation, paginator, waiter, transfer, presigned URL and
    exception is boto3's. `ResponseMetadata["Route"]` of an answer says who served it.

    Args:
        routes: as `Routes.load` takes them; None: S3R_ROUTES, or the repository's routes.yaml.
            With `profiles`: boto-s3-router's client_mapping, ready boto3 clients by name.
        profiles: boto-s3-router's profiles, for ready clients.
        names: "logical": answers and errors have the caller's names; "physical": the stores', as
            boto-s3-router gives them.
        config: a botocore.config.Config that is laid over every store's own settings.
        others: none; what boto3 takes beside `config` belongs into a client's entry of the routes.

    Raises:
        RoutesError: the routes can't be used (a ValueError).
        TypeError: the arguments are of the wrong kind.
        ValueError: `names` is neither of the two; or client_mapping and profiles don't go together.
    """
    if others:
        raise TypeError(
            f"client() takes no {', '.join(sorted(others))}: it would mean another thing for each "
            "store, so it stands in the store's entry under clients in the routes"
        )
    if names not in {"logical", "physical"}:
        raise ValueError(f"names must be 'logical' or 'physical', not {names!r}")
    if config is not None and not isinstance(config, Config):
        raise TypeError(f"config must be a botocore.config.Config, not {type(config).__name__}")
    if profiles is None and not boto_s3_router.looks_ready(routes):
        loaded = Routes.load(routes)
        recipe, ordered = stores.recipes(loaded, config), stores.byte_ordered(loaded)
        router = Router(
            loaded, Stores(stores.maker(recipe), {}, ordered), physical=names == "physical"
        )
        return _routed(router, lambda: (_again, (loaded, names, *_said(config))))
    ready, loaded = boto_s3_router.read(cast("Mapping[str, BaseClient]", routes), profiles)
    if config is not None:
        raise TypeError("ready clients keep their own config: give it when you make them")
    live = Stores(None, ready, stores.byte_ordered_at)
    return _routed(Router(loaded, live, physical=names == "physical"), None)


def _said(config: Config | None) -> tuple[dict[str, Any] | None, bool]:
    """A Config as pickle can take it along: UNSIGNED is itself in its own process only."""
    if config is None:
        return None, False
    options = dict(config._user_provided_options)
    unsigned = options.get("signature_version") is UNSIGNED
    if unsigned:
        del options["signature_version"]
    return options, unsigned


def _again(routes: Routes, names: Names, options: dict[str, Any] | None, unsigned: bool) -> Any:  # noqa: FBT001 - pickle gives no names
    signing = {"signature_version": UNSIGNED} if unsigned else {}
    config = None if options is None else Config(**options, **signing)
    return client(routes, names=names, config=config)


def resource(
    routes: RoutesLike | Mapping[str, BaseClient] | None = None,
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    names: Names = "logical",
    config: Config | None = None,
    **others: Any,
) -> S3ServiceResource:
    """A boto3 S3 resource over `client`, with the same arguments and errors.

    Raises:
        RefusedError: names are to be physical, and a profile maps some: what a list gives would be
            read, or deleted, under another name.
    """
    routed = client(routes, profiles, names=names, config=config, **others)
    if names == "physical":
        loaded = routed._s3r_router.routes
        for rule in loaded.rules:
            if rule.maps:
                raise RefusedError(
                    f"{loaded.line_of('profiles', rule.name)}: a resource asks for what "
                    "its lists give, so with names='physical' it would read and delete other "
                    "objects than it lists, since this profile maps names: leave names out"
                )
    return _resource(routed)


def _resource(routed: Any) -> Any:
    plain = session()
    plain.events.register("creating-resource-class.s3.ServiceResource", _pickled_by_client)
    service = plain.resource("s3", **UNUSED)
    service.meta.client = routed
    return service


def _pickled_by_client(base_classes: list[type], **_: Any) -> None:
    base_classes.insert(0, _Resource)


class _Resource:
    """Mixed into boto3's ServiceResource: made at run time, its class is none that pickle finds."""

    meta: Any

    def __reduce__(self) -> tuple[Any, ...]:
        return _resource, (self.meta.client,)


# The client's own settings are never used: a store's are, for each call. The signature version
# keeps botocore from registering its default for presigning, which is a store's to choose as well.
UNUSED: dict[str, Any] = {
    "region_name": "us-east-1",
    "aws_access_key_id": "none",
    "aws_secret_access_key": "none",
    "config": Config(
        signature_version="s3v4",
        retries={"mode": "legacy"},
        ignore_configured_endpoint_urls=True,
    ),
}


def _routed(router: Router, made_from: Callable[[], tuple[Any, ...]] | None) -> Any:
    unrouted = session()
    unrouted.events.register_last("creating-client-class.s3", mixed_in)
    routed = unrouted.client("s3", **UNUSED)
    router.stores.events = routed.meta.events
    plain = router.stores.plain(router.main)
    meta = copy.copy(plain.meta)
    meta.events = routed.meta.events
    meta._client_config = checksums.unasked(plain.meta.config)
    routed.meta, routed._client_config = meta, plain.meta.config
    routed._s3r_router, routed._s3r_made_from = router, made_from
    Hooks(Requests(router)).install(routed)
    return routed
