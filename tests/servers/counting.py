"""A proxy that counts what a server is asked, for servers that don't count themselves."""

from __future__ import annotations

import json
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from http import HTTPStatus
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from servers.handler import Handler, serving, url_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers.store import Store

__all__ = ["counted"]

_REDIRECTION = 300  # and above: no success
HOP = {"connection", "expect", "keep-alive", "transfer-encoding", "content-length"}


@contextmanager
def counted(
    store: Store,
    refused: Callable[[str, str], bool | str] = lambda *_: False,
    status: int = HTTPStatus.FORBIDDEN,
    spoiled: Callable[[str, str, bytes], bytes] = lambda _method, _path, content: content,
    sent: Callable[[str, str, bytes], bytes] = lambda _method, _path, content: content,
) -> Iterator[Store]:
    """Put a proxy before a store that speaks plain http, until the block ends.

    The store that is lent is the same one behind the proxy: it answers ``requests()`` and
    ``forget_requests()``. The proxy takes about a millisecond a request, so it is for counting and
    not for timing.

    Args:
        store: the store.
        refused: whether a request, by its method and path, is refused and not sent on; a text is
            the code of the error that says so.
        status: what a request that is refused is answered with.
        spoiled: gives what is handed on of an answer's content, by the request's method and path;
            where less is left, the connection breaks after it.
        sent: gives what is handed on of a request's content, likewise.
    """
    gate = Gate()
    target = urlsplit(store.endpoint_url).netloc
    with serving(
        Proxy,
        asked=[],
        refused=refused,
        status=status,
        spoiled=spoiled,
        sent=sent,
        store=target,
        gate=gate,
    ) as server:
        try:
            yield replace(store, endpoint_url=url_of(server))
        finally:
            gate.close()


class Gate:
    """Counts the requests on their way, so that none reaches the store after the block's end.

    A client that gave up doesn't wait for what it has sent: its proxy's thread would.
    """

    def __init__(self) -> None:
        self.state = threading.Condition()
        self.is_open, self.passing = True, 0

    @contextmanager
    def passage(self) -> Iterator[bool]:
        """Whether a request may go to the store; until the block ends, it is on its way."""
        with self.state:
            is_open = self.is_open
            self.passing += is_open
        try:
            yield is_open
        finally:
            with self.state:
                self.passing -= is_open
                self.state.notify_all()

    def close(self) -> None:
        """Let nothing through any more, and wait for what is on its way."""
        with self.state:
            self.is_open = False
            self.state.wait_for(lambda: not self.passing)


class Proxy(Handler):
    """One connection of a client; each of its requests has one of its own to the store."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def forward(self) -> None:
        if self.path == "/_requests":  # as the moto server of the tests has it
            self.tell()
            return
        body = self.body()
        if code := self.server.refused(self.command, unquote(self.path.partition("?")[0])):
            told = isinstance(code, str) and self.command != "HEAD"
            error = f"<Error><Code>{code}</Code></Error>" if told else ""
            self.answer(error.encode(), status=self.server.status)
            return
        body = self.server.sent(self.command, unquote(self.path), body)
        with (
            self.server.gate.passage() as is_open,
            closing(HTTPConnection(self.server.store)) as store,
        ):
            if not is_open:
                self.close_connection = True
                return
            # The Host header stays: the signature covers it.
            store.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP:
                    store.putheader(name, value)
            store.putheader("Content-Length", str(len(body)))
            store.endheaders(body)
            answer = store.getresponse()
            content = left = answer.read()
        if answer.status < _REDIRECTION:
            left = self.server.spoiled(self.command, unquote(self.path), content)
        path, _, query = self.path.partition("?")
        self.server.asked.append(
            {
                "method": self.command,
                "path": unquote(path),
                "query": query,
                "copy_source": unquote(self.headers.get("X-Amz-Copy-Source", "")),
                "status": answer.status,
            }
        )
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        length = answer.headers["Content-Length"] if self.command == "HEAD" else len(content)
        self.send_header("Content-Length", str(length or 0))
        self.end_headers()
        self.wfile.write(left)
        self.close_connection |= len(left) < len(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = forward  # noqa: N815 - http.server's names

    def tell(self) -> None:
        body = json.dumps(self.server.asked).encode()
        if self.command == "DELETE":
            self.server.asked.clear()
        self.answer(body)
