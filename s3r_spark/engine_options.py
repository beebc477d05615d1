"""Options of engines that know no routes, as `Routes.storage_options` gives them."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from s3r_spark.secrets import is_sensitive

__all__ = ["Engine", "Options", "StorageOptions"]

Engine = Literal["polars", "deltalake", "obstore", "duckdb", "pyiceberg", "daft"]


class Options(dict[str, Any]):
    """An engine's options: a plain dict that doesn't show its keys' values."""

    def __repr__(self) -> str:
        return repr({name: "***" if is_sensitive(name) else self[name] for name in self})


class StorageOptions(NamedTuple):
    """The arguments that an engine is called with.

    Attributes:
        url: the real place, `s3://bucket/key`.
        options: the engine's options; they hold the values of keys.
    """

    url: str
    options: dict[str, Any]
