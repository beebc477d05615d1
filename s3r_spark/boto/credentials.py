"""Credentials of a client of routes.yaml, as sessions and keys of boto3.

What is named here holds whatever surrounds it: AWS_PROFILE is for the usual chain alone, and no
AWS_ENDPOINT_URL says where a role is taken. Keys in the AWS files are looked for again when one of
the files has changed; botocore reads them once.
"""

# ruff: noqa: SLF001 - private parts of botocore, each listed in s3r_spark.private_apis

from __future__ import annotations

import os
import threading
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.configprovider import ConstantProvider
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, NoCredentialsError

from s3r_spark.boto.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.client import BaseClient

    from s3r_spark.model import Credentials

__all__ = ["FileCredentials", "loader", "session", "signing", "take_profile"]


def signing(credentials: Credentials | None, region: str | None) -> tuple[Any, dict[str, str]]:
    """The boto3.Session to make a client with, and the keys to give to it.

    Args:
        credentials: as the routes have them; None: the usual chain.
        region: the client's, where a role is taken too.
    """
    if credentials is None:
        return _following(_usual_session), {}
    if credentials.aws_profile is not None:
        return _following(partial(session, credentials.aws_profile)), {}
    if credentials.role_arn is not None:
        return _assuming(credentials, region), {}
    if credentials.access_key is None or credentials.secret_key is None:
        return session(), {}
    keys = {
        "aws_access_key_id": credentials.access_key.reveal(),
        "aws_secret_access_key": credentials.secret_key.reveal(),
    }
    if credentials.session_token is not None:
        keys["aws_session_token"] = credentials.session_token.reveal()
    return session(), keys


def session(profile: str | None = None) -> Any:
    """A boto3.Session with a profile of the AWS files, whatever AWS_PROFILE says.

    It shares the models, which take long to read, with the others.

    Args:
        profile: its name; None: the one named `default`, if there is one.
    """
    usual = _usual_session()
    take_profile(usual._session, profile)
    return usual


def take_profile(core: Any, profile: str | None) -> None:
    """Give a session of botocore a profile of the AWS files, whatever AWS_PROFILE says."""
    core.get_component("config_store").set_config_provider("profile", ConstantProvider(profile))


@lru_cache(maxsize=1)
def loader() -> Any:
    """The loader of botocore's models, which keeps them."""
    return boto3.Session()._session.get_component("data_loader")


def _usual_session() -> Any:
    core = botocore.session.Session()
    core.register_component("data_loader", loader())
    parsers = core.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=parse_timestamp)
    return boto3.Session(botocore_session=core)


# -- files that change ---------------------------------------------------------------------------


class FileCredentials:
    """Credentials that are looked for again when one of the AWS files has changed.

    They are botocore's by all their attributes. Where the files lack them (half written, a profile
    that is gone), the last ones stay, whatever else could be found elsewhere.

    Args:
        find: looks for them, as the files are.
        found: what it has found.
        files: the files.
        state: of the files, before.
    """

    def __init__(
        self, find: Callable[[], Any], credentials: Any, files: tuple[Path, ...], state: object
    ) -> None:
        self._find, self._found, self._files, self._state = find, credentials, files, state
        self._lock = threading.Lock()

    def get_frozen_credentials(self) -> Any:
        """The keys to sign with."""
        return self._current().get_frozen_credentials()

    def refresh_needed(self) -> bool:
        """Tell whether the next request is going to look for keys, which may take its time."""
        needed = getattr(self._found, "refresh_needed", None)
        return _state(self._files) != self._state or bool(needed and needed())

    def __getattr__(self, name: str) -> Any:
        """Whatever the credentials have."""
        if name.startswith("__"):  # whoever copies or pickles asks for what isn't there
            raise AttributeError(name)
        return getattr(self._current(), name)

    def _current(self) -> Any:
        state = _state(self._files)
        if state != self._state:
            with self._lock:
                try:
                    credentials = self._find()
                except BotoCoreError:
                    credentials = None
                if credentials is not None and credentials.method == self._found.method:
                    self._found, self._state = credentials, state
        return self._found


def _following(make: Callable[[], Any]) -> Any:
    """A session with the credentials that such a one finds, found again when files change."""
    session = make()
    core = session._session

    def find() -> Any:
        return make().get_credentials()

    files = tuple(
        Path(os.path.expandvars(core.get_config_variable(name))).expanduser()
        for name in ("credentials_file", "config_file")
    )
    core.register_component("credential_provider", _Lookup(find, files))
    return session


def _state(files: tuple[Path, ...]) -> object:
    """Read what tells that a file is another one than before."""
    return [_state_of(file) for file in files]


def _state_of(file: Path) -> tuple[int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


# -- what stands in for botocore's chain of places to find credentials in ------------------------


class _Lookup:
    def __init__(self, find: Callable[[], Any], files: tuple[Path, ...]) -> None:
        self._find, self._files = find, files

    def load_credentials(self) -> FileCredentials | None:
        state = _state(self._files)
        credentials = self._find()
        return (
            None
            if credentials is None
            else FileCredentials(self._find, credentials, self._files, state)
        )


class _Ready:
    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load_credentials(self) -> Any:
        return self._credentials


# -- roles ---------------------------------------------------------------------------------------


def _assuming(credentials: Credentials, region: str | None) -> Any:
    """A session with a role's credentials, taken by the usual chain's and renewed in time."""
    usual = _following(_usual_session)
    extra = {"RoleSessionName": "s3r-spark"}
    if credentials.external_id is not None:
        extra["ExternalId"] = credentials.external_id

    def create_client(service: str, **arguments: Any) -> BaseClient:
        return usual._session.create_client(
            service,
            region_name=region or usual.region_name,
            config=Config(ignore_configured_endpoint_urls=True),
            **arguments,
        )

    fetcher = AssumeRoleCredentialFetcher(
        client_creator=create_client,
        source_credentials=_Usual(usual),
        role_arn=credentials.role_arn,
        extra_args=extra,
    )
    role = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
    assumed = session()
    assumed._session.register_component("credential_provider", _Ready(role))
    return assumed


class _Usual:
    """The keys of a session's usual chain, looked for when they are needed, and missed then."""

    def __init__(self, usual: Any) -> None:
        self._usual = usual

    def get_frozen_credentials(self) -> Any:
        """The keys to take a role with."""
        credentials = self._usual.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        return credentials.get_frozen_credentials()
