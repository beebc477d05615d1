"""The picture as text: buckets, and under each the folders with their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark.document import one_line

if TYPE_CHECKING:
    from s3r_spark.picture.parts import Folder, Picture


def tree(drawn: Picture) -> str:
    """The picture, a line a folder, and one more for each mark."""
    lines: list[str] = []
    stores = {store.client: store for store in drawn.stores}
    for bucket, folders in drawn.buckets().items():
        lines.append(bucket)
        width = max(len(folder.key) for folder in folders)
        for folder in folders:
            is_last = folder is folders[-1]
            client = stores[folder.client].address if folder.client else ""
            place = f"{folder.client} ({client}): {folder.place}" if client else folder.place
            lines.append(f"{'└──' if is_last else '├──'} {folder.key:{width}}  →  {place}")
            lines += [f"{'   ' if is_last else '│  '}   {text}" for text in _notes(folder)]
    return "\n".join(map(one_line, lines))


def _notes(folder: Folder) -> list[str]:
    return [f"{mark.word}: {mark.text}" for mark in folder.marks]
