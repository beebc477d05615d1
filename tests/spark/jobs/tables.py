"""Tables below `s3a://lake`: written, or looked at after they were moved. Says what is in them."""

from __future__ import annotations

import json
import sys
from typing import Any

from pyspark.sql import SparkSession

import s3r_spark

step, routes, database = sys.argv[1:]
EXTENSIONS = (
    "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions,"
    "io.delta.sql.DeltaSparkSessionExtension"
)
CATALOGS: dict[str, dict[str, str]] = {
    "files": {"type": "hadoop", "warehouse": "s3a://lake/files"},
    "named": {
        "type": "jdbc",
        "uri": f"jdbc:sqlite:{database}",
        "warehouse": "s3a://lake/named",
        "io-impl": "org.apache.iceberg.hadoop.HadoopFileIO",
    },
}
ICEBERG = [f"{name}.db.t" for name in CATALOGS]
DELTA, CLONE = "s3a://lake/delta/t", "s3a://lake/delta/clone"

builder = (
    SparkSession.builder.config("spark.sql.extensions", EXTENSIONS)
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.databricks.delta.snapshotPartitions", "1")
    .config("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    # For some rows, to compile anything takes longer than to do without.
    .config("spark.sql.codegen.wholeStage", "false")
    .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    .config("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2")
)
for name, settings in CATALOGS.items():
    catalog = f"spark.sql.catalog.{name}"
    builder = builder.config(catalog, "org.apache.iceberg.spark.SparkCatalog")
    for key, value in settings.items():
        builder = builder.config(f"{catalog}.{key}", value)
spark = s3r_spark.configure(builder, routes, engine="router").getOrCreate()
java: Any = spark._jvm


def ids(query: str) -> list[int]:
    return sorted(row.id for row in spark.sql(f"SELECT id FROM {query}").collect())  # noqa: S608


def rows(first: int, last: int) -> Any:
    return spark.range(first, last, 1, 1).selectExpr(
        "id", "concat('ü ', id % 2) AS p", "CAST(id % 3 AS INT) AS q"
    )


def at_each(of: str, points: list[Any]) -> dict[str, list[int]]:
    """What a table had at each of its snapshots, or versions."""
    each = (f"SELECT '{at}' AS at, id FROM {of} VERSION AS OF {at}" for at in points)  # noqa: S608
    rows: dict[str, list[int]] = {str(at): [] for at in points}
    for row in spark.sql(" UNION ALL ".join(each)).collect():
        rows[row.at].append(row.id)
    return {at: sorted(numbers) for at, numbers in rows.items()}


def snapshots(table: str) -> dict[str, list[int]]:
    query = f"SELECT snapshot_id FROM {table}.snapshots ORDER BY committed_at"  # noqa: S608
    return at_each(table, [row[0] for row in spark.sql(query).collect()])


def write_iceberg(table: str) -> None:
    spark.sql(
        f"CREATE TABLE {table} (id BIGINT, p STRING, q INT) USING iceberg PARTITIONED BY (p) "
        "TBLPROPERTIES ('format-version'='2', 'write.delete.mode'='merge-on-read')"
    )
    rows(0, 10).writeTo(table).append()
    spark.sql(f"DELETE FROM {table} WHERE id IN (3, 4)")  # noqa: S608
    spark.sql(f"ALTER TABLE {table} REPLACE PARTITION FIELD p WITH q")
    rows(10, 20).writeTo(table).append()


def write_delta() -> None:
    """Deletion vectors, a checkpoint, other partitions; and a clone, whose log has whole paths."""
    spark.sql(
        f"CREATE TABLE delta.`{DELTA}` (id BIGINT, p STRING, q INT) USING delta PARTITIONED BY (p) "
        "TBLPROPERTIES ('delta.enableDeletionVectors'='true', 'delta.checkpointInterval'='2')"
    )
    rows(0, 10).write.format("delta").mode("append").save(DELTA)
    spark.sql(f"DELETE FROM delta.`{DELTA}` WHERE id IN (3, 4)")  # noqa: S608
    (
        rows(5, 20)
        .write.format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .partitionBy("q")
        .save(DELTA)
    )
    spark.sql(f"CREATE TABLE delta.`{CLONE}` SHALLOW CLONE delta.`{DELTA}`")


def tidied(table: str) -> dict[str, Any]:
    """What is left of an Iceberg table without its old snapshots."""
    catalog, _, rest = table.partition(".")
    spark.sql(
        f"CALL {catalog}.system.expire_snapshots(table => '{rest}', retain_last => 1, "
        "older_than => TIMESTAMP '2999-01-01 00:00:00')"
    )
    return {"snapshots": snapshots(table), "rows": ids(table)}


def orphans(table: str) -> list[str]:
    """Which files below an Iceberg table's folder it takes for nobody's, and deletes."""
    session, iceberg = spark._jsparkSession, java.org.apache.iceberg.spark
    loaded = iceberg.Spark3Util.loadIcebergTable(session, table)
    action = iceberg.actions.SparkActions.get(session).deleteOrphanFiles(loaded)
    later = java.System.currentTimeMillis() + 3_600_000
    return sorted(action.olderThan(later).execute().orphanFileLocations())


said: dict[str, Any] = {"spark": spark.version}
if step == "write":
    for table in ICEBERG:
        write_iceberg(table)
    write_delta()
else:
    said["history"] = {table: snapshots(table) for table in ICEBERG}
    said["history"][DELTA] = at_each(f"delta.`{DELTA}`", [0, 1, 2, 3])
    said["taken"] = ids("named.db.taken")
    for table in ICEBERG:
        rows(20, 30).writeTo(table).append()
    rows(20, 30).write.format("delta").mode("append").save(DELTA)
    said["tidied"] = {table: tidied(table) for table in ICEBERG}
    said["orphans"] = orphans("named.db.t")
    spark.sql(f"VACUUM delta.`{DELTA}` RETAIN 0 HOURS")
    said["vacuumed"], said["clone"] = ids(f"delta.`{DELTA}`"), ids(f"delta.`{CLONE}`")
print(json.dumps(said), flush=True)
spark.stop()
