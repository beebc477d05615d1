"""The file system: s3fs's, over one client for all stores."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from fsspec.asyn import sync_wrapper
from fsspec.utils import stringify_path
from s3fs import S3FileSystem
from s3fs.errors import translate_boto_error

from s3r_spark.fs.moves import Moves
from s3r_spark.fs.routes_option import PROTOCOL, RoutesValue, configured, loaded, option
from s3r_spark.fs.session import RoutedSession
from s3r_spark.routing import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.usage import RoutesReport

# What is each store's own, with what s3fs has for it where nobody says anything.
_OF_STORES: dict[str, Any] = {
    name: parameter.default
    for name, parameter in inspect.signature(S3FileSystem.__init__).parameters.items()
    if name
    in {
        "anon",
        "cache_regions",
        "client_kwargs",
        "endpoint_url",
        "key",
        "password",
        "secret",
        "session",
        "token",
        "use_ssl",
        "username",
    }
}
_OF_FSSPEC = {"use_listings_cache", "listings_expiry_time", "max_paths"}
_KNOWN = _OF_FSSPEC | set(inspect.signature(S3FileSystem.__init__).parameters) - {"self", "kwargs"}


def checked(options: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Options without those of stores that say nothing.

    Args:
        options: what the file system is to be made with, beside routes.
        where: who said so, for errors.

    Raises:
        TypeError: an option is a store's own, or none that s3fs knows.
    """
    out = dict(options)
    for name, value in options.items():
        if name in _OF_STORES and value in (None, {}, _OF_STORES[name]):
            del out[name]
        elif name in _OF_STORES:
            raise TypeError(
                f"{where}{name} would mean another thing for each store: it stands in the store's "
                "entry under clients in the routes"
            )
        elif name not in _KNOWN:
            raise TypeError(f"{where}unexpected option {name!r}")
    return out


class _ByRoutes(type(S3FileSystem)):  # type: ignore[misc]  # fsspec's, which caches instances
    """Finds the routes before fsspec looks for an instance that has them already."""

    def __call__(cls, routes: Any = None, **options: Any) -> Any:
        """An instance, new or known."""
        chosen = configured(cls.protocol) if routes is None else routes
        return super().__call__(routes=option(chosen), **options)


class S3RFileSystem(Moves, metaclass=_ByRoutes):
    """s3fs's file system, which finds each name in the store where the routes say it is.

    Whatever s3fs offers on one store works over all of them, under logical names: lists are merged
    and show no name that another route's data shadows, copies and renames between stores carry the
    data, and a recursive delete takes what is listed.

    Args:
        routes: the path of a routes.yaml, its content as a dict, or Routes. Without it fsspec's
            configuration says it (its files, FSSPEC_S3R_ROUTES, `register`), or else S3R_ROUTES, or
            it is the repository's routes.yaml.
        options: those of s3fs.S3FileSystem that are not about one store, e.g. default_block_size,
            default_cache_type, version_aware, max_concurrency, s3_additional_kwargs; and
            config_kwargs, which are laid over every store's own settings.

    Raises:
        RoutesError: the routes can't be used, or there are none.
        TypeError: an option is a store's own (endpoint_url, key, ...), or none that s3fs knows.
    """

    protocol = PROTOCOL

    def __init__(self, routes: Any, **options: Any) -> None:
        options = checked(options)
        self.routes = loaded(option(routes))
        under = {"connect_timeout": self.connect_timeout, "read_timeout": self.read_timeout}
        super().__init__(session=RoutedSession(self.routes, under), **options)

    def __repr__(self) -> str:
        return f"<{PROTOCOL}:// file system by the routes {self.routes.name!r}>"

    @property
    def session(self) -> RoutedSession:
        """The session that the client comes from.

        An s3fs older than the extra asks for puts a plain session in its place when it connects
        anew, which would send every name to AWS: ours stays.
        """
        return self._session

    @session.setter
    def session(self, value: Any) -> None:
        if isinstance(value, RoutedSession):
            self._session = value

    def routes_report(self) -> RoutesReport:
        """Tell what each store has served this file system, by client and profile of the routes."""
        return self.session.tally.report()

    def to_dict(self, *, include_password: bool = True) -> dict[str, Any]:
        """Make what `to_json` writes.

        Raises:
            TypeError: it was made with Routes, which JSON has no form for.
        """
        if isinstance(self.storage_options["routes"], RoutesValue):
            raise TypeError(
                f"{self.routes!r} can be pickled, but not written as JSON: make the file system "
                "with the path of a routes.yaml, or its content as a dict"
            )
        out: dict[str, Any] = super().to_dict(include_password=include_password)
        return out

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        """The path without `s3r://`, or another of the names that mean the same here."""
        if not isinstance(path, list):
            path = stringify_path(path)
            scheme, separator, rest = path.partition("://")
            if separator and scheme in SCHEMES:
                path = f"{cls.protocol}://{rest}"
        return super()._strip_protocol(path)

    def _prepare_config_kwargs(self) -> dict[str, Any]:
        """Make what is laid over the stores' settings; s3fs's own timeouts stand below them."""
        return dict(self.config_kwargs)

    async def _call_s3(self, method: str, *akwarglist: Any, **kwargs: Any) -> Any:
        """A call; a delete that leaves something is an error, as where a store can't be reached."""
        out = await super()._call_s3(method, *akwarglist, **kwargs)
        if method == "delete_objects" and out.get("Errors"):
            raise translate_boto_error(ClientError({"Error": out["Errors"][0]}, "DeleteObjects"))
        return out

    call_s3 = sync_wrapper(_call_s3)


@cache
def class_of(protocol: str) -> type[S3RFileSystem]:
    """The file system's class under another protocol, so that fsspec's configuration applies."""
    if protocol == PROTOCOL:
        return S3RFileSystem
    name = f"{S3RFileSystem.__name__}_{protocol}"
    return _ByRoutes(name, (S3RFileSystem,), {"protocol": protocol, "__module__": __name__})


def __getattr__(name: str) -> type[S3RFileSystem]:
    """The classes that `class_of` makes, by the names that pickle and JSON have for them."""
    stem, _, protocol = name.partition("_")
    if stem != S3RFileSystem.__name__ or not protocol:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return class_of(protocol)
