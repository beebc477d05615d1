"""The stores behind the file system: plain aiobotocore clients, made as the boto3 router's are."""

# ruff: noqa: SLF001 - private parts of botocore, each listed in s3r_spark.private_apis

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.session import AioSession
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError
from s3fs.errors import translate_boto_error

from s3r_spark.boto import stores
from s3r_spark.boto.credentials import FileCredentials, loader, take_profile
from s3r_spark.boto.error_details import serving
from s3r_spark.boto.stores import Store
from s3r_spark.boto.tally import Tally
from s3r_spark.fs.http import StayingSession

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from aiobotocore.config import AioConfig

    from s3r_spark.boto.stores import Recipe
    from s3r_spark.routing import Routes, Rule


class AioStores:
    """The stores of a routing client by name, each made when it is first asked for.

    Args:
        routes: whose clients they are.
        recipe: tells what each is made with.
        config: what aiobotocore alone knows of settings.
        events: the routing client's emitter.
        threads: where credentials are looked for, which may take its time.

    Attributes:
        tally: counts what the stores are asked; another one can be put in its place at first.
    """

    def __init__(
        self,
        routes: Routes,
        recipe: Callable[[str], Recipe],
        config: AioConfig,
        events: Any,
        threads: Executor,
    ) -> None:
        self.tally = Tally()
        self._recipe, self._config, self._events = recipe, config, events
        self._ordered, self._threads = stores.byte_ordered(routes), threads
        self._made: dict[str, Store] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def made(self, name: str) -> Store:
        """A store that was asked for before."""
        return self._made[name]

    async def get(self, name: str) -> Store:
        """The store of a client's name."""
        store = self._made.get(name)
        if store is not None:
            return store
        # One for each: what holds up one store's credentials is nothing to the others.
        async with self._locks.setdefault(name, asyncio.Lock()):
            if name not in self._made:
                client = await self._client(name)
                self.tally.watch_plain(client.meta.events, name)
                ordered = self._ordered(name, client)
                self._made[name] = Store(
                    name, client, self._events, byte_ordered=ordered, ready=False
                )
            return self._made[name]

    async def close(self) -> None:
        """Close the connections."""
        for store in self._made.values():
            await store.client.close()

    async def find_bucket(self, bucket: str, rules: list[Rule], **asked: Any) -> None:
        """Ask the stores of a logical bucket, all at once, until one has its physical bucket.

        Args:
            bucket: the logical bucket.
            rules: those that can have names in it.
            asked: more parameters of the lists that are asked for.

        Raises:
            FileNotFoundError: none has it.
            Exception: of the first store that can't be asked, where none of the others has it.
        """
        places: dict[tuple[str, str], Rule] = {}
        for rule in rules:
            places.setdefault((rule.client, rule.bucket(bucket)), rule)
        asks = [
            asyncio.create_task(
                self._list(name, rule, Bucket=physical, Prefix=rule.prefix_of(bucket), **asked)
            )
            for (name, physical), rule in places.items()
        ]
        try:
            for answer in asyncio.as_completed(asks):
                with contextlib.suppress(Exception):
                    await answer
                    return
        finally:
            for ask in asks:
                ask.cancel()
            outcomes = await asyncio.gather(*asks, return_exceptions=True)
        errors = [error for error in outcomes if isinstance(error, Exception)]
        raise next((e for e in errors if not isinstance(e, FileNotFoundError)), errors[0])

    async def _list(self, name: str, rule: Rule, **asked: Any) -> None:
        store = await self.get(name)
        try:
            with serving(rule):
                await store.client.list_objects_v2(MaxKeys=1, **asked)
        except ClientError as error:
            raise translate_boto_error(error) from error

    async def _client(self, name: str) -> Any:
        loop = asyncio.get_running_loop()
        recipe, lender = await loop.run_in_executor(self._threads, self._looked_up, name)
        aio = session()
        take_profile(aio, recipe.session._session.profile)
        if "aws_access_key_id" not in recipe.arguments:
            lent = None if lender is None else Lent(lender, self._threads)
            aio.register_component("credential_provider", _Provider(lent))
        config = self._config.merge(recipe.config)
        if self._config.http_session_cls is AIOHTTPSession:  # another one is the user's
            config.http_session_cls = StayingSession
        return await aio.create_client("s3", config=config, **recipe.arguments).__aenter__()

    def _looked_up(self, name: str) -> tuple[Recipe, Any]:
        recipe = self._recipe(name)
        return recipe, recipe.session.get_credentials()


def session() -> AioSession:
    """A session that shares boto3's models, which take long to read."""
    aio = AioSession()
    aio.register_component("data_loader", loader())
    take_profile(aio, None)
    return aio


class Lent:
    """Credentials of a boto3 session, as aiobotocore asks for them."""

    def __init__(self, lender: Any, threads: Executor) -> None:
        self._lender, self._threads = lender, threads
        self.method = lender.method

    async def get_frozen_credentials(self) -> Any:
        """The keys to sign with; to renew them takes a request, which is left to a thread."""
        lender = self._lender
        renews = isinstance(lender, (FileCredentials, RefreshableCredentials))
        if renews and lender.refresh_needed():
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
