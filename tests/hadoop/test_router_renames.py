"""Renames across stores: what goes along, what stops them, what is said then."""

from __future__ import annotations

from datetime import datetime, timezone
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hadoop.routerfs import RouterFs, machine, opened
from py4j.protocol import Py4JJavaError
from servers.counting import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]


def test_metadata_goes_along(jvm: Any, west: Store, east: Store) -> None:
    """Of a file that goes in one piece, and of one that goes in two."""
    headers: dict[str, Any] = {
        "Metadata": {"kind": "table", "made-by": "hand"},
        "CacheControl": "no-cache",
        "ContentDisposition": "inline",
        "ContentEncoding": "zstd",
        "ContentLanguage": "de",
        "ContentType": "text/csv",
    }
    fs = opened(jvm, west, east)
    for name, length in (("small", 1), ("large", 9 << 20)):
        west.client().put_object(Bucket="lake", Key=f"c/{name}", Body=b"x" * length, **headers)
        assert fs.rename(f"c/{name}", f"team2/{name}")
        head = east.client().head_object(Bucket="real", Key=f"team2/{name}")
        assert {key: head.get(key) for key in headers} == headers
        assert head["ContentLength"] == length
    assert any("uploads" in request["query"] for request in east.requests())


@pytest.mark.parametrize("version", ["3.4.1", "3.4.2", "3.5.0"])
def test_headers_are_not_changed_on_their_way(version: str, west: Store, east: Store) -> None:
    """Whatever they hold, as what Hadoop would expand; of files in one piece and in two."""
    headers: dict[str, Any] = {
        "Metadata": {"home": "${env.HOME} ${user.name} $$", "quoted": '"a" = b; c'},
        "ContentDisposition": 'attachment; filename="${env.HOME}.txt"',
        "Expires": datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    }
    with machine(version) as jvm:
        fs = opened(jvm, west, east)
        for name, length in (("small", 1), ("large", 9 << 20)):
            body = b"x" * length
            west.client().put_object(Bucket="lake", Key=f"c/{name}", Body=body, **headers)
            assert fs.rename(f"c/{name}", f"team2/{name}")
            head = east.client().head_object(Bucket="real", Key=f"team2/{name}")
            assert {key: head.get(key) for key in headers} == headers
        fs.create("c/d/f0", b"1")
        fs.create("team2/d/f1", b"2")
        assert fs.rename("c/d", "team2/all")
        assert fs.files().keys() == {
            "team2/small", "team2/large", "team2/all/f0", "team2/d/f1",
        }  # fmt: skip


def test_headers_that_java_can_t_send_are_refused(jvm: Any, west: Store, east: Store) -> None:
    """The SDK signs other bytes than it sends where they are no ASCII."""
    url = west.client().generate_presigned_url(
        "put_object", Params={"Bucket": "lake", "Key": "c/f0"}
    )
    connection = HTTPConnection(urlsplit(url).netloc)
    connection.putrequest("PUT", url.partition(urlsplit(url).netloc)[2])
    connection.putheader("Content-Disposition", 'attachment; filename="ü.txt"'.encode())
    connection.putheader("Content-Length", "1")
    connection.endheaders(b"x")
    assert connection.getresponse().status == 200
    connection.close()
    with pytest.raises(Py4JJavaError, match=r"c/f0.*content-disposition holds.*can't send"):
        opened(jvm, west, east).rename("c", "team2/c")
    assert west.objects("lake") == {"c/f0": 1}
    assert [key for key in east.keys("real") if not key.endswith("/")] == []


def test_nothing_is_put_below_a_file(jvm: Any, west: Store, east: Store) -> None:
    fs = opened(jvm, west, east)
    fs.create("team2/f0", b"1")
    fs.create("c/f0", b"2")
    for old in ("c/f0", "c"):
        with pytest.raises(Py4JJavaError, match="s3a://lake/team2/f0 is a file"):
            fs.rename(old, "team2/f0/x")
    assert set(fs.files()) == {"team2/f0", "c/f0"}


class Once:
    """Refuses one request of a kind."""

    def __init__(self, method: str, path: str) -> None:
        self.refused = (method, path)

    def __call__(self, method: str, path: str) -> bool:
        if (method, path) != self.refused:
            return False
        self.refused = ("", "")
        return True


def failed(jvm: Any, west: Store, east: Store, rename: Callable[[RouterFs], Any]) -> str:
    fs = opened(jvm, west, east, **{"fs.s3r.rename.threads": "1"})
    fs.create("c/f0", b"1")
    fs.create("c/f1", b"2")
    with pytest.raises(Py4JJavaError) as caught:
        rename(fs)
    assert set(fs.files("c")) == {"c/f0", "c/f1"}
    text: str = caught.value.java_exception.toString()
    assert text.startswith("java.nio.file.AccessDeniedException"), "of the type that it was"
    assert "all is at the old name still (0 copies are left" in text
    return text


def test_copies_are_withdrawn_where_one_can_t_be_made(jvm: Any, west: Store, east: Store) -> None:
    with counted(east, Once("PUT", "/real/team2/c/f1")) as proxied:
        text = failed(jvm, west, proxied, lambda fs: fs.rename("c", "team2/c"))
    assert "s3a://lake/team2/c/f1" in text
    assert "(really s3a://real/team2/c/f1 on http://" in text
    assert "client 'east'" in text
    assert [key for key in east.keys("real") if not key.endswith("/")] == []


def test_what_can_t_be_read_is_said_of_the_old_name(jvm: Any, west: Store, east: Store) -> None:
    with counted(west, Once("GET", "/lake/c/f1")) as proxied:
        text = failed(jvm, proxied, east, lambda fs: fs.rename("c", "team2/c"))
    assert "s3a://lake/c/f1" in text
    assert "client 'default'" in text
    assert "client 'east'" not in text
