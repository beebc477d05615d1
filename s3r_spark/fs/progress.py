"""Progress of copies, moves and deletes, as fsspec's callbacks hear of it: in the loop's thread."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fsspec.callbacks import NoOpCallback

from s3r_spark.boto.transfer_parts import PART, Carrying, carried

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from fsspec.callbacks import Callback


class Files:
    """Counts the files of one operation for its callback.

    Args:
        callback: hears how many there are, and of each that is done.
        size: how many names there are. Which of them are folders turns out later.
    """

    def __init__(self, callback: Callback, size: int) -> None:
        self._callback, self._size = callback, size
        callback.set_size(size)

    def done(self, count: int = 1) -> None:
        """Tell that files are done."""
        self._callback.relative_update(count)

    async def each(
        self, work: Callable[..., Coroutine[Any, Any, bool]], source: str, target: str
    ) -> None:
        """Do the work on one file, which hears of its bytes by a callback of its own.

        Args:
            work: takes `callback`; gives whether there was a file, and no folder: that counts no
                more then.
            source: the file's name.
            target: the name that it is to have.
        """
        with self._callback.branched(source, target) as child:
            is_file = await work(callback=child)
        if is_file:
            self.done()
        else:
            self._size -= 1
            self._callback.set_size(self._size)


def is_heard(callback: Callback) -> bool:
    """Tell whether a callback does anything; what only progress needs is asked for it alone."""
    return not isinstance(callback, NoOpCallback)


@contextmanager
def bytes_told(callback: Callback, size: int) -> Iterator[None]:
    """Tell a callback of what is carried between stores in this block, and at its end of all.

    That is carried in other threads, which callbacks need not bear: they hear in the loop's own.

    Args:
        callback: hears; where it raises an error, no further part is carried.
        size: of the object, in bytes.
    """
    loop = asyncio.get_running_loop()
    rest, errors = size, list[Exception]()

    def update(count: int) -> None:
        nonlocal rest
        count = min(count, rest)  # what was sent again is no progress
        rest -= count
        try:
            callback.relative_update(count)
        except Exception as error:  # noqa: BLE001 - the loop would but log it
            errors.append(error)

    def tell(count: int) -> None:
        if errors:
            raise errors[0]
        loop.call_soon_threadsafe(update, count)

    callback.set_size(size)
    with carried(Carrying(PART, PART, tell=tell)):
        yield
    if not errors and rest:
        update(rest)
    if errors:
        raise errors[0]
