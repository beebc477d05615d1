"""Each store's own settings, and what keeps stores apart: as in the boto3 router."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from aiobotocore.awsrequest import AioAWSResponse
from boto.conftest import entry
from botocore.awsrequest import HeadersDict
from botocore.credentials import AssumeRoleCredentialFetcher
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from fsspec.asyn import sync
from servers.handler import Handler, serving, url_of
from servers.minio import start_minio

from s3r_spark.errors import RoutesError
from s3r_spark.fs import S3RFileSystem
from s3r_spark.fs.aio_stores import AioStores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.store import Store

BUCKET = "sales"
KEYS = {"access_key": "KEY-EAST", "secret_key": "secret"}
WEST = {"client": "west", "source_bucket_pattern": BUCKET, "source_key_pattern": "w/*"}


class Raw:
    """An answer as aiohttp has it, without a body."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.raw_headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def read(self) -> bytes:
        return b""


class Server:
    """Answers instead of all stores, and keeps what was sent."""

    def __init__(self, fs: Any, statuses: dict[str, tuple[int, dict[str, str]]]) -> None:
        self.sent: list[Any] = []
        self._statuses = statuses
        fs.connect()
        fs._s3.meta.events.register("before-send.s3", self.answer)

    def answer(self, request: Any, **_: Any) -> AioAWSResponse:
        self.sent.append(request)
        host = request.url.split("/")[2]
        status, headers = self._statuses.get(host, (200, {"content-length": "0"}))
        return AioAWSResponse(request.url, status, HeadersDict(headers), Raw(headers))

    @property
    def hosts(self) -> list[str]:
        return [request.url.split("/")[2] for request in self.sent]

    @property
    def signed(self) -> list[tuple[str, str]]:
        """Access keys and regions."""
        out = []
        for request in self.sent:
            header = request.headers["Authorization"]
            header = header.decode() if isinstance(header, bytes) else header
            scope = header.split("Credential=")[1].split(",")[0].split("/")
            out.append((scope[0], scope[2]))
        return out


def over(clients: dict[str, Any], profiles: dict[str, Any] | None = None, **options: Any) -> Any:
    return S3RFileSystem({"clients": clients, "profiles": profiles or {"west": WEST}}, **options)


def aws(region: str, key: str, **more: Any) -> dict[str, Any]:
    keys = {"access_key": key, "secret_key": "secret"}
    return {"service": "aws", "region": region, "credentials": keys, **more}


def test_a_region_redirect_is_remembered_for_its_own_store_alone() -> None:
    """Two accounts of AWS with one bucket name."""
    fs = over({"default": aws("us-east-1", "KEY-EAST"), "west": aws("us-west-2", "KEY-WEST")})
    moved = (301, {"x-amz-bucket-region": "eu-central-1"})
    server = Server(fs, {"sales.s3.amazonaws.com": moved})
    for name in ("x", "x", "w/x"):
        fs.info(f"{BUCKET}/{name}")
    assert server.hosts == [
        "sales.s3.amazonaws.com",
        "sales.s3.eu-central-1.amazonaws.com",
        "sales.s3.eu-central-1.amazonaws.com",
        "sales.s3.us-west-2.amazonaws.com",
    ]
    assert server.signed == [
        ("KEY-EAST", "us-east-1"),
        ("KEY-EAST", "eu-central-1"),
        ("KEY-EAST", "eu-central-1"),
        ("KEY-WEST", "us-west-2"),
    ]


def test_each_store_has_its_own_style_checksums_and_address() -> None:
    ceph = {"service": "ceph", "endpoint_url": "http://ceph:8080", "credentials": KEYS}
    fs = over({"default": aws("eu-west-1", "KEY-AWS"), "west": ceph})
    server = Server(fs, {})
    for name in ("x", "w/x"):
        fs.pipe_file(f"{BUCKET}/{name}", b"data")
    assert [request.url for request in server.sent] == [
        "https://sales.s3.eu-west-1.amazonaws.com/x",
        "http://ceph:8080/sales/w/x",
    ]
    checked = ["checksum" in str(request.headers).lower() for request in server.sent]
    assert checked == [True, False]


def test_the_bucket_stands_where_the_file_says_whatever_is_laid_over() -> None:
    hosted = {"endpoint_url": "http://oss.test:8080", "path_style": False, "credentials": KEYS}
    fs = over(
        {"default": aws("eu-west-1", "K"), "west": hosted},
        config_kwargs={"s3": {"payload_signing_enabled": True}},
    )
    server = Server(fs, {})
    fs.info(f"{BUCKET}/w/x")
    assert [request.url for request in server.sent] == ["http://sales.oss.test:8080/w/x"]


