"""The session from which s3fs takes its client: one real aiobotocore client for all stores."""

# ruff: noqa: SLF001 - private parts of botocore, each listed in s3r_spark.private_apis

from __future__ import annotations

import asyncio
import copy
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from aiobotocore.config import AioConfig
from botocore.config import Config

from s3r_spark.boto import stores
from s3r_spark.boto.factory import UNUSED
from s3r_spark.boto.requests import Requests
from s3r_spark.boto.router import Router
from s3r_spark.boto.stores import Stores
from s3r_spark.boto.tally import Tally
from s3r_spark.fs.aio_stores import AioStores, session
from s3r_spark.fs.hooks import AioHooks

if TYPE_CHECKING:
    from s3r_spark.routing import Routes

_AIO_ONLY = ("connector_args", "http_session_cls", "warm_up_loader_caches")
_THREADS = 10  # for answers that one request can't give; as many as a boto3 client has connections
_LOOKUPS = 4  # for credentials: reads must not wait until such answers are done


class RoutedSession:
    """A session, in so far as s3fs needs aiobotocore's.

    Args:
        routes: which name goes where.
        under: what holds where a client's own settings say nothing; arguments of botocore's Config.

    Attributes:
        tally: counts what the stores are asked, by one client after another.
    """

    def __init__(self, routes: Routes, under: dict[str, Any]) -> None:
        self.tally = Tally()
        self._routes, self._under = routes, Config(**under)
        self._last: RoutedClient | None = None

    def create_client(self, _service: str, *, config: AioConfig, **_unused: Any) -> RoutedClient:
        """A routing client, made when its context is entered, which ends the one before it.

        Args:
            config: laid over every store's own settings.
        """
        self._last = RoutedClient(self._routes, config, self._under, self.tally, self._last)
        return self._last


class RoutedClient:
    """A routing client as a context.

    Args:
        routes: which name goes where.
        over: laid over every store's own settings.
        under: what holds where a client's own settings say nothing.
        tally: counts what the stores are asked.
        before: the client whose place it takes, which is closed then.

    Raises:
        RoutesError: `botocore` of a client in the routes holds what botocore doesn't take.
    """

    def __init__(
        self,
        routes: Routes,
        over: AioConfig,
        under: Config,
        tally: Tally,
        before: RoutedClient | None = None,
    ) -> None:
        options = {k: v for k, v in over._user_provided_options.items() if k not in _AIO_ONLY}
        aio_options = {key: getattr(over, key) for key in _AIO_ONLY if hasattr(over, key)}
        self._config = AioConfig(**aio_options)
        self._recipe = stores.recipes(routes, Config(**options), under)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3r")
        self._lookups = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="s3r-keys")
        self._tally = tally
        answering = Stores(stores.maker(self._recipe), {}, stores.byte_ordered(routes), tally)
        self._router = Router(routes, answering)
        self._stores: AioStores | None = None
        self._before = before
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Any:
        self._loop = asyncio.get_running_loop()
        before, self._before = self._before, None
        if before is not None:
            await before.close()
        client = await session().create_client("s3", **UNUSED).__aenter__()
        await client.close()  # it sends through its stores' connections
        events = client.meta.events
        lent = self._stores = AioStores(
            self._router.routes, self._recipe, self._config, events, self._lookups
        )
        lent.tally = self._tally
        store = await lent.get(self._router.main)
        meta = copy.copy(store.client.meta)
        meta.events = events
        client.meta, client._client_config = meta, store.config
        AioHooks(Requests(self._router), lent, self._threads).install(client)
        client.close = self.close
        return client

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def stores(self) -> AioStores:
        """The stores, until they are closed."""
        if self._stores is None:
            raise RuntimeError("the client of these stores is closed")
        return self._stores

    async def close(self) -> None:
        """Close the connections to all stores."""
        client, self._stores = self._stores, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.close()  # those of a loop that has ended went with it
        self._router.stores.close()
        for threads in (self._threads, self._lookups):
            threads.shutdown(wait=False)
