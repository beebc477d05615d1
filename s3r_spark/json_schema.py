"""The JSON Schema of routes.yaml, made from its model for editors."""

from __future__ import annotations

from typing import Any

from s3r_spark.fields import FALSE, TRUE
from s3r_spark.model import RoutesFile

# JSON Schema knows no case-insensitive patterns.
_WORD = "|".join(
    f"^{''.join(f'[{c}{c.upper()}]' if c.isalpha() else c for c in word)}$" for word in TRUE + FALSE
)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of routes.yaml, for editors.

    It holds for the file as it is written: a client may have nothing behind its name, and where a
    truth value or a word is wanted, a variable may stand. `patternErrorMessage` is what editors
    built on VS Code's language services show.
    """
    schema = _for_editors(RoutesFile.model_json_schema())
    entries = schema["properties"]["clients"]
    entries["additionalProperties"] = {"anyOf": [entries["additionalProperties"], _NOTHING]}
    schema["if"] = {"properties": {"unmatched": {"const": "refuse"}}, "required": ["unmatched"]}
    schema["else"] = {"properties": {"clients": {"required": ["default"]}}}
    return {
        **schema,
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:s3r-spark:routes:1",
        "title": "routes.yaml of s3r_spark",
    }


# Nothing behind a key. `type: null` says the same, and editors would offer `null` to be written.
_NOTHING = {"not": {"type": ["string", "number", "boolean", "array", "object"]}}


def _for_editors(schema: Any) -> Any:
    """The schema, with `${NAME}` allowed wherever a text that isn't free is wanted, and no null."""
    if isinstance(schema, list):
        return [_for_editors(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema == {"type": "null"}:
        return _NOTHING
    if schema.get("type") == "boolean" or "enum" in schema:
        about = {k: schema[k] for k in ("description", "default", "title") if k in schema}
        rest = {k: v for k, v in schema.items() if k not in about}
        is_truth = schema.get("type") == "boolean"
        variable = {
            "type": "string",
            "pattern": rf"{_WORD}|\$\{{.+\}}" if is_truth else r"\$\{.+\}",
            "patternErrorMessage": f"{'true, false' if is_truth else 'one of these'} or ${{NAME}}",
        }
        return {**about, "anyOf": [rest, variable]}
    return {
        key: _for_editors(value)
        for key, value in schema.items()
        if (key, value) != ("default", None)
    }
