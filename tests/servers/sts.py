"""A token service that gives keys for web identities: a stand-in for AWS's."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["start_sts"]

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
ANSWER = """\
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Credentials>
      <AccessKeyId>{token}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
      <SessionToken>session</SessionToken><Expiration>{until}</Expiration>
    </Credentials>
    <AssumedRoleUser><Arn>arn</Arn><AssumedRoleId>id</AssumedRoleId></AssumedRoleUser>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>"""
SOON = timedelta(seconds=20)  # whoever has these keys renews them before the next request


class _Sts(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        params = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        until = (datetime.now(timezone.utc) + SOON).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = ANSWER.format(token=params["WebIdentityToken"][0], until=until).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def start_sts() -> Iterator[str]:
    """Run the service until the block ends; each access key is the token that it was given for."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sts) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
