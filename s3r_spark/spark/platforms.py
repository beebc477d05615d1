"""Configuration as platforms take it that start Spark themselves: files, and how secrets get there.

Keys go by each platform's own way for secrets, as variables that the routes name; `${env.NAME}` is
read where Spark runs. Sources: Spark's running-on-kubernetes.html and running-on-yarn.html, and the
platforms' pages on job parameters, configuration objects, secret scopes and SparkSubmitOperator.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from s3r_spark.errors import EngineError
from s3r_spark.hadoop import files
from s3r_spark.hadoop.engines.router import ROUTES
from s3r_spark.spark.session_plan import HADOOP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PLATFORMS", "Platform", "Subject"]

SECRET = "s3r"  # noqa: S105 - the name of a secret, or of a scope of secrets
_ROUTES = f"{HADOOP}{ROUTES}"
_JARS = ("spark.jars", "spark.jars.packages", "spark.jars.excludes", "spark.jars.repositories")


class Subject(NamedTuple):
    """All that the files for a platform are written from.

    Attributes:
        settings: of Spark, jars among them, by their names.
        hadoop: the engine's alone, by Hadoop's names.
        heading: lines to begin with, where the form has comments.
        variables: the variables that driver and executors need.
        values: their values, where those were asked for.
        router_jar: where the router's jar lies for them, if it was said.
    """

    settings: Mapping[str, str]
    hadoop: Mapping[str, str]
    heading: str
    variables: list[str]
    values: Mapping[str, str]
    router_jar: str | None


class Platform(NamedTuple):
    """A platform.

    Attributes:
        file: the name of the file.
        text: makes its text.
        use: what to do with it; `{}` is its path.
        is_elsewhere: whether the driver never runs where this package is installed, so that the
            router's jar must be somewhere else.
        brings_jars: whether Spark's own settings can bring jars there.
        takes_values: whether values of secrets may stand there: not where everybody who may list
            clusters or jobs is shown them.
    """

    file: str
    text: Callable[[Subject], str]
    use: str
    is_elsewhere: bool = True
    brings_jars: bool = True
    takes_values: bool = True


def _kubernetes_settings(subject: Subject) -> dict[str, str]:
    out = dict(subject.settings)
    for role in ("driver", "executor"):
        for name in subject.variables:
            out[f"spark.kubernetes.{role}.secretKeyRef.{name}"] = f"{SECRET}:{name}"
    return out


def _kubernetes(subject: Subject) -> str:
    lines = [subject.heading]
    if subject.variables:
        lines.append(f"The secret: kubectl create secret generic {SECRET} --from-env-file=.env")
    return files.spark_defaults(_kubernetes_settings(subject), "\n".join(lines))


def _operator(subject: Subject) -> str:
    comment = "\n".join(f"# {line}" for line in subject.heading.splitlines())
    spec = {"spec": {"sparkConf": _kubernetes_settings(subject)}}
    about = (
        f"# To be merged into a SparkApplication; the secret {SECRET} has the variables' values."
    )
    return f"{comment}\n{about}\n{yaml.safe_dump(spec, sort_keys=False, width=10_000)}"


def _yarn(subject: Subject) -> str:
    settings = dict(subject.settings)
    for name, value in subject.values.items():
        settings[f"spark.yarn.appMasterEnv.{name}"] = value
        settings[f"spark.executorEnv.{name}"] = value
    heading = [subject.heading]
    if subject.variables:
        heading.append(
            "YARN's containers have no variables of their node but those that "
            "yarn.nodemanager.env-whitelist names; --secrets inline brings them along."
        )
    return files.spark_defaults(settings, "\n".join(heading))


def _connect(subject: Subject) -> str:
    return files.spark_defaults(subject.settings, subject.heading)


def _emr(subject: Subject) -> str:
    return _json(
        [
            {
                "Classification": "spark-defaults",
                "Properties": {files.MARK: files.UNSIGNED, **subject.settings},
            },
            {"Classification": "core-site", "Properties": dict(subject.hadoop)},
        ]
    )


def _databricks(subject: Subject) -> str:
    variables = {name: f"{{{{secrets/{SECRET}/{name}}}}}" for name in subject.variables}
    return _json({"spark_conf": _marked(subject.settings), "spark_env_vars": variables})


def _glue(subject: Subject) -> str:
    """One argument holds all settings, each but the first behind another `--conf`.

    Raises:
        EngineError: a variable can't be set there, or a value has a blank.
    """
    if wrong := [name for name in subject.variables if not name.startswith("CUSTOMER_")]:
        raise EngineError(
            f"glue sets only variables whose names begin with CUSTOMER_, and not {wrong[0]}: name "
            "them so in the routes, or leave the keys to the job's role"
        )
    conf = _without_blanks(_marked(subject.settings))
    for key, value in conf.items():
        if any(sign.isspace() for sign in value):
            raise EngineError(f"{key}: glue splits its settings at blanks, and {value!r} has one")
    arguments: dict[str, Any] = {"--conf": " --conf ".join(f"{k}={v}" for k, v in conf.items())}
    if subject.router_jar is not None:
        arguments["--extra-jars"] = subject.router_jar
        arguments["--user-jars-first"] = "true"
    return _json({"DefaultArguments": arguments})


def _without_blanks(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, with one for each profile where the router reads several of one text."""
    profiles: list[str] = []
    out = {}
    for key, value in settings.items():
        if key == _ROUTES or key.startswith(f"{_ROUTES}."):
            profiles += value.split()
        else:
            out[key] = value
    return out | {
        f"{_ROUTES}.{number}" if number else _ROUTES: text for number, text in enumerate(profiles)
    }


