"""`UPath("s3r://bucket/key")`: universal_pathlib's path of a bucket and a key, as for s3://.

The library loads this module by its entry point, before the first path of the protocol is made. It
keeps how paths are split in tables by protocol, and knows none but its own: s3r is added to them.
"""

from __future__ import annotations

from fsspec import get_filesystem_class
from upath._flavour import WrappedFileSystemFlavour
from upath.implementations.cloud import CloudPath

from s3r_spark.fs.routes_option import PROTOCOL

__all__ = ["S3RPath"]


class S3RPath(CloudPath):
    """A path of the routed file system: the bucket is its anchor, at which parents end."""

    __slots__ = ()


for _table in ("netloc_is_anchor", "supports_empty_parts"):
    WrappedFileSystemFlavour.protocol_config[_table].add(PROTOCOL)
get_filesystem_class(PROTOCOL)  # in fsspec's own table too, where the paths' way is looked up
WrappedFileSystemFlavour.from_protocol.cache_clear()
