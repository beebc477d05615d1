"""Rclone: a remote for each client, and one for the routes, as variables for a shell to read.

Rclone reads a remote from the environment: so keys are the shell's own references, and nothing is
written to its configuration. The remote of the routes is of rclone's kind `combine`, which puts
places of other remotes side by side, one folder deep.
Source: https://rclone.org/docs/#config-file, …/combine/, …/s3/
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from s3r_spark.errors import EngineError
from s3r_spark.exports.references import keys
from s3r_spark.exports.scopes import connections, scopes

if TYPE_CHECKING:
    from s3r_spark.exports.connection import Connection
    from s3r_spark.exports.references import Form
    from s3r_spark.exports.scopes import Scope
    from s3r_spark.routing import Routes
    from s3r_spark.secrets import Secret

_PROVIDERS = {"aws": "AWS", "minio": "Minio", "ceph": "Ceph", "seaweedfs": "SeaweedFS"}
_WORDS = {
    "access_key": "ACCESS_KEY_ID",
    "secret_key": "SECRET_ACCESS_KEY",
    "session_token": "SESSION_TOKEN",
}


def text(routes: Routes, form: Form) -> str:
    """The routes as lines of a shell, to be read by `eval` or `source`.

    Raises:
        EngineError: rclone can't say what they say.
        SecretError: a value is asked for, and its variable isn't set.
    """
    of_profiles = scopes(routes, "rclone", renames=True)
    if inner := [scope for scope in of_profiles if scope.folder]:
        problems = {
            f"{routes.line_of('profiles', str(scope.rule.name))}: rclone puts whole buckets side "
            f"by side, and no folder like {scope.folder!r} into one"
            for scope in inner
        }
        raise EngineError("\n".join(sorted(problems)))
    stores = connections(routes, "rclone")
    remotes = _names(routes)
    lines = [
        f'# Written by `s3r-spark export rclone` from {routes.name}. Use: eval "$(…)", then',
        "#   rclone ls routes:BUCKET/FOLDER",
    ]
    if not routes.refuses_unmatched:
        lines.append(f"# What no profile takes is at {remotes['default']}:BUCKET/FOLDER")
    for name, store in stores.items():
        lines += _remote(routes, name, remotes[name], store, form)
    upstreams = " ".join(_upstream(remotes, scope) for scope in of_profiles)
    if upstreams:
        lines.append("export RCLONE_CONFIG_ROUTES_TYPE=combine")
        lines.append(f"export RCLONE_CONFIG_ROUTES_UPSTREAMS={shlex.quote(upstreams)}")
    return "\n".join([*lines, ""])


def _names(routes: Routes) -> dict[str, str]:
    """A remote's name for each client: what a variable's name can hold."""
    out: dict[str, str] = {}
    for client in routes.clients:
        name = stem = f"s3r_{re.sub(r'[^a-z0-9]+', '_', client.lower()).strip('_')}"
        number = 1
        while name in out.values():
            number += 1
            name = f"{stem}_{number}"
        out[client] = name
    return out


def _upstream(remotes: dict[str, str], scope: Scope) -> str:
    place = "/".join(part for part in scope.place if part).rstrip("/")
    upstream = f"{scope.bucket}={remotes[scope.rule.client]}:{place}"
    return '"' + upstream.replace('"', '""') + '"' if re.search(r'[\s"]', upstream) else upstream


def _remote(routes: Routes, client: str, name: str, store: Connection, form: Form) -> list[str]:
    options = {
        "TYPE": "s3",
        "PROVIDER": _PROVIDERS.get(routes.clients[client].kind, "Other"),
        "REGION": store.region,
        "FORCE_PATH_STYLE": str(store.path_style).lower(),
        "NO_CHECK_BUCKET": "true",  # a bucket that is missing is an error, and is not made
    }
    if not store.is_aws:
        options["ENDPOINT"] = store.endpoint
    written = {word: shlex.quote(value) for word, value in options.items()}
    written |= _credentials(routes, client, form)
    prefix = f"export RCLONE_CONFIG_{name.upper()}"
    return [f"{prefix}_{word}={value}" for word, value in written.items()]


def _credentials(routes: Routes, client: str, form: Form) -> dict[str, str]:
    credentials = routes.clients[client].credentials
    if fields := keys(routes, client, form, shlex.quote, _referred):
        return {_WORDS[field]: value for field, value in fields.items()}
    if credentials is None:
        return {"ENV_AUTH": "true"}
    if credentials.aws_profile is not None:
        return {"ENV_AUTH": "true", "PROFILE": shlex.quote(credentials.aws_profile)}
    if credentials.role_arn is not None:
        raise EngineError(
            f"{routes.line_of('clients', client)}: role_arn: rclone takes none of one remote alone"
        )
    return {}


def _referred(secret: Secret) -> str:
    """Write references as the shell's own; one that isn't set is the shell's error."""
    out = []
    for part in secret.parts():
        if isinstance(part, str):
            out.append(shlex.quote(part))
        else:  # what is not empty would be a value
            out.append(f'"${{{part[0]}{":?" if part[1] is None else ":-"}}}"')
    return "".join(out)
