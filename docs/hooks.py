"""Hooks of mkdocs beyond its plugins: the parts of pages that are made of the code itself.

`<!-- generated: NAME -->` in a page is where such a part goes; `PARTS` has them by name. A page a
store is made for each preset; what was seen of a store beyond that stands in stores/notes/.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import code_tables
import error_tables
import store_pages
from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

_ROW = re.compile(r"^\|.*$", re.MULTILINE)
_LONG_CODE = re.compile(r"(``?)(?!`)[^`|]{31,}?\1")
PARTS = {**code_tables.PARTS, **error_tables.PARTS, **store_pages.PARTS}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each kind of store."""
    notes = Path(config.docs_dir) / "stores" / "notes"
    for name, text in store_pages.pages(notes).items():
        files.append(File.generated(config, f"stores/{name}.md", content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the parts in, let long code in tables be broken, and leave comments out (tests/pages)."""
    markdown = re.sub(r"<!-- generated: ([\w-]+) -->", lambda match: PARTS[match[1]](), markdown)
    markdown = _ROW.sub(lambda row: _LONG_CODE.sub(r"\g<0>{.pattern}", row[0]), markdown)
    return re.sub(r"<!--.*?-->\n?", "", markdown, flags=re.DOTALL)
