"""Engine router: a Hadoop file system of our own, in the jar that the wheel carries.

`fs.s3a.impl` is s3r.hadoop.RouterFileSystem. It hands each name to the store that the routes say,
and opens a store as an S3AFileSystem under a scheme of the client's (`s3r-minio://bucket/key`), so
that two clients may each have a bucket of one name. The router itself adds a digest of the client's
settings to the scheme, so that whoever has other settings is not given a store that was opened with
these. Hadoop keeps those stores, and no router: one is made for each call, by the routes that the
call's own configuration says. The Java source lies in `s3r_spark/jvm`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from s3r_spark.hadoop import jar
from s3r_spark.hadoop.engines import common
from s3r_spark.hadoop.s3a_options import known
from s3r_spark.paths import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from pathlib import Path

    from s3r_spark.hadoop.client_options import Options, Stores
    from s3r_spark.routing import Routes, Rule

NAME = "router"
ABOUT = "a file system of our own: folders, patterns, other names, one bucket name on two services"
COSTS = (
    "one small jar more, which s3r_spark brings",
    "a folder that spans stores is committed, renamed and deleted file by file",
    "fs.s3a.bucket.<bucket>.* has no effect: a client's options say what holds for its buckets",
)
OLDEST_HADOOP = jar.OLDEST_HADOOP

ROUTES = "fs.s3r.routes"
"""The profiles, and how the names of the settings begin in which they go on."""

_PACKAGE = "s3r.hadoop"
FILE_SYSTEM = f"{_PACKAGE}.RouterFileSystem"
CLASSES = (common.S3A, FILE_SYSTEM)
USES_MAGIC = True
FOLLOWS_AT_ONCE = True
OWN_JAR = True

session_settings = common.no_settings

# Linux takes 128 KiB for one argument of a process, and PySpark passes settings as arguments.
_MOST = 100_000
# Nothing that a shell, a properties file, XML, Hadoop ("${") or the text itself gives a meaning to,
# but what patterns are made of.
_PLAIN = "/*?[]!{}:,@^~"
_COMMITTERS = "mapreduce.outputcommitter.factory.scheme"
_S3A_COMMITTERS = common.HADOOPS_OWN[f"{_COMMITTERS}.s3a"]


def refusals(routes: Routes) -> list[str]:
    """List what of the routes this engine can't do."""
    out = []
    for rule in routes.rules:
        if not rule.profile.spark:
            continue
        if rule.folder == "" and rule.prefix and not rule.prefix.endswith("/") and not _head(rule):
            text = f"puts {rule.prefix!r} before all keys, which is no folder: end it in '/'"
            out.append(common.line(routes, rule, text))
    return out


def settings(routes: Routes, stores: Stores) -> Options:
    """The settings: the router for each scheme, the clients' options, the profiles."""
    out: Options = {}
    for scheme in SCHEMES:
        out |= of_scheme(scheme)
    for client, options in stores.options.items():
        name = encoded(client)
        out[f"fs.s3r-{name}.impl"] = f"{_PACKAGE}.StoreFileSystem"
        out[f"{_COMMITTERS}.s3r-{name}"] = _S3A_COMMITTERS
        out.update({f"fs.s3r.client.{name}.{key}": value for key, value in options.items()})
    out["fs.s3r.unmatched"] = _unmatched(routes)
    out["fs.s3r.profiles"] = str(len(routes.rules))
    return out | dict(_in_parts(map(_written, routes.rules)))


def of_scheme(scheme: str) -> dict[str, str]:
    """The settings that give a scheme to the router."""
    # FileContext, by which Spark writes streaming checkpoints, has a class of its own.
    context = f"{_PACKAGE}.RouterAbstractFileSystem"
    values = (FILE_SYSTEM, context, f"{_PACKAGE}.RouterCommitterFactory", "true")
    return dict(zip(common.scheme_keys(scheme), values, strict=True))


