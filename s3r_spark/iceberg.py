"""PyIceberg's files by the routes: `py-io-impl: s3r_spark.iceberg.RoutedFileIO`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyiceberg.io.fsspec import FsspecFileIO

from s3r_spark.errors import RoutesError, RoutesWarning, warn
from s3r_spark.fs import S3RFileSystem
from s3r_spark.paths import SCHEMES

if TYPE_CHECKING:
    from pyiceberg.io import InputFile, OutputFile
    from pyiceberg.typedef import Properties

__all__ = ["ROUTES", "RoutedFileIO"]

ROUTES = "s3r.routes"


class RoutedFileIO(FsspecFileIO):
    """PyIceberg's FsspecFileIO, in which `s3://`, `s3a://` and `s3r://` go by the routes.

    Tables that Spark wrote through the routes are read, appended to and created under the names
    that their metadata holds. What a catalog says of a store (`s3.endpoint`, vended keys) has no
    effect: the routes say where a store is, and who asks it.

    Args:
        properties: the catalog's, and the table's. `s3r.routes` is the path of a routes.yaml;
            without it they are found as by fsspec (FSSPEC_S3R_ROUTES, `register`, S3R_ROUTES).

    Raises:
        RoutesError: the routes can't be used, or there are none.
    """

    def __init__(self, properties: Properties) -> None:
        super().__init__(properties)
        self._scheme_to_fs |= dict.fromkeys(SCHEMES, _file_system)
        _file_system(properties)  # what is wrong with the routes is best said here
        if others := sorted(name for name in properties if name.startswith("s3.")):
            warn(
                RoutesWarning(
                    f"of the catalog's properties these have no effect: {', '.join(others)}; what "
                    "is a store's own stands in its entry under clients in the routes",
                    "past-the-routes",
                )
            )

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete one file; a `*` in its name is no pattern.

        Raises:
            FileNotFoundError: there is none.
        """
        name = location if isinstance(location, str) else location.location
        scheme = name.partition("://")[0]
        if scheme not in SCHEMES:
            super().delete(name)
        elif self.new_input(name).exists():
            self.get_fs(scheme).rm_file(name)
        else:
            raise FileNotFoundError(name)


def _file_system(properties: Properties) -> Any:
    try:
        return S3RFileSystem(routes=properties.get(ROUTES) or None)
    except RoutesError as error:
        if properties.get(ROUTES):
            raise
        raise RoutesError(
            f"{error}; in PyIceberg the catalog's property {ROUTES} says it"
        ) from None
