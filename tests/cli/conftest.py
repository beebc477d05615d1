from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from s3r_spark.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

ROUTES = """\
version: 1
clients:
  default: {service: aws, region: us-east-1}
  minio:
    service: minio
    endpoint_url: https://minio.example.com:9000
    credentials: {access_key: "${MINIO_ACCESS_KEY}", secret_key: "${MINIO_SECRET_KEY}"}
profiles:
  minio:
    source_bucket_pattern: example-bucket
    source_key_pattern: team2/*
    mapped_bucket_name: minio-bucket
    mapped_prefix: data/team2
"""


@pytest.fixture
def routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The routes of the design's first page, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    return "routes.yaml"


@pytest.fixture
def run() -> Callable[..., Result]:
    """Call `s3r-spark` within this process."""

    def call(*words: str) -> Result:
        result = CliRunner().invoke(main, list(words))
        unexpected = result.exception
        if unexpected is not None and not isinstance(unexpected, SystemExit):
            raise unexpected
        return result

    return call


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start `s3r-spark` as a process of its own."""

    def call(*words: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", "from s3r_spark.cli import main; main()", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **variables},
        )

    return call
