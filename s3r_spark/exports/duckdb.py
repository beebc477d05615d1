"""DuckDB: a secret for each store, with the folders that it has as the secret's scope.

Of the secrets whose scope a name begins with, DuckDB takes the one with the longest. That is the
order of profiles: one that an earlier one covers is no profile of a routes.yaml.
Source: https://duckdb.org/docs/stable/configuration/secrets_manager and …/extensions/httpfs/s3api
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark.errors import EngineError
from s3r_spark.exports.references import keys, variables
from s3r_spark.exports.scopes import connections, scopes

if TYPE_CHECKING:
    from s3r_spark.exports.connection import Connection
    from s3r_spark.exports.references import Form
    from s3r_spark.routing import Routes
    from s3r_spark.secrets import Secret

_SCHEMES = ("s3", "s3a")  # s3n is long gone, and s3r is DuckDB's only by register_filesystem
_WORDS = {"access_key": "KEY_ID", "secret_key": "SECRET", "session_token": "SESSION_TOKEN"}


def text(routes: Routes, form: Form) -> str:
    """The routes as SQL.

    Raises:
        EngineError: DuckDB can't say what they say.
        SecretError: a value is asked for, and its variable isn't set.
    """
    by_client: dict[str, list[str]] = {}
    for scope in scopes(routes, "duckdb"):
        by_client.setdefault(scope.rule.client, []).append(scope.path)
    if not routes.refuses_unmatched:
        by_client.setdefault("default", []).append("")
    stores = connections(routes, "duckdb")
    parts = [_heading(routes, form)]
    for name, paths in by_client.items():
        parts.append(_secret(routes, name, stores[name], paths, form))
    return "\n".join(parts)


def _heading(routes: Routes, form: Form) -> str:
    lines = [
        f"-- Written by `s3r-spark export duckdb` from {routes.name}.",
        "LOAD httpfs;",
    ]
    if names := variables(routes, form):
        lines.insert(1, "-- The variables come first. In DuckDB's own command line:")
        lines[2:2] = [f"--   SET VARIABLE {name} = getenv({_quoted(name)});" for name in names]
        lines.insert(2 + len(names), '-- in Python: db.execute("SET VARIABLE NAME = ?", [value])')
    return "\n".join([*lines, ""])


def _secret(routes: Routes, name: str, store: Connection, paths: list[str], form: Form) -> str:
    scope = ", ".join(_quoted(f"{scheme}://{path}") for path in paths for scheme in _SCHEMES)
    options = {
        "TYPE": "s3",
        **_credentials(routes, name, form),
        "REGION": _quoted(store.region),
        "ENDPOINT": _quoted(store.host),
        "URL_STYLE": _quoted("path" if store.path_style else "vhost"),
        "USE_SSL": "true" if store.tls else "false",
        "SCOPE": f"[{scope}]",
    }
    lines = ",\n".join(f"    {word} {value}" for word, value in options.items())
    quoted = name.replace('"', '""')
    return f'CREATE OR REPLACE SECRET "s3r {quoted}" (\n{lines}\n);\n'


def _credentials(routes: Routes, name: str, form: Form) -> dict[str, str]:
    credentials = routes.clients[name].credentials
    if fields := keys(routes, name, form, _quoted, _referred):
        return {_WORDS[field]: value for field, value in fields.items()}
    if credentials is None:
        return {"PROVIDER": "credential_chain"}
    if credentials.aws_profile is not None:
        chain = {"PROVIDER": "credential_chain", "CHAIN": "'config'"}
        return {**chain, "PROFILE": _quoted(credentials.aws_profile)}
    if credentials.role_arn is not None:
        where = routes.line_of("clients", name)
        raise EngineError(f"{where}: role_arn: duckdb takes no role for a secret of its own")
    return {}


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _referred(secret: Secret) -> str:
    """Write references as variables; one that isn't set is an error, and never a key `NULL`."""
    out = []
    for part in secret.parts():
        if isinstance(part, str):
            out.append(_quoted(part))
            continue
        name, fallback = part
        other = f"error({_quoted(f'variable {name} is not set')})" if fallback is None else ""
        out.append(f"coalesce(getvariable({_quoted(name)}), {other or _quoted(str(fallback))})")
    return " || ".join(out)
