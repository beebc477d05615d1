"""Check what is to be released: ``python tests/release.py [PYTHON ...]``.

Builds both archives into build/release, lets twine look at them, builds the wheel once more from
the checkout, which has to give the same bytes, and uses both archives as a stranger would, each in
an environment of its own of every PYTHON (smoke.py). Without PYTHON, which is a version or a path,
they are the lowest and the newest that pyproject.toml names.
"""

# ruff: noqa: T201 - a script says what it does

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from uv import find_uv_bin

CHECKOUT = Path(__file__).resolve().parents[1]
RELEASE = CHECKOUT / "build" / "release"
SMOKE = Path(__file__).with_name("smoke.py")
WITH = ("moto[s3,server]>=5.2.5", "pandas>=2.2", "pyarrow>=16")  # what smoke.py uses beside it


def run(*command: str | Path, cwd: Path = CHECKOUT) -> str:
    """Run a command to its good end, and give what it printed.

    Raises:
        SystemExit: it failed; with all that it said.
    """
    nothing_of_ours = {key: os.environ[key] for key in os.environ if not key.startswith("PYTHON")}
    process = subprocess.run(
        command, cwd=cwd, env=nothing_of_ours, capture_output=True, text=True, check=False
    )
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{process.stdout}{process.stderr}")
    return process.stdout


def build() -> tuple[Path, Path]:
    """Build the source archive, and the wheel from it."""
    shutil.rmtree(RELEASE, ignore_errors=True)
    run(find_uv_bin(), "build", "--quiet", "--out-dir", RELEASE)
    (sdist,), (wheel,) = RELEASE.glob("*.tar.gz"), RELEASE.glob("*.whl")
    print(f"built {sdist.name} and {wheel.name}")
    run(find_uv_bin(), "tool", "run", "--quiet", "twine", "check", "--strict", sdist, wheel)
    print("twine has nothing to say")
    with tempfile.TemporaryDirectory() as folder:
        run(find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", folder)
        if (Path(folder) / wheel.name).read_bytes() != wheel.read_bytes():
            sys.exit("the wheel of the checkout is another than that of the source archive")
    print("the wheel of the checkout is the same, byte for byte")
    return sdist, wheel


def pythons() -> tuple[str, str]:
    """The lowest and the newest Python that the classifiers name."""
    text = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    versions = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text)
    versions.sort(key=lambda version: int(version.partition(".")[2]))
    return versions[0], versions[-1]


def use(archive: Path, python: str) -> None:
    """Install an archive where nothing else is, and use it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        installed = folder / "venv" / "bin" / "python"
        run(find_uv_bin(), "venv", "--quiet", "--python", python, folder / "venv")
        what = (f"{archive}[spark,fsspec]", *WITH)
        run(find_uv_bin(), "pip", "install", "--quiet", "--python", installed, *what)
        print(f"{archive.name}: {run(installed, SMOKE, cwd=folder).strip()}")


def main() -> None:
    """Check one release."""
    archives = build()
    for python in sys.argv[1:] or pythons():
        for archive in archives:
            use(archive, python)


if __name__ == "__main__":
    main()
