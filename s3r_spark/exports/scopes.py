"""Routes as engines know them that can tell stores apart, but can't rename: scopes of one store."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from s3r_spark import globs
from s3r_spark.errors import EngineError, RoutesWarning, warn
from s3r_spark.exports.connection import Connection, connection, not_handed_on

if TYPE_CHECKING:
    from s3r_spark.model import Client
    from s3r_spark.routing import Routes, Rule


class Scope(NamedTuple):
    """A folder, or a whole bucket, that lies on one store under its own name.

    Attributes:
        bucket: the bucket.
        folder: the folder, with a `/` at its end; "" is the whole bucket.
        rule: the rule that has it.
        place: where the rule puts the folder, as bucket and folder.
    """

    bucket: str
    folder: str
    rule: Rule
    place: tuple[str, str]

    @property
    def path(self) -> str:
        """The scope as `bucket/folder/`."""
        return f"{self.bucket}/{self.folder}"


def scopes(routes: Routes, engine: str, *, renames: bool = False) -> list[Scope]:
    """The scopes of all profiles, in the order in which they are tried.

    Args:
        routes: the routes.
        engine: the engine's name, for messages.
        renames: whether it can give a folder another name.

    Raises:
        EngineError: the engine can't say what some profiles say; a line for each reason.
    """
    out: list[Scope] = []
    problems: dict[str, None] = {}

    def refuse(rule: Rule, why: str) -> None:
        problems[f"{routes.line_of('profiles', str(rule.name))}: {why}"] = None

    for rule in routes.rules:
        pattern = rule.key_pattern
        if globs.has_wildcard(pattern[:-1]) or not (rule.whole or pattern.endswith("/*")):
            refuse(rule, f"{engine} knows folders, no patterns like {pattern!r}")
        elif rule.maps and not renames:
            refuse(rule, f"{engine} can't give names another place: the mapping is only for s3r://")
        elif rule.prefix and not rule.prefix.endswith("/"):
            refuse(rule, f"{engine} can't put {rule.prefix!r} before a key: end it in '/'")
        elif globs.has_wildcard(rule.profile.source_bucket_pattern) and not rule.profile.buckets:
            name = rule.profile.source_bucket_pattern
            refuse(rule, f"{engine} needs the names that {name!r} stands for: buckets: [name, …]")
        else:
            folder = globs.folder(pattern)
            for bucket in rule.profile.buckets or [rule.profile.source_bucket_pattern]:
                place = rule.bucket(bucket), rule.key(bucket, folder)
                out.append(Scope(bucket, folder, rule, place))
    if problems:
        raise EngineError("\n".join(problems))
    return out


def connections(routes: Routes, engine: str) -> dict[str, Connection]:
    """The connections of all clients by name, and warnings of what the engine isn't told.

    Raises:
        EngineError: the engine can't be told what a store needs; a line for each reason.
        RoutesError: the region of one can't be told.
    """
    problems: list[str] = []
    stores = {}
    for name, client in routes.clients.items():
        stores[name] = connection(routes, name)
        at = routes.line_of("clients", name)
        problems += [f"{at}: {problem}" for problem in _problems(client, engine)]
        if lost := not_handed_on(routes, name):
            warn(RoutesWarning(f"{at}: {engine} isn't told of {', '.join(lost)}", "not-handed-on"))
    for rule in (*routes.rules, *([] if routes.refuses_unmatched else [routes.default])):
        if rule.read_only:
            entry = ("profiles", rule.name) if rule.name else ("clients", rule.client)
            text = (
                f"{routes.line_of(*entry)}: access: read: {engine} could write there all the same"
            )
            warn(RoutesWarning(text, "not-handed-on"))
    if problems:
        raise EngineError("\n".join(problems))
    return stores


def _problems(client: Client, engine: str) -> list[str]:
    out = []
    if client.ca_bundle is not None:
        out.append(f"ca_bundle: {engine} takes no CA for one store: have the machine trust it")
    if not client.verify:
        out.append(f"verify: false: {engine} checks the certificates of all stores or of none")
    return out
