"""The rows of routing-cases.yaml, as parameters for the tests of every router."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import yaml

from s3r_spark.errors import RoutesWarning
from s3r_spark.routing import Routes

CASES: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("routing-cases.yaml").read_text(encoding="utf-8")
)


def routes_dict(case: dict[str, Any]) -> dict[str, Any]:
    """A case's routes: it names its clients, or has one for each profile and the default."""
    names = case.get("clients") or ["default", *case["profiles"]]
    clients = {name: {"endpoint_url": f"http://{name.replace('_', '-')}.test"} for name in names}
    unmatched = case.get("unmatched", "default")
    return {"clients": clients, "profiles": case["profiles"], "unmatched": unmatched}


def load(routes: dict[str, Any]) -> Routes:
    """Routes without the warnings that some cases give on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RoutesWarning)
        return Routes.load(routes)
