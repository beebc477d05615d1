"""One plain request, for what boto3 doesn't do: health, presigned addresses, our own paths."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from functools import cache
from http.client import HTTPException
from typing import IO

__all__ = ["answers", "ask"]


def ask(url: str, method: str = "GET") -> tuple[int, bytes]:
    """Status and body of the answer, whatever the status; certificates are not checked.

    Raises:
        OSError: nobody answers.
    """
    request = urllib.request.Request(url, method=method)  # noqa: S310 - addresses of our servers
    try:
        with _opener().open(request, timeout=10) as answer:
            return answer.status, _whole(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _whole(error)


def _whole(answer: IO[bytes]) -> bytes:
    try:
        return answer.read()
    except HTTPException as error:  # it ended in the middle of its answer
        raise ConnectionError(str(error)) from error


def answers(url: str, status: int | None = None) -> bool:
    """Whether anybody answers there, with that status if one is given."""
    try:
        answer, _ = ask(url)
    except OSError:
        return False
    return status is None or answer == status


@cache  # making one takes longer than a request
def _opener() -> urllib.request.OpenerDirector:
    trusting = ssl._create_unverified_context()  # noqa: S323 - of our servers
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
    )
