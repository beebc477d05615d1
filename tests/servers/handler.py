"""Small servers of the tests' own, each in a thread of this process."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping

__all__ = ["Handler", "serving", "url_of"]

_LOOK = 0.01  # seconds: how long a server that is told to end may go on waiting for requests


class Handler(BaseHTTPRequestHandler):
    """Answers requests, and logs none."""

    server: Any

    def body(self) -> bytes:
        """Read the content of the request."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(
        self, content: bytes = b"", status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send an answer whole."""
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(
    handler: type[Handler], context: ssl.SSLContext | None = None, **attributes: Any
) -> Iterator[ThreadingHTTPServer]:
    """Run a server on a free port of this machine until the block ends.

    Args:
        handler: answers its requests.
        context: of a server that talks https.
        attributes: more attributes of the server, for its handler.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        vars(server).update(attributes)
        if context is not None:
            server.handle_error = lambda *_: None  # type: ignore[method-assign] # who hangs up
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=server.serve_forever, args=(_LOOK,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def url_of(server: ThreadingHTTPServer) -> str:
    """The address of a server that `serving` runs without https."""
    return f"http://127.0.0.1:{server.server_port}"
