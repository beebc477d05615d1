"""The stores behind the file system: plain aiobotocore clients, made as the boto3 router's are."""

# ruff: noqa: SLF001 - private parts of botocore, each listed in pinned.py

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiobotocore.session import AioSession
from botocore.credentials import RefreshableCredentials

from s3r_spark.boto import stores
from s3r_spark.boto.stores import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from aiobotocore.config import AioConfig

    from s3r_spark.boto.stores import Recipe
    from s3r_spark.routing import Routes


class AioStores:
    """The stores of a routing client by name, each made when it is first asked for.

    Args:
        routes: whose clients they are.
        recipe: tells what each is made with.
        config: what aiobotocore alone knows of settings.
        events: the routing client's emitter.
        threads: where credentials are looked for, which may take its time.
    """

    def __init__(
        self,
        routes: Routes,
        recipe: Callable[[str], Recipe],
        config: AioConfig,
        events: Any,
        threads: Executor,
    ) -> None:
        self._recipe, self._config, self._events = recipe, config, events
        self._ordered, self._threads = stores.byte_ordered(routes), threads
        self._made: dict[str, Store] = {}
        self._lock = asyncio.Lock()

    def made(self, name: str) -> Store:
        """A store that was asked for before."""
        return self._made[name]

    async def get(self, name: str) -> Store:
        """The store of a client's name."""
        found = self._made.get(name)
        if found is not None:
            return found
        async with self._lock:
            if name not in self._made:
                client = await self._client(name)
                ordered = self._ordered(name, client)
                self._made[name] = Store(
                    name, client, self._events, byte_ordered=ordered, ready=False
                )
            return self._made[name]

    async def close(self) -> None:
        """Close the connections."""
        for store in self._made.values():
            await store.client.close()

    async def _client(self, name: str) -> Any:
        loop = asyncio.get_running_loop()
        recipe, lender = await loop.run_in_executor(self._threads, self._looked_up, name)
        made = session(recipe.session._session.profile)
        if "aws_access_key_id" not in recipe.arguments:
            lent = None if lender is None else Lent(lender, self._threads)
            made.register_component("credential_provider", _Provider(lent))
        config = self._config.merge(recipe.config)
        return await made.create_client("s3", config=config, **recipe.arguments).__aenter__()

    def _looked_up(self, name: str) -> tuple[Recipe, Any]:
        recipe = self._recipe(name)
        return recipe, recipe.session.get_credentials()


def session(profile: str | None = None) -> AioSession:
    """A session that shares boto3's models, which take long to read."""
    made = AioSession(profile=profile)
    made.register_component("data_loader", stores.loader())
    return made


class Lent:
    """Credentials of a boto3 session, as aiobotocore asks for them."""

    def __init__(self, lender: Any, threads: Executor) -> None:
        self._lender, self._threads = lender, threads
        self.method = lender.method

    async def get_frozen_credentials(self) -> Any:
        """The keys to sign with; to renew them takes a request, which is left to a thread."""
        lender = self._lender
        if isinstance(lender, RefreshableCredentials) and lender.refresh_needed():
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, lender.get_frozen_credentials)
        return lender.get_frozen_credentials()

    def get_account_id(self) -> str | None:
        """The account they are of, where it is known."""
        return getattr(self._lender, "account_id", None)

    def get_deferred_property(self, name: str) -> Callable[[], Any]:
        """A property as botocore asks for it before it is known whether it is needed."""
        return lambda: getattr(self._lender, name, None)


class _Provider:
    """Stands in for aiobotocore's chain of places to find credentials in."""

    def __init__(self, credentials: Lent | None) -> None:
        self._credentials = credentials

    async def load_credentials(self) -> Lent | None:
        return self._credentials
