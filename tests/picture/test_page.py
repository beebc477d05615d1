"""The page of `explain --format html`, in a real browser: it answers as the library does."""

from __future__ import annotations

import json
import subprocess
from html import escape, unescape
from typing import TYPE_CHECKING

import pytest
from cases import CASES, load, routes_dict
from servers.install import program

from s3r_spark.errors import UnmatchedError
from s3r_spark.picture.page import page
from s3r_spark.picture.parts import picture

if TYPE_CHECKING:
    from pathlib import Path

    from s3r_spark.routing import Routes, Target

pytestmark = pytest.mark.slow

# Each page in a frame of its own; a name is typed into its box, and what it answers read.
ASK = """
<script>
window.onload = () => {
  const answers = [...document.querySelectorAll("iframe")].map((frame, number) =>
    names[number].map((name) => {
      const page = frame.contentDocument, box = page.getElementById("name");
      box.value = name;
      box.dispatchEvent(new Event("input"));
      return [...page.querySelectorAll("#answer p")].map((line) => line.textContent);
    }));
  document.body.innerHTML = "";
  const result = document.createElement("pre");
  result.textContent = JSON.stringify(answers);
  document.body.append(result);
};
</script>
"""


def questions() -> list[tuple[Routes, list[str]]]:
    """The routes of all cases, with the names that are asked there."""
    asked = []
    for section in ("cases", "hadoop", "hadoop_files", "bucket_calls"):
        for case in CASES[section]:
            names = []
            for row in (*case.get("resolve", ()), *case.get("refused", ())):
                if section in ("cases", "bucket_calls"):
                    key = row[1] if section == "cases" else None
                    names += [f"{scheme}://{row[0]}/{key or ''}" for scheme in ("s3", "s3a", "s3r")]
                else:
                    names += [row[0], f"{row[0]}/"]
            # A text box has one line.
            one_line = [name for name in names if "\n" not in name]
            asked.append((load(routes_dict(case)), one_line))
    return asked


def expected(routes: Routes, name: str) -> list[str]:
    """What the library says of a name, in the page's words."""
    scheme, _, rest = name.partition("://")
    bucket, _, key = rest.partition("/")
    try:
        if scheme == "s3":
            targets = [routes.resolve(bucket, key or None)]
        else:
            targets = routes.path_targets(name)
    except UnmatchedError as error:
        return [str(error)]
    kinds = ("a file: ", "a folder: ") if len(targets) > 1 else ("",)
    return [kind + line(routes, target) for kind, target in zip(kinds, targets, strict=True)]


def line(routes: Routes, target: Target) -> str:
    by = f"profile {target.profile}" if target.profile else "no profile, so the default client"
    only = ", read only" if routes.is_read_only(target.profile) else ""
    address = routes.clients[target.client].endpoint_url
    return f"{target.uri} on {target.client} ({address}), by {by}{only}"


def test_the_box_answers_as_the_library_does(tmp_path: Path) -> None:
    asked = questions()
    frames = "".join(
        f'<iframe srcdoc="{escape(page(routes, picture(routes)))}"></iframe>' for routes, _ in asked
    )
    names = json.dumps([names for _, names in asked]).replace("<", "\\u003c")
    file = tmp_path / "asked.html"
    file.write_text(f"<meta charset=utf-8><script>const names = {names}</script>{ASK}{frames}")
    answers: list[list[list[str]]] = json.loads(shown(file))
    count = 0
    for (routes, asked_names), answered in zip(asked, answers, strict=True):
        for name, lines in zip(asked_names, answered, strict=True):
            assert lines == expected(routes, name), name
            count += 1
    assert count > 200


def shown(file: Path) -> str:
    """The text of a page's one `pre`, when its scripts have run."""
    command = [program("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    options = [
        f"--user-data-dir={file.parent / 'browser'}",
        "--virtual-time-budget=20000",
    ]
    process = subprocess.run(
        [*command, *options, file.as_uri()], check=True, capture_output=True, text=True, timeout=120
    )
    return unescape(process.stdout.partition("<pre>")[2].partition("</pre>")[0])
