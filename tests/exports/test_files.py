"""`s3r-spark export`: what an engine can say of routes, in its own words, and what is refused."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from boto.conftest import entry
from click.testing import CliRunner

from s3r_spark.cli import main

if TYPE_CHECKING:
    from click.testing import Result
    from servers.store import Store

KEYS = {"access_key": "${MINIO_ACCESS_KEY}", "secret_key": "${MINIO_SECRET_KEY}"}
MINIO = {"service": "minio", "endpoint_url": "http://minio.test:9000", "credentials": KEYS}
CLIENTS: dict[str, Any] = {"default": {"service": "aws", "region": "eu-west-1"}, "minio": MINIO}
FOLDER = {"source_bucket_pattern": "lake", "source_key_pattern": ["raw/blue/*", "gold/*"]}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MINIO_ACCESS_KEY", raising=False)
    monkeypatch.delenv("MINIO_SECRET_KEY", raising=False)


def export(engine: str, profile: dict[str, Any], *words: str, **top: Any) -> Result:
    routes = {"clients": CLIENTS, "profiles": {"minio": profile}, **top}
    Path("routes.yaml").write_text(yaml.safe_dump(routes), encoding="utf-8")
    return CliRunner().invoke(main, ["export", engine, *words, "routes.yaml"])


def test_duckdb_has_a_secret_for_each_store() -> None:
    result = export("duckdb", FOLDER)
    assert (result.exit_code, result.stderr) == (0, "")
    minio, default = result.stdout.split("CREATE OR REPLACE SECRET ")[1:]
    assert minio.startswith('"s3r minio" (')
    assert "ENDPOINT 'minio.test:9000'" in minio
    # A folder ends in '/', or the secret would be raw/blue2's too.
    scopes = "'s3://lake/raw/blue/', 's3a://lake/raw/blue/', 's3://lake/gold/', 's3a://lake/gold/'"
    assert f"SCOPE [{scopes}]" in minio
    unset = (
        "coalesce(getvariable('MINIO_SECRET_KEY'), error('variable MINIO_SECRET_KEY is not set'))"
    )
    assert f"SECRET {unset}" in minio
    assert "PROVIDER credential_chain" in default
    assert "SCOPE ['s3://', 's3a://']" in default


def test_names_that_no_profile_takes_get_no_secret_where_they_are_refused() -> None:
    assert "s3r default" not in export("duckdb", FOLDER, unmatched="refuse").stdout


def test_values_are_written_where_they_are_asked_for_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MINIO_ACCESS_KEY", "key")
    monkeypatch.setenv("MINIO_SECRET_KEY", "it's hidden")
    assert "hidden" not in export("duckdb", FOLDER).stdout
    result = export("duckdb", FOLDER, "--secrets", "inline", "-o", "routes.sql")
    assert (result.exit_code, result.stdout) == (0, "routes.sql\n")
    assert "SECRET 'it''s hidden'" in Path("routes.sql").read_text()
    assert stat.S_IMODE(Path("routes.sql").stat().st_mode) == 0o600
    assert export("duckdb", FOLDER, "-o", "routes.sql").exit_code == 0  # its own
    Path("routes.sql").write_text("mine")
    result = export("duckdb", FOLDER, "-o", "routes.sql")
    assert (result.exit_code, Path("routes.sql").read_text()) == (1, "mine")
    assert "--force overwrites" in result.stderr


@pytest.mark.parametrize(
    ("engine", "profile", "says"),
    [
        ("duckdb", {**FOLDER, "mapped_bucket_name": "other"}, "can't give names another place"),
        ("trino", {**FOLDER, "mapped_bucket_name": "other"}, "can't give names another place"),
        ("duckdb", {**FOLDER, "source_key_pattern": "a/*/b/*"}, "no patterns like 'a/*/b/*'"),
        ("duckdb", {"source_bucket_pattern": "dev-*"}, "the names that 'dev-*' stands for"),
        ("rclone", FOLDER, "no folder like 'gold/' into one"),
        ("trino", FOLDER, "puts the bucket of all stores into the path, or of none"),
    ],
)
def test_what_an_engine_cannot_say_is_refused(
    engine: str, profile: dict[str, Any], says: str
) -> None:
    result = export(engine, profile)
    assert (result.exit_code, result.stdout) == (1, "")
    assert says in result.stderr
    assert "routes.yaml:" in result.stderr or "path_style" in result.stderr


def test_a_secret_that_stands_in_the_routes_is_no_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = {**MINIO, "credentials": {"access_key": "key", "secret_key": "hidden"}}
    monkeypatch.setitem(CLIENTS, "minio", plain)
    result = export("duckdb", FOLDER)
    assert result.exit_code == 1
    assert "access_key stands in the file" in result.stderr
    assert "hidden" not in result.output


def test_rclone_reads_the_shell_s_variables() -> None:
    profile = {
        "source_bucket_pattern": "lake",
        "mapped_bucket_name": "real-lake",
        "mapped_prefix": "a b",
    }
    text = export("rclone", profile).stdout
    shell = f'{text}\necho "$RCLONE_CONFIG_S3R_MINIO_SECRET_ACCESS_KEY"; env'
    unset = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=False)
    assert "MINIO_ACCESS_KEY" in unset.stderr
    env = {**os.environ, "MINIO_ACCESS_KEY": "a", "MINIO_SECRET_KEY": "b ' $c"}
    process = subprocess.run(
        ["sh", "-c", shell], capture_output=True, text=True, check=True, env=env
    )
    lines = process.stdout.splitlines()
    assert lines[0] == "b ' $c"
    assert 'RCLONE_CONFIG_ROUTES_UPSTREAMS="lake=s3r_minio:real-lake/a b"' in lines
    assert "RCLONE_CONFIG_S3R_MINIO_ENDPOINT=http://minio.test:9000" in lines
    assert "RCLONE_CONFIG_S3R_MINIO_NO_CHECK_BUCKET=true" in lines


def test_trino_takes_one_store_by_references_and_several_by_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CLIENTS, "default", MINIO)
    monkeypatch.setitem(CLIENTS, "minio", {**MINIO, "endpoint_url": "http://other.test"})
    result = export("trino", FOLDER)
    assert "tells several stores apart by a file of JSON" in result.stderr
    monkeypatch.setenv("MINIO_ACCESS_KEY", "key")
    monkeypatch.setenv("MINIO_SECRET_KEY", "hidden")
    text = export("trino", FOLDER, "--secrets", "inline").stdout
    mappings = yaml.safe_load(text[text.index("{") :])["mappings"]
    places = [(one.get("prefix"), one["endpoint"]) for one in mappings]
    assert places == [
        ("s3://lake/raw/blue/", "http://other.test"),
        ("s3://lake/gold/", "http://other.test"),
        (None, "http://minio.test:9000"),
    ]
    text = export("trino", {**FOLDER, "client": "default"}).stdout
    assert "s3.aws-secret-key=${ENV:MINIO_SECRET_KEY}\n" in text
    assert "s3.endpoint=http://minio.test:9000\n" in text


PROGRAM = """
import sys, duckdb
from pathlib import Path
(httpfs,) = Path(sys.prefix, "lib").rglob("httpfs.duckdb_extension")
db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
db.load_extension(str(httpfs))
text = Path("routes.sql").read_text().replace("LOAD httpfs;", "")
try:
    db.execute(text)
