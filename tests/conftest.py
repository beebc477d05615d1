"""What all tests share."""

from __future__ import annotations

import signal

pytest_plugins = ["servers.fixtures"]


def pytest_configure() -> None:
    """Hear Ctrl-C as at a terminal: what a shell has in its background is born deaf to it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
