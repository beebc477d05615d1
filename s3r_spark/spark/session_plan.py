"""All that a session must be told so that it follows routes: one plan, however it is then told.

`configure` puts it on a builder, `apply` sets it in a session that runs, `conf` writes it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from s3r_spark.errors import RoutesWarning
from s3r_spark.hadoop.routes_plan import Plan, plan, references, rendered, values, with_store
from s3r_spark.secrets import is_sensitive
from s3r_spark.spark import aws_endpoint
from s3r_spark.spark.table_formats import bypasses

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from s3r_spark.hadoop.engines import Engine
    from s3r_spark.routing import Routes

__all__ = ["BINDING", "HADOOP", "MAGIC", "Jars", "SessionPlan", "User", "Versions", "plan_session"]

HADOOP = "spark.hadoop."
"""The prefix of Hadoop's settings where Spark takes them."""

# It hands all that a committer does to the one that Hadoop's factories name for the path, and is a
# FileOutputCommitter to Spark. So Spark's own protocol, the one that can overwrite partitions
# dynamically, asks it where to write; S3A's committers by themselves it would take for ones whose
# files go to where they belong, uncommitted. Nothing in it is about parquet but its name.
# PathOutputCommitProtocol, which Spark 4.1 takes where it finds it, refuses dynamic overwrite on
# S3A, and appends where files are committed by renaming.
BINDING = "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter"
MAGIC = {
    "spark.hadoop.fs.s3a.committer.name": "magic",
    "spark.sql.sources.commitProtocolClass": (
        "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol"
    ),
    "spark.sql.sources.outputCommitterClass": BINDING,
    "spark.sql.parquet.output.committer.class": BINDING,
}
"""Settings by which every file format writes by S3A's magic committer."""

Secrets = Literal["env", "inline", "jceks", "value"]
"""The forms of `hadoop.routes_plan`, and `value`: references, and values apart from them."""


class Versions(NamedTuple):
    """The versions that a session has.

    Attributes:
        spark: such as `4.1.1`.
        hadoop: such as `3.4.2`.
    """

    spark: str
    hadoop: str


