"""The picture as SVG: names on the left, stores on the right, a line for each folder.

Where there are many, the stores stand beside each dozen of folders, so that no line is long.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.picture.parts import Folder, Picture, Store

WIDTH = 1000
_ROW, _HEADING, _GAP = 44, 30, 14  # heights, in pixels
_RIGHT, _BOX = 700, 50  # where the stores begin; the height of one
_FEW, _DOZEN = 24, 12
_LETTERS = 62  # of a line on the left
# Okabe and Ito's colours, which the colour-blind tell apart.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a5c00", "#56b4e9", "#444444")
_REFUSED = "#b00020"
_STYLE = """
text { font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #1a1a1a }
.bucket { font-weight: bold } .place { font-size: 11px; fill: #555 }
.mark { font: bold 10px system-ui, sans-serif; fill: #8a4b00 }
.line { fill: none; stroke-width: 1.6; opacity: .75 }
.row rect { fill: #f6f8fa } .row.hit rect { fill: #fff3b0 }
"""


def svg(drawn: Picture) -> str:
    """The picture; it needs nothing from elsewhere."""
    stores = {store.client: store for store in drawn.stores}
    colours = {client: _COLOURS[number % len(_COLOURS)] for number, client in enumerate(stores)}
    parts: list[str] = []
    top, bucket_before = _GAP, None
    for chunk in _chunks(drawn.folders):
        ends: dict[str, list[int]] = {}
        bucket = None
        start = top
        for folder in chunk:
            if folder.bucket != bucket:
                goes_on = folder is chunk[0] and bucket_before == folder.bucket
                bucket = bucket_before = folder.bucket
                top += _HEADING
                heading = f"{bucket} …" if goes_on else bucket
                parts.append(_text(14, top - 10, heading, "bucket", _LETTERS + 10))
            middle = top + _ROW // 2
            parts.append(_row(folder, top, colours.get(folder.client or "", _REFUSED)))
            if folder.client:
                ends.setdefault(folder.client, []).append(middle)
            top += _ROW
        for client, middle in _spread(ends, start):
            parts += [_line(y, middle, colours[client]) for y in ends[client]]
            parts.append(_store(stores[client], middle, colours[client]))
            top = max(top, middle + _BOX // 2 + _GAP)
        top += _GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" '
        f'height="{top}" role="img"><title>{escape(drawn.name)}</title><style>{_STYLE}</style>'
        f'<rect width="{WIDTH}" height="{top}" fill="#fff"/>'
    )
    return "\n".join((head, *parts, "</svg>"))


def _chunks(folders: list[Folder]) -> Iterator[list[Folder]]:
    size = _DOZEN if len(folders) > _FEW else len(folders)
    return (folders[at : at + size] for at in range(0, len(folders), size))


def _spread(ends: dict[str, list[int]], top: int) -> Iterator[tuple[str, int]]:
    """Place the stores of a chunk: each beside the middle of its folders, none on another."""
    least = top + _BOX // 2
    for client, middles in sorted(ends.items(), key=lambda end: sum(end[1]) / len(end[1])):
        middle = max(least, round(sum(middles) / len(middles)))
        yield client, middle
        least = middle + _BOX + _GAP


def _row(folder: Folder, top: int, colour: str) -> str:
    order = f"{folder.number}. " if folder.number else ""
    marks = "".join(
        f"<tspan dx='8'>▲ {escape(mark.word)}<title>{escape(mark.text)}</title></tspan>"
        for mark in folder.marks
    )
    place = f"→ {folder.client} {folder.place}" if folder.client else f"→ {folder.place}"
    middle = top + _ROW // 2
    return (
        f'<g class="row" data-number="{folder.number}">'
        f'<rect x="8" y="{top + 1}" width="{_RIGHT - 150}" height="{_ROW - 4}" rx="4"/>'
        + _text(28, top + 17, f"{order}{folder.key}", "", _LETTERS)
        + _text(28, top + 34, place, "place", _LETTERS + 10)
        + f'<text x="{28 + 7.8 * (min(_LETTERS, len(order + folder.key)) + 1):.0f}" '
        f'y="{top + 17}" class="mark">{marks}</text>'
        f'<circle cx="{_RIGHT - 136}" cy="{middle}" r="4" fill="{colour}"/></g>'
    )


def _line(start: int, end: int, colour: str) -> str:
    left, right = _RIGHT - 132, _RIGHT
    middle = (left + right) // 2
    path = f"M{left} {start} C{middle} {start} {middle} {end} {right} {end}"
    return f'<path class="line" d="{path}" stroke="{colour}"/>'


def _store(store: Store, middle: int, colour: str) -> str:
    top = middle - _BOX // 2
    name = f"{store.client} (read only)" if store.read_only else store.client
    return (
        f'<rect x="{_RIGHT}" y="{top}" width="{WIDTH - _RIGHT - 14}" height="{_BOX}" rx="8" '
        f'fill="#fff" stroke="{colour}" stroke-width="2"/>'
        + _text(_RIGHT + 14, middle - 4, name, "bucket", 32)
        + _text(_RIGHT + 14, middle + 14, store.address, "place", 39)
    )


def _text(x: int, y: int, text: str, kind: str, letters: int) -> str:
    """A line of text; what is too long ends in dots, and is whole where the pointer rests."""
    shown = text if len(text) <= letters else f"{text[: letters - 1]}…"
    whole = "" if shown == text else f"<title>{escape(text)}</title>"
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(shown)}{whole}</text>'
