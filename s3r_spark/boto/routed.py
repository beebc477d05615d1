"""Methods of the client's class beside boto3's own: all that no hook reaches."""

# ruff: noqa: SLF001 - private parts of botocore, each listed in s3r_spark.private_apis

from __future__ import annotations

import copy
import sys
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any

from boto3.s3.transfer import TransferConfig
from botocore.hooks import first_non_none_response

from s3r_spark.boto.copies import split_source
from s3r_spark.boto.presign import presigned_post
from s3r_spark.boto.transfer_parts import SMALLEST_PART, Carrying, carried

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.router import Router
    from s3r_spark.usage import RoutesReport

_UPLOADS = ("upload_file", "upload_fileobj")


def mixed_in(class_attributes: dict[str, Any], base_classes: list[type], **_: Any) -> None:
    """Let the class that botocore makes for a client begin with `Routed`."""
    class_attributes.pop("generate_presigned_post", None)  # it would come before the mixin's
    for name in _UPLOADS:
        class_attributes[name] = _by_target(class_attributes[name])
    class_attributes["copy"] = _as_one(class_attributes["copy"])
    base_classes.insert(0, Routed)


def _by_target(upload: Callable[..., Any]) -> Callable[..., Any]:
    """An upload by the settings of the store that it goes to.

    s3transfer asks its client's config, not the call's, whether to begin it with a checksum.
    """
    named = signature(upload)

    @wraps(upload)
    def uploading(self: Routed, *args: Any, **kwargs: Any) -> Any:
        try:
            arguments = named.bind(self, *args, **kwargs).arguments
        except TypeError:
            return upload(self, *args, **kwargs)  # which says what is wrong with them
        return upload(self._s3r_set_for(arguments["Bucket"], arguments["Key"]), *args, **kwargs)

    return uploading


def _as_one(copy_of: Callable[..., Any]) -> Callable[..., Any]:
    """A managed copy that between two stores is one copy, in parts of its own.

    s3transfer would have each part copied for itself, and of a part no store says anything that it
    could be held against.
    """
    named = signature(copy_of)

    @wraps(copy_of)
    def copying(self: Routed, *args: Any, **kwargs: Any) -> Any:
        try:
            arguments = named.bind(self, *args, **kwargs).arguments
        except TypeError:
            return copy_of(self, *args, **kwargs)  # which says what is wrong with them
        target = self._s3r_set_for(arguments["Bucket"], arguments["Key"])
        if not self._s3r_is_between(arguments["CopySource"], arguments["Bucket"], arguments["Key"]):
            return copy_of(target, *args, **kwargs)
        del arguments[next(iter(arguments))]  # self
        config = arguments.get("Config") or TransferConfig()
        settings = Carrying(
            part=max(config.multipart_chunksize, SMALLEST_PART),
            largest=config.multipart_threshold - 1,
            threads=config.max_request_concurrency if config.use_threads else 1,
            **({"tell": callback} if (callback := arguments.pop("Callback", None)) else {}),
        )
        arguments["Config"] = TransferConfig(multipart_threshold=sys.maxsize, use_threads=False)
        with carried(settings):
            return copy_of(target, **arguments)

    return copying


class Routed:
    """Mixed into the client's class."""

    meta: Any
    _s3r_router: Router
    _s3r_made_from: Callable[[], tuple[Any, ...]] | None

    def __repr__(self) -> str:
        return f"<S3 client by the routes {self._s3r_router.routes.name!r}>"

    def generate_presigned_post(
        self,
        Bucket: str,
        Key: str,
        Fields: dict[str, Any] | None = None,
        Conditions: list[Any] | None = None,
        ExpiresIn: int = 3600,
    ) -> dict[str, Any]:
        """Make a form that uploads an object to its store without credentials; see boto3."""
        return presigned_post(
            self._s3r_router, (Bucket, Key), Conditions, Fields=Fields, ExpiresIn=ExpiresIn
        )

    def routes_report(self) -> RoutesReport:
        """Report what each store has served this client, by client and profile of the routes."""
        return self._s3r_router.stores.tally.report()

    def close(self) -> None:
        """Close the connections to all stores; those of ready clients are their owner's."""
        self._s3r_router.stores.close()

    def _emit_api_params(self, api_params: Any, operation_model: Any, context: Any) -> Any:
        """As botocore does it, with a copy between the two: what a user's handler gave is his."""
        events, operation = self.meta.events, operation_model.name
        event = {"model": operation_model, "context": context}
        responses = events.emit(f"provide-client-params.s3.{operation}", params=api_params, **event)
        params = dict(first_non_none_response(responses, default=api_params))
        events.emit(f"before-parameter-build.s3.{operation}", params=params, **event)
        return params

    def _get_credentials(self) -> None:
        """None: boto3 then keeps to transfers that send by this client, and so by the routes.

        With awscrt it would upload with a client of its own, which knows one region and no routes.
        """

    def _s3r_set_for(self, bucket: Any, key: Any) -> Routed:
        """This client, under the settings of the store that has an object."""
        if not isinstance(bucket, str) or not isinstance(key, str):
            return self
        store = self._s3r_router.store(self._s3r_router.routes.rule(bucket, key))
        other: Routed = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.meta = copy.copy(self.meta)
        other.meta._client_config = store.config
        return other

    def _s3r_is_between(self, source: Any, bucket: Any, key: Any) -> bool:
        """Tell whether a copy's source lies in another store than the copy will."""
        named = split_source(source)
        if named is None or not isinstance(bucket, str) or not isinstance(key, str):
            return False
        rule = self._s3r_router.routes.rule
        return rule(*named[:2]).client != rule(bucket, key).client

    def __copy__(self) -> Routed:
        """A client is connections and settings that don't change: a copy shares them."""
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> Routed:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if self._s3r_made_from is None:
            raise TypeError(
                "a client made of ready clients can't be pickled, since they can't: make it from "
                "routes (client('routes.yaml')), or make it anew where it is used"
            )
        return self._s3r_made_from()
