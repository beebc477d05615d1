"""What users can rely on: the names, what they take, and what importing them costs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import version

import pytest

import s3r_spark

NAMES = [
    "Diagnosis",
    "EngineError",
    "Finding",
    "Meaning",
    "RefusedError",
    "Report",
    "Routes",
    "RoutesError",
    "RoutesWarning",
    "Rule",
    "S3RError",
    "SecretError",
    "SessionError",
    "SetupError",
    "Target",
    "UnmatchedError",
    "__version__",
    "apply",
    "client",
    "configure",
    "doctor",
    "register",
    "report",
    "resource",
    "session",
    "settings",
    "unregister",
]
HEAVY = ("pyspark", "py4j", "boto3", "botocore", "fsspec", "s3fs", "pandas", "click", "rich")


def test_the_names() -> None:
    assert sorted(s3r_spark.__all__) == NAMES
    assert dir(s3r_spark) == NAMES
    assert version("s3r-spark") == s3r_spark.__version__
    for name in set(NAMES) - {"__version__"}:
        assert getattr(s3r_spark, name).__name__ == name
        assert getattr(s3r_spark, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'confgure'"):
        s3r_spark.confgure  # type: ignore[attr-defined]  # noqa: B018 - reading it is the test


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("configure", "(builder, routes=None, *, engine='auto', packages=True, reach=True)"),
        ("apply", "(spark, routes=None, *, engine='auto', on_open='refuse')"),
        ("client", "(routes=None, profiles=None, *, names='logical', config=None, **others)"),
        ("resource", "(routes=None, profiles=None, *, names='logical', config=None, **others)"),
        ("session", "(routes=None, *, names='logical')"),
        ("doctor", "(routes=None, *, spark=None, paths=(), write=False, timeout=30.0)"),
        (
            "settings",
            "(routes=None, *, engine='auto', hadoop_version=None, secrets='env', store='s3r.jceks')",  # noqa: E501
        ),
        ("register", "(*protocols, routes=None)"),
        ("report", "(spark, *, timeout=30.0)"),
        ("unregister", "(*protocols)"),
    ],
)
def test_signatures(name: str, signature: str) -> None:
    actual = inspect.signature(getattr(s3r_spark, name))
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in actual.parameters.values()]
    assert str(inspect.Signature(bare)) == signature


def test_without_an_extra_only_its_own_functions_fail_and_when_they_are_called() -> None:
    program = (
        "import sys, inspect, pydoc\n"
        "for name in ('s3fs', 'fsspec', 'aiobotocore', 'pyspark', 'py4j'):\n"
        "    sys.modules[name] = None\n"
        "import s3r_spark\n"
        "from s3r_spark import *\n"
        "assert hasattr(s3r_spark, 'register')\n"
        "assert {name for name, _ in inspect.getmembers(s3r_spark)} >= {'register', 'client'}\n"
        "assert \"pip install 's3r-spark[fsspec]'\" in pydoc.render_doc(s3r_spark)\n"
        "register('s3', routes='routes.yaml')\n"
    )
    process = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert process.stderr.splitlines()[-1] == (
        b"ModuleNotFoundError: s3r:// needs s3fs: pip install 's3r-spark[fsspec]'"
    )


def test_importing_costs_nothing_heavy() -> None:
    program = (
        "import sys, s3r_spark\n"
        "first = set(sys.modules)\n"
        "s3r_spark.Routes, s3r_spark.configure, s3r_spark.apply, s3r_spark.settings\n"
        "print(*sorted(name for name in sys.modules if '.' not in name))\n"
        "print(*sorted(name for name in first if '.' not in name))\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    used, imported = (set(line.split()) for line in process.stdout.splitlines())
    assert not used & set(HEAVY)
    assert not imported & {*HEAVY, "pydantic", "yaml"}
