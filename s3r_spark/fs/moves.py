"""Moves: copies first, and then deletes of what is proven to be somewhere else."""

from __future__ import annotations

import asyncio
import errno
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.core import has_magic
from s3fs.errors import translate_boto_error

from s3r_spark.fs.cancellation import stoppable, together
from s3r_spark.fs.copy_order import in_order
from s3r_spark.fs.progress import Files
from s3r_spark.fs.trees import Trees

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fsspec.callbacks import Callback

    from s3r_spark.fs.copy_order import Copy, Place

_AT_ONCE = 100  # sources that are looked at, and then deleted in one request
_LOOKED_AT = 50  # sources of a move that may have been begun before
_READ = 16 << 20  # bytes that are compared at a time
_NEXT_SECOND = 1.1  # seconds: S3 gives times in whole ones
_CHANGED, _GONE = {"PreconditionFailed", "ConditionalRequestConflict"}, "NoSuchKey"
_STATE = ("ETag", "LastModified", "ContentLength", "VersionId")

Head = dict[str, Any]


class Moves(Trees):
    """s3fs's file system, as far as names change."""

    async def _mv(
        self,
        path1: Any,
        path2: Any,
        recursive: bool = False,
        maxdepth: int | None = None,
        callback: Callback = DEFAULT_CALLBACK,
        **_: Any,
    ) -> None:
        """Copy, then delete what was copied, and nothing else.

        No name is written before what it holds, if that is to be moved as well, was copied. A
        source is deleted only while it is what it was before its copy was made.
        The callback hears of copies; what is left then is to delete by the hundred.

        Raises:
            IsADirectoryError: nothing was copied, since there are only folders.
            OSError: a source was written after it was copied: it stays, and so does its copy.
            ValueError: one version was named, and what would be deleted is the last one; or two
                names would become one, or the names change places.
            RefusedError: a source, or where it would go, may only be read; nothing was copied.
        """
        for name in [path1] if isinstance(path1, str) else path1:
            if self.split_path(name)[2]:
                raise ValueError(f"{name}: a version can be copied, but not moved")
        if self._are_same(path1, path2):
            return
        if recursive and await self._was_begun(path1, path2):
            path1 += "/"  # what is in it is moved, and not it into what is there
        moves = await self._copies(path1, path2, recursive, maxdepth)
        apart = [move for move in moves if move.of != move.to]
        _refuse_one_name(apart)
        self.refuse_changes((name for move in apart for name in (move.source, move.target)), "mv")
        copied: dict[str, Head] = {}
        groups = in_order(apart)
        files = Files(callback, len(apart))
        for group in groups:
            # Folders' markers come last: where one was copied, all was, see _was_begun.
            for is_marker in (False, True):
                some = [move for move in group if move.source.endswith("/") is is_marker]
                work = [
                    files.each(partial(self._moved, move, copied, tree=recursive), *move[:2])
                    for move in some
                ]
                await together(work, self.batch_size)
        if not copied and len(apart) == len(moves):
            raise IsADirectoryError(errno.EISDIR, "A folder is moved by recursive=True", path1)
        await self._delete_copied(apart, copied)

    mv = stoppable(_mv)

    def _are_same(self, path1: Any, path2: Any) -> bool:
        """Tell if two paths, or two lists of them, are the same names, or names of one place."""
        if isinstance(path1, str) and isinstance(path2, str):
            names = [path.rstrip("/") for path in (path1, path2)]
            places = ((self._place(name), self._place(f"{name}/")) for name in names)
            return next(places) == next(places)
        return list(map(self._strip_protocol, path1)) == list(map(self._strip_protocol, path2))

    async def _was_begun(self, path1: Any, path2: Any) -> bool:
        """Tell if a folder's move was begun before: it goes on there, and not into what is there.

        A folder that is moved to one that is there goes into it, as for mv(1). But what is there
        may be what the same move has made before it was stopped: then a file that is still to be
        moved, and isn't empty, has its copy there, or there is nothing but copies.
        """
        if not (isinstance(path1, str) and isinstance(path2, str)) or has_magic(path1):
            return False
        if path1.endswith("/") or path2.endswith("/") or not await self._isdir(path2):
            return False
        root, target = map(self._strip_protocol, (path1, path2))
        if "/" not in root:
            return False  # a bucket's names go into another by themselves, as fsspec has it
        infos = await self._find(root, detail=True)
        sources = {name.removeprefix(root): info["size"] for name, info in infos.items()}
        inside = target + root[root.rindex("/") :]  # where they go to, if that move was none
        for place, begun in ((inside, False), (target, True)):
            if await self._has_copies(root, place, (rest for rest in sources if sources[rest])):
                return begun
        there = await self._listed(target, len(sources))
        if not there.keys() - {"/"} or not there.items() <= sources.items():
            return False
        full = [rest for rest in there if there[rest]]
        return not full or await self._has_copies(root, target, full)

    async def _has_copies(self, root: str, place: str, names: Iterable[str]) -> bool:
        """Tell whether any of the first of names below one folder has its copy below another."""
        work = [self._is_copy(root + name, place + name) for name in islice(names, _LOOKED_AT)]
        return any(await together(work, self.batch_size))

    async def _listed(self, folder: str, most: int) -> dict[str, int]:
        """Sizes of what is in a folder, by the rest of the names; nothing, if it is too much."""
        bucket, key, _ = self.split_path(folder)
        request = {"Bucket": bucket, "Prefix": f"{key}/" if key else ""}
        sizes: dict[str, int] = {}
        while len(sizes) <= most:
            page = await self._call_s3("list_objects_v2", self.kwargs, **request)
            for one in page.get("Contents", []):
                sizes["/" + one["Key"].removeprefix(request["Prefix"])] = one["Size"]
            if not page.get("IsTruncated"):
                return sizes if len(sizes) <= most else {}
            request["ContinuationToken"] = page["NextContinuationToken"]
        return {}

    async def _is_copy(self, name: str, copy: str) -> bool:
        """Tell whether two objects are there, and have the same content."""
        one, other = await self._head(name), await self._head(copy)
        if one is None or other is None or one["ContentLength"] != other["ContentLength"]:
            return False
        if one["ETag"] == other["ETag"]:
            return True
        for start in range(0, one["ContentLength"], _READ):
            span = {"start": start, "end": min(start + _READ, one["ContentLength"])}
            if await self._cat_file(name, **span) != await self._cat_file(copy, **span):
                return False
        return True

    async def _moved(
        self, move: Copy, copied: dict[str, Head], *, tree: bool, callback: Callback
    ) -> bool:
        """Copy an object, and remember what it was before; a folder is passed over, and False."""
        if tree and await self._is_passed_over(move.source):
            return False
        source = await self._head(move.source)
        if source is None:
            if tree and await self._is_but_a_folder(move.source):
                return False
            raise FileNotFoundError(errno.ENOENT, "There is no such object", move.source)
        if move.of[:2] != move.to[:2] and await self._may_be(source, move.target):
            # Written now, they differ from now on if they are two: see _delete_copied.
            await asyncio.sleep(_NEXT_SECOND)
        size = source["ContentLength"]
        if not await self._copy_object(move.source, move.target, size, callback):
            raise PermissionError(
                errno.EACCES,
                "What can't be read back isn't proven; nothing was deleted",
                move.target,
            )
        copied[move.source] = source
        return True

    async def _head(self, path: str) -> Head | None:
        """Look an object up; None: there is none of exactly that name."""
        bucket, key, _ = self.split_path(path)
        try:
            head: Head = await self._call_s3("head_object", self.kwargs, Bucket=bucket, Key=key)
        except FileNotFoundError:
            return None
        return head

    async def _may_be(self, source: Head, target: str) -> bool:
        """Tell whether a name that is to be written may be another one of the source itself.

        That can't be told from addresses alone. But what has no such name, or is in another state,
        is another object.
        """
        try:
            head = await self._head(target)
        except PermissionError:
            return True
        return head is not None and _state(head)[:3] == _state(source)[:3]

    async def _delete_copied(self, moves: Sequence[Copy], copied: dict[str, Head]) -> None:
        """Delete sources that are what they were; one that was written meanwhile is not.

        Neither is one that turns out to be the copy itself: by then it is newer than it was.
        """
        targets = {move.to for move in moves}
        names = sorted({m.source for m in moves if m.source in copied and m.of not in targets})
        changed: list[str] = []
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            heads = await together(map(self._head, some), self.batch_size)
            present = [(name, head) for name, head in zip(some, heads, strict=True) if head]
            same = {name: head for name, head in present if _state(head) == _state(copied[name])}
            changed += [name for name, _ in present if name not in same]
            changed += await self._delete_same(same)
        if changed:
            raise OSError(
                errno.EBUSY,
                "Written after it was copied (or the copy itself under another name), so it was "
                "not deleted",
                ", ".join(changed),
            )

    async def _delete_same(self, heads: Mapping[str, Head]) -> list[str]:
        """Delete objects by their ETags, at which AWS and SeaweedFS look once more.

        Other stores take no notice of them; none that was tried minds them:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html

        Returns:
            Those that have others by now, and stay.

        Raises:
            OSError: something can't be deleted.
        """
        buckets: dict[str, list[dict[str, str]]] = {}
        for name, head in heads.items():
            bucket, key, _ = self.split_path(name)
            buckets.setdefault(bucket, []).append({"Key": key, "ETag": head["ETag"]})
            self.invalidate_cache(self._parent(name))
        changed: list[str] = []
        for bucket, objects in buckets.items():
            delete = {"Objects": objects, "Quiet": True}
            answer = await super()._call_s3("delete_objects", Bucket=bucket, Delete=delete)
            for error in answer.get("Errors", []):
                if error["Code"] in _CHANGED:
                    changed.append(f"{bucket}/{error['Key']}")
                elif error["Code"] != _GONE:
                    raise translate_boto_error(ClientError({"Error": error}, "DeleteObjects"))
        return changed


def _state(head: Head) -> tuple[Any, ...]:
    """Pick what changes when an object is written."""
    return tuple(head.get(field) for field in _STATE)


def _refuse_one_name(moves: Iterable[Copy]) -> None:
    targets: dict[Place, Copy] = {}
    for move in moves:
        other = targets.setdefault(move.to, move)
        if other.of != move.of:
            raise ValueError(
                f"{other.source} and {move.source} can't both be moved to {move.target}"
            )
