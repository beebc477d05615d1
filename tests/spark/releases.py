"""Other releases of pyspark beside the one of the tests, each installed once."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from uv import find_uv_bin

__all__ = ["installed"]

CACHE = Path(__file__).resolve().parents[2] / ".cache"


def installed(version: str) -> Path:
    """A folder with that pyspark, for PYTHONPATH; whoever else asks for it meanwhile waits.

    A pyspark takes some hundred MB, and what it is built from more than twice as much. uv's cache
    lies beside the folder, so that its files are linked and not copied, and goes when it is done.

    Args:
        version: a release, such as `4.0.0`, or a line of them, such as `3.5`.
    """
    CACHE.mkdir(exist_ok=True)
    folder = CACHE / f"pyspark-{version}"
    with (CACHE / f"pyspark-{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            with TemporaryDirectory(dir=CACHE) as scratch:
                where = Path(scratch) / "site"
                uv = [find_uv_bin(), "pip", "install", "--quiet", "--python", sys.executable]
                into = ["--cache-dir", f"{scratch}/uv", "--target", str(where)]
                subprocess.run([*uv, *into, f"pyspark=={version}.*"], check=True)
                where.rename(folder)
    return folder
