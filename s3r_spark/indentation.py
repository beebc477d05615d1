"""Keys that stand one level too far out, beside the name that they belong below.

YAML reads `minio:` and the lines below it, indented alike, as an empty entry and as entries of
their own. That is one mistake, and it is told once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3r_spark.fields import BOTOCORE
from s3r_spark.model import Client, Credentials, Profile, RoutesFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from s3r_spark.document import Loc, Problems

_SECTIONS: Mapping[str, type[BaseModel]] = {"clients": Client, "profiles": Profile}
_CLIENT = 2  # length of the path of a client
_MAPS = ("credentials", "hadoop", "botocore")  # the fields of a client that hold keys of their own


def indented(data: Any, problems: Problems) -> Any:
    """The data with such keys where they belong; each group of them is added to the problems."""
    if not isinstance(data, dict):
        return data
    data = _folded(data, (), problems)
    for section in _SECTIONS:
        if isinstance(entries := data.get(section), dict):
            data[section] = _folded(entries, (section,), problems)
    if isinstance(clients := data.get("clients"), dict):
        for name, client in clients.items():
            if isinstance(client, dict):
                clients[name] = _folded(client, ("clients", name), problems)
    return data


def _folded(level: dict[str, Any], loc: Loc, problems: Problems) -> dict[str, Any]:
    """One level, with the keys that follow an empty one and belong into it put there."""
    out: dict[str, Any] = {}
    moved: dict[str, dict[str, Any]] = {}
    owner = None
    for name, value in level.items():
        if owner is not None and _belongs((*loc, owner), name, value):
            moved.setdefault(owner, {})[name] = value
        else:
            owner = name if value is None or value == {} else None
            out[name] = value
    for name, inner in moved.items():
        keys = ", ".join(inner)
        text = f"{keys} must stand further in than {name!r}: put two blanks more before each"
        problems.add((*loc, name), text)
        out[name] = inner
    return out


def _belongs(owner: Loc, name: str, value: Any) -> bool:
    """Tell whether a key belongs into the empty one that it stands beside."""
    section, *rest = owner
    model = _SECTIONS.get(str(section))
    if model is None:
        return False
    if not rest:  # an entry beside its section
        looks_like_one = isinstance(value, dict) and value.keys() & model.model_fields.keys()
        return name not in RoutesFile.model_fields and bool(looks_like_one)
    if len(owner) == _CLIENT:  # a field beside its entry
        return name in model.model_fields and (not isinstance(value, dict) or name in _MAPS)
    return {
        "credentials": name in Credentials.model_fields,
        "hadoop": name.startswith("fs."),
        "botocore": name in BOTOCORE,
    }.get(str(rest[-1]), False)
