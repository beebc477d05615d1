"""Hadoop settings under the names that Spark takes them by, and what Spark itself must be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark.hadoop.engines import router, viewfs
from s3r_spark.hadoop.versions import version_tuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.hadoop.settings import Plan

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
"""What makes every file format write by S3A's magic committer, where spark-hadoop-cloud is."""

_LOG_STORE_OF_ALL = "spark.delta.logStore.class"
_STREAMING = "org.apache.spark.sql.execution.streaming"


def for_session(
    made: Plan, settings: Mapping[str, str], spark_version: str, *, cloud: bool
) -> dict[str, str]:
    """All that a session is to be started with, but for packages.

    Args:
        made: the plan that the settings are of.
        settings: the Hadoop settings, as text.
        spark_version: the version of Spark, such as `4.1.1`.
        cloud: whether the session has spark-hadoop-cloud.
    """
    out = {f"spark.hadoop.{key}": value for key, value in settings.items()}
    if cloud:
        out |= MAGIC
    if made.engine.NAME == viewfs.NAME:
        # Checkpoints go through FileContext, which a mount table under s3a does not reach.
        package = _STREAMING + (
            ".checkpointing" if version_tuple(spark_version) >= (4, 1, 0) else ""
        )
        out["spark.sql.streaming.checkpointFileManagerClass"] = (
            f"{package}.FileSystemBasedCheckpointFileManager"
        )
    return out


def for_start(made: Plan, said: Mapping[str, str]) -> dict[str, str]:
    """What only a session that is about to start can be told.

    Args:
        made: the plan.
        said: what the user has set.
    """
    if made.engine.NAME != router.NAME or _LOG_STORE_OF_ALL in said:
        return {}  # Delta Lake refuses a log store of one scheme beside one of all
    # Delta Lake knows s3a and s3. Elsewhere it takes for granted that a rename is atomic, and two
    # commits at once could overwrite each other.
    return {"spark.delta.logStore.s3r.impl": "io.delta.storage.S3SingleDriverLogStore"}
