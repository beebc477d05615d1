"""Sending over aiohttp, without following redirects."""

from __future__ import annotations

from typing import Any

from aiobotocore.httpsession import AIOHTTPSession


class StayingSession(AIOHTTPSession):
    """A sender of requests: to the store that is asked, and to nobody whom it names.

    aiohttp follows redirects by itself, and takes along all headers but Authorization: session
    tokens, and keys for encryption. boto3 and S3A don't; another region's address is found by
    botocore, which signs for it anew.
    """

    async def _get_session(self, proxy_url: str | None) -> _Staying:
        return _Staying(await super()._get_session(proxy_url))


class _Staying:
    def __init__(self, session: Any) -> None:
        self._session = session

    async def request(self, *arguments: Any, **options: Any) -> Any:
        """Send a request."""
        return await self._session.request(*arguments, allow_redirects=False, **options)
