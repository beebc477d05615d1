"""`s3r-spark conf`."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import click

from s3r_spark.cli import arguments
from s3r_spark.cli.output import say
from s3r_spark.errors import SetupError, warn
from s3r_spark.hadoop import files
from s3r_spark.hadoop.credential_store import write_store
from s3r_spark.hadoop.packages import (
    installed_hadoop_version,
    installed_spark_version,
    jars_folder,
)
from s3r_spark.hadoop.routes_plan import STORE_FILE, Plan, SecretForm, values
from s3r_spark.hadoop.versions import version_tuple
from s3r_spark.paths import SCHEMES
from s3r_spark.routing import Routes
from s3r_spark.spark.jars import ByName
from s3r_spark.spark.platforms import PLATFORMS, Platform, Subject
from s3r_spark.spark.session_plan import Versions, plan_session
from s3r_spark.spark.user_settings import Nobody

_FILES = {
    "spark-defaults": "spark-defaults.conf",
    "core-site": "core-site.xml",
    "submit-args": "spark-submit.args",
}
_SHORT = {"spark": "spark-defaults", "hadoop": "core-site", "args": "submit-args"}
_NAMES = {**_FILES, **{name: platform.file for name, platform in PLATFORMS.items()}}


def _form(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    return value and _SHORT.get(value, value)


@click.command(
    "conf",
    short_help="Write configuration for Spark and Hadoop.",
    epilog="""\b
Example:
  s3r-spark conf routes.yaml -o conf/
  spark-submit --properties-file conf/spark-defaults.conf job.py
  s3r-spark conf routes.yaml --hadoop-version 3.3 --format hadoop > core-site.xml
  s3r-spark conf routes.yaml --format kubernetes --router-jar local:///opt/s3r/s3r-hadoop.jar
