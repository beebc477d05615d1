"""Stand-ins for what gives temporary keys, in one server: it gives others each time.

It is asked as the SDKs ask AWS's token service, a container's and an instance's metadata, and the
portal of SSO; and it has a program for `credential_process`. A store that is moto's takes the keys
until it is told that they are over.
"""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from servers.handler import Handler, serving, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.certificate import Certificate
    from servers.store import Store

__all__ = ["KeyService", "start_key_service"]

CONTAINER, PROCESS, PORTAL = "/container", "/process", "/federation/credentials"
END = "/end"  # by which a job lets the keys end that were given so far
INSTANCE = "/latest/meta-data/iam/security-credentials/"
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
ANSWER = """\
<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <{action}Result>
    <Credentials>
      <AccessKeyId>{AccessKeyId}</AccessKeyId>
      <SecretAccessKey>{SecretAccessKey}</SecretAccessKey>
      <SessionToken>{Token}</SessionToken><Expiration>{Expiration}</Expiration>
    </Credentials>
    <AssumedRoleUser><Arn>arn</Arn><AssumedRoleId>id</AssumedRoleId></AssumedRoleUser>
  </{action}Result>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</{action}Response>"""

REFUSAL = (
    b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
)


class KeyService:
    """The stand-ins, as a test looks at them.

    Attributes:
        url: their address. As a proxy for https, they answer in place of whatever host is asked.
        authority: what is to be trusted for that.
        store: the store whose keys they are.
        lifetime: how long the keys are good, as the stand-ins say.
        refusing: whether the token service gives none.
        asked: what they were asked for keys by: a path, or what the token service was to do, with
            the web identity where it was shown one.
    """

    def __init__(self, store: Store) -> None:
        self.url = ""
        self.authority: Path | None = None
        self.lifetime, self.refusing = timedelta(hours=1), False
        self.asked: list[str] = []
        self.store, self._lock = store, threading.Lock()
        self._number = int(time.time() * 1000)  # higher than those of a service before

    def new_keys(self, asked: str) -> dict[str, str]:
        """Make the next keys, in the words of the metadata services."""
        with self._lock:
            self.asked.append(asked)
            self._number += 1
            until = datetime.now(timezone.utc) + self.lifetime
            return {
                "Code": "Success",
                "AccessKeyId": f"{self.store.access_key}-{self._number}",
                "SecretAccessKey": self.store.secret_key,
                "Token": f"token-{self._number}",
                "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }

    def end_keys(self) -> None:
        """Let the store refuse all keys that were given so far."""
        self.store.end_temporary_keys(self._number)

    def process(self, folder: Path) -> str:
        """A command for `credential_process`."""
        program = folder / "keys.py"
        program.write_text(
            "import urllib.request\n"
            f"print(urllib.request.urlopen({self.url + PROCESS!r}).read().decode())\n"
        )
        return f"{sys.executable} -I {program}"

    @property
    def container_url(self) -> str:
        """What AWS_CONTAINER_CREDENTIALS_FULL_URI has in a container."""
        return self.url + CONTAINER

    def keys_used(self) -> list[str]:
        """The temporary keys that the store was asked with, each once; it has refused none."""
        requests = self.store.requests()
        refused = [request for request in requests if request["status"] in {400, 403}]
        assert not refused, refused
        used = dict.fromkeys(str(request["access_key"]) for request in requests)
        return [key for key in used if key.startswith(f"{self.store.access_key}-")]


class _Services(Handler):
    def token_service(self) -> None:
        sent = {name: values[0] for name, values in parse_qs(self.body().decode()).items()}
        if self.server.service.refusing:
            self.answer(REFUSAL, status=403, headers={"Content-Type": "text/xml"})
            return
        action = sent["Action"]
        asked = " ".join(filter(None, [action, sent.get("WebIdentityToken")]))
        keys = self.server.service.new_keys(asked)
        content = ANSWER.format(action=action, **keys).encode()
        self.answer(content, headers={"Content-Type": "text/xml"})

    def instance_token(self) -> None:
        self.answer(b"a-token", headers={"x-aws-ec2-metadata-token-ttl-seconds": "600"})

    def keys(self) -> None:
        path = urlsplit(self.path).path
        if path == END:
            self.server.service.end_keys()
            self.answer()
        elif path == INSTANCE:
            self.answer(b"a-role")
        elif path in {CONTAINER, f"{INSTANCE}a-role"}:
            self.answer(json.dumps(self.server.service.new_keys(path)).encode())
        elif path == PROCESS:
            keys = self.server.service.new_keys(path)
            token = keys.pop("Token")
            self.answer(json.dumps({"Version": 1, "SessionToken": token, **keys}).encode())
        elif path == PORTAL:
            keys = self.server.service.new_keys(path)
            until = datetime.now(timezone.utc) + self.server.service.lifetime
            given = {
                "accessKeyId": keys["AccessKeyId"],
                "secretAccessKey": keys["SecretAccessKey"],
                "sessionToken": keys["Token"],
                "expiration": int(until.timestamp() * 1000),
            }
            self.answer(json.dumps({"roleCredentials": given}).encode())
        else:
            self.answer(status=404)

    def tunnel(self) -> None:
        """Be the host that somebody wants to be connected with."""
        self.send_response_only(200)
        self.end_headers()
        self.connection = self.server.tunnelled.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.handle_one_request()
        self.wfile.flush()

    do_POST, do_PUT, do_GET = token_service, instance_token, keys  # noqa: N815 - http.server's names
    do_CONNECT = tunnel  # noqa: N815 - likewise


@contextmanager
def start_key_service(
    store: Store, certificate: Certificate | None = None, authority: Certificate | None = None
) -> Iterator[KeyService]:
    """Run the stand-ins until the block ends; they give keys of a store.

    Args:
        store: the store, of moto.
        certificate: of the hosts that they stand in for, for who asks them as a proxy.
        authority: whose certificate is to be trusted for that.
    """
    service, context = KeyService(store), None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.both)
    with serving(_Services, service=service, tunnelled=context) as server:
        service.url = url_of(server)
        service.authority = authority.public if authority is not None else None
        yield service
