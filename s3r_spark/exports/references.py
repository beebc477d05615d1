"""A client's keys in a file: as references to variables, or as values where that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from s3r_spark.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.model import Client
    from s3r_spark.routing import Routes
    from s3r_spark.secrets import Secret

Form = Literal["env", "inline"]
Part = "str | tuple[str, str | None]"


def keys(
    routes: Routes,
    name: str,
    form: Form,
    text: Callable[[str], str],
    join: Callable[[Secret], str],
) -> dict[str, str]:
    """The keys that a client's entry holds, as an engine's file has them.

    Args:
        routes: the routes.
        name: the client.
        form: `env`: references to variables; `inline`: values.
        text: writes a value.
        join: writes a secret as references.

    Returns:
        `access_key`, `secret_key` and perhaps `session_token`; none where the entry holds no keys.

    Raises:
        EngineError: a value stands in the routes, and values weren't asked for.
        SecretError: a value is asked for, and its variable isn't set.
    """
    out = {}
    for field, secret in secrets(routes.clients[name]).items():
        if form == "inline":
            out[field] = text(secret.reveal())
        elif secret.is_plain:
            raise EngineError(
                f"{routes.line_of('clients', name)}: {field} stands in the file: write ${{NAME}} "
                "there, or --secrets inline"
            )
        else:
            out[field] = join(secret)
    return out


def secrets(client: Client) -> dict[str, Secret]:
    """The secrets of a client's keys by the name of their field."""
    who = client.credentials
    if who is None or who.access_key is None or who.secret_key is None:
        return {}
    out = {"access_key": who.access_key, "secret_key": who.secret_key}
    return out if who.session_token is None else {**out, "session_token": who.session_token}


def variables(routes: Routes, form: Form) -> list[str]:
    """The variables that must be set where the file is read."""
    if form == "inline":
        return []
    every = (secret for client in routes.clients.values() for secret in secrets(client).values())
    return list(dict.fromkeys(name for secret in every for name in secret.names))
