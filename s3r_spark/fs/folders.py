"""Buckets and folders in which routes meet: what is there, and what may be made or removed."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

from botocore.exceptions import NoCredentialsError
from fsspec.asyn import sync_wrapper
from s3fs import S3FileSystem

from s3r_spark import globs
from s3r_spark.boto.buckets import refuse_shared
from s3r_spark.errors import RefusedError, UnmatchedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from s3r_spark.fs.aio_stores import AioStores
    from s3r_spark.routing import Routes

_WITHOUT_CONSTRAINT = {None, "us-east-1", "aws-global"}  # where a new bucket lies by itself


class Folders(S3FileSystem):
    """s3fs's file system, as far as it is about buckets and folders.

    Attributes:
        routes: which name goes where.
    """

    routes: Routes

    # -- what a name is ----------------------------------------------------------------------------

    def _spans(self, bucket: str) -> bool:
        """Tell whether names of a bucket are not all where a call for the bucket itself goes.

        Raises:
            UnmatchedError: no profile matches it, and the file says `unmatched: refuse`.
        """
        rules = self.routes.under(bucket) or [self.routes.rule(bucket, "")]
        return len(rules) > 1 or rules[0].key_pattern != "*"

    def _is_one_bucket(self, bucket: str) -> bool:
        """Tell whether a logical bucket is a physical one, and nobody else's data lies in that."""
        if self._spans(bucket):
            return False
        try:
            rule = self.routes.rule(bucket, None)
            refuse_shared(self.routes, rule, bucket, "DeleteBucket")
        except RefusedError:
            return False
        return True

    def _is_routed_folder(self, bucket: str, key: str) -> bool:
        """Tell whether a name is a folder that lies in one other place than an object of that name.

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

    async def _stores(self) -> AioStores:
        await self.set_session()
        stores: AioStores = self._s3creator.stores
        return stores

    async def _has_any(self, bucket: str, folder: str) -> bool:
        request = {"Bucket": bucket, "Prefix": f"{folder}/", "MaxKeys": 1}
        try:
            return bool((await self._call_s3("list_objects_v2", **request)).get("Contents"))
        except FileNotFoundError:
            return False

    # -- what is there -----------------------------------------------------------------------------

    async def _exists(self, path: str) -> bool:
        path = self._strip_protocol(path)
        bucket, key, _ = self.split_path(path)
        if not bucket or key or not self._spans(bucket):
            exists: bool = await super()._exists(path)
            return exists
        try:
            await self._info(bucket)
        except FileNotFoundError:
            return False
        return True

    exists = sync_wrapper(_exists)

    async def _isdir(self, path: str) -> bool:
        bucket, key, _ = self.split_path(self._strip_protocol(path))
        if bucket and not key and self._spans(bucket):
            return await self._exists(bucket)
        is_folder: bool = await super()._isdir(path)
        return is_folder

    isdir = sync_wrapper(_isdir)

    async def _isfile(self, path: str) -> bool:
        """Tell whether a name is an object's; an error where nobody can tell, as for `exists`."""
        try:
            info = await self._info(path)
        except FileNotFoundError:
            return False
        return bool(info["type"] == "file")

    async def _info(
        self, path: str, bucket: str | None = None, key: str | None = None, **options: Any
    ) -> Any:
        path = self._strip_protocol(path)
        bucket, key, version = self.split_path(path)
        if bucket and not key and self._spans(bucket):
            # It is there where any of its stores has its bucket, whatever ails the others.
            stores = await self._stores()
            await stores.find_bucket(bucket, self.routes.under(bucket), **self.req_kw)
            return _folder(bucket)
        if version or options.get("version_id") or not self._is_routed_folder(bucket, key):
            return await super()._info(path, bucket, key, **options)
        if await self._has_any(bucket, key):
            return _folder(f"{bucket}/{key}")
        return await self._object(path)

    async def _object(self, path: str) -> dict[str, Any]:
        """Look up the object that has a routed folder's name.

        Who has no access to the place of such an object has none: the folder is what is meant.
        """
        try:
            info: dict[str, Any] = await super()._info(path, refresh=True)
        except (PermissionError, UnmatchedError, NoCredentialsError) as error:
            raise FileNotFoundError(path) from error
        if info["type"] == "directory":
            raise FileNotFoundError(path)
        return info

    def refuse_changes(self, names: Iterable[str], action: str) -> None:
        """Refuse to change names that may only be read, before any of them is.

        Raises:
            RefusedError: one of them may.
        """
        for name in names:
            bucket, key, _ = self.split_path(name)
            self.routes.refuse_change(self.routes.rule(bucket, key or None), name, action)

    _object_now = sync_wrapper(_object)

    def _open(self, path: str, mode: str = "rb", *arguments: Any, **options: Any) -> Any:
        """Open a file; where it has a routed folder's name, the object is read, as by `cat`."""
        bucket, key, version = self.split_path(path)
        if "r" not in mode:
            self.refuse_changes([path], "a file that is opened for writing")
        if "r" not in mode or version or not self._is_routed_folder(bucket, key):
            return super()._open(path, mode, *arguments, **options)
        info = self._object_now(path)
        opened = super()._open(path, mode, *arguments, **{"size": info["size"], **options})
        opened.details = info
        return opened

    async def _ls(
        self,
        path: str,
        detail: bool = False,
        refresh: bool = False,
        versions: bool = False,
        **_of_walks: Any,
    ) -> list[Any]:
        path = self._strip_protocol(path)
        bucket, key, _ = self.split_path(path)
        if not self._is_routed_folder(bucket, key):
            listed: list[Any] = await super()._ls(path, detail, refresh, versions)
            return listed
        # Where nothing is in it, s3fs would look for an object in the list of the folder above.
        entries = await self._lsdir(path, refresh, versions=versions)
        entries = entries or [await self._object(path)]
        return entries if detail else sorted(one["name"] for one in entries)

    async def _walk(
        self,
        path: str,
        maxdepth: int | None = None,
        topdown: bool = True,
        on_error: Any = None,
        below: Any = None,
        **options: Any,
    ) -> AsyncIterator[Any]:
        """Walk, and let nobody take half a tree for a whole one, `find` and `glob` to a depth too.

        Args:
            path: the folder.
            maxdepth: how many levels to go down; None: all.
            topdown: whether a folder comes before what is in it.
            on_error: fsspec's; without it only what isn't there is passed over.
            below: what holds for the folders below, to which fsspec doesn't hand on_error on.
            options: those of s3fs.
        """
        if self._strip_protocol(path) in {"", "*"}:
            raise ValueError("Cannot crawl all of S3")  # as s3fs, which knows its own names of it
        on_missing = below or on_error or _pass_over_missing
        options |= {"topdown": topdown, "on_error": on_missing, "below": on_missing}
        async for found in super()._walk(path, maxdepth, **options):
            yield found

    def invalidate_cache(self, path: str | None = None) -> None:
        """Forget lists: of the folders of a path, under all names that they have."""
        super().invalidate_cache(path)
        if path is None:
            return
        bucket, key, _ = self.split_path(path)
        try:
            place = self.routes.resolve(bucket, f"{key.rstrip('/')}/" if key else "")
        except UnmatchedError:
            return
        clients = self.routes.clients
        service = clients[place.client].service_id
        for client in (name for name in clients if clients[name].service_id == service):
            for name in self.routes.names_of(client, place.bucket, place.key or ""):
                # A pattern stands for buckets that can't be told: no list is kept then.
                known = not globs.has_wildcard(name.bucket)
                super().invalidate_cache(f"{name.bucket}/{name.key}" if known else None)

    # -- what is made and removed ------------------------------------------------------------------

    async def _mkdir(self, path: str, *arguments: Any, **options: Any) -> None:
        """Make a bucket; a folder is nothing that is made, but its place must have its bucket.

        Otherwise a mistyped path would make a bucket, in the default store mostly.
        """
        path = self._strip_protocol(path)
        bucket, key, _ = self.split_path(path)
        if key:
            request = {"Bucket": bucket, "Prefix": f"{key}/", "MaxKeys": 1}
            await self._call_s3("list_objects_v2", **request)
            return
        if bucket and not options.get("region_name"):
            store = await (await self._stores()).get(self.routes.rule(bucket, None).client)
            if store.region not in _WITHOUT_CONSTRAINT:
                options["region_name"] = store.region
        await super()._mkdir(path, *arguments, **options)

    mkdir = sync_wrapper(_mkdir)

    async def _rmdir(self, path: str) -> None:
        """Remove an empty bucket, where it is one.

        Raises:
            OSError: something is in it.
            RefusedError: names in it may lie in several stores, or it is shared with others.
        """
        path = self._strip_protocol(path)
        bucket, key, _ = self.split_path(path)
        if key or not bucket or not self._spans(bucket):
            await super()._rmdir(path)
            return
        if (await self._call_s3("list_objects_v2", Bucket=bucket, MaxKeys=1)).get("Contents"):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), bucket)
        raise RefusedError(
            f"rmdir of {bucket!r}: names in it can lie in several buckets, and others' data in "
            "those: ask the stores' own clients"
        )

    rmdir = sync_wrapper(_rmdir)


def _pass_over_missing(error: Exception) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _folder(name: str) -> dict[str, Any]:
    """Make s3fs's entry of a folder."""
    return {"name": name, "type": "directory", "size": 0, "StorageClass": "DIRECTORY"}