def test_anonymous_requests_are_not_signed() -> None:
    fs = over({"default": aws("us-east-1", "K"), "west": {"credentials": {"anonymous": True}}})
    server = Server(fs, {})
    fs.info(f"{BUCKET}/w/x")
    fs.info(f"{BUCKET}/x")
    assert ["Authorization" in request.headers for request in server.sent] == [False, True]
    assert "Signature" not in fs.url(f"{BUCKET}/w/x")


def test_a_store_without_credentials_signs_with_no_others(west: Store) -> None:
    fs = over({"default": entry(west), "west": {"region": "us-east-1"}})
    with pytest.raises(NoCredentialsError):
        fs.info(f"{BUCKET}/w/x")
    with pytest.raises(NoCredentialsError):
        fs.url(f"{BUCKET}/w/x")


def test_settings_are_the_files_with_s3fss_timeouts_below_and_the_callers_above() -> None:
    slow = aws("us-east-1", "K", botocore={"read_timeout": 300, "max_pool_connections": 50})
    options = {"config_kwargs": {"max_pool_connections": 7, "connector_args": {"ttl_dns_cache": 1}}}
    for above, pool in (({}, 50), (options, 7)):
        fs = over({"default": aws("us-east-1", "K"), "west": slow}, **above)
        Server(fs, {})
        fs.info(f"{BUCKET}/w/x")
        stores = fs._s3creator._stores
        config = stores.made("west").config
        assert (config.read_timeout, config.connect_timeout) == (300, fs.connect_timeout)
        assert config.max_pool_connections == pool
        assert stores.made("default").config.read_timeout == fs.read_timeout
    assert config.connector_args["ttl_dns_cache"] == 1


def test_settings_that_botocore_does_not_take_are_refused() -> None:
    wild = {"botocore": {"retries": {"mode": "wild"}}}
    fs = over({"default": aws("us-east-1", "K"), "west": wild})
    with pytest.raises(RoutesError, match=r"client 'west': botocore: .*wild"):
        fs.connect()


@pytest.mark.parametrize("mode", ["standard", "adaptive", "legacy"])
def test_retries_are_the_stores_own(mode: str) -> None:
    retries = {"retries": {"mode": mode, "total_max_attempts": 2}}
    fs = over({"default": aws("us-east-1", "K"), "west": aws("us-west-2", "K", botocore=retries)})
    server = Server(fs, {"sales.s3.us-west-2.amazonaws.com": (503, {})})
    with pytest.raises(OSError, match="Service Unavailable"):
        fs.info(f"{BUCKET}/w/x")
    assert len(server.sent) == 2


def test_a_role_is_assumed_once_for_both_ways_and_renewed(
    monkeypatch: pytest.MonkeyPatch, east: Store
) -> None:
    requests: list[int] = []

    def fetch(_: Any) -> dict[str, Any]:
        requests.append(len(requests))
        until = datetime.now(timezone.utc) + timedelta(seconds=5 if len(requests) < 2 else 5000)
        return {
            "access_key": east.access_key,
            "secret_key": east.secret_key,
            "token": "",
            "expiry_time": until.isoformat(),
        }

    monkeypatch.setattr(AssumeRoleCredentialFetcher, "fetch_credentials", fetch)
    role = {"role_arn": "arn:aws:iam::123456789012:role/reader"}
    east.make_bucket(BUCKET)
    clients = {"default": entry(east, credentials=role), "west": entry(east)}
    fs = over(clients)
    fs.pipe({f"{BUCKET}/x": b"x", f"{BUCKET}/w/x": b"w"})
    assert fs.find(BUCKET) == [f"{BUCKET}/w/x", f"{BUCKET}/x"]
    fs.cat(f"{BUCKET}/x")
    assert requests == [0, 1]


def test_answers_of_several_stores_hold_up_no_other_read(fs: Any) -> None:
    """However many threads wait for them: a store's first read needs one for its credentials."""
    fs.connect()
    over = threading.Event()
    waiting = [fs._s3creator._threads.submit(over.wait) for _ in range(20)]
    try:
        sync(fs.loop, fs._pipe_file, "example-bucket/team2/a", b"a", timeout=20)
    finally:
        over.set()
    assert all(one.result() for one in waiting)


