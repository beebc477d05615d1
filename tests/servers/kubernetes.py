"""A stand-in for the API server of Kubernetes: it keeps what Spark's own client creates, no more.

No pod ever runs. It tells what Spark asks a cluster for, and nothing of what a cluster makes of it.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from servers.handler import Handler, serving, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Kubernetes", "start_kubernetes"]

_AGE = {"resourceVersion": "1"}


@dataclass(frozen=True)
class Kubernetes:
    """A server that runs.

    Attributes:
        url: its address.
        objects: all that was created, as Spark's client sent it, in that order.
    """

    url: str
    objects: list[dict[str, Any]]

    def pods(self, role: str) -> list[dict[str, Any]]:
        """The pods of a driver, or of executors."""
        pods = [each for each in self.objects if each["kind"] == "Pod"]
        return [pod for pod in pods if pod["metadata"]["labels"]["spark-role"] == role]


class _Api(Handler):
    def look(self) -> None:
        """Answer lists and watches, which are all empty, and names, of which there are none."""
        if urlsplit(self.path).path.endswith("s"):
            self._tell({"kind": "List", "apiVersion": "v1", "metadata": _AGE, "items": []})
        else:
            self._tell({"kind": "Status", "apiVersion": "v1", "code": 404}, 404)

    def keep(self) -> None:
        """Keep what is created."""
        created = json.loads(self.body())
        self.server.objects.append(created)
        metadata = created["metadata"] | _AGE | {"uid": str(len(self.server.objects))}
        self._tell(created | {"metadata": metadata}, 201)

    def remove(self) -> None:
        """Remove nothing."""
        self.body()
        self._tell({"kind": "Status", "apiVersion": "v1", "status": "Success"})

    do_GET, do_DELETE = look, remove  # noqa: N815 - http.server's names
    do_POST = do_PATCH = do_PUT = keep  # noqa: N815 - likewise

    def _tell(self, content: dict[str, Any], status: int = 200) -> None:
        self.answer(json.dumps(content).encode(), status, {"Content-Type": "application/json"})


@contextmanager
def start_kubernetes() -> Iterator[Kubernetes]:
    """Run it on a free port of this machine until the block ends."""
    objects: list[dict[str, Any]] = []
    with serving(_Api, objects=objects) as server:
        yield Kubernetes(url_of(server), objects)
