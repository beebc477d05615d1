"""Parts of copies between stores: their size, how many at a time, and who hears of them."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

PART = 16 << 20  # bytes; also the size above which an object goes in parts
SMALLEST_PART = 5 << 20  # bytes, but for the last one: S3's limit


class Carrying(NamedTuple):
    """Settings of one copy.

    Attributes:
        part: bytes of a part.
        largest: bytes of the largest object that goes at once.
        threads: how many parts are held at a time, each being read or sent.
        tell: hears how many bytes were written.
    """

    part: int
    largest: int
    threads: int = 1
    tell: Callable[[int], object] = lambda _: None


_CARRYING: ContextVar[Carrying | None] = ContextVar("s3r_carrying", default=None)


def carrying() -> Carrying:
    """Give the settings of this context's copies."""
    return _CARRYING.get() or Carrying(PART, PART)


@contextmanager
def carried(settings: Carrying) -> Iterator[None]:
    """Carry the copies in this block in another way."""
    token = _CARRYING.set(settings)
    try:
        yield
    finally:
        _CARRYING.reset(token)


def in_threads(
    threads: int,
    parts: Iterable[int],
    read: Callable[[int], Any],
    take: Callable[[Any], None],
    send: Callable[[int, Any], Any],
) -> list[Any]:
    """Read parts, take each in in its order, and send them.

    Args:
        threads: how many are held at a time; one: all is done in the caller's own thread.
        parts: the parts.
        read: gives a part's content.
        take: takes it in.
        send: sends it.

    Returns:
        What `send` gave for each part.
    """
    if threads == 1:
        out = []
        for part in parts:
            content = read(part)
            take(content)
            out.append(send(part, content))
        return out
    with ThreadPoolExecutor(threads, thread_name_prefix="s3r-part") as pool:
        try:
            return _in_pool(pool, threads, parts, read, take, send)
        except BaseException:  # after Ctrl-C as well no further part is sent
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _in_pool(  # noqa: PLR0913, PLR0917 - what `in_threads` has, and where
    pool: ThreadPoolExecutor,
    threads: int,
    parts: Iterable[int],
    read: Callable[[int], Any],
    take: Callable[[Any], None],
    send: Callable[[int, Any], Any],
) -> list[Any]:
    reading: deque[tuple[int, Future[Any]]] = deque()
    sending: deque[Future[Any]] = deque()
    out: list[Any] = []

    def submit(work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        return pool.submit(copy_context().run, work, *arguments)

    def advance() -> None:
        if reading and len(sending) < threads // 2:
            part, piece = reading.popleft()
            content = piece.result()
            take(content)
            sending.append(submit(send, part, content))
        else:
            out.append(sending.popleft().result())

    for part in parts:
        while len(reading) + len(sending) >= threads:
            advance()
        reading.append((part, submit(read, part)))
    while reading or sending:
        advance()
    return out
