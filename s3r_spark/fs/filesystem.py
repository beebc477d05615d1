"""The file system: s3fs's, over one client for all stores."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from fsspec.asyn import _run_coros_in_chunks, sync_wrapper
from fsspec.utils import stringify_path
from s3fs import S3FileSystem
from s3fs.errors import translate_boto_error

from s3r_spark.errors import UnmatchedError
from s3r_spark.fs.client import RoutedSession
from s3r_spark.fs.options import PROTOCOL, configured, loaded, option
from s3r_spark.routing import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_AT_ONCE = 1000  # names in one delete_objects
_KNOWN = _OF_FSSPEC | set(inspect.signature(S3FileSystem.__init__).parameters) - {"self", "kwargs"}


class _ByRoutes(type(S3FileSystem)):  # type: ignore[misc]  # fsspec's, which caches instances
    """Finds the routes before fsspec looks for an instance that has them already."""

    def __call__(cls, routes: Any = None, **options: Any) -> Any:
        """An instance, new or known."""
        found = configured(cls.protocol) if routes is None else routes
        return super().__call__(routes=option(found), **options)


class S3RFileSystem(S3FileSystem, metaclass=_ByRoutes):  # type: ignore[misc]  # s3fs has no types
    """s3fs's file system, which finds each name in the store where the routes say it is.

    Whatever s3fs offers on one store works over all of them, under logical names: lists are merged
    and show no name that another route's data shadows, copies and renames between stores carry the
    data, and a recursive delete takes what is listed.

    Args:
        routes: the path of a routes.yaml, its content as a dict, or Routes. Without it fsspec's
            configuration says it (its files, FSSPEC_S3R_ROUTES, `register`).
        options: those of s3fs.S3FileSystem that are not about one store, e.g. default_block_size,
            default_cache_type, version_aware, max_concurrency, s3_additional_kwargs; and
            config_kwargs, which are laid over every store's own settings.

    Raises:
        RoutesError: the routes can't be used, or there are none.
        TypeError: an option is a store's own (endpoint_url, key, ...), or none that s3fs knows.
    """

    protocol = PROTOCOL

    def __init__(self, routes: Any, **options: Any) -> None:
        for name, value in list(options.items()):
            if name in _OF_STORES and value in (None, {}, _OF_STORES[name]):
                del options[name]
            elif name in _OF_STORES:
                raise TypeError(
                    f"{name} would mean another thing for each store: it stands in the store's "
                    "entry under clients in the routes"
                )
            elif name not in _KNOWN:
                raise TypeError(f"unexpected option {name!r}")
        self.routes = loaded(option(routes))
        under = {"connect_timeout": self.connect_timeout, "read_timeout": self.read_timeout}
        super().__init__(session=RoutedSession(self.routes, under), **options)

    @property
    def session(self) -> RoutedSession:
        """Where the client comes from.

        An s3fs older than the extra asks for puts a plain session in its place when it connects
        anew, which would send every name to AWS: ours stays.
        """
        return self._session

    @session.setter
    def session(self, given: Any) -> None:
        if isinstance(given, RoutedSession):
            self._session = given

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.protocol, self.storage_options)

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        """The path without `s3r://`, or another of the names that mean the same here."""
        if not isinstance(path, list):
            path = stringify_path(path)
            scheme, _, rest = path.partition("://")
            if rest and scheme in SCHEMES:
                path = f"{cls.protocol}://{rest}"
        return super()._strip_protocol(path)

    def _prepare_config_kwargs(self) -> dict[str, Any]:
        """What is laid over the stores' settings; s3fs's own timeouts stand below them."""
        return dict(self.config_kwargs)

    async def _call_s3(self, method: str, *akwarglist: Any, **kwargs: Any) -> Any:
        """A call; a delete that leaves something is an error, as where a store can't be reached."""
        out = await super()._call_s3(method, *akwarglist, **kwargs)
        if method == "delete_objects" and out.get("Errors"):
            raise translate_boto_error(ClientError({"Error": out["Errors"][0]}, "DeleteObjects"))
        return out

    call_s3 = sync_wrapper(_call_s3)

    # -- buckets and folders that routes meet in ---------------------------------------------------

    def _spans(self, bucket: str) -> bool:
        """Whether names of a bucket are not all where a call for the bucket itself goes.

        Raises:
            UnmatchedError: no profile matches it, and the file says `unmatched: refuse`.
        """
        rules = self.routes.under(bucket) or [self.routes.rule(bucket, "")]
        return len(rules) > 1 or rules[0].key_pattern != "*"

    def _is_routed_folder(self, bucket: str, key: str) -> bool:
        """Whether a name is a folder that lies in one other place than an object of that name.

        `team2` is such a one where a profile takes `team2/*`. Spark knows it as the folder alone,
        and what is asked about it here must not depend on the store that has no part in it.
        """
        below = self.routes.under(bucket, f"{key}/") if key and not key.endswith("/") else []
        if len(below) != 1:
            return False
        try:
            return below[0] is not self.routes.rule(bucket, key)
        except UnmatchedError:
            return True

    async def _exists(self, path: str) -> bool:
        bucket, key, _ = self.split_path(path)
        if not bucket or key or not self._spans(bucket):
            found: bool = await super()._exists(path)
            return found
        try:
            await self._info(bucket)
        except FileNotFoundError:
            return False
        return True

    exists = sync_wrapper(_exists)

    async def _info(
        self, path: str, bucket: str | None = None, key: str | None = None, **options: Any
    ) -> Any:
        bucket, key, _ = self.split_path(path)
        if bucket and not key and self._spans(bucket):
            # It is there where any of its stores has its bucket.
            await self._call_s3("list_objects_v2", Bucket=bucket, MaxKeys=1)
            return _folder(bucket)
        if self._is_routed_folder(bucket, key) and await self._has_any(bucket, key):
            return _folder(f"{bucket}/{key}")
        return await super()._info(path, bucket, key, **options)

    async def _has_any(self, bucket: str, folder: str) -> bool:
        asked = {"Bucket": bucket, "Prefix": f"{folder}/", "MaxKeys": 1}
        try:
            return bool((await self._call_s3("list_objects_v2", **asked)).get("Contents"))
        except FileNotFoundError:
            return False

    async def _mkdir(self, path: str, *arguments: Any, **options: Any) -> None:
        bucket, key, _ = self.split_path(path.rstrip("/"))
        if not key or not self._spans(bucket):
            await super()._mkdir(path, *arguments, **options)
        else:  # a folder is nothing that is made; that the place has its bucket must be so already
            asked = {"Bucket": bucket, "Prefix": f"{key}/", "MaxKeys": 1}
            await self._call_s3("list_objects_v2", **asked)

    mkdir = sync_wrapper(_mkdir)

    async def _cp_file(self, path1: str, path2: str, **options: Any) -> None:
        """Copy an object; of a folder nothing is to be copied, so that copies of trees go on."""
        bucket, key, _ = self.split_path(path1)
        if self._is_routed_folder(bucket, key) and await self._has_any(bucket, key):
            return
        try:
            await super()._cp_file(path1, path2, **options)
        except FileNotFoundError:  # of the source, or of the target's bucket
            if (await self._info(path1, refresh=True))["type"] != "directory":
                raise

    async def _rm(
        self,
        path: Any,
        recursive: bool = False,  # noqa: FBT001, FBT002 - as in fsspec
        **options: Any,
    ) -> list[str]:
        """Delete what is listed below a path, and nothing of a name that only a folder has."""
        roots = await self._expand_path(path) if recursive else []
        if not roots or not all(self.split_path(root)[1] for root in roots):
            gone: list[str] = await super()._rm(path, recursive=recursive, **options)
            return gone
        buckets: dict[str, set[str]] = {}
        for root in roots:
            bucket, _, _ = self.split_path(root)
            below = set(await self._find(root))
            if not below and not await self._exists(root):
                raise FileNotFoundError(root)
            # An object whose name is a routed folder's is not copied either (`_cp_file`).
            names = [
                n for n in below | {root} if not self._is_routed_folder(*self.split_path(n)[:2])
            ]
            buckets.setdefault(bucket, set()).update(names)
        calls = [self._bulk_delete(chunk) for names in buckets.values() for chunk in _chunks(names)]
        done = await _run_coros_in_chunks(calls, batch_size=3, nofiles=True)
        for root in roots:
            self.invalidate_cache(root)
            self.invalidate_cache(self._parent(root))
        return [name for names in done for name in names]


def _folder(name: str) -> dict[str, Any]:
    """What s3fs says of a folder."""
    return {"name": name, "type": "directory", "size": 0, "StorageClass": "DIRECTORY"}


def _chunks(names: set[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


@cache
def class_of(protocol: str) -> type[S3RFileSystem]:
    """The file system's class under another protocol, so that fsspec's configuration applies."""
    if protocol == PROTOCOL:
        return S3RFileSystem
    name = f"{S3RFileSystem.__name__}_{protocol}"
    return _ByRoutes(name, (S3RFileSystem,), {"protocol": protocol, "__module__": __name__})


def _again(protocol: str, options: dict[str, Any]) -> S3RFileSystem:
    return class_of(protocol)(**options)
