"""awswrangler and daft, which are too large for the tests' own environment, in one of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from boto.conftest import TEAM2, entry

if TYPE_CHECKING:
    from servers.store import Store

ROOT = Path(__file__).parents[2]
NEEDED = ("click", "pydantic", "pyyaml", "rich")  # of this package, beside boto3
PROGRAM = """
import json, sys
import awswrangler as wr, daft, pandas as pd
import s3r_spark
routes = s3r_spark.Routes.load(json.loads(sys.argv[1]))
session = s3r_spark.session(routes)
frame = pd.DataFrame({"n": [1, 2, 3]})
for team in ("team1", "team2"):
    folder = f"s3://example-bucket/{team}"
    wr.s3.to_parquet(frame, f"{folder}/x.parquet", boto3_session=session)
    wr.s3.to_csv(frame, f"{folder}/x.csv", index=False, boto3_session=session)
    for found in (
        wr.s3.read_parquet(f"{folder}/x.parquet", boto3_session=session),
        wr.s3.read_csv(f"{folder}/x.csv", boto3_session=session),
    ):
        assert found["n"].tolist() == [1, 2, 3]
assert len(wr.s3.list_objects("s3://example-bucket/", boto3_session=session)) == 4
url, options = routes.storage_options("s3r://example-bucket/team2/*.parquet", engine="daft")
config = daft.io.IOConfig(s3=daft.io.S3Config(**options))
assert daft.read_parquet(url, io_config=config).to_pydict() == {"n": [1, 2, 3]}
wr.s3.delete_objects("s3://example-bucket/team1/", boto3_session=session)
print("done")
"""


@pytest.mark.slow
@pytest.mark.timeout(300)  # an environment of 450 MB is made
def test_they_read_and_write_where_the_routes_say(east: Store, west: Store, tmp_path: Path) -> None:
    east.make_bucket("example-bucket")
    west.make_bucket("minio-bucket")
    uv, python = str(Path(sys.executable).with_name("uv")), str(tmp_path / "bin" / "python")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(tmp_path)], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", python]
    subprocess.run([*install, "awswrangler", "daft", *NEEDED], check=True)
    routes = {
        "clients": {"default": entry(east), "minio": entry(west)},
        "profiles": {"minio": TEAM2},
    }
    done = subprocess.run(
        [python, "-c", PROGRAM, json.dumps(routes)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[-1:] == ["done"], done.stderr
    assert list(west.keys("minio-bucket")) == ["data/team2/x.csv", "data/team2/x.parquet"]
    assert not list(east.keys("example-bucket"))
