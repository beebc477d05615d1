"""Tell whether the stores of routes can be reached, looked at while Spark starts.

S3A tries for minutes before it gives a store up, so that a job lives through a restart. A wrong
port is to be seen in seconds all the same.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from s3r_spark.addresses import Address, unreachable
from s3r_spark.errors import RoutesWarning

if TYPE_CHECKING:
    from s3r_spark.routing import Routes

__all__ = ["Reach"]

_SECONDS = 2.0
_PROXY = "fs.s3a.proxy.host"


class Reach:
    """One connection to each address, all at once, in which nothing is asked.

    Clients of AWS have no address in the routes; those behind a proxy can't be reached themselves.

    Args:
        routes: whose stores they are.
    """

    def __init__(self, routes: Routes) -> None:
        used = {rule.client for rule in routes.rules if rule.profile.spark}
        if not routes.refuses_unmatched:
            used.add("default")
        self._places = {
            name: (client.endpoint_url, routes.line_of("clients", name))
            for name, client in routes.clients.items()
            if name in used and client.endpoint_url and _PROXY not in client.hadoop
        }
        self._found: dict[str, str | None] = {}
        self._threads: list[threading.Thread] = []
        self._end = 0.0

    def start(self) -> None:
        """Begin to connect; this takes no time."""
        self._end = time.monotonic() + _SECONDS
        for url in {url for url, _ in self._places.values()}:
            # A name server may take longer to answer than anybody waits.
            thread = threading.Thread(target=self._connect, args=(url,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def warnings(self) -> list[RoutesWarning]:
        """List what can't be reached; waits until two seconds have gone since the start."""
        for thread in self._threads:
            thread.join(max(0.0, self._end - time.monotonic()))
        out = []
        for url, place in self._places.values():
            problem = self._found.get(url, f"no answer within {_SECONDS:.0f} seconds")
            if problem is not None:
                text = f"{place}: {url} can't be reached from this machine: {problem}"
                out.append(RoutesWarning(text, "unreachable"))
        return out

    def _connect(self, url: str) -> None:
        self._found[url] = unreachable(Address.of_url(url), _SECONDS)
