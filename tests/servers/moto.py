"""S3 services for tests and demonstrations: moto's server, each one a process of its own.

moto answers whoever asks, with whatever keys, so a request that carries another store's keys would
go unnoticed. A server started here has one pair of keys and checks each request's signature with
it, as a real service does, and remembers what it was asked:

    with start_moto("west-key", "west-secret") as moto:
        boto3.client("s3", endpoint_url=moto.endpoint_url, …)

``GET /_requests`` gives the requests so far as JSON (no bucket's name begins with ``_``), and
``DELETE /_requests`` forgets them. ``DELETE /_buckets`` forgets all buckets and what is in them.

It takes temporary keys too: ``<access key>-<number>``, with the same secret and the session token
``token-<number>``. ``PUT /_ended?<number>`` ends those up to a number: they have expired then.

This file is both sides: what starts the server, and, run as a script, the server. The two talk over
the child's standard input: one line of JSON with the keys (which so show in no list of processes),
then nothing; when it ends, because the parent closed it or died, the server ends too.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, quote, unquote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Moto", "start_moto"]


@dataclass(frozen=True)
class Moto:
    """A server that runs: where it is, and the only keys it takes."""

    endpoint_url: str
    access_key: str
    secret_key: str
    session_token: str | None = None


@contextmanager
def start_moto(
    access_key: str, secret_key: str, session_token: str | None = None, *, anonymous: bool = False
) -> Iterator[Moto]:
    """Run an S3 service on a free port of this machine until the block ends.

    Args:
        access_key: the one access key that the service knows.
        secret_key: its secret; a request signed with another is refused.
        session_token: where given, requests have to carry it; where not, they must carry none.
        anonymous: whether unsigned requests are let in too.

    Raises:
        RuntimeError: the server didn't start; it has said why on standard error.
    """
    keys = Keys(access_key, secret_key, session_token, anonymous)
    # -I: this file's folder stays off the child's sys.path, where its name would hide moto itself.
    command = [sys.executable, "-I", __file__]
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=env,
        text=True,
        start_new_session=True,  # Ctrl-C is for the parent, which ends the server then
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            print(json.dumps(asdict(keys)), file=child.stdin, flush=True)
            url = child.stdout.readline().strip()
            if not url:
                raise RuntimeError(f"the moto server did not start (exit code {child.wait()})")
            yield Moto(url, access_key, secret_key, session_token)
        finally:
            child.stdin.close()


# What follows runs in the child.


@dataclass(frozen=True)
class Keys:
    access_key: str
    secret_key: str
    session_token: str | None
    anonymous: bool


class Signed(NamedTuple):
    """What a request says of its own signature (Signature Version 4, in the header or the URL)."""

    access_key: str
    scope: list[str]  # date, region, service, "aws4_request"
    headers: str
    signature: str
    time: str
    payload: str


def read_signature(environ: WSGIEnvironment) -> Signed | None:
    algorithm, _, rest = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    query = dict(parse_qsl(environ["QUERY_STRING"]))
    if algorithm == "AWS4-HMAC-SHA256":
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        time = environ["HTTP_X_AMZ_DATE"]
    elif "X-Amz-Signature" in query:
        fields = {name.removeprefix("X-Amz-"): value for name, value in query.items()}
        time = fields["Date"]
    else:
        return None
    access_key, *scope = fields["Credential"].split("/")
    payload = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "UNSIGNED-PAYLOAD")
    return Signed(access_key, scope, fields["SignedHeaders"], fields["Signature"], time, payload)


def signature_v4(environ: WSGIEnvironment, secret_key: str, signed: Signed) -> str:
    """The signature that the request has to have.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """

    def encoded(text: str, safe: str = "") -> str:
        return quote(unquote_to_bytes(text), safe=f"-_.~{safe}")

    def header(name: str) -> str:
        plain = name.upper().replace("-", "_")
        value = environ.get(plain if plain.startswith("CONTENT_") else f"HTTP_{plain}", "")
        if not value:  # of the CONTENT_ headers, WSGI sets only length and type apart
            value = environ.get(f"HTTP_{plain}", "")
        value = value.encode("latin-1").decode()  # WSGI's text is of bytes; UTF-8 is signed
        return f"{name}:{' '.join(value.split())}\n"

    path, _, query = environ["RAW_URI"].partition("?")
    pairs = (part.partition("=")[::2] for part in query.split("&") if part)
    canonical = [
        environ["REQUEST_METHOD"],
        encoded(path, "/"),
        "&".join(sorted(f"{encoded(k)}={encoded(v)}" for k, v in pairs if k != "X-Amz-Signature")),
        "".join(header(name) for name in signed.headers.split(";")),
        signed.headers,
        signed.payload,
    ]
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    key = f"AWS4{secret_key}".encode()
    for part in signed.scope:
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", signed.time, "/".join(signed.scope), digest])
    return hmac.digest(key, text.encode(), "sha256").hex()


class Gate:
    """Lets a request through to moto if its keys are right, and writes down every one."""

    def __init__(
        self, app: WSGIApplication, keys: Keys, forget_buckets: Callable[[], None]
    ) -> None:
        self.app, self.forget_buckets = app, forget_buckets
        self.keys = keys
        self.requests: list[dict[str, Any]] = []
        self.ended = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, (path, _, query) = environ["REQUEST_METHOD"], environ["RAW_URI"].partition("?")
        if path == "/_requests":
            content = json.dumps(self.requests).encode()
            if method == "DELETE":
                self.requests.clear()
            start_response("200 OK", [("Content-Type", "application/json")])
            return [content]
        if path == "/_buckets":
            self.forget_buckets()
            start_response("200 OK", [])
            return [b""]
        if path == "/_ended":
            self.ended = int(query)
            start_response("200 OK", [])
            return [b""]

        signed = read_signature(environ)
        access_key = signed.access_key if signed else old_access_key(environ)

        def record(status: str, *rest: Any) -> Any:
            request = {
                "method": method,
                "path": unquote(path),
                "query": query,
                "copy_source": unquote(environ.get("HTTP_X_AMZ_COPY_SOURCE", "")),
                "referer": environ.get("HTTP_REFERER", ""),
                "status": int(status.partition(" ")[0]),
                "access_key": access_key,
                "region": signed.scope[1] if signed else None,
            }
            self.requests.append(request)
            return start_response(status, *rest)

        reason = self.refusal(environ, signed, access_key)
        if reason is None:
            return self.app(environ, record)
        status = "400 Bad Request" if reason == "ExpiredToken" else "403 Forbidden"
        record(status, [("Content-Type", "application/xml")])
        body = f"<Error><Code>{reason}</Code><Message>refused by the test server</Message></Error>"
        return [b"" if method == "HEAD" else f"<?xml version='1.0'?>{body}".encode()]

    def refusal(
        self, environ: WSGIEnvironment, signed: Signed | None, access_key: str
    ) -> str | None:
        """Code of the error that a request with such a signature gets; None lets it in."""
        keys = self.keys
        if not access_key:
            return None if keys.anonymous else "AccessDenied"
        wanted = keys.session_token
        if temporary := re.fullmatch(re.escape(keys.access_key) + r"-(\d+)", access_key):
            if int(temporary[1]) <= self.ended:
                return "ExpiredToken"
            wanted = f"token-{temporary[1]}"
        elif access_key != keys.access_key:
            return "InvalidAccessKeyId"
        tokens = parse_qs(environ["QUERY_STRING"]).get("X-Amz-Security-Token")
        token = environ.get("HTTP_X_AMZ_SECURITY_TOKEN") or (tokens[0] if tokens else None)
        if signed and token != wanted:
            return "InvalidToken"
        if signed and signature_v4(environ, keys.secret_key, signed) != signed.signature:
            return "SignatureDoesNotMatch"
        return None


def old_access_key(environ: WSGIEnvironment) -> str:
    """The key of the old signature, whose value nobody checks here, or of a form; "" for none.

    boto3 still presigns in the old way at endpoints that aren't AWS's.
    """
    if environ.get("CONTENT_TYPE", "").startswith("multipart/form-data"):
        body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        match = re.search(rb'(?i)"(?:AWSAccessKeyId|x-amz-credential)"\s+([^\s/]+)', body)
        return match[1].decode() if match else ""
    query: dict[str, str] = dict(parse_qsl(environ["QUERY_STRING"]))
    return query.get("AWSAccessKeyId", "")


def serve() -> None:
    """Be the server: say the address on standard output, and end with standard input."""
    from moto.core.model_instances import reset_model_data  # noqa: PLC0415 - takes the parent a second
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - likewise
        MotoRequestHandler,
        create_backend_app,
    )
    from moto.s3.models import s3_backends  # noqa: PLC0415 - likewise
    from werkzeug.serving import make_server  # noqa: PLC0415 - likewise

    gate_keys = Keys(**json.loads(sys.stdin.readline()))
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # The app of S3 alone: moto's dispatcher takes a presigned "/my_bucket/…" for another service.
    app = create_backend_app("s3")
    app.url_map.merge_slashes = False  # keys may hold "//"

    def forget_buckets() -> None:
        for account in s3_backends.values():
            account.reset()
        reset_model_data()  # or it would remember every object that was ever made

    gate = Gate(app, gate_keys, forget_buckets)
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=MotoRequestHandler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 - the parent reads it
    server.serve_forever()


if __name__ == "__main__":
    serve()