except duckdb.Error as error:
    print("unset" if "_KEY is not set" in str(error) else error)
for name in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "EAST_ACCESS_KEY", "EAST_SECRET_KEY"):
    db.execute(f"SET VARIABLE {name} = ?", [sys.argv.pop(1)])
db.execute(text)
for folder in ("gold", "gold2"):
    db.execute(f"COPY (SELECT '{folder}' AS x) TO 's3://lake/{folder}/x.parquet'")
print(db.execute("SELECT x FROM 's3a://lake/gold/*.parquet'").fetchall())
"""


@pytest.mark.slow
@pytest.mark.timeout(300)  # an environment is made
def test_duckdb_itself_reads_and_writes_by_it(
    monkeypatch: pytest.MonkeyPatch, east: Store, west: Store, tmp_path: Path
) -> None:
    east.make_bucket("lake")
    west.make_bucket("lake")
    theirs = {"access_key": "${EAST_ACCESS_KEY}", "secret_key": "${EAST_SECRET_KEY}"}
    monkeypatch.setitem(CLIENTS, "default", entry(east, credentials=theirs))
    monkeypatch.setitem(CLIENTS, "minio", entry(west, credentials=KEYS))
    result = export("duckdb", FOLDER, "-o", "routes.sql")
    assert result.exit_code == 0, result.stderr
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, "duck"], check=True)
    python = str(tmp_path / "duck" / "bin" / "python")
    packages = ["duckdb==1.5.5", "duckdb-extension-httpfs==1.5.5"]
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)
    keys = [west.access_key, west.secret_key, east.access_key, east.secret_key]
    process = subprocess.run(
        [python, "-c", PROGRAM, *keys], capture_output=True, text=True, check=False
    )
    assert process.stdout.splitlines() == ["unset", "[('gold',)]"], process.stderr
    assert (list(west.keys("lake")), list(east.keys("lake"))) == (
        ["gold/x.parquet"],
        ["gold2/x.parquet"],
    )