class User(Protocol):
    """User settings, and what of them stays beside routes."""

    @property
    def settings(self) -> Mapping[str, str]:
        """All that is known of it, by Spark's names."""

    def settled(self, plan: Plan, ours: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """Settle settings with the user's.

        Args:
            plan: what they are for.
            ours: what routes need, by Spark's names.

        Returns:
            What is to be set for the routes, and the user's settings that stay in their way.

        Raises:
            SessionError: a setting of the user's would keep the session from following the routes.
        """


class Jars(Protocol):
    """A way by which jars come to a session."""

    def added(self, plan: Plan) -> dict[str, str]:
        """The settings that bring what a session lacks, by Spark's names.

        Raises:
            SetupError: it lacks some, and takes no more.
            SessionError: likewise.
        """

    def has_cloud(self, added: Mapping[str, str]) -> bool:
        """Tell whether the session has spark-hadoop-cloud, once these settings are made."""


@dataclass(frozen=True)
class SessionPlan:
    """All that a session is to be told.

    Attributes:
        routes: the engine, why it was chosen, and its settings before secrets are put in.
        hadoop: the engine's settings as text, by Hadoop's names, for what is not Spark.
        settings: by Spark's names; anybody may see them, but for secrets that were asked for.
        by_value: what must be set in a JVM that runs, by Hadoop's names: secrets, and what can't be
            an argument of a program.
        environment: variables that a JVM which starts needs for secrets that have none, so that it
            has them when it opens its event log.
        jars: the settings that bring jars.
        for_good: the names in `settings` that only a new session heeds; other routes leave them.
        overridden: the user's settings that stay, and that the routes would have otherwise.
        warnings: what works, but probably not as meant.
    """

    routes: Plan
    hadoop: Mapping[str, str]
    settings: Mapping[str, str]
    by_value: Mapping[str, str]
    environment: Mapping[str, str]
    jars: Mapping[str, str]
    for_good: frozenset[str]
    overridden: Mapping[str, str]
    warnings: tuple[RoutesWarning, ...]

    @property
    def engine(self) -> Engine:
        """The engine that was chosen."""
        return self.routes.engine

    @property
    def names(self) -> frozenset[str]:
        """Names, as Spark has them, that other routes would have to take back."""
        by_value = {f"{HADOOP}{key}" for key in self.by_value}
        return frozenset({*self.settings, *by_value} - self.for_good)


def plan_session(  # noqa: PLR0913 - each is a fact of its own about a session
    routes: Routes,
    engine: str,
    versions: Versions,
    user: User,
    secrets: Secrets,
    *,
    jars: Jars,
    store: Path | str | None = None,
    at_once: bool = False,
) -> SessionPlan:
    """Plan what a session must be told.

    Args:
        routes: what it is to follow.
        engine: `auto`, or the name of an engine.
        versions: what the session has.
        user: what the user has set.
        secrets: the form that secrets are to have.
        jars: how jars come to the session.
        store: with `jceks`, the credential store: a path, or a URI as Hadoop has it.
        at_once: whether `auto` is to prefer an engine whose routes hold at once.

    Raises:
        EngineError: the engine can't do what the routes ask.
        SecretError: a secret can't be had in the form that was asked for.
        SessionError: the user has set what would keep the session from following the routes, or
            would take the place of AWS.
        SetupError: jars are missing that the session can't be given.
    """
    aws_endpoint.check_settings(routes, user.settings)
    chosen = plan(routes, engine, versions.hadoop, at_once=at_once)
    by_value = values(chosen) if secrets == "value" else {}
    lent = {key: f"S3R_SECRET_{number}" for number, key in enumerate(_nameless(chosen))}
    hadoop = _hadoop(chosen, secrets, store, lent)
    added = jars.added(chosen)
    start = chosen.engine.start_settings(user.settings)
    settings = {
        **{f"{HADOOP}{key}": value for key, value in hadoop.items()},
        **(MAGIC if jars.has_cloud(added) else {}),
        **chosen.engine.session_settings(versions.spark),
        **start,
    }
    settings, overridden = user.settled(chosen, settings)
    if secrets == "value":
        # A mounted folder p=1 can't be an argument: its name would end at its first =.
        by_value |= {
            key.removeprefix(HADOOP): settings.pop(key) for key in [*settings] if "=" in key
        }
        by_value = {k: v for k, v in by_value.items() if f"{HADOOP}{k}" not in overridden}
    return SessionPlan(
        chosen,
        hadoop,
        settings,
        by_value,
        {name: by_value[key] for key, name in lent.items() if key in by_value},
        added,
        frozenset(start),
        overridden,
        (
            *chosen.findings,
            *bypasses(user.settings),
            *(_overridden(chosen, key) for key in overridden),
        ),
    )


def _hadoop(
    plan: Plan, secrets: Secrets, store: Path | str | None, lent: Mapping[str, str]
) -> dict[str, str]:
    """The engine's settings, with secrets in a form."""
    if secrets == "value":
        options = {key: plan.reference(key) for key in plan.secrets if key not in lent}
        return rendered(plan, options | {key: f"${{env.{name}}}" for key, name in lent.items()})
    if secrets == "env":
        return rendered(plan, references(plan))
    if secrets == "jceks" and store is not None and plan.secrets:
        return with_store(rendered(plan, {}), store)
    return rendered(plan, values(plan))


def _nameless(plan: Plan) -> list[str]:
    """The secrets that have no variable to refer to."""
    return [key for key, secret in plan.secrets.items() if secret.is_plain]


def _overridden(plan: Plan, key: str) -> RoutesWarning:
    value = plan.options.get(key.removeprefix(HADOOP), MAGIC.get(key, ""))
    right = "" if is_sensitive(key) else f" (the routes would set {value})"
    return RoutesWarning(f"{key} is set already and stays as it is{right}", "kept")
