"""What README.md and docs/ show is run, page by page, block by block, in a folder a page.

Embedded services stand for the stores of the pages' routes (stand_ins.py). A page that runs
something before it shows a routes.yaml begins with the README's.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pages.blocks import PAGES, ROOT, Block, blocks, fences
from pages.stand_ins import StandIns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers.store import Store

LOOKED_AT = {"sh", "text", "yaml", "mermaid", "json", "ini"}  # by a parser, where there is one
JOB = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print(spark.read.parquet("s3a://example-bucket/team2/x").count(), "rows")
"""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def is_run(block: Block) -> bool:
    return block.is_run and block.language in ("python", "console")


@pytest.fixture(scope="module")
def python() -> Iterator[Callable[..., str]]:
    """Runs code of a page in the process that all pages share, and gives what it prints."""
    command = [sys.executable, str(Path(__file__).with_name("worker.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        requests, answers = process.stdin, process.stdout
        assert requests is not None
        assert answers is not None

        def run(code: str, **request: Any) -> str:
            print(json.dumps({"code": code, **request}), file=requests, flush=True)
            answer = json.loads(answers.readline())
            assert answer["error"] is None, answer["error"]
            return str(answer["output"])

        yield run
        requests.close()


@pytest.fixture
def stand_ins(west: Store, east: Store, north: Store) -> StandIns:
    return StandIns([west, east, north])


class Page:
    """A page that is run: its folder, and what its commands find in their surroundings."""

    def __init__(self, folder: Path, stand_ins: StandIns, python: Callable[..., str]) -> None:
        self.folder, self.stand_ins, self.python = folder, stand_ins, python
        self.is_new = True
        (folder / "jobs").mkdir()
        (folder / "jobs" / "flight_delays.py").write_text(JOB, encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        is_routes = file.suffix == ".yaml" and "\nclients:" in text
        file.parent.mkdir(exist_ok=True, parents=True)
        is_first = not file.exists()
        file.write_text(self.stand_ins.routed(text) if is_routes else text, encoding="utf-8")
        if is_routes and is_first:  # what comes later is a change that isn't committed yet
            self.bash(
                f"git init -q && git add {name} && git -c user.name=tests "
                "-c user.email=tests@example.com commit -qm Routes"
            )

    def run(self, code: str, name: str) -> str:
        output = self.python(
            code,
            name=name,
            folder=str(self.folder),
            variables=self.stand_ins.variables,
            new=self.is_new,
        )
        self.is_new = False
        return self.stand_ins.as_shown(output)

    def bash(self, command: str) -> str:
        process = subprocess.run(
            # A terminal would ask; here it is answered beforehand.
            ["bash", "-c", command.replace("--delete-source", "--delete-source --yes")],
            cwd=self.folder,
            env=os.environ | self.stand_ins.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert process.returncode == 0, f"{command}\n{process.stdout}\n{process.stderr}"
        return self.stand_ins.as_shown(process.stdout)


def same(output: str, expected: str) -> bool:
    """Tell whether output is as a page has it: `…` is anything, and blanks count as one."""
    parts = (r"\s+".join(map(re.escape, part.split())) for part in expected.split("…"))
    return re.fullmatch(r"\s*" + r".*?".join(parts) + r"\s*", output, re.DOTALL) is not None


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the output that it shows."""
    for text in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        match = re.match(r"(?:[^\n]*\\\n)*[^\n]*\n", text)
        assert match
        yield match[0], text[match.end() :]


@pytest.mark.examples
@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(map(is_run, blocks(page)))], ids=name_of
)
def test_a_page(
    page: Path,
    tmp_path: Path,
    stand_ins: StandIns,
    python: Callable[..., str],
) -> None:
    world, page_blocks = Page(tmp_path, stand_ins, python), blocks(page)
    first = next(block for block in page_blocks if is_run(block) or block.title == "routes.yaml")
    if first.title != "routes.yaml":
        (routes,) = (block for block in blocks(PAGES[0]) if block.title == "routes.yaml")
        page_blocks.insert(0, routes)
    output = ""
    for block in page_blocks:
        where = f"{name_of(page)}:{block.line}"
        if block.title == "output":
            assert same(output, block.text), f"{where}: printed\n{output}"
        elif block.title and block.is_run:
            world.write(block.title, block.text)
        elif is_run(block) and block.language == "python":
            output = world.run(block.text, where)
        elif is_run(block):
            for command, expected in commands(block):
                output = world.bash(command)
                assert not expected.strip() or same(output, expected), f"{where}: {output}"
    if page == PAGES[0]:
        _, east, _ = stand_ins.stores
        assert "data/team2/x/_SUCCESS" in east.keys("minio-bucket")


def test_every_block_is_run_or_known_not_to_be() -> None:
    for page in PAGES:
        page_blocks = blocks(page)
        assert 2 * len(page_blocks) == fences(page), name_of(page)
        for block in page_blocks:
            where = f"{name_of(page)}:{block.line}"
            assert is_run(block) or block.language in LOOKED_AT or not block.is_run, where
            if block.language == "yaml":
                list(yaml.safe_load_all(block.text))
            elif block.language == "json":
                json.loads(block.text)
            elif block.language == "python":
                compile(block.text, where, "exec")
            elif block.language in ("sh", "console"):
                text = re.sub(r"^(?:\$ |(?=[^$]).*\n)", "", block.text, flags=re.MULTILINE)
                script = text if block.language == "console" else block.text
                subprocess.run(["bash", "-n"], input=script, text=True, check=True)
