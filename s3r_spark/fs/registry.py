"""Protocols that the file system serves in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fsspec.config import conf
from fsspec.registry import _registry, register_implementation

from s3r_spark.fs.filesystem import checked, class_of
from s3r_spark.fs.routes_option import PROTOCOL, loaded, option

if TYPE_CHECKING:
    from s3r_spark.routing import RoutesLike


class _Before(NamedTuple):
    """The implementation that a protocol had before it was registered here.

    Attributes:
        implementation: fsspec's class for it, if it had loaded or been given one.
        routes: what fsspec's configuration said, if anything.
    """

    implementation: Any
    routes: Any


_BEFORE: dict[str, _Before] = {}  # of the process, as fsspec's own registry is


def register(*protocols: str, routes: RoutesLike | None = None) -> None:
    """Let fsspec use the router for these protocols, for as long as this process lives.

    `s3r` is the router's by the package's installation; others, such as `s3` and `s3a`, become it
    only by this. File systems that are there already stay what they are.

    Args:
        protocols: the names before `://`; none of them means `s3r`.
        routes: the path of a routes.yaml, its content as a dict, or Routes: what these protocols go
            by where storage_options don't say. Without it they go by what fsspec's configuration
            has for `s3r`, or else by S3R_ROUTES or the repository's routes.yaml.

    Raises:
        RoutesError: the routes can't be used.
        TypeError: fsspec's configuration of a protocol holds what is a store's own (key, ...).
    """
    chosen = None if routes is None else option(routes)
    if chosen is not None:
        loaded(chosen)  # what is wrong with them is best said here
    for protocol in protocols or (PROTOCOL,):
        others = {k: v for k, v in conf.get(protocol, {}).items() if k != "routes"}
        checked(others, f"fsspec.config.conf[{protocol!r}]: ")
    for protocol in protocols or (PROTOCOL,):
        settings = conf.setdefault(protocol, {})
        _BEFORE.setdefault(protocol, _Before(_registry.get(protocol), settings.get("routes")))
        register_implementation(protocol, class_of(protocol), clobber=True)
        if chosen is not None:
            settings["routes"] = chosen
        elif protocol != PROTOCOL:
            settings.pop("routes", None)


def unregister(*protocols: str) -> None:
    """Undo `register`: fsspec uses for these protocols what it would without it.

    `s3r` stays the router's, by the routes that it had before.

    Args:
        protocols: the names before `://`; none of them means all that are registered.
    """
    for protocol in protocols or tuple(_BEFORE):
        before = _BEFORE.pop(protocol, None)
        if before is None:
            continue
        if _registry.get(protocol) is class_of(protocol):  # fsspec has no other way back
            _put(_registry, protocol, before.implementation)
        _put(conf.setdefault(protocol, {}), "routes", before.routes)


def _put(where: dict[str, Any], key: str, value: Any) -> None:
    """Set a key, or remove it where there was nothing."""
    if value is None:
        where.pop(key, None)
    else:
        where[key] = value
