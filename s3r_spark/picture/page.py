"""The picture as one page that answers where a name goes; it needs nothing from elsewhere."""

from __future__ import annotations

import json
import re
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from s3r_spark import globs
from s3r_spark.picture.svg import svg

if TYPE_CHECKING:
    from s3r_spark.picture.parts import Picture
    from s3r_spark.routing import Routes


def page(routes: Routes, drawn: Picture) -> str:
    """The page: the box, which goes by the rules themselves, and the picture."""
    template = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    # In a script, `</script>` would end it wherever it stands.
    rules = json.dumps(_rules(routes, drawn)).replace("<", "\\u003c")
    texts = {"NAME": escape(drawn.name), "RULES": rules, "PICTURE": svg(drawn)}
    return re.sub(r"\{\{(NAME|RULES|PICTURE)\}\}", lambda match: texts[match[1]], template)


def _rules(routes: Routes, drawn: Picture) -> dict[str, Any]:
    return {
        "name": routes.name,
        "refuses": routes.refuses_unmatched,
        "stores": {store.client: store.address for store in drawn.stores},
        "default": {"profile": None, "number": 0, "client": "default", "bucketName": "{bucket}"}
        | {"prefix": None, "folder": "", "readOnly": routes.default.read_only},
        "rules": [
            {
                "profile": rule.name,
                "number": number,
                "client": rule.client,
                "bucket": globs.ecmascript(rule.profile.source_bucket_pattern),
                "key": globs.ecmascript(rule.key_pattern),
                "literalFolder": globs.folder(rule.key_pattern),
                "whole": rule.whole,
                "bucketName": rule.bucket("{bucket}"),
                "prefix": rule.prefix,
                "folder": rule.folder,
                "readOnly": rule.read_only,
            }
            for number, rule in enumerate(routes.rules, 1)
        ],
    }
