"""routes.yaml as a test writes it."""

from __future__ import annotations

import tempfile
import textwrap
import warnings
from pathlib import Path

import pytest
import yaml

from s3r_spark.errors import RoutesError, RoutesWarning
from s3r_spark.routing import Routes

MISTAKES: dict[str, list[dict[str, str]]] = yaml.safe_load(
    Path(__file__).with_name("source-mistakes.yaml").read_text(encoding="utf-8")
)


def load_text(text: str | bytes) -> Routes:
    """Routes from a file with this text, without warnings."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", RoutesWarning)
        path = Path(folder) / "routes.yaml"
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return Routes.load(path)


def mistakes(text: str | bytes) -> list[str]:
    """The lines of the error that the text gives, from the line's number on."""
    with pytest.raises(RoutesError) as caught:
        load_text(text)
    lines = str(caught.value).split("\n")
    begins = [line.partition("/routes.yaml:")[::2] for line in lines]
    assert all(line for _, line in begins), lines
    assert "nput should" not in str(caught.value), "not in our words"
    assert "pydantic" not in str(caught.value), "not in our words"
    return [line.lstrip() for _, line in begins]


def client(body: str) -> str:
    """A file with one client beside the default."""
    return f"clients:\n  default:\n  c: {{{body}}}\n"
