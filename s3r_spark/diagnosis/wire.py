"""Single requests as other SDKs send them, which boto3 can't be asked for.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and
…/sigv4-streaming-trailers.html.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zlib import crc32

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from s3r_spark.addresses import Address
from s3r_spark.diagnosis.reasons import signed_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.boto.stores import Recipe
    from s3r_spark.model import Client

__all__ = ["UNSIGNED", "Wire", "crc32_of"]

UNSIGNED = "UNSIGNED-PAYLOAD"
_TRAILER = "x-amz-checksum-crc32"


def crc32_of(data: bytes) -> str:
    """A CRC32 as S3's headers have it."""
    return b64encode(crc32(data).to_bytes(4, "big")).decode()


class Wire:
    """Sends requests of its own making to a bucket, with a client's keys, address and trust.

    Args:
        client: the client's entry.
        recipe: what its boto3 client is made with.
        s3: that client.
        bucket: the physical bucket.
    """

    def __init__(self, client: Client, recipe: Recipe, s3: Any, bucket: str) -> None:
        arguments = recipe.arguments
        if "aws_access_key_id" in arguments:
            keys = Credentials(
                arguments["aws_access_key_id"],
                arguments["aws_secret_access_key"],
                arguments.get("aws_session_token"),
            )
        else:
            credentials = recipe.session.get_credentials()
            keys = None if credentials is None else credentials.get_frozen_credentials()
        anonymous = client.credentials is not None and client.credentials.anonymous
        self._keys: Any = None if anonymous else keys
        self._region = signed_for(client)
        self._bucket, self._url = bucket, s3.meta.endpoint_url
        self.path_style = client.uses_path_style
        config = s3.meta.config
        verify = True if arguments["verify"] is None else arguments["verify"]
        self._session = URLLib3Session(
            verify=verify, proxies=config.proxies, timeout=config.read_timeout
        )

    @property
    def signs(self) -> bool:
        """Tell whether there are keys to sign with."""
        return self._keys is not None

    @property
    def tls(self) -> bool:
        """Tell whether https is spoken."""
        return bool(self._url.startswith("https:"))

    def address(self, key: str, *, path_style: bool | None = None) -> str:
        """The URL of a key, or of the bucket itself for an empty one."""
        path = quote(key, safe="/~-._")
        if self.path_style if path_style is None else path_style:
            return f"{self._url}/{self._bucket}/{path}"
        scheme, _, host = self._url.partition("://")
        return f"{scheme}://{self._bucket}.{host}/{path}"

    def send(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        payload: str = UNSIGNED,
    ) -> Any:
        """The answer to a signed request.

        Args:
            method: the HTTP method.
            url: where to.
            body: what to send; in `put_in_chunks`, framed already.
            headers: what to send beside what a signature needs.
            payload: what the signature says of the body.
        """
        request = AWSRequest(method=method, url=url, data=body, headers=dict(headers or {}))
        self._sign(request, payload)
        return self.send_as_it_is(request)

    def send_as_it_is(self, request: AWSRequest) -> Any:
        """The answer to a request that is signed, if at all, already."""
        return self._session.send(request.prepare())

    def put_in_chunks(
        self, key: str, data: bytes, *, signed: bool, trailer: str | None = None
    ) -> Any:
        """The answer to a PUT whose body comes in chunks, as aws-chunked has them.

        Args:
            key: where to.
            data: the content.
            signed: whether each chunk is signed, as SDKs do it without TLS.
            trailer: the CRC32 that follows; None: none does.
        """
        payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" if signed else "STREAMING-UNSIGNED-PAYLOAD"
        headers = {"Content-Encoding": "aws-chunked"}
        headers["X-Amz-Decoded-Content-Length"] = str(len(data))
        if trailer is not None:
            payload += "-TRAILER"
            headers["X-Amz-Trailer"] = _TRAILER
        request = AWSRequest(method="PUT", url=self.address(key), headers=headers)
        # Signatures and CRCs have fixed lengths, so the frame's length is known before them.
        length = len(
            self._framed(data, trailer, _Chain(None, "", "", "0" * 64) if signed else None)
        )
        request.headers["Content-Length"] = str(length)
        auth = self._sign(request, payload)
        chain = None
        if signed:
            seed = request.headers["Authorization"].rpartition("Signature=")[2]
            scope = auth.credential_scope(request)
            chain = _Chain(self._keys.secret_key, request.context["timestamp"], scope, seed)
        request.data = self._framed(data, trailer, chain)
        return self.send_as_it_is(request)

    def _framed(self, data: bytes, trailer: str | None, chain: _Chain | None) -> bytes:
        out = b""
        for chunk in (data, b"") if data else (b"",):
            mark = f";chunk-signature={chain.sign(chunk)}" if chain else ""
            # A trailer stands where the body of the last chunk, which is empty, would end.
            end = "" if not chunk and trailer is not None else "\r\n"
            out += f"{len(chunk):x}{mark}\r\n".encode() + chunk + end.encode()
        if trailer is not None:
            line = f"{_TRAILER}:{trailer}"
            mark = f"x-amz-trailer-signature:{chain.sign_trailer(line)}\r\n" if chain else ""
            out += f"{line}\r\n{mark}\r\n".encode()
        return out

    def _sign(self, request: AWSRequest, payload: str) -> _Auth:
        auth = _Auth(self._keys, self._region, payload)
        auth.add_auth(request)
        return auth


class _Auth(S3SigV4Auth):
    def __init__(self, keys: Any, region: str, payload: str) -> None:
        super().__init__(keys, "s3", region)
        self._payload = payload

    def payload(self, request: AWSRequest) -> str:  # noqa: ARG002 - botocore's signature
        return self._payload


class _Chain:
    """Signatures of chunks, each of which rests on the one before."""

    def __init__(self, secret: str | None, timestamp: str, scope: str, seed: str) -> None:
        self._timestamp, self._scope, self._last = timestamp, scope, seed
        key = f"AWS4{secret or ''}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        self._key = key

    def sign(self, chunk: bytes) -> str:
        """The signature of the next chunk."""
        nothing = hashlib.sha256(b"").hexdigest()
        return self._next("PAYLOAD", nothing, hashlib.sha256(chunk).hexdigest())

    def sign_trailer(self, line: str) -> str:
        """The signature of what follows the chunks."""
        return self._next("TRAILER", hashlib.sha256(f"{line}\n".encode()).hexdigest())

    def _next(self, kind: str, *digests: str) -> str:
        lines = [f"AWS4-HMAC-SHA256-{kind}", self._timestamp, self._scope, self._last, *digests]
        self._last = hmac.digest(self._key, "\n".join(lines).encode(), "sha256").hex()
        return self._last


def is_ip(url: str) -> bool:
    """Tell whether a URL names its host by a number, before which no bucket can stand."""
    host = Address.of_url(url).host
    return ":" in host or host.replace(".", "").isdigit()
