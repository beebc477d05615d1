"""The README: one page, which reads the same in the repository and on PyPI."""

from __future__ import annotations

import re

from pages.blocks import PAGES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
_, _, TABLE = PROJECT.partition("[project.urls]\n")
URLS = dict(re.findall(r'^(\w+) = "(.+)"$', TABLE.partition("\n[")[0], re.MULTILINE))


def test_the_readme_is_one_page() -> None:
    assert len(README.splitlines()) <= 150


def test_links_lead_from_anywhere_to_what_is_there() -> None:
    source = f"{URLS['Source']}/blob/main/"
    text = README + (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for page in PAGES[1:]:
        links = re.findall(r"\]\((https://[^)\s]+)\)", page.read_text(encoding="utf-8"))
        text += "".join(f"]({link})" for link in links if link.startswith(tuple(URLS.values())))
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert targets
    for target in targets:
        if target.startswith(source):
            assert (ROOT / target.removeprefix(source)).is_file(), target
        else:
            assert target.startswith(URLS["Documentation"]), target
            page = target.removeprefix(URLS["Documentation"]).rstrip("/")
            files = (ROOT / "docs" / f"{page}.md", ROOT / "docs" / page / "index.md")
            assert any(file.is_file() for file in files), target


def test_the_site_is_where_the_package_says() -> None:
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert f"site_url: {URLS['Documentation']}\n" in settings
    assert f"repo_url: {URLS['Source']}\n" in settings
