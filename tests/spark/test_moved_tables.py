"""Tables that are moved to another store: no byte of their metadata changes, and all goes on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from boto.conftest import entry
from click.testing import CliRunner
from migrate.conftest import contents
from pyiceberg.catalog import load_catalog
from pyiceberg.table import StaticTable
from servers.minio import start_minio
from spark.releases import installed
from spark.running import CHECKOUT, JOBS, QUIET, environment, job
from spark.test_table_formats import DELTA, ICEBERG

from s3r_spark.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

SQLITE = "org.xerial:sqlite-jdbc:3.51.3.0"
PREFIX = "moved/here/"
ROUTED = {"py-io-impl": "s3r_spark.iceberg.RoutedFileIO"}
FIRST, DELETED = list(range(10)), [0, 1, 2, *range(5, 10)]
LAST, OTHER = [*DELETED, *range(10, 20)], list(range(5, 20))


def run(step: str, routes: str, folder: Path) -> dict[str, Any]:
    site = installed("4.1.1")
    submit = f"--master local[2] {QUIET} --packages {DELTA},{ICEBERG},{SQLITE} pyspark-shell"
    env = environment(
        PYTHONPATH=f"{CHECKOUT}:{site}",
        SPARK_HOME=str(site / "pyspark"),
        PYSPARK_SUBMIT_ARGS=submit,
    )
    command = [sys.executable, str(JOBS / "tables.py"), step, routes, str(folder / "catalog.db")]
    with job(command, folder, env) as said:
        assert said["spark"] == "4.1.1"
        return said


def table(first: int, last: int) -> pa.Table:
    numbers = range(first, last)
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "p": [f"ü {n % 2}" for n in numbers],
            "q": pa.array([n % 3 for n in numbers], pa.int32()),
        }
    )


@pytest.mark.slow
def test_the_job_that_shows_it(tmp_path: Path) -> None:
    site = installed("4.1.1")
    env = environment(
        PYTHONPATH=str(site),
        SPARK_HOME=str(site / "pyspark"),
        PYSPARK_SUBMIT_ARGS=f"--master local[2] {QUIET} pyspark-shell",
    )
    script = tmp_path / "move_a_table.py"  # copied out, as a user may
    script.write_bytes((CHECKOUT / "jobs" / script.name).read_bytes())
    with (tmp_path / "job.log").open("w") as log:
        out = subprocess.run(
            [sys.executable, str(script)],
            cwd=tmp_path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            check=True,
        ).stdout
    (old,) = re.findall(r"on the old store: (.*)", out)
    assert re.fullmatch(r"\[\(\d+, 1000\), \(\d+, 667\)\]", old)
    assert f"on the new store: {old}\n" in out
    assert "rows after an append: 668\n" in out


@pytest.mark.slow
def test_tables_move_and_no_metadata_is_rewritten(ceph_store: Store, tmp_path: Path) -> None:
    new = ceph_store
    with ExitStack() as running:
        old = running.enter_context(start_minio(tmp_path / "minio"))
        old.make_bucket("lake")
        new.make_bucket("lake-2026")
        clients = {"old": entry(old), "new": entry(new)}
        for name, to in (
            ("old", {}),
            ("new", {"mapped_bucket_name": "lake-2026", "mapped_prefix": PREFIX}),
        ):
            profile = {"client": name, "source_bucket_pattern": "lake", **to}
            routes = {"unmatched": "refuse", "clients": clients, "profiles": {"lake": profile}}
            (tmp_path / f"{name}.yaml").write_text(json.dumps(routes))

        run("write", "old.yaml", tmp_path)
        before = contents(old, "lake")
        files = [str(tmp_path / name) for name in ("old.yaml", "new.yaml")]
        done = CliRunner().invoke(main, ["migrate", "--finish", *files])
        assert done.exit_code == 0, done.output
    # From here on the old server is off.
    assert contents(new, "lake-2026", PREFIX) == before
    for part in (b"s3a://lake/files/db/t", b"s3a://lake/named/db/t", b"s3a://lake/delta/t"):
        assert any(part in body for body in before.values()), "no path that could have gone stale"

    properties = {**ROUTED, "s3r.routes": files[1]}
    catalog = load_catalog(
        "named",
        type="sql",
        uri=f"sqlite:///{tmp_path}/catalog.db",
        **properties,
    )
    assert sorted(catalog.load_table("db.t").scan().to_arrow()["id"].to_pylist()) == LAST
    static = StaticTable.from_metadata("s3a://lake/files/db/t", properties)
    assert sorted(static.scan().to_arrow()["id"].to_pylist()) == LAST
    taken = catalog.register_table("db.taken", static.metadata_location)
    taken.append(table(100, 103))

    after = run("look", "new.yaml", tmp_path)
    assert [list(of.values()) for of in after["history"].values()] == [
        [FIRST, DELETED, LAST],
        [FIRST, DELETED, LAST],
        [[], FIRST, DELETED, OTHER],
    ]
    assert after["taken"] == [*LAST, 100, 101, 102]
    whole = [*LAST, *range(20, 30)]
    for one in after["tidied"].values():
        assert one["rows"] == whole
        assert list(one["snapshots"].values()) == [whole]
    # Its files are its own by the names that a list of their folder has, too.
    assert after["orphans"] == []
    assert after["vacuumed"] == [*OTHER, *range(20, 30)]
    assert after["clone"] == OTHER
    later = catalog.load_table("db.t").scan().to_arrow()["id"].to_pylist()
    assert sorted(later) == whole
    # What is still there of what was moved is what it was.
    kept = contents(new, "lake-2026", PREFIX)
    changed = {key for key in kept.keys() & before.keys() if kept[key] != before[key]}
    assert {key.rpartition("/")[2] for key in changed} <= {"version-hint.text", "_last_checkpoint"}
    new.clear()
