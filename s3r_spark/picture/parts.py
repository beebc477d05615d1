"""The parts of a picture: which names lead to which store, and what is to be known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from s3r_spark import globs
from s3r_spark.hiding import hidden_places
from s3r_spark.overlaps import findings
from s3r_spark.picture.competition import earlier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.routing import Routes, Rule

ELSE = "all else"
ANYTHING = "any other bucket"


class Mark(NamedTuple):
    """A mark on some names.

    Attributes:
        word: the kind, in a word or two.
        text: a sentence about it.
    """

    word: str
    text: str


class Folder(NamedTuple):
    """Names that lead to one place.

    Attributes:
        bucket: their logical bucket, or its pattern; `ANYTHING` for those that no profile has.
        key: the pattern of their keys; `ELSE` for what no profile takes.
        profile: the profile that takes them, if one does.
        number: its place in the order in which profiles are tried, from 1; 0 for none.
        client: the client that serves them; None: they are refused.
        place: physical bucket and key pattern, `{bucket}` standing for the logical bucket.
        marks: what is to be known of them.
    """

    bucket: str
    key: str
    profile: str | None
    number: int
    client: str | None
    place: str
    marks: tuple[Mark, ...]


class Store(NamedTuple):
    """A client: its name, where it is, and whether nothing is changed there."""

    client: str
    address: str
    read_only: bool


class Picture(NamedTuple):
    """Routes as they are drawn.

    Attributes:
        name: of the routes.
        stores: those that some names lead to, in the file's order.
        folders: names by bucket, and in each bucket in the order in which they are tried.
    """

    name: str
    stores: list[Store]
    folders: list[Folder]

    def buckets(self) -> dict[str, list[Folder]]:
        """The folders by their logical bucket."""
        groups: dict[str, list[Folder]] = {}
        for folder in self.folders:
            groups.setdefault(folder.bucket, []).append(folder)
        return groups


def picture(routes: Routes) -> Picture:
    """The picture of routes."""
    marks = _marks(routes)
    groups: dict[str, list[Folder]] = {}
    for number, rule in enumerate(routes.rules, 1):
        pattern = rule.profile.source_bucket_pattern
        folder = Folder(
            pattern,
            rule.key_pattern,
            rule.name,
            number,
            rule.client,
            rule.place,
            tuple(marks[rule]),
        )
        groups.setdefault(pattern, []).append(folder)
    folders = [
        folder
        for pattern, taken in groups.items()
        for folder in (*taken, *_rest_of_bucket(routes, pattern, taken))
    ]
    folders.append(_default(routes, ANYTHING, "as it is"))
    used = {folder.client for folder in folders}
    stores = [
        Store(
            name,
            client.endpoint_url or f"{client.preset.title} {client.region or ''}".rstrip(),
            client.access == "read",
        )
        for name, client in routes.clients.items()
        if name in used
    ]
    return Picture(routes.name, stores, folders)


def _rest_of_bucket(routes: Routes, pattern: str, taken: list[Folder]) -> Iterator[Folder]:
    """The names of a bucket that no profile takes; nothing where one takes it whole."""
    if any(folder.key == "*" for folder in taken):
        return
    if routes.refuses_unmatched or routes.default in routes.under(globs.sample(pattern)):
        yield _default(routes, pattern, f"{pattern}/*")


def _default(routes: Routes, bucket: str, place: str) -> Folder:
    if routes.refuses_unmatched:
        return Folder(bucket, ELSE, None, 0, None, "refused", ())
    marks = (_READ_ONLY,) if routes.default.read_only else ()
    return Folder(bucket, ELSE, None, 0, "default", place, marks)


_READ_ONLY = Mark("read only", "nothing is ever changed under these names")
_MEETINGS = {"shared-place", "read-place", "mapped-into-logical"}


def _marks(routes: Routes) -> dict[Rule, list[Mark]]:
    """The facts about each rule's names; a profile has one for each of its key patterns."""
    marks: dict[Rule, list[Mark]] = {rule: [] for rule in routes.rules}
    hidden = {place.name for place in hidden_places(routes)}
    for rule in routes.rules:
        if rule.read_only:
            marks[rule].append(_READ_ONLY)
        if not rule.profile.spark:
            marks[rule].append(Mark("not for Spark", "boto3 and fsspec alone use them"))
    for rule, first in earlier(routes.rules):
        if rule.name != first.name:
            text = f"profile {first.name!r} is tried before, and takes {first.names}"
            marks[rule].append(Mark("overlap", text))
    for rule in routes.rules:
        if rule.names in hidden:
            text = f"what the default store has under {rule.names} is hidden"
            marks[rule].append(Mark("shadows", text))
    for code, rule, text in findings(routes.rules, routes.clients):
        if code in _MEETINGS:
            marks[rule].append(Mark("meets", text))
    return marks