""",
)
@arguments.routes
@arguments.folder("Write files there instead of to stdout.")
@click.option(
    "--format",
    "chosen",
    type=click.Choice([*_FILES, *_SHORT, *PLATFORMS]),
    callback=_form,
    metavar="FORMAT",
    help="The one to write: spark (spark-defaults), hadoop (core-site), args (submit-args), or for "
    f"a platform: {', '.join(PLATFORMS)}.  [default: the first three with -o, else spark]",
)
@arguments.engine
@arguments.hadoop_version
@click.option(
    "--secrets",
    type=click.Choice(get_args(SecretForm)),
    default="env",
    show_default=True,
    help="env: as ${env.NAME}, read on every machine; inline: their values; jceks: in a Hadoop "
    f"credential store beside, {STORE_FILE}.",
)
@click.option(
    "--jceks-path",
    metavar="PATH",
    help="With --secrets jceks: where the store lies for those who read the files: a path, or a "
    "URI such as jceks://hdfs@namenode/s3r.jceks.  [default: where it is written]",
)
@click.option(
    "--packages/--no-packages",
    default=True,
    show_default=True,
    help="Whether Spark is to get the jars that it lacks; without, they are left to the cluster.",
)
@click.option(
    "--router-jar",
    metavar="PATH",
    help="Where the router's jar lies for those who read the files: a .jar, such as "
    "local:///opt/s3r/s3r-hadoop.jar, or a Maven repository, such as /opt/s3r/repository.  "
    "[default: the repository in this installation]",
)
@click.option("--force", is_flag=True, help="Overwrite files that `conf` has not written.")
def command(
    *,
    routes: str | None,
    folder: Path | None,
    chosen: str | None,
    engine: str,
    hadoop_version: str | None,
    secrets: SecretForm,
    jceks_path: str | None,
    packages: bool,
    router_jar: str | None,
    force: bool,
) -> None:
    """Write ROUTES as configuration of Spark and Hadoop.

    spark-defaults.conf and spark-submit.args are for Spark alone, core-site.xml for all that uses
    Hadoop. Files are readable by their owner only.
    """
    platform = _platform(chosen, secrets, folder, jceks_path)
    if router_jar and (platform is None or platform.brings_jars):
        _check_jar(router_jar)
    versions, jars_here = _versions(hadoop_version)
    jars = ByName(jars_here, router_jar, wanted=packages and (not platform or platform.brings_jars))
    store = jceks_path or (None if folder is None else folder / STORE_FILE)
    loaded = Routes.load(arguments.named(routes))
    planned: SecretForm = "env" if chosen == "yarn" and secrets == "inline" else secrets
    plan = plan_session(loaded, engine, versions, Nobody(), planned, jars=jars, store=store)
    for warning in plan.warnings:
        warn(warning)
    here = plan.jars.get("spark.jars.repositories") if router_jar is None else None
    if platform and platform.is_elsewhere and plan.engine.OWN_JAR and router_jar is None:
        raise click.UsageError(
            f"--router-jar says where the router's jar is for {chosen}: `s3r-spark jars` has it"
        )
    heading = _heading(Path(loaded.name).name, plan.routes, secrets)
    forms = _forms(plan.routes, chosen, secrets) if folder else [chosen or "spark-defaults"]
    values_here = _values(plan.routes) if planned != secrets else {}
    subject = Subject(
        {**plan.jars, **plan.settings},
        plan.hadoop,
        heading,
        _variables(plan.routes, secrets),
        values_here,
        router_jar,
    )
    texts = {form: _text(form, subject) for form in forms}
    if folder is None:
        click.echo(texts[forms[0]], nl=False)
        return
    stored = values(plan.routes) if secrets == "jceks" else {}
    written = [folder / STORE_FILE] * bool(stored) + [folder / _NAMES[form] for form in forms]
    _check(written, force=force, secret=secrets != "env" and bool(plan.routes.secrets))
    folder.mkdir(parents=True, exist_ok=True)
    if stored:
        write_store(folder / STORE_FILE, stored)
    for form, text in texts.items():
        files.write(folder / _NAMES[form], text)
    if chosen is None:
        _remove_stale([folder / name for form, name in _FILES.items() if form not in forms])
    _tell(folder, forms, plan.routes, secrets, jceks_path)
    if here:
        where = shlex.quote(here.removeprefix("file://"))
        say(f"for a driver on another machine, copy {where} there, and say where by --router-jar")


def _platform(
    chosen: str | None, secrets: SecretForm, folder: Path | None, jceks_path: str | None
) -> Platform | None:
    """The platform that is written for, if any.

    Raises:
        UsageError: secrets can't be had in that form there.
    """
    if secrets == "jceks" and folder is None:
        raise click.UsageError("--secrets jceks writes a file: say where by -o DIR")
    if jceks_path is not None and secrets != "jceks":
        raise click.UsageError("--jceks-path goes with --secrets jceks")
    if secrets == "inline" and chosen == "submit-args":
        raise click.UsageError("--secrets inline: every user of a machine can see its arguments")
    platform = PLATFORMS.get(chosen or "")
    if secrets == "inline" and platform and not platform.takes_values:
        raise click.UsageError(f"--secrets inline: {chosen} shows its configuration to many")
    return platform


def _check_jar(place: str) -> None:
    """Refuse a place of the router's jar that is only read by the router.

    Raises:
        UsageError: it is one.
    """
    scheme = urlsplit(place).scheme
    if scheme in SCHEMES:
        raise click.UsageError(
            f"--router-jar {place}: Spark reads {scheme}:// by the router, which isn't there "
            "before its jar; name a file of every machine, as in local:///opt/s3r/s3r-hadoop.jar"
        )


def _check(paths: list[Path], *, force: bool, secret: bool) -> None:
    """Refuse to overwrite what somebody else has written, and links that would lead secrets away.

    Args:
        paths: the files that are to be written.
        force: whether files of others may be overwritten.
        secret: whether values of secrets are to be written.
    """
    if secret and (links := [path for path in paths if path.is_symlink()]):
        links_to = ", ".join(f"{path} is a link to {os.path.realpath(path)}" for path in links)
        raise SetupError(f"{links_to}: secrets are not written through links; remove it")
    theirs = [str(path) for path in paths if path.exists() and not files.is_ours(path)]
    if theirs and not force:
        raise SetupError(
            f"{', '.join(theirs)}: not written by `s3r-spark conf`, or changed since; "
            "--force overwrites"
        )


def _remove_stale(paths: list[Path]) -> None:
    """Leave no file of ours that says what the others no longer do."""
    for path in paths:
        if files.is_ours(path) and not path.is_symlink():
            path.unlink()
            say(f"{shlex.quote(str(path))}\n    is removed: arguments would show the secrets")


def _versions(hadoop_version: str | None) -> tuple[Versions, Path | None]:
    """The versions that the files are for, and the folder of jars of the Spark here if it is that.

    They are those named, or those of the Spark here.
    """
    if hadoop_version is not None:
        return Versions(_spark_of(hadoop_version), hadoop_version), None
    try:
        hadoop = installed_hadoop_version(oldest="3.5")
    except SetupError as error:
        hint = "or name the Hadoop that the files are for, as in --hadoop-version 3.4.1"
        raise SetupError(f"{error}; {hint}") from None
    return Versions(installed_spark_version(oldest="3.5"), hadoop), jars_folder()


def _spark_of(hadoop: str) -> str:
    """The first Spark that comes with a Hadoop; what a session is told changed with 4.1."""
    numbers = version_tuple(hadoop)
    return "4.1.0" if numbers >= (3, 4, 2) else "4.0.0" if numbers >= (3, 4, 0) else "3.5.0"


def _forms(plan: Plan, chosen: str | None, secrets: SecretForm) -> list[str]:
    """Choose what is written into a folder: no arguments that `ps` would show secrets of."""
    hidden = {"submit-args"} if secrets == "inline" and plan.secrets else set()
    return [chosen] if chosen else [form for form in _FILES if form not in hidden]


def _heading(routes: str, plan: Plan, form: SecretForm) -> str:
    engine, hadoop = plan.engine.NAME, plan.version
    lines = [
        f"{files.WRITTEN_BY} from {routes}: engine {engine}, Hadoop {hadoop}.",
        "Change the routes and write it again: what is changed here is lost then.",
    ]
    if names := _variables(plan, form):
        lines.append(f"Driver and executors need these in their environment: {', '.join(names)}.")
    if plan.secrets and form == "inline":
        lines.append("It holds secrets.")
    return "\n".join(lines)


def _variables(plan: Plan, form: SecretForm) -> list[str]:
    """The variables that whoever reads the files must have."""
    if form != "env":
        return []
    return list(dict.fromkeys(name for one in plan.secrets.values() for name in one.names))


def _values(plan: Plan) -> dict[str, str]:
    """The values of the variables that secrets are read from, by name.

    Raises:
        SecretError: one isn't set.
    """
    for secret in plan.secrets.values():
        secret.reveal()
    names = _variables(plan, "env")
    return {name: os.environ[name] for name in names if name in os.environ}


def _text(form: str, subject: Subject) -> str:
    if form in PLATFORMS:
        return PLATFORMS[form].text(subject)
    if form == "core-site":
        return files.core_site(subject.hadoop, subject.heading)
    if form == "submit-args":
        return files.submit_arguments(subject.settings)
    return files.spark_defaults(subject.settings, subject.heading)


def _tell(
    folder: Path, forms: list[str], plan: Plan, secrets: SecretForm, jceks_path: str | None
) -> None:
    """Say what was written and how each is used."""
    here = shlex.quote(str(folder))
    place = {form: shlex.quote(str(folder / _NAMES[form])) for form in forms}
    use = {
        "spark-defaults": "spark-submit --properties-file {} job.py",
        "core-site": f"HADOOP_CONF_DIR={here} hadoop fs -ls s3a://BUCKET/",
        "submit-args": 'eval spark-submit "$(cat {})" job.py',
        **{name: platform.use for name, platform in PLATFORMS.items()},
    }
    for form in forms:
        say(f"{place[form]}\n    {use[form].format(place[form])}")
    if plan.secrets and secrets == "jceks":
        store = folder / STORE_FILE
        place_there = jceks_path or store.absolute()
        say(f"{shlex.quote(str(store))}\n    must lie at {place_there} on every machine")
    if names := _variables(plan, secrets):
        say(f"driver and executors need these in their environment: {', '.join(names)}")
