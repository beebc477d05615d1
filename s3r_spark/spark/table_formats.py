"""Table formats that come to S3 by a client of their own, and so past the routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from s3r_spark.errors import RoutesWarning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["bypasses"]

_HADOOP = "org.apache.iceberg.hadoop.HadoopFileIO"
_ICEBERG_CATALOG = re.compile(r"(spark\.sql\.catalog\.([^.]+))\.(?:io-impl|type|catalog-impl)")
# S3FileIO is Iceberg's own client of S3. ResolvingFileIO takes it for s3a:// and s3://, and is
# what a REST catalog takes by itself; Glue's takes S3FileIO.
_PAST = ("S3FileIO", "ResolvingFileIO", "rest", "RESTCatalog", "glue", "GlueCatalog")


def bypasses(conf: Mapping[str, str]) -> Iterator[RoutesWarning]:
    """Warnings for Iceberg catalogs that do not read and write by Hadoop.

    Args:
        conf: the settings of the session.
    """
    catalogs = dict.fromkeys(
        match.groups() for key in conf if (match := _ICEBERG_CATALOG.fullmatch(key))
    )
    for prefix, name in catalogs:
        keys = (f"{prefix}.{key}" for key in ("io-impl", "catalog-impl", "type"))
        chosen = next((conf[key] for key in keys if key in conf), "")
        if chosen.rpartition(".")[2] in _PAST:
            yield RoutesWarning(
                f"the Iceberg catalog {name!r} comes to S3 by a client of its own ({chosen}), "
                f"which knows no routes: set {prefix}.io-impl to {_HADOOP}",
                "past-the-routes",
            )
