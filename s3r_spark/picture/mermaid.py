"""The picture in Mermaid's language, which GitHub, GitLab and this project's pages draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s3r_spark.picture.parts import Picture


def mermaid(drawn: Picture) -> str:
    """The picture as a flowchart from left to right."""
    lines = ["flowchart LR"]
    number = 0
    arrows: list[str] = []
    for group, (bucket, folders) in enumerate(drawn.buckets().items()):
        lines.append(f"  subgraph b{group}[{_quoted(bucket)}]")
        for folder in folders:
            number += 1
            words = "".join(f"<br/>⚠ {mark.word}" for mark in folder.marks)
            lines.append(f"    n{number}[{_quoted(folder.key, words)}]")
            to = f"s_{_names(drawn)[folder.client]}" if folder.client else "refused"
            arrows.append(f"  n{number} -->|{_quoted(folder.place)}| {to}")
        lines.append("  end")
    for store in drawn.stores:
        more = f"<br/>{_plain(store.address)}" + ("<br/>read only" if store.read_only else "")
        lines.append(f"  s_{_names(drawn)[store.client]}[({_quoted(store.client, more)})]")
    if any(folder.client is None for folder in drawn.folders):
        lines.append("  refused{{refused}}")
    return "\n".join((*lines, *arrows))


def _names(drawn: Picture) -> dict[str, int]:
    """Clients may have names that are no words in Mermaid."""
    return {store.client: number for number, store in enumerate(drawn.stores)}


def _quoted(text: str, markup: str = "") -> str:
    return f'"{_plain(text)}{markup}"'


def _plain(text: str) -> str:
    """Text that Mermaid takes for nothing else: it has entities of its own, by number."""
    return "".join(
        char if char.isalnum() or char in " /.-_:" else f"#{ord(char)};" for char in text
    )
