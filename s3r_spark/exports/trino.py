"""Trino: the properties of a catalog, or where there are several stores, a security mapping.

Of a mapping's entries Trino takes the first that fits, as of profiles.
Source: https://trino.io/docs/current/object-storage/file-system-s3.html; not tried on a server.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import EngineError
from s3r_spark.exports.references import keys
from s3r_spark.exports.scopes import connections, scopes

if TYPE_CHECKING:
    from s3r_spark.exports.references import Form
    from s3r_spark.routing import Routes
    from s3r_spark.secrets import Secret

_SEVERAL = "etc/s3r-mapping.json"


def text(routes: Routes, form: Form) -> str:
    """The routes as lines of a catalog's properties, with what belongs into another file below.

    Raises:
        EngineError: Trino can't say what they say.
        SecretError: a value is asked for, and its variable isn't set.
    """
    of_profiles = scopes(routes, "trino")
    stores = connections(routes, "trino")
    names = {scope.rule.client for scope in of_profiles}
    if not routes.refuses_unmatched:
        names.add("default")
    lines = [f"# Written by `s3r-spark export trino` from {routes.name}."]
    lines.append("fs.native-s3.enabled=true")
    styles = {stores[name].path_style for name in names}
    if len(styles) > 1:
        raise EngineError(
            f"{routes.name}: trino puts the bucket of all stores into the path, or of none, and "
            "these routes have both: give the clients one path_style"
        )
    lines.append(f"s3.path-style-access={str(styles.pop()).lower()}")
    if len(names) == 1 and not routes.refuses_unmatched:
        (name,) = names
        return "\n".join([*lines, *_one(routes, name, form), ""])
    if form == "env":
        raise EngineError(
            f"{routes.name}: trino tells several stores apart by a file of JSON, in which it reads "
            "no variables: --secrets inline writes the values"
        )
    default = stores["default" if "default" in names else next(iter(names))]
    lines += [f"s3.region={default.region}", f"s3.security-mapping.config-file={_SEVERAL}"]
    mappings = [
        {"prefix": f"s3://{scope.path}", **_mapping(routes, scope.rule.client)}
        for scope in of_profiles
    ]
    if not routes.refuses_unmatched:
        mappings.append(_mapping(routes, "default"))
    body = json.dumps({"mappings": mappings}, indent=2)
    return "\n".join([*lines, f"# {_SEVERAL}, readable by Trino alone:", body, ""])


def _one(routes: Routes, name: str, form: Form) -> list[str]:
    store = connections(routes, "trino")[name]
    lines = [f"s3.region={store.region}"]
    if not store.is_aws:
        lines.append(f"s3.endpoint={store.endpoint}")
    fields = _keys(routes, name, form)
    if "session_token" in fields:
        raise EngineError(f"{routes.line_of('clients', name)}: trino takes no session_token")
    if fields:
        lines.append(f"s3.aws-access-key={fields['access_key']}")
        lines.append(f"s3.aws-secret-key={fields['secret_key']}")
    return lines


def _mapping(routes: Routes, name: str) -> dict[str, Any]:
    store = connections(routes, "trino")[name]
    fields = _keys(routes, name, "inline")
    if "session_token" in fields:
        raise EngineError(f"{routes.line_of('clients', name)}: trino takes no session_token")
    if not fields:
        raise EngineError(
            f"{routes.line_of('clients', name)}: a mapping of trino's needs access_key and "
            "secret_key"
        )
    return {
        "endpoint": store.endpoint,
        "region": store.region,
        "accessKey": fields["access_key"],
        "secretKey": fields["secret_key"],
    }


def _keys(routes: Routes, name: str, form: Form) -> dict[str, str]:
    credentials = routes.clients[name].credentials
    fields = keys(routes, name, form, str, _referred)
    if credentials is not None and not fields:
        kind = next(key for key, value in credentials if value)
        raise EngineError(f"{routes.line_of('clients', name)}: trino takes no {kind} for one store")
    return fields


def _referred(secret: Secret) -> str:
    out = []
    for part in secret.parts():
        if isinstance(part, str):
            out.append(part)
        elif part[1] is None:
            out.append(f"${{ENV:{part[0]}}}")
        else:
            raise EngineError(
                f"{secret.line}: trino reads no fallback of {part[0]}: set it, and write ${{NAME}}"
            )
    return "".join(out)
