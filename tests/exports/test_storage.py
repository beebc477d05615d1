"""`Routes.storage_options`: each engine by itself reads and writes where the routes say."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import obstore
import polars as pl
import pytest
from boto.conftest import TEAM2, entry
from deltalake import DeltaTable, write_deltalake
from obstore.store import from_url
from pyiceberg.io.pyarrow import PyArrowFileIO

from s3r_spark import RefusedError, Routes, RoutesError, RoutesWarning, SecretError, client

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

FRAME = pl.DataFrame({"n": [1, 2, 3], "name": ["a", "ä", "c"]})


@pytest.fixture
def content(east: Store, west: Store) -> dict[str, Any]:
    """One team's folder of a bucket lies in another store; the rest is the default client's."""
    east.make_bucket("example-bucket")
    west.make_bucket("minio-bucket")
    return {
        "clients": {"default": entry(east), "minio": entry(west)},
        "profiles": {"minio": TEAM2},
    }


@pytest.fixture
def routes(content: dict[str, Any]) -> Routes:
    return Routes.load(content)


@pytest.mark.parametrize("folder", ["team1", "team2"])
def test_polars(routes: Routes, folder: str, west: Store) -> None:
    name = f"s3r://example-bucket/{folder}/größe x.parquet"
    url, options = routes.storage_options(name, engine="polars")
    FRAME.write_parquet(url, storage_options=options)
    assert pl.read_parquet(url, storage_options=options).equals(FRAME)
    url, options = routes.storage_options(
        f"s3a://example-bucket/{folder}/*.parquet", engine="polars"
    )
    assert pl.scan_parquet(url, storage_options=options).collect().equals(FRAME)
    listed = client(routes).list_objects_v2(Bucket="example-bucket", Prefix=f"{folder}/")
    assert [item["Key"] for item in listed["Contents"]] == [f"{folder}/größe x.parquet"]
    assert bool(list(west.keys("minio-bucket"))) is (folder == "team2")


def test_delta_lake(routes: Routes, west: Store) -> None:
    url, options = routes.storage_options("s3r://example-bucket/team2/table", engine="deltalake")
    assert url == "s3://minio-bucket/data/team2/table"
    write_deltalake(url, FRAME, storage_options=options)
    write_deltalake(url, FRAME, mode="append", storage_options=options)
    assert DeltaTable(url, storage_options=options).to_pyarrow_table().num_rows == 6
    assert all(key.startswith("data/team2/table/") for key in west.keys("minio-bucket"))


def test_delta_lake_commits_nowhere_without_conditional_writes(content: dict[str, Any]) -> None:
    """Such a store may ignore the condition, and one of two commits would be lost in silence."""
    content["clients"]["minio"]["service"] = "generic"
    name = "s3r://example-bucket/team2/table"
    url, options = Routes.load(content).storage_options(name, engine="deltalake")
    with pytest.raises(Exception, match=r"(?i)conditional|not.*implemented|not.*supported"):
        write_deltalake(url, FRAME, storage_options=options)


def test_obstore(routes: Routes, west: Store) -> None:
    url, options = routes.storage_options("s3r://example-bucket/team2/", engine="obstore")
    store = from_url(url, **options)
    obstore.put(store, "a/b", b"x")
    assert bytes(obstore.get(store, "a/b").bytes()) == b"x"
    assert list(west.keys("minio-bucket")) == ["data/team2/a/b"]


def test_pyiceberg(routes: Routes, west: Store) -> None:
    url, options = routes.storage_options("s3r://example-bucket/team2/x", engine="pyiceberg")
    file = PyArrowFileIO(options).new_output(url)
    with file.create() as out:
        out.write(b"x")
    assert list(west.keys("minio-bucket")) == ["data/team2/x"]


def test_duckdb_and_daft_get_their_own_words(routes: Routes, west: Store) -> None:
    url, options = routes.storage_options("s3r://example-bucket/team2/*.csv", engine="duckdb")
    assert url == "s3://minio-bucket/data/team2/*.csv"
    assert dict(options) == {
        "TYPE": "s3",
        "ENDPOINT": west.endpoint_url.removeprefix("http://"),
        "REGION": "us-west-1",
        "URL_STYLE": "path",
        "USE_SSL": False,
        "SCOPE": "s3://minio-bucket/data/team2/",
        "KEY_ID": west.access_key,
        "SECRET": west.secret_key,
    }
    for name in ("team2/x.csv", "team2/x", "team2/x[0-9].csv"):
        place = routes.storage_options(f"s3r://example-bucket/{name}", engine="duckdb")
        assert place.options["SCOPE"] == "s3://minio-bucket/data/team2/"
    options = routes.storage_options("s3r://example-bucket/team2/", engine="daft").options
    assert (options["endpoint_url"], options["use_ssl"]) == (west.endpoint_url, False)


@pytest.mark.parametrize(
    "name",
    [
        "s3r://example-bucket",
        "s3r://example-bucket/",
        "s3a://example-bucket/*",
        "s3://example-bucket/t*/x",
    ],
)
def test_what_lies_on_several_routes_is_refused(routes: Routes, name: str) -> None:
    with pytest.raises(RefusedError, match=r"on several routes \('minio', the default client\)"):
        routes.storage_options(name, engine="polars")


def test_a_file_and_a_folder_in_two_places_are_refused() -> None:
    content = {
        "clients": {"default": {"service": "aws", "region": "us-east-1"}},
        "profiles": {
            "raw": {"client": "default", "source_bucket_pattern": "b", "mapped_bucket_name": "c"}
        },
    }
    content["profiles"]["raw"]["source_key_pattern"] = "raw/*/*"
    routes = Routes.load(content)
    with pytest.raises(RefusedError, match="several routes"):
        routes.storage_options("s3r://b/raw/x", engine="polars")
    with pytest.raises(RefusedError, match=r"names more than 'raw/\*/\*' takes"):
        Routes.load({**content, "unmatched": "refuse"}).storage_options("s3r://b/", engine="polars")


def test_no_engine_is_told_less_than_the_store_needs(
    content: dict[str, Any], tmp_path: Path
) -> None:
    name = "s3r://example-bucket/team2/x"
    (tmp_path / "ca.pem").write_text("")
    private = copy.deepcopy(content)
    private["clients"]["minio"]["ca_bundle"] = str(tmp_path / "ca.pem")
    with pytest.raises(RefusedError, match="client 'minio': ca_bundle: polars takes no file"):
        Routes.load(private).storage_options(name, engine="polars")
    more = copy.deepcopy(content)
    more["clients"]["minio"]["hadoop"] = {"fs.s3a.encryption.algorithm": "SSE-S3"}
    with pytest.warns(RoutesWarning, match=r"isn't told of hadoop: fs\.s3a\.encryption\.algorithm"):
        Routes.load(more).storage_options(name, engine="polars")
    only = copy.deepcopy(content)
    only["profiles"]["minio"]["access"] = "read"
    with pytest.warns(RoutesWarning, match="'minio': access: read: polars could write"):
        Routes.load(only).storage_options(name, engine="polars")


def test_keys_of_the_usual_chain_are_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    routes = Routes.load({"clients": {"default": {"service": "aws", "region": "eu-west-1"}}})
    with pytest.raises(SecretError, match="client 'default': no credentials are found"):
        routes.storage_options("s3r://b/x", engine="polars")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    url, options = routes.storage_options("s3r://b/x", engine="polars")
    assert (url, options["aws_session_token"]) == ("s3://b/x", "token")
    # Written out, so that no AWS_ENDPOINT_URL takes its place; the bucket stands in the host.
    assert options["aws_endpoint"] == "https://b.s3.eu-west-1.amazonaws.com"
    assert "hidden" not in repr(options)
    with pytest.raises(RoutesError, match="its region is not known"):
        Routes.load({"clients": {"default": {}}}).storage_options("s3r://b/x", engine="polars")


def test_a_token_of_the_environment_goes_with_no_other_keys(
    routes: Routes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "somebody's")
    with pytest.raises(SecretError, match="AWS_SESSION_TOKEN is set"):
        routes.storage_options("s3r://example-bucket/team2/x", engine="polars")


def test_an_unknown_engine(routes: Routes) -> None:
    with pytest.raises(ValueError, match="engine must be one of polars, deltalake"):
        routes.storage_options("s3r://example-bucket/team2/x", engine="spark")  # type: ignore[arg-type]