def start_settings(user: Container[str]) -> dict[str, str]:
    """Make settings for a session that is about to start: how Delta Lake commits to s3r://.

    Delta Lake knows s3a and s3. Elsewhere it takes for granted that a rename is atomic, and two
    commits at once could overwrite each other. It refuses a log store of one scheme beside one of
    all, so one that the user has set stays alone.
    """
    if "spark.delta.logStore.class" in user:
        return {}
    return {"spark.delta.logStore.s3r.impl": "io.delta.storage.S3SingleDriverLogStore"}


def lacking_jar(folder: Path | None) -> jar.Jar | None:
    """The jar, unless an installation's folder of jars has it."""
    return None if folder is not None and jar.has_router(folder) else jar.router_jar()


def is_own(class_name: str) -> bool:
    """Tell whether a class is one that the engine puts where Hadoop has its own."""
    return class_name.startswith(f"{_PACKAGE}.")


def foreign_setting(settings: Mapping[str, str], user: Mapping[str, str]) -> str | None:
    """A setting of a profile that the router would read and that these routes don't have so."""
    return next(
        (
            key
            for key, value in user.items()
            if key.startswith(f"spark.hadoop.{ROUTES}") and value != settings.get(key)
        ),
        None,
    )


def problem(jvm: Any, conf: Any) -> str | None:
    """Find what is missing or wrong of the router's settings, as it reads them itself."""
    text: str | None = jvm.s3r.hadoop.Startup.problem(conf)
    return text


def encoded(client: str) -> str:
    """A client's name as a part of URI schemes, as s3r.hadoop.ClientScheme has it."""
    return re.sub(
        r"[^a-z0-9-]", lambda match: "".join(f"+{b:02x}" for b in match[0].encode()), client
    )


def _unmatched(routes: Routes) -> str:
    """Say what becomes of names that no profile matches."""
    if routes.refuses_unmatched:
        return "refuse"
    return "read" if routes.default.read_only else "default"


def _head(rule: Rule) -> str:
    """The folder before the pattern's first wildcard."""
    return re.split(r"[*?\[]", rule.key_pattern, maxsplit=1)[0].rpartition("/")[0]


def _written(rule: Rule) -> str:
    """A profile as s3r.hadoop.Profile reads it: its fields as in routes.yaml, without blanks."""
    profile = rule.profile
    fields = {
        "name": str(rule.name),
        "client": rule.client,
        "source_bucket_pattern": profile.source_bucket_pattern,
        "source_key_pattern": None if rule.whole else rule.key_pattern,
        "mapped_bucket_name": profile.mapped_bucket_name,
        "mapped_prefix": profile.mapped_prefix,
        "prefix_mode": None if profile.prefix_mode == "replace" else profile.prefix_mode,
        "spark": None if profile.spark else "false",
        "access": "read" if rule.read_only else None,
    }
    return ";".join(
        f"{key}={quote(value, _PLAIN)}" for key, value in fields.items() if value is not None
    )


def _in_parts(profiles: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The profiles as settings, as few as there can be."""
    key, size, number = ROUTES, 0, 0
    part: list[str] = []
    for profile in profiles:
        if part and size + len(profile) > _MOST:
            yield key, " ".join(part)
            number += 1
            key, part, size = f"{ROUTES}.{number}", [], 0
        part.append(profile)
        size += len(profile) + 1
    if part:
        yield key, " ".join(part)


def masks(settings: Mapping[str, str], around: Iterable[str], version: str) -> dict[str, str]:
    """Make what keeps the settings of other routes out of a session that has its own.

    A session's settings lie over those of its context. What those say of a client of the same name,
    and these don't, would get among this session's.

    Args:
        settings: the session's own, by Hadoop's names.
        around: the names of all that its context has.
        version: the Hadoop version.
    """
    clients = {key.rpartition(".")[0] for key in settings if key.startswith("fs.s3r-")}
    prefixes = tuple(f"fs.s3r.client.{name.removeprefix('fs.s3r-')}." for name in clients)
    out = {}
    for key in {*around} - {*settings}:
        if key.startswith("fs.s3r.routes") or key == "fs.s3a.security.credential.provider.path":
            out[key] = ""
        elif prefix := next((p for p in prefixes if key.startswith(p)), None):
            option = known(key.removeprefix(prefix), version)
            out[key] = (option and option.default) or ""
    return out