def _airflow(subject: Subject) -> str:
    """The arguments of SparkSubmitOperator.

    Raises:
        EngineError: the operator would take a part of a value for a template, and replace it.
    """
    for key, value in subject.settings.items():
        if any(sign in value for sign in ("{{", "{%", "{#")):
            raise EngineError(
                f"{key}: Airflow would fill in the braces of {value!r}; write the file of --format "
                "spark, and name it as the operator's properties_file"
            )
    words = dict(zip(_JARS, ("jars", "packages", "exclude_packages", "repositories"), strict=True))
    named = {word: subject.settings[key] for key, word in words.items() if key in subject.settings}
    return _json({"conf": _marked(subject.settings), **named})


def _marked(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings but those of jars, in a form that can hold no heading."""
    conf = {key: value for key, value in settings.items() if key not in _JARS}
    return {files.MARK: files.UNSIGNED, **conf}


def _json(data: Any) -> str:
    return files.signed(json.dumps(data, indent=2) + "\n")


PLATFORMS: Mapping[str, Platform] = MappingProxyType(
    {
        "kubernetes": Platform(
            "kubernetes.conf", _kubernetes, "spark-submit --properties-file {} --master k8s://…"
        ),
        "operator": Platform(
            "operator.yaml", _operator, "merge it into the spec of your SparkApplication"
        ),
        "yarn": Platform(
            "yarn.conf",
            _yarn,
            "spark-submit --properties-file {} --master yarn",
            is_elsewhere=False,
        ),
        "emr": Platform(
            "emr.json",
            _emr,
            "aws emr create-cluster --configurations file://{} …",
            takes_values=False,
        ),
        "databricks": Platform(
            "databricks.json",
            _databricks,
            f"put its keys into the cluster's JSON; the scope of secrets is {SECRET}; an init "
            "script copies the router's jar to /databricks/jars",
            brings_jars=False,
            takes_values=False,
        ),
        "glue": Platform(
            "glue.json",
            _glue,
            "aws glue update-job --job-name … --job-update file://{}, with the job's other fields",
            brings_jars=False,
            takes_values=False,
        ),
        "airflow": Platform(
            "airflow.json",
            _airflow,
            "SparkSubmitOperator(…, **json.loads(Path({!r}).read_text()))",
            is_elsewhere=False,
            takes_values=False,
        ),
        "connect": Platform(
            "connect.conf",
            _connect,
            "$SPARK_HOME/sbin/start-connect-server.sh --properties-file {}",
            is_elsewhere=False,
        ),
    }
)
