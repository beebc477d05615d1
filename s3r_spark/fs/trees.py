"""Copies and deletes: of a folder, what is listed below it, each name where it lies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.utils import is_exception
from s3fs.core import MANAGED_COPY_THRESHOLD

from s3r_spark.fs.cancellation import stoppable, together
from s3r_spark.fs.copy_order import Copy, Place, in_order
from s3r_spark.fs.folders import Folders
from s3r_spark.fs.progress import Files, bytes_told, is_heard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsspec.callbacks import Callback

_AT_ONCE = 1000  # names in one delete_objects
_REQUESTS = 3  # of these at a time, as in s3fs
_NO_BUCKET = "NoSuchBucket"


class Trees(Folders):
    """s3fs's file system, as far as it is about what happens to many names at once.

    An object whose name is a routed folder's is none of the tree: it is neither copied, moved nor
    deleted with it, as Spark does not see it.
    """

    async def _copy(  # noqa: PLR0913, PLR0917 - fsspec's parameters
        self,
        path1: Any,
        path2: Any,
        recursive: bool = False,
        on_error: str | None = None,
        maxdepth: int | None = None,
        batch_size: int | None = None,
        callback: Callback = DEFAULT_CALLBACK,
        **options: Any,
    ) -> None:
        """Copy objects: none is written over before it is copied itself, if it is to be.

        In a tree, what is gone since it was listed is passed over; a bucket that is missing is not.
        The callback hears as of fsspec's `get`, but that folders are no files.

        Raises:
            ValueError: there is no such order; nothing was copied.
        """
        on_error = on_error or ("ignore" if recursive else "raise")
        copies = await self._copies(path1, path2, recursive, maxdepth)
        groups = in_order(copies)
        files = Files(callback, len(copies))
        for group in groups:
            work = [
                files.each(partial(self._cp_file, *one[:2], tree=recursive, **options), *one[:2])
                for one in group
            ]
            results = await together(work, batch_size or self.batch_size, return_exceptions=True)
            for error in filter(is_exception, results):
                if on_error != "ignore" or not _is_of_one_object(error):
                    raise error
                files.done()

    copy = stoppable(_copy)

    async def _copies(
        self,
        path1: Any,
        path2: Any,
        recursive: bool,
        maxdepth: int | None,
    ) -> list[Copy]:
        """List what fsspec would copy; of a tree that is a bucket, not the bucket's own name."""
        pairs: list[tuple[str, str]] = []
        await super()._copy(path1, path2, recursive, "raise", maxdepth, pairs=pairs)
        if recursive:
            pairs = [pair for pair in pairs if self.split_path(pair[0])[1]]
        return [Copy(*pair, *map(self._place, pair)) for pair in pairs]

    def _place(self, path: str) -> Place:
        bucket, key, _ = self.split_path(path)
        target = self.routes.resolve(bucket, key)
        service = self.routes.clients[target.client].service_id
        return Place(service, target.bucket, target.key or "")

    async def _cp_file(
        self,
        path1: str,
        path2: str,
        *,
        tree: bool = False,
        pairs: list[tuple[str, str]] | None = None,
        **options: Any,
    ) -> bool:
        """Copy an object.

        Args:
            path1: the object's name.
            path2: the copy's name.
            tree: whether a folder is passed over: what is in it has names of its own.
            pairs: gets the names, and nothing is copied.
            options: those of s3fs; and `callback`, which hears of bytes.

        Returns:
            Whether there was one, and no folder.
        """
        if pairs is not None:
            pairs.append((path1, path2))
            return False
        if tree and await self._is_passed_over(path1):
            return False
        try:
            await self._copy_object(path1, path2, **options)
        except FileNotFoundError:  # of the source, or of the target's bucket
            if tree and await self._is_but_a_folder(path1):
                return False
            raise
        return True

    async def _copy_object(
        self,
        path1: str,
        path2: str,
        size: int | None = None,
        callback: Callback = DEFAULT_CALLBACK,
        **options: Any,
    ) -> bool:
        """Copy one object, and no folder.

        Args:
            path1: the object's name.
            path2: the copy's name.
            size: in bytes, where it is known.
            callback: hears how many bytes are copied.
            options: those of s3fs.

        Returns:
            Whether the copy is proven: not where who may write it may not read it.
        """
        if not is_heard(callback):
            return await self._copy_silently(path1, path2, size, **options)
        known = (await self._info(path1))["size"] if size is None else size
        with bytes_told(callback, known):
            return await self._copy_silently(path1, path2, size, **options)

    async def _copy_silently(
        self, path1: str, path2: str, size: int | None, **options: Any
    ) -> bool:
        (bucket, key, _), (other, copy, _) = self.split_path(path1), self.split_path(path2)
        across = self.routes.rule(bucket, key).client != self.routes.rule(other, copy).client
        # s3fs would copy large ones in parts, of which no store says anything; and it would ask
        # for the name without a slash at its end.
        if across and not options.pop("preserve_etag", None):
            return await self._carry(path1, path2, **options)
        if key.endswith("/"):
            await self._copy_basic(path1, path2, **options)
        elif size is None or size <= MANAGED_COPY_THRESHOLD:
            await super()._cp_file(path1, path2, **options)
        else:
            await self._copy_managed(path1, path2, size, **options)
        return True

    async def _carry(self, path1: str, path2: str, **options: Any) -> bool:
        (bucket, key, version), (other, copy, fixed) = map(self.split_path, (path1, path2))
        if fixed:
            raise ValueError(f"{path2}: nothing can be copied to a version")
        source = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})
        response = await self._call_s3(
            "copy_object", options, Bucket=other, Key=copy, CopySource=source
        )
        self.invalidate_cache(path2)
        return response["ResponseMetadata"]["Proof"]["target"] is not None

    async def _is_passed_over(self, path: str) -> bool:
        """Tell whether a name in a tree is that of a routed folder, which is none of the tree's."""
        bucket, key, _ = self.split_path(path)
        return self._is_routed_folder(bucket, key) and await self._has_any(bucket, key)

    async def _is_but_a_folder(self, path: str) -> bool:
        """Tell whether there is no object of exactly this name, but others below it."""
        bucket, key, _ = self.split_path(path)
        if key.endswith("/"):
            try:
                await self._call_s3("head_object", self.kwargs, Bucket=bucket, Key=key)
            except FileNotFoundError:
                pass
            else:
                return False
        is_folder: bool = (await self._info(path, refresh=True))["type"] == "directory"
        return is_folder

    async def _rm(
        self,
        path: Any,
        recursive: bool = False,
        maxdepth: int | None = None,
        callback: Callback = DEFAULT_CALLBACK,
        **_: Any,
    ) -> list[str]:
        """Delete objects, or what is listed below a path.

        A bucket goes away with what is in it, all versions too, only where it is one bucket of one
        store and all its own. Of others what is listed is deleted, and they stay.

        The callback hears of each request's files at once.

        Raises:
            FileNotFoundError: there is nothing of that name.
            RefusedError: something of it may only be read; then nothing is deleted.
        """
        roots = await self._expand_path(path)
        names: set[str] = set()
        folders: set[str] = set()
        buckets: list[str] = []
        found_any = not recursive
        for root in roots:
            bucket, key, _ = self.split_path(root)
            if not recursive:
                names.add(root)
            elif not key and maxdepth is None and self._is_one_bucket(bucket):
                buckets.append(root)
                found_any = True
            elif (below := await self._find(root, maxdepth=maxdepth)) or await self._exists(root):
                found_any = True
                names.update(n for n in (*below, root) if not self._stays(n))
                folders.update([root] if below and root not in below else [])
        if not found_any:
            raise FileNotFoundError(path)
        self.refuse_changes(names, "rm")
        objects = [name for name in names if self.split_path(name)[1]]
        inside = {root: await self._find(root) for root in buckets if is_heard(callback)}
        files = Files(callback, len({*objects} - folders) + sum(map(len, inside.values())))
        removed: list[str] = []
        for root in buckets:
            removed += await self._rm_bucket(root, inside.get(root, []), files)
        removed += await self._delete(objects, files, folders)
        for root in roots:
            if root in names and not self.split_path(root)[1]:
                await self._rmdir(root)
            self.invalidate_cache(root)
        return removed

    rm = stoppable(_rm)

    async def _rm_bucket(self, bucket: str, names: list[str], files: Files) -> list[str]:
        """Delete a bucket with all that is in it.

        Args:
            bucket: its name.
            names: what somebody wants to hear of; it is deleted first, if that makes no versions.
            files: counts them.
        """
        versioned = bool(names) and await self._is_bucket_versioned(bucket)
        removed = [] if versioned else await self._delete(names, files)
        removed += await super()._rm(bucket, recursive=True)
        if versioned:
            files.done(len(names))
        return removed

    def _stays(self, path: str) -> bool:
        bucket, key, _ = self.split_path(path)
        return not key or self._is_routed_folder(bucket, key)

    async def _delete(
        self, names: Iterable[str], files: Files, folders: Iterable[str] = ()
    ) -> list[str]:
        """Delete objects of any buckets, and count those that are no folders."""

        async def delete(some: list[str]) -> list[str]:
            removed: list[str] = await self._bulk_delete(some)
            files.done(len({*some}.difference(folders)))
            return removed

        buckets: dict[str, list[str]] = {}
        for name in sorted(names):
            buckets.setdefault(self.split_path(name)[0], []).append(name)
        calls = [
            delete(inside[start : start + _AT_ONCE])
            for inside in buckets.values()
            for start in range(0, len(inside), _AT_ONCE)
        ]
        results = await together(calls, _REQUESTS)
        return [name for names in results for name in names]


def _is_of_one_object(error: BaseException) -> bool:
    """Tell if an error says that an object is missing: without its bucket, nothing is copied."""
    if not isinstance(error, FileNotFoundError):
        return False
    cause = error.__cause__
    return not isinstance(cause, ClientError) or cause.response["Error"]["Code"] != _NO_BUCKET
