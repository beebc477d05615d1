"""Routes on a SparkSession builder: everything that a session needs before it starts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import RoutesWarning, SessionError, SetupError, warn
from s3r_spark.hadoop import ivy
from s3r_spark.hadoop.engines import router
from s3r_spark.hadoop.jar import has_router, router_jar
from s3r_spark.hadoop.java import java_problem
from s3r_spark.hadoop.packages import (
    Needed,
    has_cloud,
    installed_hadoop_version,
    installed_spark_version,
    jars_folder,
    merge,
    needed,
)
from s3r_spark.hadoop.settings import Plan, plan, references, rendered, values
from s3r_spark.routing import Routes
from s3r_spark.secrets import is_sensitive
from s3r_spark.spark import environment, jvm, launch
from s3r_spark.spark.following import Following, options_without_routes
from s3r_spark.spark.kept import without_the_users
from s3r_spark.spark.options import MAGIC, for_session, for_start
from s3r_spark.spark.table_formats import bypasses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3r_spark.routing import RoutesLike

_PACKAGES, _EXCLUDES, _JARS = "spark.jars.packages", "spark.jars.excludes", "spark.jars"
_REPOSITORIES = "spark.jars.repositories"


def configure(
    builder: Any, routes: RoutesLike, *, engine: str = "auto", packages: bool = True
) -> Any:
    """Make a session follow routes.

    Secrets go on the builder as references (`${env.NAME}`), since PySpark passes a builder's
    options as arguments that every user of the machine can see; their values follow when the
    session is created, from where they reach the executors. What other routes have put on the
    builder before is taken off.

    Args:
        builder: `SparkSession.builder`, before or after settings of your own.
        routes: the path of a routes.yaml, its content as a dict, or Routes.
        engine: `auto`, `s3a`, `router` or `viewfs`; see `s3r-spark explain`.
        packages: whether to add the jars that S3A needs, in so far as neither you nor the
            installation brings them.

    Returns:
        The same builder.

    Raises:
        TypeError: that is no builder.
        RoutesError: the routes can't be used.
        EngineError: the engine can't do what they ask.
        SecretError: a variable that a secret is read from isn't set.
        SessionError: a session runs already (then `apply` is right), or it is not of this process;
            AWS_ENDPOINT_URL is set, and would take the place of AWS; fs.s3a.impl is set to a file
            system that knows no routes.
        SetupError: Java or pyspark is missing or out of range; under spark-submit, the jars are.

    Warns:
        RoutesWarning: for what works, but probably not as meant; also where a setting of your own
            differs from the routes: yours stays.
    """
    _check_builder(builder)
    options = options_without_routes(builder)
    loaded = Routes.load(routes)
    _check_session(options)
    submitted = jvm.submitted()
    if submitted is None:
        spark_version, version = installed_spark_version(), installed_hadoop_version()
        if problem := java_problem(spark_version):
            raise SetupError(problem)
        said = launch.said(options)
    else:
        spark_version, version = submitted.spark_version, submitted.hadoop_version
        said = launch.Said({}, {k: str(v) for k, v in options.items()}, submitted.settings)
    environment.check(loaded, os.environ)
    made = plan(loaded, engine, version)
    for finding in (*made.findings, *bypasses(said.settings)):
        warn(finding)
    secrets = values(made)
    shown = {key: ref for key, ref in _references(made).items() if key in secrets}
    if submitted is not None:
        submitted.require_jars(made)
        jars, cloud = {}, submitted.has_cloud
    else:
        jars = _jars(made, said, s3a=packages)
        named, files = (jars.get(key, said.get(key)) for key in (_PACKAGES, _JARS))
        cloud = has_cloud(named, files, jars_folder())
    ours = for_session(made, rendered(made, shown), spark_version, cloud=cloud)
    start = for_start(made, said.settings)
    ours, kept = without_the_users(ours | start, said)
    for key in kept:
        warn(_kept(key, made))
    put = {key: value for key, value in ours.items() if "=" not in key}
    # A mounted folder p=1 can't be an argument: its name would end at its first =.
    late = {key: value for key, value in ours.items() if "=" in key}
    later = {f"spark.hadoop.{key}": value for key, value in secrets.items()} | late
    names = {*put, *later} - {*kept, *start}
    following = Following(builder, made, cloud=cloud)
    following.follow(
        put | jars,
        {key.removeprefix("spark.hadoop."): later[key] for key in later if key in names},
        names,
    )
    return builder


def _check_builder(builder: Any) -> None:
    options = getattr(builder, "_options", None)
    if not isinstance(options, dict) or not callable(getattr(builder, "getOrCreate", None)):
        hint = ": a session that runs takes s3r_spark.apply" if hasattr(builder, "conf") else ""
        raise TypeError(f"configure takes SparkSession.builder, not {type(builder).__name__}{hint}")


def _check_session(options: Mapping[str, Any]) -> None:
    if _makes_a_client(options):
        raise SessionError(
            "this is a Spark Connect client, and its server has a configuration of its own: create "
            "the session and call s3r_spark.apply(spark, routes), or give the server what "
            "`s3r-spark conf` writes"
        )
    if jvm.context() is not None:
        raise SessionError(
            "a Spark session runs already in this process, and takes no settings for S3 from a "
            "builder: call s3r_spark.apply(spark, routes), or stop that session first"
        )


def _makes_a_client(options: Mapping[str, Any]) -> bool:
    """Whether the builder makes a Connect client, by the rules of its own getOrCreate."""
    env = os.environ
    if (
        options.get("spark.remote")
        or env.get("SPARK_REMOTE")
        or "SPARK_CONNECT_MODE_ENABLED" in env
    ):
        return True
    mode = str(options.get("spark.api.mode", env.get("SPARK_API_MODE", ""))).lower()
    if mode in {"classic", "connect"}:
        return mode == "connect"
    from pyspark.util import default_api_mode, is_remote_only  # noqa: PLC0415 - an extra

    return bool(is_remote_only() or default_api_mode() == "connect")


def _references(made: Plan) -> dict[str, str]:
    """The secrets that have a variable to refer to; the value of the others only follows later."""
    read = {key: secret for key, secret in made.secrets.items() if not secret.is_plain}
    return references(Plan(made.engine, made.reason, made.version, dict(read), ()))


def _kept(key: str, made: Plan) -> RoutesWarning:
    value = made.options.get(key.removeprefix("spark.hadoop."), MAGIC.get(key, ""))
    wanted = "" if is_sensitive(key) else f" (the routes would set {value})"
    return RoutesWarning(f"{key} is set already and stays as it is{wanted}", "kept")


def _jars(made: Plan, said: launch.Said, *, s3a: bool) -> dict[str, str]:
    """What brings S3A's jars, and the router's, to the session.

    They are resolved here and named in spark.jars. Where the user names packages, ours join them:
    PySpark writes a builder's spark.jars back over what Spark resolves of spark.jars.packages, so
    that with both the executors of a cluster would lack the packages.
    """
    folder = jars_folder()
    add = needed(made.version, said.get(_PACKAGES), said.get(_JARS), folder) if s3a else Needed()
    jar = router_jar() if made.engine.NAME == router.NAME and not has_router(folder) else None
    if said.get(_PACKAGES) is not None:
        if jar is None:
            ours = {_PACKAGES: add.packages, _EXCLUDES: add.excludes}
        else:
            ours = {
                _PACKAGES: (*add.packages, jar.coordinate),
                _EXCLUDES: add.excludes,
                _REPOSITORIES: (jar.repository,),
            }
        return _merged(said, {key: items for key, items in ours.items() if items})
    files: list[str] = [str(jar.file)] if jar else []
    if add.packages:
        repositories = said.get(_REPOSITORIES) or ""
        files += map(
            str,
            ivy.resolve(
                add.packages,
                [*add.excludes, *filter(None, (said.get(_EXCLUDES) or "").split(","))],
                spark_jars=folder,
                home=said.get("spark.jars.ivy"),
                repositories=[url for url in repositories.split(",") if url],
                settings=said.get("spark.jars.ivySettings"),
            ),
        )
    return _merged(said, {_JARS: files}) if files else {}


def _merged(said: launch.Said, ours: Mapping[str, Sequence[str]]) -> dict[str, str]:
    out = {}
    for key, items in ours.items():
        merged = merge(said.get(key), items)
        if key in said.flags:  # --packages wins over any setting, so it is what must grow
            launch.replace_flag(key, merged)
        else:
            out[key] = merged
    return out
