"""The hooks on botocore's event system that make one client route.

Every operation, paginator, waiter, transfer and exception stays boto3's own code. What no hook
reaches is lent: for each call the client uses its store's endpoint, signer and endpoint rules (see
`stores`). What of botocore this rests on is listed in `s3r_spark.private_apis`.

Handlers that the user registers see logical names in `provide-client-params` and `after-call`, and
the store's names in between.
"""

# ruff: noqa: SLF001 - private parts of botocore, each listed in s3r_spark.private_apis

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.hooks import first_non_none_response
from botocore.signers import _should_use_global_endpoint

from s3r_spark.boto.calls import CONTEXT
from s3r_spark.boto.checksums import old_where_required
from s3r_spark.boto.error_details import tell_own
from s3r_spark.boto.responses import map_back
from s3r_spark.boto.synthetic import complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.client import BaseClient

    from s3r_spark.boto.calls import Call
    from s3r_spark.boto.requests import Requests
    from s3r_spark.boto.stores import Store
    from s3r_spark.boto.synthetic import Answered

_REDIRECTION = 300  # and above: no success
PRESIGNING = ("-query", "-presign-post")


class Hooks:
    """The handlers of one routing client.

    Those that emit on a store's own events give on what the emitter gives: for aiobotocore's that
    is a coroutine, and its emitter awaits it. So it does with those that give nothing here, and
    wait there: they are typed Any (`s3r_spark.fs.hooks`).

    Args:
        requests: plans each call.
    """

    def __init__(self, requests: Requests) -> None:
        self._requests, self._physical = requests, requests.router.physical
        self._sending = threading.local()

    def install(self, client: BaseClient) -> None:
        """Register the handlers; where they take over from botocore's own, those go."""
        events = client.meta.events
        events.unregister("request-created.s3", client._request_signer.handler)
        events.unregister("needs-retry.s3", unique_id="retry-config-s3")
        agent = getattr(client._user_agent_creator, "rebuild_and_replace_user_agent_handler", None)
        endpoints, signers, resolvers = self._lenders()
        events.register("request-created.s3", signers.handler)
        if agent is not None:
            events.unregister("request-created.s3", agent)
            client._user_agent_creator = _Placeholder()
        events.register_last("request-created.s3", self.user_agent)
        events.register_last("provide-client-params.s3", self.copy)
        events.register_first("before-parameter-build.s3.*", self.route)
        events.register_first("before-endpoint-resolution.s3", self.redirected_before)
        events.register_first("before-call.s3", old_where_required)
        events.register_last("before-call.s3", self.answer)
        events.register_last("choose-signer.s3", self.choose_signer)
        events.register_last("before-sign.s3", self.express_session)
        events.register_first("before-send.s3", self.pace)
        self._requests.router.stores.tally.watch(events)
        events.register_first("needs-retry.s3.*", self.retry)
        events.register_first("after-call.s3.*", self.map_back)
        client._endpoint = endpoints
        client._request_signer = signers
        client._ruleset_resolver = resolvers

    def _lenders(self) -> tuple[Endpoints, Signers, Resolvers]:
        main = self._main
        return Endpoints(main, self._sending), Signers(main), Resolvers(main)

    def _main(self) -> Store:
        router = self._requests.router
        return router.stores.get(router.main)

    # -- the request -------------------------------------------------------------------------------

    @staticmethod
    def copy(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Never change the caller's own dictionary: what follows maps in place."""
        return dict(params)

    def route(self, params: Any, model: Any, context: dict[str, Any], **_: Any) -> Any:
        """Choose the store, and give the parameters its names."""
        call = self._requests.route(params, model, context)
        self.lend(self._requests.router.stores.get(call.client), call, context)

    @staticmethod
    def lend(store: Store, call: Call, context: dict[str, Any]) -> None:
        """Let a call go by its store's settings."""
        context[CONTEXT], call.store = call, store
        context["client_region"] = store.region
        if "client_config" in context:
            context["client_config"] = store.config
        if "use_global_endpoint" in context:
            context["use_global_endpoint"] = _should_use_global_endpoint(store.client)

    @staticmethod
    def redirected_before(context: dict[str, Any], **arguments: Any) -> Any:
        """Let the store's client name the region in which it has found the bucket."""
        store: Store = context[CONTEXT].store
        if not store.redirects:
            return None
        del arguments["event_name"]
        events = store.client.meta.events
        return events.emit("before-endpoint-resolution.s3", context=context, **arguments)

    def answer(self, context: dict[str, Any], **_: Any) -> Any:
        """Answer what one request to one store can't; botocore then sends none."""
        response = answer_of(context)
        return None if response is None else answered(response)

    @staticmethod
    def choose_signer(context: dict[str, Any], event_name: str, **arguments: Any) -> Any:
        """Presign as the store's client does, and heed what its owner has registered there."""
        store: Store = context[CONTEXT].store
        version = arguments.get("signature_version")
        if store.ready or (isinstance(version, str) and version.endswith(PRESIGNING)):
            events = store.client.meta.events
            return events.emit_until_response(event_name, context=context, **arguments)[1]
        return None

    @staticmethod
    def express_session(request: Any, event_name: str, **arguments: Any) -> Any:
        """Take S3 Express sessions from the store's client: they are kept by bucket alone."""
        if request.context.get("signing", {}).get("signing_name") != "s3express":
            return None
        events = request.context[CONTEXT].store.client.meta.events
        return events.emit(event_name, request=request, **arguments)

    @staticmethod
    def user_agent(request: Any, **_: Any) -> None:
        """Say what the store's settings say of the user."""
        if request.headers.get("User-Agent"):
            agent = request.context[CONTEXT].store.client._user_agent_creator
            request.headers.replace_header("User-Agent", agent.to_string())

    # -- sending -----------------------------------------------------------------------------------

    def pace(self, request: Any, event_name: str, **_: Any) -> Any:
        """Wait as the store's adaptive retries say."""
        store: Store = self._sending.store  # older botocore keeps no context in such a request
        if not store.paces:
            return None
        events = store.client.meta.events
        return first_non_none_response(events.emit(event_name, request=request))

    @staticmethod
    def retry(request_dict: dict[str, Any], event_name: str, **arguments: Any) -> Any:
        """Retry, or go to another region, as the store's client would."""
        attempt = Attempt(request_dict["context"], arguments["response"])
        if attempt.is_over:
            return None
        events = attempt.call.store.client.meta.events
        verdicts = events.emit(event_name, request_dict=request_dict, **arguments)
        return attempt.judged(verdicts)

    # -- the answer --------------------------------------------------------------------------------

    def map_back(self, parsed: dict[str, Any], context: dict[str, Any], **arguments: Any) -> Any:
        """Give the answer the caller's names."""
        call: Call | None = context.get(CONTEXT)
        if call is None:
            return
        if call.hears_of_answers:
            del arguments["event_name"]
            events = call.store.client.meta.events
            events.emit("after-call.s3", parsed=parsed, context=context, **arguments)
        map_back(call, parsed, physical=self._physical)


def answer_of(context: dict[str, Any]) -> Callable[[], dict[str, Any]] | None:
    """Find what answers a call in its store's stead; None: the store does."""
    call: Call | None = context.get(CONTEXT)
    if call is None or call.answer is None:
        return None
    call.answered = True
    context.pop("encoding_type_auto_set", None)  # what is answered here is decoded already
    return call.answer


def answered(
    answer: Callable[[], dict[str, Any]], beside: tuple[type[ClientError], ...] = ()
) -> tuple[Answered, dict[str, Any]]:
    """The answer, or the error, as botocore has those of a store.

    Args:
        answer: gives it.
        beside: errors that are raised as they are.
    """
    try:
        parsed = answer()
    except beside:
        raise
    except ClientError as error:
        parsed = dict(error.response)
    return complete(parsed)


class Attempt:
    """One attempt at a request, of which its store's client is asked whether another one follows.

    Attributes:
        call: the call.
        is_over: whether nobody would retry it; most calls end here.
    """

    def __init__(self, context: dict[str, Any], response: tuple[Any, Any] | None) -> None:
        self.call: Call = context[CONTEXT]
        self.is_over = False
        if response is not None and not self.call.store.paces:
            http, parsed = response
            self.is_over = http.status_code < _REDIRECTION and "Error" not in parsed
        if not self.is_over:
            self._redirect = context.setdefault("s3_redirect", {})
            self._redirect["redirected"] = self.call.redirected

    def judged(self, verdicts: Any) -> Any:
        """Read from the store's handlers after how many seconds to retry, or None."""
        if self._redirect["redirected"] and not self.call.redirected:
            self.call.redirected = self.call.store.redirects = True
        self._redirect["redirected"] = True  # keeps this client's own redirector out
        return first_non_none_response(verdicts)


class _Placeholder:
    """Stands in for what makes the user agent: the store's takes its place before it is sent."""

    @staticmethod
    def to_string() -> str:
        """Not made of many parts for each call, as the real one is."""
        return "s3r_spark"


class _Lent:
    """A part of the client that is the store's own for each call; by itself, the main store's."""

    def __init__(self, main: Any) -> None:
        self._main = main


class Endpoints(_Lent):
    """Sends each request over its store's connections.

    Args:
        main: gives the main store.
        sending: takes the store that this thread sends to.
    """

    def __init__(self, main: Any, sending: threading.local) -> None:
        super().__init__(main)
        self._sending = sending

    def __getattr__(self, name: str) -> Any:
        """Take the main store's where it is not about one call."""
        return getattr(self._main().endpoint, name)

    def make_request(self, operation_model: Any, request_dict: dict[str, Any]) -> Any:
        """Send a request, with retries."""
        call: Call = request_dict["context"][CONTEXT]
        self._sending.store = call.store
        try:
            return call.store.endpoint.make_request(operation_model, request_dict)
        except BotoCoreError as error:
            tell_own(error, call.place)
            raise


class Signers(_Lent):
    """Signs each request with its store's credentials, for its region."""

    def __getattr__(self, name: str) -> Any:
        """Take the main store's where it is not about one call."""
        return getattr(self._main().signer, name)

    @staticmethod
    def handler(operation_name: str | None = None, request: Any = None, **_: Any) -> Any:
        """Sign a new request."""
        return request.context[CONTEXT].store.signer.sign(operation_name, request)

    @staticmethod
    def generate_presigned_url(request_dict: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Sign an address."""
        signer = request_dict["context"][CONTEXT].store.signer
        return signer.generate_presigned_url(request_dict, *args, **kwargs)


class Resolvers(_Lent):
    """Finds each request's address by its store's settings."""

    def __init__(self, main: Any) -> None:
        super().__init__(main)
        self._last = threading.local()

    def __getattr__(self, name: str) -> Any:
        """Take the main store's where it is not about one call."""
        return getattr(self._main().resolver, name)

    def construct_endpoint(
        self, operation_model: Any, call_args: Any, request_context: dict[str, Any]
    ) -> Any:
        """Find the address, and remember by whose settings: botocore asks for its signer next."""
        resolver = request_context[CONTEXT].store.resolver
        endpoint = resolver.construct_endpoint(operation_model, call_args, request_context)
        self.remember(resolver)
        return endpoint

    def remember(self, resolver: Any) -> None:
        """Whose address this thread was given last."""
        self._last.resolver = resolver

    def auth_schemes_to_signing_ctx(self, auth_schemes: Any) -> Any:
        """Choose how to sign at the address that this thread was just given."""
        return self._last.resolver.auth_schemes_to_signing_ctx(auth_schemes)
