"""The page of errors: what the router says is all there, as its source has it."""

from __future__ import annotations

import re

from pages.blocks import ROOT

PAGE = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
JAVA = sorted((ROOT / "s3r_spark/jvm/src/main/java/s3r/hadoop").glob("*.java"))
THROWN = re.compile(r"new \w*(?:Exception|Error)\(")
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([(),])|([^"(),]+)')
FORMAT = "String.format"
# Inside of the router, or in Hadoop's own words.
KNOWN_ELSEWHERE = {
    "the listing is closed",
    "this is no executor of Spark's",
    "Wrong FS: …, expected: …",
    "Wrong FS: … and bucket=…",
    "No such file or directory: …",
    "… paths are more than a page of …",
    "… is not under …",
    # `check --live --spark` shows them as findings
    "it ends before its first byte",
    "what was written is not what is read",
    "what was deleted is still there",
}


def text_at(source: str, position: int) -> str:
    """The wordiest argument of a call; dots are in the place of what it fills in."""
    depth, arguments, is_format, is_filling = 0, [""], False, False
    for match in TOKEN.finditer(source, position):
        text, sign, other = match[1], match[2], (match[3] or "").strip()
        if sign == ")" and depth == 0:
            break
        depth += {"(": 1, ")": -1}.get(sign, 0)
        is_format = other == FORMAT or (is_format and depth > 0)
        is_filling = depth > 0 and (is_filling or sign == ",")  # the values of String.format
        if sign == "," and depth == 0:
            arguments.append("")
        elif text is not None and (depth == 0 or is_format):
            arguments[-1] += re.sub(r"%(?:\d\$)?[sd]", "…", text)
        elif not is_filling and re.search(r"\w", text or other) and other != FORMAT:
            arguments[-1] += "…"
    return re.sub("…+", "…", max(arguments, key=lambda words: len(re.findall("[a-z]", words))))


def test_every_text_of_the_router_is_on_the_page() -> None:
    texts = {
        text_at(source, match.end())
        for source in (file.read_text(encoding="utf-8") for file in JAVA)
        for match in THROWN.finditer(source)
    }
    worded = {text for text in texts if len(re.findall(r"[A-Za-z]{2,}", text)) > 1}
    section = PAGE.partition("## What the router says")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (``?)(.+?)\1 \| \S.* \| \S.* \|$", section, re.MULTILINE)
    shown = {text for _, text in rows}
    assert len(shown) > 30
    assert worded - KNOWN_ELSEWHERE == shown
