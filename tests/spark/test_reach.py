"""Which stores don't answer is said while Spark starts, without a request."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
from cases import load
from servers.process import free_ports
from spark.places import client
from spark.sessions import builder, own_jvm

import s3r_spark
from s3r_spark.errors import RoutesWarning
from s3r_spark.spark.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store


def closed() -> str:
    return f"http://127.0.0.1:{free_ports(1)[0]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections, and never says anything: it can be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def full() -> Iterator[str]:
    """An address at which connections are left to wait, as behind a firewall."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"
        for one in waiting:
            one.close()


def said(routes: dict[str, Any]) -> list[str]:
    reach = Reach(load(routes))
    reach.start()
    return [str(warning) for warning in reach.warnings()]


def test_each_store_that_can_t_be_reached_is_named(silent: str, full: str) -> None:
    down = closed()
    clients: dict[str, Any] = {
        "default": {"endpoint_url": silent},
        "refused": {"endpoint_url": down},
        "twin": {"endpoint_url": down},
        "nowhere": {"endpoint_url": "https://no-such-store.invalid"},
        "firewall": {"endpoint_url": full},
        # Of these nothing can be said, or nothing is asked.
        "aws": {"region": "eu-west-1"},
        "proxied": {"endpoint_url": down, "hadoop": {"fs.s3a.proxy.host": "proxy.test"}},
        "python": {"endpoint_url": down},
        "unused": {"endpoint_url": down},
    }
    profiles = {
        name: {"source_bucket_pattern": f"{name}-data", "spark": name != "python"}
        for name in clients
        if name not in {"default", "unused"}
    }
    start = time.monotonic()
    warned = said({"clients": clients, "profiles": profiles})
    assert time.monotonic() - start < 10, "all at once"
    assert [text.partition(": ")[2].partition(": ")[0] for text in warned] == [
        "client 'refused'",
        "client 'twin'",
        "client 'nowhere'",
        "client 'firewall'",
    ]
    assert f"{down} can't be reached from this machine: nobody listens" in warned[0]
    assert "https://no-such-store.invalid can't be reached" in warned[2]
    assert "does not answer within 2 s" in warned[3] or "no answer within" in warned[3]


def test_without_a_default_its_store_is_nobody_s() -> None:
    clients = {"default": {"endpoint_url": closed()}}
    assert said({"unmatched": "refuse", "clients": clients}) == []
    assert len(said({"clients": clients})) == 1


@pytest.mark.slow
def test_a_session_starts_all_the_same_and_says_so(west: Store) -> None:
    down = closed()
    routes = {
        "clients": {"default": client(west), "down": {**client(west), "endpoint_url": down}},
        "profiles": {"down": {"source_bucket_pattern": "down-data"}},
    }
    west.make_bucket("here")
    west.forget_requests()
    with own_jvm():
        session_builder = s3r_spark.configure(builder(), routes)
        with pytest.warns(RoutesWarning, match=f"client 'down': {down} can't be reached") as caught:
            spark = session_builder.getOrCreate()
        assert [warning.filename for warning in caught] == [__file__]
        assert west.requests() == []
        assert spark.range(3).count() == 3
