"""One plain request, for what boto3 doesn't do: health, presigned addresses, our own paths."""

from __future__ import annotations

import ssl
import time
import urllib.error
import urllib.request

__all__ = ["ask", "wait_for"]


def ask(url: str, method: str = "GET") -> tuple[int, bytes]:
    """Status and body of the answer, whatever the status; certificates are not checked.

    Raises:
        OSError: nobody answers.
    """
    request = urllib.request.Request(url, method=method)  # noqa: S310 - addresses of our servers
    trusting = ssl._create_unverified_context()  # noqa: S323 - likewise
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
    )
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def wait_for(url: str, status: int | None = 200, seconds: float = 60) -> None:
    """Wait until an address answers with a status; None waits until nobody answers.

    Raises:
        TimeoutError: it didn't within that time; the message has the last answer.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            found: int | None = ask(url)[0]
        except OSError:
            found = None
        if found == status:
            return
        if time.monotonic() > end:
            raise TimeoutError(f"{url}: waited {seconds} s for {status}, the last was {found}")
        time.sleep(0.05)
