"""The extra `fsspec` finds releases of s3fs, aiobotocore and boto3 that go together."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import requires, version

import pytest
from packaging.requirements import Requirement


def of_the_extra() -> list[str]:
    """What `pip install s3r-spark[fsspec]` asks for, beside what the package itself needs."""
    requirements = [Requirement(line) for line in requires("s3r-spark") or []]
    return [
        f"{one.name}{one.specifier}"
        for one in requirements
        if one.name == "boto3" or (one.marker and 'extra == "fsspec"' in str(one.marker))
    ]


@pytest.mark.parametrize(
    ("package", "needed"),
    [
        ("s3fs", "aiobotocore"),
        ("s3fs", "fsspec"),
        ("aiobotocore", "botocore"),
        ("boto3", "botocore"),
    ],
)
def test_what_is_installed_goes_together(package: str, needed: str) -> None:
    requirements = [Requirement(line) for line in requires(package) or []]
    (matching,) = [one for one in requirements if one.name == needed and one.marker is None]
    assert version(needed) in matching.specifier, f"{package} {version(package)} needs {matching}"


@pytest.mark.slow
def test_a_clean_machine_gets_an_s3fs_of_today() -> None:
    """Without bounds on aiobotocore pip would take the s3fs of 2020, which pins none."""
    if shutil.which("uv"):
        command = ["uv", "pip", "compile", "--quiet", "--no-annotate", "-"]
    else:
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"]
        command += ["-r", "/dev/stdin"]
    process = subprocess.run(
        command, input="\n".join(of_the_extra()), capture_output=True, text=True, check=True
    )
    # The last that is named of each is the one that would be installed.
    named = r"\b(s3fs|aiobotocore|boto3|botocore)(?:==|-)(\d+\.[\d.]*\d)"
    versions = dict(re.findall(named, process.stdout))
    assert int(versions["s3fs"].split(".")[0]) >= 2026
    assert versions["boto3"].split(".")[:2] == versions["botocore"].split(".")[:2]