def test_credentials_that_take_long_hold_up_no_other_store(
    monkeypatch: pytest.MonkeyPatch, routes: Any, west: Store
) -> None:
    over, look_up = threading.Event(), AioStores._looked_up

    def slowly(self: AioStores, name: str) -> Any:
        if name == "slow":
            over.wait()
        return look_up(self, name)

    monkeypatch.setattr(AioStores, "_looked_up", slowly)
    routes["clients"]["slow"] = entry(west)
    routes["profiles"]["slow"] = {"source_bucket_pattern": "slow"}
    fs = S3RFileSystem(routes)
    fs.connect()
    waiting = asyncio.run_coroutine_threadsafe(fs._exists("slow"), fs.loop)
    try:
        sync(fs.loop, fs._pipe_file, "example-bucket/team2/a", b"a", timeout=20)
    finally:
        over.set()
    assert waiting.result(20) is False


def connections(fs: Any) -> list[Any]:
    stores = fs._s3creator._stores._made.values()
    return [s for store in stores for s in store.client._endpoint.http_session._sessions.values()]


def test_a_new_client_closes_the_one_before_it(fs: Any) -> None:
    fs.pipe({"example-bucket/team2/a": b"a", "example-bucket/b": b"b"})
    before, opened = fs._s3creator, connections(fs)
    assert len(opened) == 2
    assert not any(one.closed for one in opened)
    fs.connect(refresh=True)
    assert fs._s3creator is not before
    assert all(one.closed for one in opened)
    for threads in (before._threads, before._lookups):
        with pytest.raises(RuntimeError, match="shutdown"):
            threads.submit(print)
    assert len(fs.find("example-bucket")) == 2
    assert fs.cat("example-bucket/team2/a") == b"a"


def test_a_client_of_a_loop_that_has_ended_is_left_to_it(routes: Any) -> None:
    fs = S3RFileSystem(routes, asynchronous=True)

    async def use() -> Any:
        await fs.set_session(refresh=True)
        await fs._pipe_file("example-bucket/team2/a", b"a")
        return await fs._find("example-bucket")

    for _ in range(2):
        assert asyncio.run(use()) == ["example-bucket/team2/a"]
        fs.invalidate_cache()


@pytest.mark.slow
def test_a_private_authority_is_trusted_where_it_is_named(tmp_path: Path) -> None:
    with start_minio(tmp_path / "minio", tls=True) as store:
        store.make_bucket(BUCKET)
        trusting = entry(store, ca_bundle=str(store.ca_bundle))
        fs = over({"default": trusting, "west": entry(store)})
        fs.retries = 1
        fs.pipe_file(f"{BUCKET}/x", b"x")
        assert fs.cat_file(f"{BUCKET}/x") == b"x"
        with pytest.raises(
            Exception, match=r"(?i)certificate.*named by the ca_bundle of client 'w"
        ):
            fs.cat_file(f"{BUCKET}/w/x")
        http = entry(store, endpoint_url=store.endpoint_url.replace("https", "http"))
        with pytest.raises(Exception, match="'west' says http: does the port speak https"):
            over({"default": trusting, "west": http}).info(f"{BUCKET}/w/x")
        careless = over({"default": entry(store, verify=False), "west": trusting})
        assert careless.cat_file(f"{BUCKET}/x") == b"x"
        assert careless.find(BUCKET) == [f"{BUCKET}/x"]


class Answers(Handler):
    """Sends whoever asks on to another server, if there is one, and remembers what was asked."""

    protocol_version = "HTTP/1.1"

    def send_on(self) -> None:
        self.server.asked.append(dict(self.headers))
        self.body()
        elsewhere = self.server.elsewhere
        headers = {"Location": f"{elsewhere}{self.path}"} if elsewhere else {}
        self.answer(status=self.server.status, headers=headers)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = send_on  # noqa: N815 - http.server's names


@contextmanager
def answering(status: int, elsewhere: str = "") -> Iterator[tuple[str, list[dict[str, str]]]]:
    asked: list[dict[str, str]] = []
    with serving(Answers, status=status, elsewhere=elsewhere, asked=asked) as server:
        yield url_of(server), asked


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_to_another_host(status: int) -> None:
    """aiohttp would, with the session's token and the keys for encryption."""
    with answering(200) as (stranger, heard), answering(status, stranger) as (address, server):
        keys = {"access_key": "k", "secret_key": "s", "session_token": "secret-token"}
        store = {"endpoint_url": address, "credentials": keys}
        fs = S3RFileSystem({"clients": {"default": store}})
        for ask, arguments in (
            (fs.cat_file, (f"{BUCKET}/x",)),
            (fs.pipe_file, (f"{BUCKET}/x", b"data")),
            (fs.ls, (BUCKET,)),
        ):
            # botocore looks for a bucket's region without end, with plain clients too; where that
            # ends in the midst of sending, it says HTTPClientError.
            with pytest.raises((OSError, ClientError, BotoCoreError, RecursionError)):
                ask(*arguments)
        assert server
        assert heard == []
