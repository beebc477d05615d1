"""`s3r-spark jars`."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

import click

from s3r_spark.cli import arguments
from s3r_spark.cli.output import say
from s3r_spark.errors import SetupError
from s3r_spark.hadoop import ivy
from s3r_spark.hadoop.jar import OLDEST_HADOOP, router_jar
from s3r_spark.hadoop.packages import excludes, installed_hadoop_version, jars_folder, packages
from s3r_spark.hadoop.versions import version_tuple

if TYPE_CHECKING:
    from pathlib import Path

_MEGABYTE = 1_000_000


@click.command(
    "jars",
    short_help="Put S3A's jars into a folder.",
    epilog="""\b
Example:
  s3r-spark jars -o jars/ && spark-submit --jars 'jars/*' job.py
  COPY jars/ /opt/spark/jars/      (in a Dockerfile; configure then adds no packages)
""",
)
@arguments.folder("The folder to put them into.", default="jars")
@arguments.hadoop_version
def command(*, folder: Path, hadoop_version: str | None) -> None:
    """Put the jars that S3A needs into a folder, for images and offline clusters.

    They are downloaded by the Ivy that Spark brings, and complete Spark's own: hadoop-aws and the
    modules of the AWS SDK that it uses, not the whole bundle. The engine router's own small jar
    lies with them.
    """
    version = hadoop_version or installed_hadoop_version(oldest="3.5")
    here = jars_folder()
    jars = ivy.resolve(packages(version), excludes(), spark_jars=here)
    if hadoop_version is None:  # it is the Spark here that they are for: what it has comes first
        present = {_artifact(jar.name) for jar in here.glob("*.jar")}
        jars = tuple(jar for jar in jars if _artifact(jar.name) not in present)
    if version_tuple(version) >= version_tuple(OLDEST_HADOOP):
        jars = (*jars, router_jar().file)
    folder.mkdir(parents=True, exist_ok=True)
    if strangers := _others(folder, {jar.name for jar in jars}):
        raise SetupError(
            f"{folder} holds other versions of the same jars, and S3A fails with a mixture: "
            f"delete {', '.join(strangers)}"
        )
    for jar in jars:
        draft = folder / f".{jar.name}"
        shutil.copyfile(jar, draft)
        draft.replace(folder / jar.name)
    size = sum(jar.stat().st_size for jar in jars) / _MEGABYTE
    say(f"{folder}: {len(jars)} jars, {size:.0f} MB, for Hadoop {version}")
    say(f"    spark-submit --jars {shlex.quote(str(folder))}/'*' job.py")


def _others(folder: Path, names: set[str]) -> list[str]:
    """Jars there that are another version of one of these."""
    artifacts = {_artifact(name) for name in names}
    there = sorted(jar.name for jar in folder.glob("*.jar"))
    return [name for name in there if name not in names and _artifact(name) in artifacts]


def _artifact(jar: str) -> str:
    return jar.removesuffix(".jar").rpartition("-")[0]
