"""`s3r-spark resolve`."""

from __future__ import annotations

import re
from typing import NamedTuple

import click

from s3r_spark.cli import arguments, output
from s3r_spark.cli.inspection import address
from s3r_spark.cli.output import complain
from s3r_spark.errors import S3RError
from s3r_spark.hiding import hidden_names
from s3r_spark.paths import split_uri
from s3r_spark.routing import Meaning, Routes, Target

# lakefs://repository/branch/path is what its own tools call s3://repository/branch/path.
_SCHEME = r"(?:s3[ar]?|lakefs)://"
_URI = re.compile(rf"{_SCHEME}\S+")
_ONE_URI = re.compile(rf"{_SCHEME}(?:(?!: |{_SCHEME}).)+", re.DOTALL)
_PUNCTUATION = ".,:;!?)]}'\"`"


class Name(NamedTuple):
    """A logical name that a physical one can be meant by."""

    physical: str
    client: str
    profile: str | None
    logical: str


@click.command(
    "resolve",
    short_help="Say where a name really is.",
    epilog="""\b
Example:
  s3r-spark resolve routes.yaml s3a://example-bucket/team2/obj2
  s3r-spark resolve --physical routes.yaml "No such file: s3a://minio-bucket/data/team2/obj2"
  s3r-spark resolve --physical routes.yaml lakefs://example-repo/dev/test/object.txt
""",
)
@arguments.routes
@click.argument("uris", metavar="URI...", nargs=-1)
@click.option(
    "--physical",
    is_flag=True,
    help="URI is a place, or an error message that names one: say which names it can have.",
)
@click.option("--client", metavar="NAME", help="With --physical: the client whose store it is.")
@arguments.json_output
@click.pass_context
def command(
    ctx: click.Context,
    *,
    routes: str | None,
    uris: tuple[str, ...],
    physical: bool,
    client: str | None,
    as_json: bool,
) -> None:
    """Say where each URI really is, by ROUTES.

    s3a:// and s3r:// are read as Spark reads a path: `s3a://bucket/team2` may be the folder; where
    the file of that name would be elsewhere, both are shown, the folder with a `/`. s3:// is read
    as boto3 reads bucket and key, to the letter.
    """
    path, uris = arguments.named_before(routes, uris)
    if not uris:
        raise click.UsageError("Missing argument 'URI...': a name like s3a://bucket/key")
    loaded = Routes.load(path)
    if client is not None and not physical:
        raise click.UsageError("--client goes with --physical")
    if client is not None and client not in loaded.clients:
        names = ", ".join(loaded.clients)
        raise click.UsageError(f"there is no client {client!r} in {loaded.name}: it has {names}")
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    if physical:
        lacking, matches = _names(loaded, uris, [client] if client else list(loaded.clients))
        headings = ("physical", "client", "profile", "logical")
        rows = [(name.physical, name.client, name.profile or "-", name.logical) for name in matches]
        data = [name._asdict() for name in matches]
    else:
        lacking, places = _places(loaded, uris)
        headings = ("logical", "physical", "profile", "client", "endpoint")
        rows = [
            (
                uri,
                _shown(loaded, to),
                to.profile or "-",
                to.client,
                address(loaded.clients[to.client]),
            )
            for uri, to in places
        ]
        data = [_data(loaded, uri, to) for uri, to in places]
    if as_json:
        output.as_json({"errors": lacking, "found": data} if lacking else data)
    else:
        for line in lacking:
            complain(line)
        if rows:
            output.table(headings, rows)
    if lacking:
        ctx.exit(1)


def _places(routes: Routes, uris: tuple[str, ...]) -> tuple[list[str], list[tuple[str, Target]]]:
    """The reasons why names are nowhere, and the places of the others."""
    lacking: list[str] = []
    places: list[tuple[str, Target]] = []
    for uri in uris:
        try:
            places += _targets(routes, uri)
        except S3RError as error:  # noqa: PERF203 - each is told of
            lacking.append(str(error))
    return lacking, places


def _shown(routes: Routes, target: Target) -> str:
    return f"{target.uri} (read only)" if routes.is_read_only(target.profile) else target.uri


def _data(routes: Routes, uri: str, target: Target) -> dict[str, object]:
    endpoint = routes.clients[target.client].endpoint_url
    access = "read" if routes.is_read_only(target.profile) else "write"
    place = {"logical": uri, "physical": target.uri, **target._asdict()}
    return {**place, "endpoint": endpoint, "access": access}


def _targets(routes: Routes, uri: str) -> list[tuple[str, Target]]:
    """The places of a name; where a file and a folder of that name differ, the folder has a `/`."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme == "s3" and bucket:
        return [(uri, routes.resolve(bucket, key or None))]
    first, *folders = routes.path_targets(uri)
    return [(uri, first), *((f"{uri}/", folder) for folder in folders)]


def _names(
    routes: Routes, texts: tuple[str, ...], clients: list[str]
) -> tuple[list[str], list[Name]]:
    """Find the places that nothing can mean, and what can mean the others."""
    lacking: list[str] = []
    out: list[Name] = []
    for uri in dict.fromkeys(uri for text in texts for uri in uris_in(text)):
        names = [
            Name(uri, client, meaning.profile, f"s3a://{meaning.bucket}/{meaning.key}")
            for client in clients
            if routes.clients[client].kind == "lakefs" or not uri.startswith("lakefs:")
            for meaning in _meanings(routes, client, uri)
        ]
        if not names:
            on = f" on client {clients[0]!r}" if len(clients) == 1 else ""
            lacking.append(
                f"no logical name of {routes.name} can lie at {uri}{on}{_why(routes, clients, uri)}"
            )
        out += names
    return lacking, out


def _why(routes: Routes, clients: list[str], uri: str) -> str:
    """Name the profile that hides a place, if one does."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    for client in clients:
        for hidden in hidden_names(routes, client, bucket, key):
            to = routes.resolve(*split_uri(hidden.name))
            return (
                f": hidden by profile {hidden.profile!r}, which takes {hidden.name} to {to.uri} on "
                f"client {to.client!r}"
            )
    return ""


def uris_in(text: str) -> list[str]:
    """The URIs in an error message, or the one that the text is.

    Raises:
        UsageError: there is none.
    """
    text = text.strip()
    if _ONE_URI.fullmatch(text):  # blanks and full stops are its own
        return [text]
    if uris := [uri.rstrip(_PUNCTUATION) for uri in _URI.findall(text)]:
        return uris
    raise click.UsageError(f"{text!r} holds no place like s3a://bucket/key")


def _meanings(routes: Routes, client: str, uri: str) -> list[Meaning]:
    """The names of a place, also for the folder that S3A names without its `/`."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    meanings = routes.names_of(client, bucket, key)
    if key and not key.endswith("/"):
        as_folder = routes.names_of(client, bucket, f"{key}/")
        meanings += [one._replace(key=one.key.removesuffix("/")) for one in as_folder]
    return list(dict.fromkeys(meanings))
