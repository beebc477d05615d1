"""Keys that run out while a session runs: its executors sign with new ones."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hadoop.test_surroundings import without_keys
from servers.key_service import start_key_service
from spark.running import JOBS, QUIET, environment, job

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow
ROLE = "arn:aws:iam::123456789012:role/reader"
CONFIG = """\
[profile role]
role_arn = {role}
source_profile = base
region = us-east-1
[profile base]
aws_access_key_id = base
aws_secret_access_key = base
[profile process]
credential_process = {process}
"""
BUCKETS = ["container", "laid", "process", "role"]


def test_executors_sign_with_new_keys(west: Store, tmp_path: Path) -> None:
    """Of a container, of a file, of a process and of a role, by stand-ins for AWS's services."""
    for bucket in BUCKETS:
        west.make_bucket(bucket)
    plain = without_keys(west)
    profiles = {name: plain | {"credentials": {"aws_profile": name}} for name in BUCKETS[1:]}
    routes = {
        "clients": {"default": plain, **profiles},
        "profiles": {name: {"source_bucket_pattern": name} for name in profiles},
    }
    (tmp_path / "routes.yaml").write_text(json.dumps(routes))
    with start_key_service(west) as service:
        service.lifetime = timedelta(seconds=10)  # whoever has such keys renews them at once
        (tmp_path / "config").write_text(
            CONFIG.format(role=ROLE, process=service.process(tmp_path))
        )
        env = environment(
            AWS_CONFIG_FILE=str(tmp_path / "config"),
            AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"),
            AWS_CONTAINER_CREDENTIALS_FULL_URI=service.container_url,
            AWS_ENDPOINT_URL_STS=service.url,
            PYSPARK_SUBMIT_ARGS=f"{QUIET} pyspark-shell",
        )
        command = [sys.executable, str(JOBS / "renewing.py"), "routes.yaml", service.url]
        with job([*command, str(tmp_path / "credentials"), *BUCKETS], tmp_path, env) as said:
            assert said == dict.fromkeys(BUCKETS, 10)
        service.keys_used()
    # Files of data are written by executors alone.
    written = [one for one in west.requests() if one["method"] == "PUT" and "/part-" in one["path"]]
    for bucket in BUCKETS:
        keys = {
            turn: {
                one["access_key"] for one in written if one["path"].startswith(f"/{bucket}/{turn}/")
            }
            for turn in ("first", "second")
        }
        assert keys["first"]
        assert keys["second"]
        assert not keys["first"] & keys["second"], bucket
