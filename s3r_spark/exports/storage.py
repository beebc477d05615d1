"""`Routes.storage_options`: a name's real URL, and an engine's own options for the store there.

Each engine's words are those of its documentation, and of the release that the tests run it with.
Only names of one store can be given to an engine, since it lists and reads that one by itself.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from s3r_spark import globs
from s3r_spark.boto.credentials import signing
from s3r_spark.engine_options import Engine, Options, StorageOptions
from s3r_spark.errors import RefusedError, RoutesWarning, SecretError, warn
from s3r_spark.exports.connection import connection, not_handed_on
from s3r_spark.paths import split_uri

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.exports.connection import Connection
    from s3r_spark.routing import Routes, Rule

_WILDCARD = re.compile(r"[*?\[]")


class Keys(NamedTuple):
    """Keys to sign with, by value."""

    access_key: str
    secret_key: str
    token: str | None


def storage_options(routes: Routes, url: str, engine: Engine) -> StorageOptions:
    """The real URL of a name and the options with which an engine reaches it; see `Routes`."""
    if engine not in get_args(Engine):
        raise ValueError(f"engine must be one of {', '.join(get_args(Engine))}, not {engine!r}")
    rule, bucket, key = _place(routes, url)
    keys, store = _connected(routes, rule.client)
    where = f"{routes.line_of('clients', rule.client)}: "
    if store.ca_bundle is not None and engine != "obstore":
        raise RefusedError(
            f"{where}ca_bundle: {engine} takes no file of a private CA: read by s3r:// (fsspec), "
            "or have the machine trust that CA and leave ca_bundle out"
        )
    if engine not in {"polars", "deltalake", "obstore", "daft"} and not store.verify:
        raise RefusedError(f"{where}verify: false: {engine} checks certificates all the same")
    if lost := not_handed_on(routes, rule.client):
        warn(RoutesWarning(f"{where}{engine} isn't told of {', '.join(lost)}", "not-handed-on"))
    if rule.read_only:
        entry = routes.line_of("profiles", rule.name) if rule.name else where.removesuffix(": ")
        text = f"{entry}: access: read: {engine} could write there all the same"
        warn(RoutesWarning(text, "not-handed-on"))
    options = _ENGINES[engine](store, bucket, key, keys)
    return StorageOptions(f"s3://{bucket}/{key}", Options(options))


# -- the place ------------------------------------------------------------------------------------


def _place(routes: Routes, url: str) -> tuple[Rule, str, str]:
    """The one rule that has all that an engine may find at a URL, the real bucket and key there.

    Raises:
        RefusedError: several rules have names there.
    """
    bucket, key = split_uri(url)
    wildcard = _WILDCARD.search(key)
    prefix = key[: wildcard.start()] if wildcard else key
    if not wildcard and key and not key.endswith("/"):
        rules = _of_file_or_folder(routes, bucket, key)
    else:
        rules = routes.under(bucket, prefix)
        if rules and rules[-1].name is not None and len(rules) == 1:
            _check_owned(routes, rules[0], prefix, url)
    if len(rules) != 1:
        names = [repr(rule.name) if rule.name else "the default client" for rule in rules]
        problem = f"lies on several routes ({', '.join(names)})" if rules else "is no route's"
        raise RefusedError(
            f"{url} {problem}, and an engine sees one store: name a folder that one route has "
            "whole (with a '/' at its end), or read by s3r:// (fsspec), which sees them all"
        )
    (rule,) = rules
    return rule, rule.bucket(bucket), rule.key(bucket, key)


def _of_file_or_folder(routes: Routes, bucket: str, key: str) -> list[Rule]:
    """The rules of a name, and of what lies below it if it is a folder."""
    below = routes.under(bucket, f"{key}/")
    if len(below) == 1 and globs.folder(below[0].key_pattern) == f"{key}/":
        return below  # a rule's own fixed folder is the folder alone
    return list(dict.fromkeys([routes.rule(bucket, key), *below]))


def _check_owned(routes: Routes, rule: Rule, prefix: str, url: str) -> None:
    if not globs.owns_all_below(rule.key_pattern, prefix):
        raise RefusedError(
            f"{routes.line_of('profiles', str(rule.name))}: {url} names more than "
            f"{rule.key_pattern!r} takes: name a folder that it has whole"
        )


# -- keys -----------------------------------------------------------------------------------------


def _connected(routes: Routes, name: str) -> tuple[Keys | None, Connection]:
    """The keys and the connection of a client; what the file leaves open, boto3's chain finds.

    Raises:
        SecretError: there are no keys.
        RoutesError: the region can't be told.
    """
    client = routes.clients[name]
    session, keys = signing(client.credentials, client.region)
    store = connection(routes, name, session.region_name)
    if store.anonymous:
        return None, store
    if keys:
        values = [keys.get(f"aws_{part}") for part in _PARTS]
    else:
        credentials = session.get_credentials()
        if credentials is None:
            raise SecretError(
                f"{routes.line_of('clients', name)}: no credentials are found for it: write "
                "credentials: …, or set what boto3 looks for"
            )
        frozen = credentials.get_frozen_credentials()
        values = [frozen.access_key, frozen.secret_key, frozen.token]
    return Keys(str(values[0]), str(values[1]), values[2]), store


_PARTS = ("access_key_id", "secret_access_key", "session_token")


# -- engines --------------------------------------------------------------------------------------


def _object_store(store: Connection, bucket: str, _key: str, keys: Keys | None) -> dict[str, Any]:
    """The words of Rust's object_store, of which polars, deltalake and obstore are made."""
    # It takes the token of the environment to any keys.
    if keys is not None and keys.token is None and os.environ.get("AWS_SESSION_TOKEN"):
        raise SecretError(
            f"AWS_SESSION_TOKEN is set, and would be sent with the keys of client {store.client!r},"
            " which it doesn't belong to: unset it"
        )
    options = {
        "aws_endpoint": store.of_bucket(bucket),
        "aws_region": store.region,
        "aws_virtual_hosted_style_request": "false" if store.path_style else "true",
        "aws_allow_http": "false" if store.tls else "true",
    }
    if keys is None:
        options["aws_skip_signature"] = "true"
    else:
        options["aws_access_key_id"] = keys.access_key
        options["aws_secret_access_key"] = keys.secret_key
        if keys.token is not None:
            options["aws_session_token"] = keys.token
    if not store.verify:
        options["allow_invalid_certificates"] = "true"
    return options


