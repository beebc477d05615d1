"""The option `routes`: where it comes from, and how it counts when file systems are cached.

fsspec gives out one instance for one set of options, which it compares by what `repr` says of them.
So what stands for the routes here says what is in them: a file that was edited, a variable that it
refers to and that has another value now, two files of one relative name, or two Routes that look
alike make file systems of their own. It says so by digests that are keyed by something random to
this process: secrets are in them, and must not be guessed from them.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fsspec.config import conf

from s3r_spark.discovery import default_routes
from s3r_spark.errors import RoutesError
from s3r_spark.routing import Routes
from s3r_spark.secrets import names_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.routing import RoutesLike

PROTOCOL = "s3r"
_VARIABLE = "FSSPEC_S3R_ROUTES"
_REMEMBERED = 32  # files


class RoutesPath(str):
    """The absolute path of a routes.yaml that tells, by its `repr`, what the file says.

    Attributes:
        digest: of the file's content, and of the variables that it refers to.
    """

    __slots__ = ("digest",)

    digest: str

    def __repr__(self) -> str:
        return f"{super().__repr__()}#{self.digest}"


class RoutesDict(dict[str, Any]):
    """The content of a routes.yaml that tells, by its `repr`, what its variables say now.

    Attributes:
        digest: of the variables that it refers to.
    """

    digest: str

    def __repr__(self) -> str:
        return f"{super().__repr__()}#{self.digest}"


class RoutesValue:
    """Routes that tell, by their `repr`, what they say; secrets count, but don't show.

    Args:
        routes: the routes.
        digest: of what they say, where it is known.
    """

    def __init__(self, routes: Routes, digest: str | None = None) -> None:
        self.routes = routes
        self._digest = digest or _digest(pickle.dumps(routes))

    def __repr__(self) -> str:
        return f"Routes({self.routes.name!r})#{self._digest}"

    def __reduce__(self) -> tuple[type[RoutesValue], tuple[Routes, str]]:
        # What was unpickled need not be pickled to the same bytes again.
        return RoutesValue, (self.routes, self._digest)


Option = RoutesPath | RoutesValue | RoutesDict


def option(routes: RoutesLike | RoutesValue) -> Option:
    """Make what stands for routes among a file system's options.

    Raises:
        RoutesError: there is no such file.
        TypeError: these are no routes.
    """
    if isinstance(routes, RoutesValue):
        return routes
    if isinstance(routes, Routes):
        return RoutesValue(routes)
    if isinstance(routes, (str, os.PathLike)):
        return _path(os.fspath(routes))
    if isinstance(routes, dict):
        content = RoutesDict(routes)
        content.digest = _digest(_variables(repr(routes)))
        return content
    raise TypeError(
        "routes must be the path of a routes.yaml, its content as a dict, or Routes, "
        f"not {type(routes).__name__}"
    )


def loaded(option: Option) -> Routes:
    """The routes that an option stands for.

    Raises:
        RoutesError: with one line for each mistake.
    """
    if isinstance(option, RoutesValue):
        return option.routes
    if isinstance(option, RoutesPath):
        return _loaded(str(option), option.digest)
    return Routes.load(option)


def configured(protocol: str) -> Any:
    """The routes that fsspec's configuration has for a protocol or for `s3r`, or the default ones.

    Raises:
        RoutesError: there are none.
    """
    settings: Mapping[str, Mapping[str, Any]] = conf
    for name in (protocol, PROTOCOL):
        if routes := settings.get(name, {}).get("routes"):
            return routes
    # fsspec reads variables when it is imported; a notebook may set them later.
    if routes := os.environ.get(_VARIABLE):
        return routes
    try:
        return default_routes().path
    except RoutesError as error:
        raise RoutesError(
            f"{protocol}:// has no routes: {error}; or give storage_options={{'routes': "
            f"'routes.yaml'}}, set {_VARIABLE}, or call s3r_spark.register(routes='routes.yaml')"
        ) from None


def _path(routes: str) -> RoutesPath:
    path = Path(routes).absolute()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RoutesError(f"{routes}: {error.strerror}") from error
    value = RoutesPath(path)
    value.digest = _digest(content + _variables(content.decode(errors="replace")))
    return value


def _variables(text: str) -> bytes:
    """Read what the variables that a text refers to say now."""
    return repr([(name, os.environ.get(name)) for name in sorted(names_in(text))]).encode()


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8, key=_key()).hexdigest()


@cache
def _key() -> bytes:
    return os.urandom(16)


@lru_cache(maxsize=_REMEMBERED)
def _loaded(path: str, _digest: str) -> Routes:
    return Routes.load(path)
