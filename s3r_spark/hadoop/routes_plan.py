"""Routes as Hadoop settings: the engine's, with secrets in the form that was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from s3r_spark.errors import SecretError, warn
from s3r_spark.hadoop import engines
from s3r_spark.hadoop.client_options import KEYS, stores
from s3r_spark.hadoop.packages import installed_hadoop_version
from s3r_spark.hadoop.versions import hadoop_line
from s3r_spark.routing import Routes
from s3r_spark.secrets import Secret

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from s3r_spark.errors import RoutesWarning
    from s3r_spark.hadoop.client_options import Options
    from s3r_spark.hadoop.engines import Engine, EngineName
    from s3r_spark.routing import RoutesLike

SecretForm = Literal["env", "inline", "jceks"]
STORE_FILE = "s3r.jceks"
_STORES = "fs.s3a.security.credential.provider.path"
_BUCKET_STORES = re.compile(r"fs\.s3a\.bucket\..+\.security\.credential\.provider\.path")
# What java.net.URI refuses or takes for something else, and the comma of a list of stores.
_NO_STORE_PATH = re.compile(r"""[\s%#?,"<>\\^`{|}\[\]\x00-\x1f\x7f]""")
_EXPANDED = "which Hadoop would take for a variable; nothing can tell it not to"


@dataclass(frozen=True)
class Plan:
    """A plan of what is to be set for routes, before secrets are put in.

    Attributes:
        engine: the engine that was chosen.
        reason: why it was.
        version: the Hadoop version that it is for.
        options: the settings by their full Hadoop names.
        findings: what the routes ask that S3A leaves undone.
    """

    engine: Engine
    reason: str
    version: str
    options: Options
    findings: tuple[RoutesWarning, ...]

    @property
    def secrets(self) -> dict[str, Secret]:
        """The settings whose values are secrets."""
        return {key: value for key, value in self.options.items() if isinstance(value, Secret)}

    def reference(self, key: str) -> str:
        """A secret as `${env.NAME}`, which Hadoop expands where it reads it.

        The router names the variable that isn't set there. Without it, S3A at least finds no keys
        then, and asks nobody, where the text `${env.NAME}` would be a key to it.

        Raises:
            SecretError: it has a fallback that Hadoop can't read.
        """
        may_be_empty = not self.engine.OWN_JAR and key.endswith(KEYS)
        return self.secrets[key].for_hadoop(may_be_empty=may_be_empty)

    @property
    def plain(self) -> dict[str, str]:
        """The settings that anybody may see."""
        return {key: value for key, value in self.options.items() if isinstance(value, str)}


def plan(
    routes: RoutesLike | None,
    engine: str = "auto",
    hadoop_version: str | None = None,
    *,
    at_once: bool = False,
) -> Plan:
    """Choose the engine and gather its settings; `at_once` is as for `engines.choose`.

    Raises:
        RoutesError: the routes can't be used.
        EngineError: no engine, or not the one asked for, can do what they ask.
        SetupError: the Hadoop version is not known, or none was given and no pyspark is installed.
    """
    loaded = Routes.load(routes)
    version = installed_hadoop_version() if hadoop_version is None else hadoop_version
    hadoop_line(version)  # before anything is said of engines: one out of range has none
    choice = engines.choose(loaded, engine, version, at_once=at_once)
    known = stores(loaded, version, of_jar=choice.engine.OWN_JAR)
    options = choice.engine.settings(loaded, known)
    return Plan(choice.engine, choice.reason, version, options, known.findings)


def settings(
    routes: RoutesLike | None = None,
    *,
    engine: EngineName = "auto",
    hadoop_version: str | None = None,
    secrets: SecretForm = "env",
    store: str | os.PathLike[str] = STORE_FILE,
) -> dict[str, str]:
    """The Hadoop settings for routes.

    Args:
        routes: as `Routes.load` takes them; None: S3R_ROUTES, or the repository's routes.yaml.
        engine: `auto`, `s3a`, `router` or `viewfs`.
        hadoop_version: the Hadoop that reads them, such as `3.4.1`; None: the installed pyspark's.
        secrets: `env`: as `${env.NAME}`, which Hadoop reads on each machine; `inline`: the values
            themselves; `jceks`: left out, and the path of a Hadoop credential store in their place.
        store: that credential store, as `s3r-spark conf --secrets jceks -o FOLDER` writes it into
            FOLDER; a relative path is one of the current folder.

    Returns:
        Keys as Hadoop spells them, without `spark.hadoop.`.

    Raises:
        RoutesError: the routes can't be used.
        EngineError: the engine can't do what they ask.
        SecretError: a secret can't be had in the form that was asked for.
        SetupError: the Hadoop version is not known.

    Warns:
        RoutesWarning: for what works, but probably not as meant.
    """
    result = plan(routes, engine, hadoop_version)
    for finding in result.findings:
        warn(finding)
    if secrets == "jceks":
        return with_store(rendered(result, {}), Path.cwd() / store)
    if secrets not in {"env", "inline"}:
        raise ValueError(f"secrets must be 'env', 'inline' or 'jceks', not {secrets!r}")
    return rendered(result, references(result) if secrets == "env" else values(result))


def rendered(routes_plan: Plan, secrets: Mapping[str, str]) -> dict[str, str]:
    """The settings as text, with the secrets given, in the plan's order.

    Raises:
        SecretError: a setting holds a `${`, which Hadoop would expand and can't be told not to.
    """
    for key, value in routes_plan.plain.items():
        if "${" in value:
            raise SecretError(f"{key}: the value {value!r} holds '${{', {_EXPANDED}")
    shown = {**routes_plan.plain, **secrets}
    return {key: shown[key] for key in routes_plan.options if key in shown}


def references(routes_plan: Plan) -> dict[str, str]:
    """The secrets as `${env.NAME}`.

    Raises:
        SecretError: a secret's value stands in the routes, so there is no variable to refer to.
    """
    if plain := [key for key, secret in routes_plan.secrets.items() if secret.is_plain]:
        raise SecretError(
            "these secrets stand in the routes as they are, and would be written down: "
            f"{', '.join(plain)}; write ${{NAME}} in the routes, or ask for secrets inline or jceks"
        )
    return {key: routes_plan.reference(key) for key in routes_plan.secrets}


def values(routes_plan: Plan, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The secrets themselves.

    Raises:
        SecretError: a variable isn't set, or a value has a `${` that Hadoop would expand.
    """
    out = {}
    for key, secret in routes_plan.secrets.items():
        value = secret.reveal(environ)
        if "${" in value:
            raise SecretError(
                f"{key}: the value holds '${{', which Hadoop would take for a variable"
            )
        out[key] = value
    return out


def with_store(settings: Mapping[str, str], file: Path | str) -> dict[str, str]:
    """The settings, and what tells S3A to look for its secrets in a credential store.

    The store's aliases are the settings' own names: S3AUtils.lookupPassword asks it for
    `fs.s3a.bucket.<bucket>.access.key` before `fs.s3a.access.key`. Where a bucket is told of other
    stores (or of none), that would hide it, so it is put before them.

    Args:
        settings: by Hadoop's names.
        file: the store's path, or its URI (`jceks://hdfs@namenode/s3r.jceks`).

    Raises:
        SecretError: the store's path is one that Hadoop can't read.
    """
    uri = file if isinstance(file, str) and "://" in file else store_uri(Path(file))
    out = dict(settings)
    for key in (_STORES, *(key for key in settings if _BUCKET_STORES.fullmatch(key))):
        out[key] = ",".join(filter(None, (uri, settings.get(key))))
    return out


def store_uri(file: Path) -> str:
    """A local file as the URI of a Java key store, in the spelling of CredentialProviderFactory.

    Raises:
        SecretError: the path has a character that Hadoop can't read there.
    """
    path = file.absolute().as_posix()
    if match := _NO_STORE_PATH.search(path):
        raise SecretError(
            f"{path}: Hadoop can't read a credential store whose path has {match[0]!r} in it: "
            "take another folder"
        )
    return f"localjceks://file{path}"
