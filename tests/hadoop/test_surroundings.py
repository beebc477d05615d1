"""What surrounds a file system on a machine: variables, AWS files, properties of the JVM."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import machine
from py4j.protocol import Py4JJavaError
from spark.places import client

from s3r_spark.hadoop.routes_plan import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow
ELSEWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the AWS files of the Java machine."""
    return tmp_path_factory.mktemp("aws")


@pytest.fixture(scope="module")
def jvm(files: Path) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(files / "credentials"))
        patch.setenv("AWS_CONFIG_FILE", str(files / "config"))
        patch.setenv("AWS_PROFILE", "usual")
        patch.setenv("EMPTY_ONE", "")
        patch.setenv("SET_ONE", "set")
        with machine() as running:
            yield running


def profile(file: Path, access_key: str, store: Store, name: str = "west") -> None:
    """Write the keys of a store to a file of AWS, as one that was prepared some time ago."""
    draft = file.with_suffix(".draft")
    draft.write_text(
        f"[{name}]\naws_access_key_id = {access_key}\naws_secret_access_key = {store.secret_key}\n"
    )
    os.utime(draft, (1e9, 1e9 + len(access_key)))
    shutil.move(draft, file)


def without_keys(store: Store) -> dict[str, Any]:
    return {key: value for key, value in client(store).items() if key != "credentials"}


def opened(jvm: Any, routes: dict[str, Any], bucket: str, **how: Any) -> Any:
    """A file system by the settings of routes, with references to variables."""
    conf = jvm.org.apache.hadoop.conf.Configuration()
    conf.set("fs.s3a.input.stream.type", "classic")
    for key, value in settings(routes, **{"engine": "router", **how}).items():
        conf.set(key, value)
    uri = jvm.java.net.URI.create(f"s3a://{bucket}")
    return jvm.org.apache.hadoop.fs.FileSystem.newInstance(uri, conf)


def said(jvm: Any, routes: dict[str, Any], bucket: str, **how: Any) -> str:
    """What the first use of a bucket fails with."""
    path = jvm.org.apache.hadoop.fs.Path(f"s3a://{bucket}/x")
    with pytest.raises(Py4JJavaError) as caught:
        opened(jvm, routes, bucket, **how).exists(path)
    text: str = caught.value.java_exception.toString()
    return text


def keys(access_key: str, secret_key: str) -> dict[str, Any]:
    return {"credentials": {"access_key": access_key, "secret_key": secret_key}}


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (keys("${GONE_ONE}", "${GONE_TWO}"), "variables GONE_ONE and GONE_TWO are"),
        (keys("${SET_ONE}", "${GONE_ONE}"), "variable GONE_ONE is"),
        (keys("${SET_ONE}", "${EMPTY_ONE}"), "variable EMPTY_ONE is"),
        (keys("${SET_ONE}", "${SET_ONE}${GONE_ONE}"), "variable GONE_ONE is"),
    ],
)
def test_a_variable_that_is_not_set_is_named(
    jvm: Any, west: Store, entry: dict[str, Any], named: str
) -> None:
    """Before a request, with the machine that lacks it: it may be any executor of a cluster."""
    routes: dict[str, Any] = {"clients": {"default": client(west) | entry}}
    text = said(jvm, routes, "lake")
    assert f"the environment {named} not set on this machine (host " in text
    assert "client 'default' needs " in text
    assert west.requests() == []


def test_without_the_jar_there_are_no_keys_then_and_no_request(
    jvm: Any, west: Store, east: Store
) -> None:
    """Neither the text of the reference goes out as a key, nor are the default client's keys."""
    clients = {
        "default": client(west, by_variables=True) | keys("${SET_ONE}", "${SET_ONE}"),
        "east": client(east) | keys("${GONE_ONE}", "${GONE_ONE}"),
    }
    routes = {"clients": clients, "profiles": {"east": {"source_bucket_pattern": "lake"}}}
    text = said(jvm, routes, "lake", engine="s3a")
    assert "No AWS credentials in the Hadoop configuration" in text
    assert west.requests() == east.requests() == []


@pytest.mark.parametrize(
    "of", [{"credentials": {"aws_profile": "west"}}, {}], ids=["profile", "usual"]
)
def test_keys_in_the_files_of_aws_are_renewed(
    jvm: Any, files: Path, west: Store, of: dict[str, Any]
) -> None:
    """A running file system reads them again, however they came there."""
    west.make_bucket("lake")
    name, file = "west" if of else "usual", files / "credentials"
    profile(file, "expired", west, name)
    routes: dict[str, Any] = {"clients": {"default": without_keys(west) | of}}
    fs, path = opened(jvm, routes, "lake"), jvm.org.apache.hadoop.fs.Path("s3a://lake/x")
    with pytest.raises(Py4JJavaError, match="InvalidAccessKeyId"):
        fs.create(path).close()
    profile(file, west.access_key, west, name)
    fs.create(path).close()
    half = f"[{name}]\naws_access_key_id = {west.access_key}\n"
    for text in ("", half, "[other]\n", "[broken"):  # as it is written, or by mistake
        file.write_text(text)
        assert fs.exists(path)
    profile(file, "expired-again", west, name)
    with pytest.raises(Py4JJavaError, match="InvalidAccessKeyId"):
        fs.create(path).close()


def test_a_profile_in_a_file_of_its_own(jvm: Any, tmp_path: Path, west: Store) -> None:
    west.make_bucket("lake")
    profile(tmp_path / "own", west.access_key, west)
    option = {"hadoop": {"fs.s3a.auth.profile.file": str(tmp_path / "own")}}
    routes = {
        "clients": {
            "default": without_keys(west) | {"credentials": {"aws_profile": "west"}} | option
        }
    }
    path = jvm.org.apache.hadoop.fs.Path("s3a://lake/x")
    opened(jvm, routes, "lake").create(path).close()
    assert west.keys("lake") == ["x"]


@pytest.mark.parametrize(
    "where", ["endpoint_url", "services", "aws.endpointUrl", "aws.endpointUrlS3"]
)
def test_aws_is_not_replaced_by_what_surrounds_the_file_system(
    jvm: Any, files: Path, west: Store, where: str
) -> None:
    """On no node: the client itself is asked where it would go. One with an address is safe."""
    west.make_bucket("here")
    aws = {"region": "us-east-1", **keys("${SET_ONE}", "${SET_ONE}")}
    routes = {
        "clients": {"default": aws, "west": client(west)},
        "profiles": {"west": {"source_bucket_pattern": "here"}},
    }
    written = {
        "endpoint_url": f"[profile usual]\nendpoint_url = {ELSEWHERE}\n",
        "services": "[profile usual]\nservices = x\n[services x]\ns3 =\n  endpoint_url = "
        + ELSEWHERE,
    }
    if where in written:
        (files / "config").write_text(written[where])
    else:
        jvm.java.lang.System.setProperty(where, ELSEWHERE)
    try:
        text = said(jvm, routes, "lake", secrets="inline")
        assert "client 'default' is AWS, and this machine (host " in text
        assert f"has '{ELSEWHERE}' in its place" in text
        path = jvm.org.apache.hadoop.fs.Path("s3a://here/x")
        opened(jvm, routes, "here", secrets="inline", engine="router").create(path).close()
        assert west.keys("here") == ["x"]
    finally:
        jvm.java.lang.System.clearProperty(where)
        (files / "config").unlink(missing_ok=True)
