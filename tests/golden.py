"""Texts that are kept in the repository, and must stay what the code makes.

`GOLDEN=write pytest TEST` writes them anew; look at the difference before you commit it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def assert_golden(file: Path, text: str) -> None:
    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, f"{file}: see tests/golden.py"