def _deltalake(store: Connection, bucket: str, key: str, keys: Keys | None) -> dict[str, Any]:
    """Commits rest on `If-None-Match: *`: a store that ignores it would lose some in silence."""
    options = _object_store(store, bucket, key, keys)
    if not store.conditional_writes:
        options["aws_conditional_put"] = "disabled"
    return options


def _obstore(store: Connection, bucket: str, key: str, keys: Keys | None) -> dict[str, Any]:
    """The arguments of `obstore.store.from_url` beside the URL."""
    words = _deltalake(store, bucket, key, keys)
    allow_http = words.pop("aws_allow_http") == "true"
    more: dict[str, Any] = {"allow_http": True} if allow_http else {}
    if words.pop("allow_invalid_certificates", None):
        more["allow_invalid_certificates"] = True
    if store.ca_bundle is not None:
        more["root_certificate"] = store.ca_bundle.read_bytes()
    config = {
        name.removeprefix("aws_"): value == "true" if value in {"true", "false"} else value
        for name, value in words.items()
    }
    return {"config": Options(config), **({"client_options": more} if more else {})}


def _duckdb(store: Connection, bucket: str, key: str, keys: Keys | None) -> dict[str, Any]:
    """The parameters of `CREATE SECRET (…)`."""
    fixed = key[: match.start()] if (match := _WILDCARD.search(key)) else key
    folder = fixed[: fixed.rfind("/") + 1]  # or it would hold for names that go on after it as well
    options: dict[str, Any] = {
        "TYPE": "s3",
        "ENDPOINT": store.host,
        "REGION": store.region,
        "URL_STYLE": "path" if store.path_style else "vhost",
        "USE_SSL": store.tls,
        "SCOPE": f"s3://{bucket}/{folder}",
    }
    if keys is not None:
        options |= {"KEY_ID": keys.access_key, "SECRET": keys.secret_key}
        if keys.token is not None:
            options["SESSION_TOKEN"] = keys.token
    return options


def _pyiceberg(store: Connection, _bucket: str, _key: str, keys: Keys | None) -> dict[str, Any]:
    """The properties of a catalog or a FileIO."""
    options = {
        "s3.endpoint": store.endpoint,
        "s3.region": store.region,
        "s3.force-virtual-addressing": "false" if store.path_style else "true",
    }
    if keys is None:
        return {**options, "s3.anonymous": "true"}
    options |= {"s3.access-key-id": keys.access_key, "s3.secret-access-key": keys.secret_key}
    return options if keys.token is None else {**options, "s3.session-token": keys.token}


def _daft(store: Connection, _bucket: str, _key: str, keys: Keys | None) -> dict[str, Any]:
    """The arguments of `daft.io.S3Config`."""
    options: dict[str, Any] = {
        "endpoint_url": store.endpoint,
        "region_name": store.region,
        "force_virtual_addressing": not store.path_style,
        "use_ssl": store.tls,
        "verify_ssl": store.verify,
    }
    if keys is None:
        return {**options, "anonymous": True}
    options |= {"key_id": keys.access_key, "access_key": keys.secret_key}
    return options if keys.token is None else {**options, "session_token": keys.token}


_ENGINES: dict[str, Callable[[Connection, str, str, Keys | None], dict[str, Any]]] = {
    "polars": _object_store,
    "deltalake": _deltalake,
    "obstore": _obstore,
    "duckdb": _duckdb,
    "pyiceberg": _pyiceberg,
    "daft": _daft,
}
