"""Copies, moves and deletes: of a folder, what is listed below it, each name where it lies."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from fsspec.asyn import _run_coros_in_chunks, sync_wrapper

from s3r_spark.fs.folders import Folders

if TYPE_CHECKING:
    from collections.abc import Iterable

_AT_ONCE = 1000  # names in one delete_objects


class Trees(Folders):
    """s3fs's file system, as far as it is about what happens to many names at once.

    An object whose name is a routed folder's is none of the tree: it is neither copied, moved nor
    deleted with it, as Spark does not see it.
    """

    async def _copy(
        self,
        path1: Any,
        path2: Any,
        recursive: bool = False,  # noqa: FBT001, FBT002 - as in fsspec, here and below
        *arguments: Any,
        **options: Any,
    ) -> None:
        await super()._copy(path1, path2, recursive, *arguments, tree=recursive, **options)

    async def _cp_file(
        self,
        path1: str,
        path2: str,
        *,
        tree: bool = False,
        copied: dict[str, str] | None = None,
        **options: Any,
    ) -> None:
        """Copy an object.

        Args:
            path1: the object's name.
            path2: the copy's name.
            tree: whether a folder is passed over: what is in it has names of its own.
            copied: gets the names, if the object was copied.
            options: those of s3fs.
        """
        bucket, key, _ = self.split_path(path1)
        if tree and self._is_routed_folder(bucket, key) and await self._has_any(bucket, key):
            return
        try:
            if key.endswith("/"):  # s3fs would ask for the name without it
                await self._copy_basic(path1, path2, **options)
            else:
                await super()._cp_file(path1, path2, **options)
        except FileNotFoundError:  # of the source, or of the target's bucket
            if tree and await self._is_but_a_folder(path1):
                return
            raise
        if copied is not None:
            copied[path1] = path2

    async def _is_but_a_folder(self, path: str) -> bool:
        """Whether there is no object of exactly this name, but others below it."""
        bucket, key, _ = self.split_path(path)
        if key.endswith("/"):
            try:
                await self._call_s3("head_object", self.kwargs, Bucket=bucket, Key=key)
            except FileNotFoundError:
                pass
            else:
                return False
        found: bool = (await self._info(path, refresh=True))["type"] == "directory"
        return found

    async def _mv(
        self,
        path1: Any,
        path2: Any,
        recursive: bool = False,  # noqa: FBT001, FBT002
        maxdepth: int | None = None,
        **_: Any,
    ) -> None:
        """Copy, then delete what was copied, and nothing else.

        Raises:
            IsADirectoryError: nothing was copied, since there are only folders.
            ValueError: one version was named, and what would be deleted is the last one.
        """
        if path1 == path2:
            return
        for name in [path1] if isinstance(path1, str) else path1:
            if self.split_path(name)[2]:
                raise ValueError(f"{name}: a version can be copied, but not moved")
        copied: dict[str, str] = {}
        await self._copy(
            path1, path2, recursive, maxdepth=maxdepth, on_error="raise", copied=copied
        )
        if not copied:
            raise IsADirectoryError(errno.EISDIR, "A folder is moved by recursive=True", path1)
        made = {self._place(name) for name in copied.values()}
        await self._delete(name for name in copied if self._place(name) not in made)

    mv = sync_wrapper(_mv)

    def _place(self, path: str) -> tuple[str | None, str, str | None]:
        """What two names have in common if they are one object's."""
        bucket, key, _ = self.split_path(path)
        target = self.routes.resolve(bucket, key)
        return self.routes.clients[target.client].endpoint_url, target.bucket, target.key

    async def _rm(
        self,
        path: Any,
        recursive: bool = False,  # noqa: FBT001, FBT002
        maxdepth: int | None = None,
        **_: Any,
    ) -> list[str]:
        """Delete objects, or what is listed below a path.

        A bucket goes away with what is in it, all versions too, only where it is one bucket of one
        store and all its own. Of others what is listed is deleted, and they stay.

        Raises:
            FileNotFoundError: there is nothing of that name.
        """
        roots = await self._expand_path(path)
        names: set[str] = set()
        found_any = not recursive
        for root in roots:
            bucket, key, _ = self.split_path(root)
            if not recursive:
                names.add(root)
            elif not key and maxdepth is None and self._is_one_bucket(bucket):
                await super()._rm(root, recursive=True)
                found_any = True
            elif (below := await self._find(root, maxdepth=maxdepth)) or await self._exists(root):
                found_any = True
                names.update(n for n in (*below, root) if not self._stays(n))
        if not found_any:
            raise FileNotFoundError(path)
        done = await self._delete(name for name in names if self.split_path(name)[1])
        for root in roots:
            if root in names and not self.split_path(root)[1]:
                await self._rmdir(root)
            self.invalidate_cache(root)
        return done

    def _stays(self, path: str) -> bool:
        bucket, key, _ = self.split_path(path)
        return not key or self._is_routed_folder(bucket, key)

    async def _delete(self, names: Iterable[str]) -> list[str]:
        """Delete objects of any buckets."""
        buckets: dict[str, list[str]] = {}
        for name in sorted(names):
            buckets.setdefault(self.split_path(name)[0], []).append(name)
        calls = [
            self._bulk_delete(inside[start : start + _AT_ONCE])
            for inside in buckets.values()
            for start in range(0, len(inside), _AT_ONCE)
        ]
        done = await _run_coros_in_chunks(calls, batch_size=3, nofiles=True)
        return [name for names in done for name in names]
