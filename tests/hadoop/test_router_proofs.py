"""Copies from store to store: what proves them, and what becomes of what can't be proven."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import opened
from py4j.protocol import Py4JJavaError
from servers.counting import counted

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]

SIZES = [1, 100_000, (8 << 20) + 1, 17 << 20]  # in one piece, and in two and three


class Flip:
    """Changes a bit of bodies on their way: in their first byte, or in their last one."""

    def __init__(self, method: str, path: str, end: str, times: int = 1 << 30) -> None:
        self.of, self.end, self.left = (method, path), end, times

    def __call__(self, method: str, path: str, body: bytes) -> bytes:
        if (method, path.partition("?")[0]) != self.of or not (body and self.left):
            return body
        self.left -= 1
        first, last = 0, len(body) - 1
        if b";chunk-signature=" in body[:100]:  # as the SDK sends it, in chunks that are signed
            first, last = body.index(b"\r\n") + 2, body.rindex(b"\r\n0;chunk-signature=") - 1
        changed = bytearray(body)
        changed[first if self.end == "first" else last] ^= 1
        return bytes(changed)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("end", ["first", "last"])
def test_a_bit_that_is_flipped_on_the_way_is_found(
    jvm: Any, west: Store, east: Store, size: int, end: str
) -> None:
    """Whichever side of the copy it happens on, and in whichever of its parts."""
    body = os.urandom(size)
    west.put("lake", "c/f0", body)
    with counted(west, spoiled=Flip("GET", "/lake/c/f0", end)) as proxied:
        fs = opened(jvm, proxied, east)
        with pytest.raises(Py4JJavaError, match=r"0 copies are left.*c/f0': other bytes have come"):
            fs.rename("c", "team2/c")
    with counted(east, sent=Flip("PUT", "/real/team2/c/f0", end)) as proxied:
        fs = opened(jvm, west, proxied)
        with pytest.raises(Py4JJavaError, match=r"0 copies are left.*team2/c/f0': .*other bytes"):
            fs.rename("c", "team2/c")
    assert west.client().get_object(Bucket="lake", Key="c/f0")["Body"].read() == body
    assert [key for key in east.keys("real") if not key.endswith("/")] == []
    assert east.client().list_multipart_uploads(Bucket="real").get("Uploads", []) == []


@pytest.mark.parametrize("size", SIZES)
def test_what_is_flipped_once_is_copied_again(
    jvm: Any, west: Store, east: Store, size: int
) -> None:
    body = os.urandom(size)
    west.put("lake", "c/f0", body)
    with counted(west, spoiled=Flip("GET", "/lake/c/f0", "first", times=1)) as proxied:
        assert opened(jvm, proxied, east).rename("c", "team2/c")
    assert east.client().get_object(Bucket="real", Key="team2/c/f0")["Body"].read() == body
    assert west.keys("lake") == ["c/"] or west.keys("lake") == []


def test_a_connection_that_breaks_is_made_again(jvm: Any, west: Store, east: Store) -> None:
    for name in ("f0", "f1"):
        west.put("lake", f"c/{name}", os.urandom(200_000))
    lives = {"/lake/c/f0": 2, "/lake/c/f1": 1}

    def cut(method: str, path: str, body: bytes) -> bytes:
        if method != "GET" or lives.get(path, 0) == 0:
            return body
        lives[path] -= 1
        return body[:50_000]

    with counted(west, spoiled=cut) as proxied:
        assert opened(jvm, proxied, east).rename("c", "team2/c")
    assert east.objects("real") == {"team2/c/f0": 200_000, "team2/c/f1": 200_000}


def test_what_is_written_to_an_old_name_since_stays(jvm: Any, west: Store, east: Store) -> None:
    """Between its copy and its deletion; and so does what is new there."""
    for name in ("f0", "f1"):
        west.put("lake", f"c/{name}", b"old")
    copied = {"/real/team2/c/f0", "/real/team2/c/f1"}

    def overwrite(method: str, path: str, body: bytes) -> bytes:
        if method == "PUT":
            copied.discard(path)
            if not copied:
                west.put("lake", "c/f1", b"new")
                west.put("lake", "c/f2", b"new")
        return body

    stays = "stays there: s3a://lake/c/f1, s3a://lake/c/f2"
    with counted(east, spoiled=overwrite) as proxied:
        fs = opened(jvm, west, proxied)
        with pytest.raises(Py4JJavaError, match=stays):
            fs.rename("c", "team2/c")
    assert west.objects("lake") == {"c/f1": 3, "c/f2": 3}
    assert west.client().get_object(Bucket="lake", Key="c/f1")["Body"].read() == b"new"
    assert east.objects("real") == {"team2/c/f0": 3, "team2/c/f1": 3}


def test_a_file_that_is_written_anew_while_it_moves_stays(
    jvm: Any, west: Store, east: Store
) -> None:
    west.put("lake", "c/f0", b"old")

    def overwrite(method: str, path: str, body: bytes) -> bytes:
        if (method, path) == ("PUT", "/real/team2/f0"):
            west.put("lake", "c/f0", b"new")
        return body

    with counted(east, spoiled=overwrite) as proxied:
        fs = opened(jvm, west, proxied)
        with pytest.raises(Py4JJavaError, match="stays there: s3a://lake/c/f0"):
            fs.rename("c/f0", "team2/f0")
    assert west.objects("lake") == {"c/f0": 3}
    assert east.objects("real") == {"team2/f0": 3}


@pytest.mark.parametrize("stopped", ["while it copied", "while it deleted"])
@pytest.mark.parametrize("size", [10, (8 << 20) + 5])
def test_a_move_that_was_stopped_can_be_made_again(
    jvm: Any, west: Store, east: Store, stopped: str, size: int
) -> None:
    """As a process that is killed leaves it; files of one piece, and of parts of two lengths."""
    west.put("lake", "c/other", b"on its way")
    body = os.urandom(size)
    west.client().upload_fileobj(io.BytesIO(body), "lake", "c/d/f0")
    east.put("real", "team2/c/other", b"on its way")  # in the same second perhaps
    if stopped == "while it deleted":
        east.put("real", "team2/c/gone", b"from the old name already")
        east.put("real", "team2/c/d/f0", body)
    before = dict(east.objects("real"))
    fs = opened(jvm, west, east)
    assert fs.rename("c", "team2/c")
    assert not [key for key in west.keys("lake") if not key.endswith("/")]
    assert east.objects("real") == before | {"team2/c/d/f0": size, "team2/c/other": 10}
    assert east.client().get_object(Bucket="real", Key="team2/c/d/f0")["Body"].read() == body


@pytest.mark.parametrize("new", ["team2/f1", "team2/there"])
@pytest.mark.parametrize("size", [10, (8 << 20) + 5])
def test_a_file_s_move_that_was_stopped_can_be_made_again(
    jvm: Any, west: Store, east: Store, new: str, size: int
) -> None:
    """Between copy and deletion; a file that is moved to a folder goes into it."""
    body = os.urandom(size)
    west.put("lake", "c/f0", body)
    east.put("real", "team2/there/other", b"x")
    copy = new if new == "team2/f1" else "team2/there/f0"
    east.client().upload_fileobj(io.BytesIO(body), "real", copy)
    assert opened(jvm, west, east).rename("c/f0", new)
    assert not [key for key in west.keys("lake") if not key.endswith("/")]
    assert east.objects("real") == {copy: size, "team2/there/other": 1}


@pytest.mark.parametrize(("old", "new"), [(b"x", b"y"), (b"x", b"xx"), (b"", b"")])
def test_a_file_at_the_new_name_that_is_no_copy_stays(
    jvm: Any, west: Store, east: Store, old: bytes, new: bytes
) -> None:
    """Nothing tells an empty file from another one's, so that it is taken for that."""
    west.put("lake", "c/f0", old)
    east.put("real", "team2/there/f0", new)
    fs = opened(jvm, west, east)
    for name in ("team2/there/f0", "team2/there"):
        with pytest.raises(Py4JJavaError, match=r"a file of that name|is no copy of it") as caught:
            fs.rename("c/f0", name)
        text = caught.value.java_exception.toString()
        assert text.startswith("org.apache.hadoop.fs.FileAlreadyExistsException")
    assert west.get("lake", "c/f0") == old
    assert east.get("real", "team2/there/f0") == new


