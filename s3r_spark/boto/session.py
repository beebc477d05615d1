"""`session`: a boto3.Session whose S3 is the router, for libraries that take a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3

from s3r_spark.boto.credentials import signing
from s3r_spark.boto.factory import client, resource
from s3r_spark.boto.router import main_client
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from s3r_spark.boto.factory import Names
    from s3r_spark.routing import RoutesLike

# What libraries pass on where their user has said nothing.
_USUAL = {"use_ssl": True, "verify": True}


class RoutedSession(boto3.Session):
    """A boto3.Session whose `client("s3")` and `resource("s3")` are the router.

    All other services are those of the default client's credentials and region.

    Args:
        routes: the routes.
        names: as for `client`.
        session: what the services are asked by.
    """

    def __init__(self, routes: Routes, names: Names, session: boto3.Session) -> None:
        super().__init__(botocore_session=session._session)  # noqa: SLF001 - boto3 has no other way
        self._routes, self._names = routes, names

    def client(self, service_name: str, *args: Any, **options: Any) -> Any:
        """A client: of S3, one that follows the routes.

        Raises:
            TypeError: an option would mean another thing for each store.
        """
        if service_name != "s3":
            return super().client(service_name, *args, **options)
        return client(self._routes, names=self._names, **_without_usual(args, options))

    def resource(self, service_name: str, *args: Any, **options: Any) -> Any:
        """A resource: of S3, one that follows the routes.

        Raises:
            TypeError: an option would mean another thing for each store.
        """
        if service_name != "s3":
            return super().resource(service_name, *args, **options)
        return resource(self._routes, names=self._names, **_without_usual(args, options))

    def __reduce__(self) -> tuple[Any, ...]:
        return session, (self._routes,), {"_names": self._names}


def session(routes: RoutesLike | None = None, *, names: Names = "logical") -> RoutedSession:
    """A boto3.Session for libraries that take one and ask it for S3: awswrangler, cloudpathlib.

    Its `client("s3")` and `resource("s3")` are those of s3r_spark. Other services are asked with
    the credentials and the region of the client `default`, or of the first where there is none.

    Args:
        routes: as `Routes.load` takes them; None: S3R_ROUTES, or the repository's routes.yaml.
        names: as for `client`.

    Raises:
        RoutesError: the routes can't be used.
        SecretError: a variable that the default client's keys are read from isn't set.
    """
    loaded = Routes.load(routes)
    main = loaded.clients[main_client(loaded)]
    plain, keys = signing(main.credentials, main.region)
    if keys:
        plain = boto3.Session(**keys)
    region = main.region or main.preset.region
    if region is not None:
        plain._session.set_config_variable("region", region)  # noqa: SLF001 - as its constructor does
    return RoutedSession(loaded, names, plain)


def _without_usual(args: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
    """Options without those that say no more than boto3 does by itself."""
    positions = ("region_name", "api_version", "use_ssl", "verify", "endpoint_url")
    named = dict(zip(positions, args, strict=False)) | options
    return {
        name: value
        for name, value in named.items()
        if value is not None and value != _USUAL.get(name)
    }
