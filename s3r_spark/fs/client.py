"""The session from which s3fs takes its client: one real aiobotocore client for all stores."""

# ruff: noqa: SLF001 - private parts of botocore, each listed in pinned.py

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from aiobotocore.config import AioConfig
from botocore.config import Config

from s3r_spark.boto import stores
from s3r_spark.boto.client import UNUSED, main_client
from s3r_spark.boto.requests import Requests
from s3r_spark.boto.stores import Stores
from s3r_spark.fs.hooks import AioHooks
from s3r_spark.fs.stores import AioStores, session

if TYPE_CHECKING:
    from s3r_spark.routing import Routes

_AIO_ONLY = ("connector_args", "http_session_cls", "warm_up_loader_caches")
_THREADS = 10  # for answers that one request can't give; as many as a boto3 client has connections


class RoutedSession:
    """What s3fs needs of aiobotocore's session.

    Args:
        routes: which name goes where.
        under: what holds where a client's own settings say nothing; arguments of botocore's Config.
    """

    def __init__(self, routes: Routes, under: dict[str, Any]) -> None:
        self._routes, self._under = routes, Config(**under)

    def create_client(self, _service: str, *, config: AioConfig, **_unused: Any) -> RoutedClient:
        """A routing client, made when its context is entered.

        Args:
            config: laid over every store's own settings.
        """
        return RoutedClient(self._routes, config, self._under)


class RoutedClient:
    """A routing client as a context.

    Raises:
        RoutesError: `botocore` of a client in the routes holds what botocore doesn't take.
    """

    def __init__(self, routes: Routes, over: AioConfig, under: Config) -> None:
        asked = {k: v for k, v in over._user_provided_options.items() if k not in _AIO_ONLY}
        own = {key: getattr(over, key) for key in _AIO_ONLY if hasattr(over, key)}
        self._routes, self._config = routes, AioConfig(**own)
        self._recipe = stores.recipes(routes, Config(**asked), under)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="s3r")
        self._answering = Stores(stores.maker(self._recipe), {}, stores.byte_ordered(routes))
        self._stores: AioStores | None = None

    async def __aenter__(self) -> Any:
        main = main_client(self._routes)
        made = await session().create_client("s3", **UNUSED).__aenter__()
        await made.close()  # it sends through its stores' connections
        events = made.meta.events
        lent = self._stores = AioStores(
            self._routes, self._recipe, self._config, events, self._threads
        )
        store = await lent.get(main)
        meta = copy.copy(store.client.meta)
        meta.events = events
        made.meta, made._client_config = meta, store.config
        requests = Requests(self._routes, self._answering, main, physical=False)
        AioHooks(requests, lent, self._threads).install(made)
        made.close = self.close
        return made

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections to all stores."""
        if self._stores is not None:
            await self._stores.close()
        self._answering.close()
        self._threads.shutdown(wait=False)
