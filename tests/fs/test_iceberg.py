"""PyIceberg over stores that the routes lead to, by a SQL catalog."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
import yaml
from boto.conftest import entry
from fsspec.config import conf
from pyiceberg.catalog import load_catalog
from pyiceberg.io import load_file_io
from pyiceberg.table import StaticTable
from pyiceberg.transforms import IdentityTransform

from s3r_spark import RefusedError, RoutesError, RoutesWarning
from s3r_spark.iceberg import RoutedFileIO

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

IMPL = {"py-io-impl": "s3r_spark.iceberg.RoutedFileIO"}
ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "p": ["a", "*", "ö b"]})


@pytest.fixture
def file(east: Store, west: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bucket `lake` lies in west, as `real-lake`."""
    west.make_bucket("real-lake")
    keys = {"access_key": "${KEY}", "secret_key": "${SECRET}"}
    monkeypatch.setenv("KEY", west.access_key)
    monkeypatch.setenv("SECRET", west.secret_key)
    stores = {"default": east, "west": west}
    profile = {"client": "west", "source_bucket_pattern": "lake", "mapped_bucket_name": "real-lake"}
    clients = {name: entry(store, credentials=keys) for name, store in stores.items()}
    path = tmp_path / "routes.yaml"
    path.write_text(yaml.safe_dump({"clients": clients, "profiles": {"lake": profile}}))
    return path


def test_tables_by_a_sql_catalog(file: Path, tmp_path: Path, east: Store, west: Store) -> None:
    uri = f"sqlite:///{tmp_path}/catalog.db"
    properties = {**IMPL, "type": "sql", "uri": uri, "s3r.routes": str(file)}
    catalog = load_catalog("lake", **properties, warehouse="s3a://lake/warehouse")
    catalog.create_namespace("db")
    table = catalog.create_table("db.t", ROWS.schema)
    with table.update_spec() as update:
        update.add_field("p", IdentityTransform(), "p")
    table.append(ROWS)
    table.append(ROWS.slice(0, 1))
    table.delete("id = 2")
    first = table.metadata.snapshots[0].snapshot_id
    again = catalog.load_table("db.t")
    assert again.scan().to_arrow()["id"].to_pylist().count(1) == 2
    assert again.scan(snapshot_id=first).to_arrow().num_rows == 3
    assert again.metadata_location.startswith("s3a://lake/warehouse/db")
    assert {key.split("/")[0] for key in west.keys("real-lake")} == {"warehouse"}
    assert east.buckets() == []

    # Another catalog, and none at all, find it by its metadata; s3:// is another spelling.
    catalog.register_table("db.same", again.metadata_location)
    assert catalog.load_table("db.same").scan().to_arrow().num_rows == 3
    name = again.metadata_location.replace("s3a:", "s3:")
    static = StaticTable.from_metadata(name, {**IMPL, "s3r.routes": str(file)})
    assert sorted(static.scan(row_filter="p = 'ö b'").to_arrow()["id"].to_pylist()) == [3]


def test_a_file_io_pickles_and_deletes_one_file(file: Path, west: Store) -> None:
    file_io: RoutedFileIO = pickle.loads(pickle.dumps(RoutedFileIO({"s3r.routes": str(file)})))
    for key in ("p=*/x", "p=a/x"):
        with file_io.new_output(f"s3a://lake/{key}").create() as stream:
            stream.write(b"x")
    file_io.delete("s3a://lake/p=*/x")
    assert west.keys("real-lake") == ["p=a/x"]
    with pytest.raises(FileNotFoundError, match=r"p=\*/x"):
        file_io.delete(file_io.new_input("s3a://lake/p=*/x"))
    local = file_io.new_output(f"file://{file.parent}/local")
    local.create().close()
    file_io.delete(local)
    assert not (file.parent / "local").exists()


def test_access_read_holds(file: Path) -> None:
    routes = yaml.safe_load(file.read_text())
    routes["clients"]["west"]["access"] = "read"
    file.write_text(yaml.safe_dump(routes))
    with pytest.raises(RefusedError, match="access: read"):
        RoutedFileIO({"s3r.routes": str(file)}).new_output("s3a://lake/x").create().close()


def test_where_the_routes_come_from(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / "empty").mkdir()
    monkeypatch.chdir(file.parent / "empty")
    with pytest.raises(RoutesError, match=r"the catalog's property s3r\.routes"):
        load_file_io(IMPL)
    with pytest.raises(RoutesError, match=r"nowhere\.yaml: No such file"):
        load_file_io({**IMPL, "s3r.routes": "nowhere.yaml"})
    monkeypatch.setitem(conf, "s3r", {"routes": str(file)})
    properties: dict[str, Any] = {**IMPL, "s3.endpoint": "http://elsewhere", "s3.region": "x"}
    with pytest.warns(RoutesWarning, match=r"no effect: s3\.endpoint, s3\.region;"):
        assert not load_file_io(properties).new_input("s3://lake/x").exists()
