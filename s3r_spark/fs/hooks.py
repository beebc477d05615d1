"""The router's hooks on an aiobotocore client: those of `boto.hooks`, where they wait, awaiting."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError
from botocore.hooks import first_non_none_response

from s3r_spark.boto import cancellation
from s3r_spark.boto.calls import CONTEXT
from s3r_spark.boto.error_details import IncompleteError, tell_own
from s3r_spark.boto.hooks import (
    PRESIGNING,
    Attempt,
    Endpoints,
    Hooks,
    Resolvers,
    Signers,
    answer_of,
    answered,
)
from s3r_spark.boto.responses import map_back
from s3r_spark.errors import RoutesError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from s3r_spark.boto.calls import Call
    from s3r_spark.boto.requests import Requests
    from s3r_spark.boto.stores import Store
    from s3r_spark.fs.aio_stores import AioStores

# The store that this task sends to: many tasks of one thread send at a time.
_SENDING: ContextVar[Store] = ContextVar("s3r_sending")


class AioHooks(Hooks):
    """The handlers of one routing client of aiobotocore.

    Args:
        requests: plans each call; answers by boto3 what one request can't.
        stores: the stores that are lent.
        threads: where such answers are made.
    """

    def __init__(self, requests: Requests, stores: AioStores, threads: Executor) -> None:
        super().__init__(requests)
        self._stores, self._threads = stores, threads

    def _lenders(self) -> tuple[Endpoints, Signers, Resolvers]:
        main = self._main
        return AioEndpoints(main, self._sending), Signers(main), AioResolvers(main)

    def _main(self) -> Store:
        return self._stores.made(self._requests.router.main)

    async def route(self, params: Any, model: Any, context: dict[str, Any], **_: Any) -> None:
        """Choose the store, and give the parameters its names."""
        call = self._requests.route(params, model, context)
        self.lend(await self._stores.get(call.client), call, context)

    async def answer(self, context: dict[str, Any], **_: Any) -> Any:
        """Answer what one request to one store can't; botocore then sends none."""
        answer = answer_of(context)
        if answer is None:
            return None
        loop, stop = asyncio.get_running_loop(), threading.Event()
        answering = partial(answered, answer, (IncompleteError,))
        work = partial(copy_context().run, cancellation.until, stop, answering)
        try:
            return await loop.run_in_executor(self._threads, work)
        except IncompleteError as error:
            # As a missing file it would be passed over: fsspec walks on to the next folder.
            raise RoutesError(error.response["Error"]["Message"]) from error
        except asyncio.CancelledError:
            stop.set()
            raise

    @staticmethod
    async def choose_signer(context: dict[str, Any], event_name: str, **arguments: Any) -> Any:
        """Presign as the store's client does."""
        version = arguments.get("signature_version")
        if not (isinstance(version, str) and version.endswith(PRESIGNING)):
            return None
        events = context[CONTEXT].store.client.meta.events
        return (await events.emit_until_response(event_name, context=context, **arguments))[1]

    async def pace(self, request: Any, event_name: str, **_: Any) -> Any:
        """Wait as the store's adaptive retries say."""
        store = _SENDING.get()
        if not store.paces:
            return None
        events = store.client.meta.events
        return first_non_none_response(await events.emit(event_name, request=request))

    @staticmethod
    async def retry(request_dict: dict[str, Any], event_name: str, **arguments: Any) -> Any:
        """Retry, or go to another region, as the store's client would."""
        attempt = Attempt(request_dict["context"], arguments["response"])
        if attempt.is_over:
            return None
        events = attempt.call.store.client.meta.events
        verdicts = await events.emit(event_name, request_dict=request_dict, **arguments)
        return attempt.judged(verdicts)

    async def map_back(
        self, parsed: dict[str, Any], context: dict[str, Any], **arguments: Any
    ) -> None:
        """Give the answer the caller's names."""
        call: Call | None = context.get(CONTEXT)
        if call is None:
            return
        if call.hears_of_answers:
            del arguments["event_name"]
            events = call.store.client.meta.events
            await events.emit("after-call.s3", parsed=parsed, context=context, **arguments)
        map_back(call, parsed, physical=self._physical)


class AioEndpoints(Endpoints):
    """Sends each request over its store's connections."""

    async def make_request(self, operation_model: Any, request_dict: dict[str, Any]) -> Any:
        """Send a request, with retries."""
        call: Call = request_dict["context"][CONTEXT]
        token = _SENDING.set(call.store)
        try:
            return await call.store.endpoint.make_request(operation_model, request_dict)
        except BotoCoreError as error:
            tell_own(error, call.place)
            raise
        finally:
            _SENDING.reset(token)


class AioResolvers(Resolvers):
    """Finds each request's address by its store's settings."""

    async def construct_endpoint(
        self, operation_model: Any, call_args: Any, request_context: dict[str, Any]
    ) -> Any:
        """Find the address, and remember by whose settings: botocore asks for its signer next."""
        resolver = request_context[CONTEXT].store.resolver
        endpoint = await resolver.construct_endpoint(operation_model, call_args, request_context)
        self.remember(resolver)  # no other task runs between this and the next question
        return endpoint
