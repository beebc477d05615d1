"""What the router says when something is wrong: the logical path, the client, the store's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, lake_routes
from py4j.protocol import Py4JJavaError
from servers.minio import start_minio
from spark.places import client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]
PATH = "s3a://lake/team2/x"
WHO = "client 'east'"
TEAM2 = {
    "source_key_pattern": "team2/*",
    "mapped_bucket_name": "real",
    "mapped_prefix": "data",
}
PROFILE = "name=p;source_bucket_pattern=b"


@pytest.fixture
def fs(jvm: Any, west: Store, east: Store) -> RouterFs:
    return RouterFs(jvm, lake_routes(west, east, {"team2": TEAM2}), "lake")


def said(error: Py4JJavaError) -> str:
    """The message of what was thrown, not of its causes."""
    thrown: str = error.java_exception.toString()
    return thrown


def checked(error: Py4JJavaError, path: str = PATH) -> str:
    text = said(error)
    assert path in text
    assert WHO in text
    assert "s3r-" not in text
    assert text.count("(really s3a://real/data") == text.count("profile 'team2')") == 1
    return text


@pytest.fixture(scope="module")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Store]]:
    """MinIO, and MinIO with a certificate that no JVM trusts."""
    folder = tmp_path_factory.mktemp("minio")
    with start_minio(folder / "plain") as plain, start_minio(folder / "tls", tls=True) as tls:
        for store in (plain, tls):
            store.make_bucket("real")
        yield {"plain": plain, "tls": tls}


@pytest.mark.parametrize(
    ("at", "scheme", "keys", "hint"),
    [
        (
            "plain",
            "https",
            {},
            "endpoint_url of client 'east' says https, and the port speaks http",
        ),
        ("tls", "http", {}, "endpoint_url of client 'east' says http: does the port speak https?"),
        ("tls", "https", {}, "this JVM doesn't trust the certificate: give driver and executors"),
        ("plain", "http", {"secret_key": "wrong-one"}, "secret_key of client 'east' is not its"),
        ("plain", "http", {"access_key": "nobody"}, "doesn't know the access_key of client 'east'"),
        ("plain", "http", None, "client 'east' has no keys on this machine"),
    ],
    ids=["https-to-http", "http-to-https", "untrusted", "secret", "key", "no-keys"],
)
def test_hints_where_the_words_help_nobody(  # noqa: PLR0913 - what a client is made of
    *,
    jvm: Any,
    west: Store,
    minio: dict[str, Store],
    at: str,
    scheme: str,
    keys: dict[str, str] | None,
    hint: str,
) -> None:
    store = minio[at]
    url = f"{scheme}://{store.endpoint_url.partition('://')[2]}"
    east = client(store) | {"endpoint_url": url, "fail_fast": True}
    if keys is None:
        del east["credentials"]
    else:
        east["credentials"] = {**east["credentials"], **keys}
    routes = lake_routes(west, store, {"team2": TEAM2})
    routes["clients"]["east"] = east
    fs = RouterFs(jvm, routes, "lake")
    with pytest.raises(Py4JJavaError) as caught:
        fs.children("team2/x")
    text = checked(caught.value)
    assert f"(really s3a://real/data/x on {url}, client 'east', profile 'team2'): " in text
    assert hint in text.partition("profile 'team2'): ")[2]


@pytest.mark.parametrize("way", ["open", "openFile"])
def test_a_file_that_goes_while_it_is_read(fs: RouterFs, east: Store, way: str) -> None:
    fs.create("team2/x", b"1234567890")
    path = fs.path("team2/x")
    stream = fs.java.open(path) if way == "open" else fs.java.openFile(path).build().get()
    east.empty_bucket("real")
    with pytest.raises(Py4JJavaError) as caught:
        stream.readAllBytes()
    assert "FileNotFoundException" in checked(caught.value)
    with pytest.raises(Py4JJavaError) as caught:
        fs.java.openFile(path).build().get().read()
    assert "FileNotFoundException" in str(caught.value)


def test_a_file_that_can_t_be_finished(fs: RouterFs, east: Store) -> None:
    for builder in (False, True):
        path = fs.path("team2/x")
        out = fs.java.createFile(path).build() if builder else fs.java.create(path)
        out.write(b"1234567890")
        east.empty_bucket("real")
        east.client().delete_bucket(Bucket="real")
        with pytest.raises(Py4JJavaError) as caught:
            out.close()
        assert "bucket" in checked(caught.value)
        east.make_bucket("real")


def test_streams_are_the_stores_own_but_for_that(jvm: Any, fs: RouterFs) -> None:
    fs.create("team2/x", b"0123456789")
    stream = fs.java.open(fs.path("team2/x"))
    uri = jvm.java.net.URI.create("s3r-east://real/data/x")
    store = jvm.org.apache.hadoop.fs.FileSystem.get(uri, fs.java.getConf())
    plain = store.open(jvm.org.apache.hadoop.fs.Path(uri))
    names = ["in:readvectored", "in:unbuffer", "in:readahead", "in:readbytebuffer", "iostatistics"]
    capabilities = {name: stream.hasCapability(name) for name in names}
    assert capabilities == {name: plain.hasCapability(name) for name in names}
    assert capabilities["in:unbuffer"]
    stream.seek(7)
    assert bytes(stream.readAllBytes()) == b"789"
    stream.unbuffer()
    stream.setReadahead(1 << 16)
    assert stream.getIOStatistics().counters().get("stream_read_opened") == 1
    stream.close()
    out = fs.java.create(fs.path("team2/y"))
    assert out.hasCapability("fs.capability.outputstream.abortable")
    out.write(b"123")
    assert out.getPos() == 3
    out.abort()
    out.close()
    assert fs.kind("team2/y") is None


def test_the_builder_of_a_file_does_what_the_store_s_does(fs: RouterFs, east: Store) -> None:
    path = fs.path("team2/x")
    builder = fs.java.createFile(path).recursive()
    builder.must("fs.s3a.create.header.x-amz-meta-kind", "table")
    builder.build().close()
    assert east.client().head_object(Bucket="real", Key="data/x")["Metadata"] == {"kind": "table"}
    fs.java.createFile(path).build().close()  # over the old one, as S3A has it
    with pytest.raises(Py4JJavaError, match="FileAlreadyExistsException"):
        fs.java.createFile(path).overwrite(False).build()
    with pytest.raises(Py4JJavaError, match="unknown"):
        fs.java.createFile(path).must("unknown", "x").build()


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("a/gone", "a/new", "FileNotFoundException.*a/gone"),
        ("a/one", "a/two", "FileAlreadyExistsException.*lake/team2/a"),
        ("a", "full", "that folder is not empty"),
        ("a", "a/two/x", "inside of it"),
        ("a/one", "full/it/x", "full/it is a file"),
    ],
)
def test_a_rename_that_can_t_be_says_why(fs: RouterFs, source: str, target: str, says: str) -> None:
    """Within one store too, where S3A says false, and why in the log alone."""
    for name in ("team2/a/one", "team2/a/two", "team2/full/it"):
        fs.create(name, b"1")
    before = fs.files()
    with pytest.raises(Py4JJavaError, match=says):
        fs.rename(f"team2/{source}", f"team2/{target}")
    with pytest.raises(Py4JJavaError, match="root of a bucket"):
        fs.rename("", "team2/all")
    assert fs.files() == before


def test_an_upload_in_parts(fs: RouterFs, east: Store) -> None:
    east.client().delete_bucket(Bucket="real")
    with pytest.raises(Py4JJavaError) as caught:
        fs.start_upload("team2/x")
    assert "UnknownStoreException" in checked(caught.value)


def test_a_listing_of_a_bucket_that_is_not_there(fs: RouterFs, east: Store) -> None:
    east.client().delete_bucket(Bucket="real")
    with pytest.raises(Py4JJavaError) as caught:
        fs.children("team2/x")
    checked(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("fs.s3r.rename.across", "maybe", "must be copy or refuse, not 'maybe'"),
        ("fs.s3r.rename.threads", "0", "must be from 1 to 9999, not '0'"),
        ("fs.s3r.rename.threads", "x", "must be from 1 to 9999, not 'x'"),
        ("fs.s3r.unmatched", "Refuse", "must be default or refuse or read, not 'Refuse'"),
        ("fs.s3r.profiles", "2", r"is 2, and fs\.s3r\.routes\* hold 1"),
        (
            "fs.s3r.routes.1",
            "name=p;source_bucket_pattern=b",
            r"is 1, and fs\.s3r\.routes\* hold 2",
        ),
        ("fs.s3r.routes", "name=p;client=east", "'p' has no source_bucket_pattern"),
        ("fs.s3r.routes", f"{PROFILE};prefix_mode=Prepend", "must be replace or prepend, not 'P"),
        ("fs.s3r.routes", f"{PROFILE};mapped=x", "'mapped=x' in the profile"),
        ("fs.s3r.routes", f"{PROFILE};mapped_prefix=%zz", "%"),
        ("fs.s3r.routes", f"{PROFILE};client=nobody", "client 'nobody' has no options"),
        ("fs.s3r.routes", f"{PROFILE};source_key_pattern=x-*", r"end x-\* in '/\*'"),
    ],
)
def test_wrong_settings_stop_a_session_s_start(
    jvm: Any, fs: RouterFs, key: str, value: str, says: str
) -> None:
    conf = jvm.org.apache.hadoop.conf.Configuration(fs.java.getConf())
    assert jvm.s3r.hadoop.Startup.problem(conf) is None
    conf.set(key, value)
    assert re.search(says, jvm.s3r.hadoop.Startup.problem(conf))