@pytest.mark.parametrize("there", [{"team2/c/f0": b"y"}, {"team2/c/f0": b"x", "team2/c/f1": b"z"}])
def test_a_folder_that_holds_anything_else_is_no_move_that_was_stopped(
    jvm: Any, west: Store, east: Store, there: dict[str, bytes]
) -> None:
    west.put("lake", "c/f0", b"x")
    west.put("lake", "c/f2", b"x")
    for key, body in there.items():
        east.put("real", key, body)
    fs = opened(jvm, west, east)
    with pytest.raises(Py4JJavaError, match=r"not empty|is no copy of it"):
        fs.rename("c", "team2/c")
    assert west.objects("lake") == {"c/f0": 1, "c/f2": 1}
    assert east.objects("real") == dict.fromkeys(there, 1)


def test_one_store_by_two_addresses_is_told_from_another(jvm: Any, west: Store) -> None:
    """A rename that would find the file itself at the new name deletes nothing."""
    west.make_bucket("archive")
    west.put("lake", "c/f0", b"the only one")
    west.put("lake", "d/f0", b"the only one")
    again = replace(west, endpoint_url=west.endpoint_url.replace("127.0.0.1", "localhost"))
    profiles = {
        "same": {"source_key_pattern": "same/*", "mapped_prefix": "c"},
        "moved": {"source_key_pattern": "moved/*", "mapped_prefix": "e"},
    }
    fs = opened(jvm, west, again, profiles)
    for old, new in (("c", "same"), ("c/f0", "same/f0"), ("same", "c")):
        with pytest.raises(Py4JJavaError, match=r"is the file itself|there is a file"):
            fs.rename(old, new)
    assert west.objects("lake") == {"c/f0": 12, "d/f0": 12}
    assert fs.rename("d", "moved/d")
    assert west.objects("lake") == {"c/f0": 12, "e/d/f0": 12}


def test_a_file_whose_etag_tells_nothing_is_read_again(jvm: Any, west: Store, east: Store) -> None:
    """As that of one in parts of several lengths."""
    parts = [os.urandom(size) for size in (5 << 20, 6 << 20, 1)]
    store, name = west.client(), {"Bucket": "lake", "Key": "c/f0"}
    upload = store.create_multipart_upload(**name)["UploadId"]
    numbered = [
        {
            "PartNumber": number,
            "ETag": store.upload_part(**name, UploadId=upload, PartNumber=number, Body=part)[
                "ETag"
            ],
        }
        for number, part in enumerate(parts, 1)
    ]
    store.complete_multipart_upload(**name, UploadId=upload, MultipartUpload={"Parts": numbered})
    west.forget_requests()
    assert opened(jvm, west, east).rename("c", "team2/c")
    reads = [r for r in west.requests() if (r["method"], r["path"]) == ("GET", "/lake/c/f0")]
    assert len(reads) == 2 * 2
    body = east.client().get_object(Bucket="real", Key="team2/c/f0")["Body"].read()
    assert body == b"".join(parts)
