"""Which store a name goes to, and which names a store's object can have.

`tests/routing-cases.yaml` is the exact meaning. The first profile in the file's order that matches
wins; cost does not grow with the number of profiles, since the fixed parts of the patterns are
looked up and only the few that remain are tried.
"""

from __future__ import annotations

import os
import re
import warnings
from bisect import insort
from itertools import chain
from posixpath import normpath
from typing import TYPE_CHECKING, Any, NamedTuple, Union
from urllib.parse import urlsplit

from s3r_spark import globs
from s3r_spark.errors import RoutesError, UnmatchedError
from s3r_spark.lint import findings
from s3r_spark.model import BUCKET, Client, Profile, RoutesFile
from s3r_spark.source import Source, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

RoutesLike = Union["Routes", str, "os.PathLike[str]", "Mapping[str, Any]"]
SCHEMES = ("s3a", "s3", "s3r")
_REMEMBERED = 10_000  # logical buckets known by a glob only


class Target(NamedTuple):
    """Where a logical name really is.

    Attributes:
        profile: the profile that matched; None: none did, and the default client serves the name.
        client: the client of the place.
        bucket: the physical bucket.
        key: the physical key, without a leading `/` for a path; None for a call that names the
            bucket alone.
    """

    profile: str | None
    client: str
    bucket: str
    key: str | None

    @property
    def uri(self) -> str:
        """The place as `s3://bucket/key`, whatever reads it."""
        return f"s3://{self.bucket}/{self.key or ''}"


class Meaning(NamedTuple):
    """A logical name that a physical one could be meant by.

    Attributes:
        profile: the profile that maps it there; None: no profile, it is the physical name itself.
        bucket: the logical bucket, or the pattern of all that it could be.
        key: the logical key.
    """

    profile: str | None
    bucket: str
    key: str


class Rule:
    """One profile, ready to map names with.

    Attributes:
        name: the profile's name; None for the default client's own names.
        client: the client's name.
        profile: the profile as the file has it.
        folder: the logical folder that `prefix` takes the place of; "" where none is replaced.
        prefix: the physical prefix, with `{bucket}` in it where the file says so; None: keys stay.
        key_pattern: the glob over keys; `*` where there is none.
    """

    __slots__ = ("client", "folder", "key_pattern", "name", "prefix", "profile")

    def __init__(self, name: str | None, client: str, profile: Profile) -> None:
        self.name, self.client, self.profile = name, client, profile
        self.key_pattern = profile.source_key_pattern or "*"
        self.prefix: str | None = profile.mapped_prefix
        self.folder = ""
        if self.prefix is not None and profile.prefix_mode == "replace":
            self.folder = globs.folder(self.key_pattern)
            if self.prefix and not self.prefix.endswith("/"):
                self.prefix += "/"

    @property
    def whole(self) -> bool:
        """Whether it takes every key of its buckets."""
        return self.key_pattern == "*"

    def bucket(self, logical: str) -> str:
        """The physical bucket of a logical one."""
        name = self.profile.mapped_bucket_name
        return logical if name is None else name.replace(BUCKET, logical)

    def prefix_of(self, logical: str) -> str:
        """The physical prefix for a logical bucket."""
        return (self.prefix or "").replace(BUCKET, logical)

    def key(self, logical: str, key: str) -> str:
        """The physical key of a logical one that this rule takes."""
        if self.prefix is None:
            return key
        return self.prefix_of(logical) + key[len(self.folder) :]

    def logical_key(self, logical: str, physical: str) -> str | None:
        """The one key that could be mapped to this physical one; it may belong to another rule."""
        prefix = self.prefix_of(logical)
        return self.folder + physical[len(prefix) :] if physical.startswith(prefix) else None


class _Patterns:
    """Globs by the fixed text they begin with, to find the first (lowest number) that matches."""

    __slots__ = ("_by_head", "_lengths")

    def __init__(self) -> None:
        self._by_head: dict[str, list[tuple[int, Callable[[str], object] | None]]] = {}
        self._lengths: list[int] = []

    def add(self, glob: str, number: int) -> None:
        head = globs.head(glob)
        # A head and a star alone: that the text begins with the head is all there is to test.
        match = None if glob == head + "*" else globs.compiled(glob)
        if len(head) not in self._lengths:
            insort(self._lengths, len(head))
        self._by_head.setdefault(head, []).append((number, match))

    def first(self, text: str, best: int) -> int:
        """The lowest number below `best` whose glob matches, or `best`."""
        for length in self._lengths:
            if length > len(text):
                break
            for number, match in self._by_head.get(text[:length], ()):
                if number >= best:
                    break
                if match is None or match(text):
                    best = number
                    break
        return best

    def all(self, text: str) -> list[int]:
        """The numbers of all whose globs match."""
        return sorted(
            number
            for length in self._lengths
            for number, match in self._by_head.get(text[:length], ())
            if length <= len(text) and (match is None or match(text))
        )


class _Keys:
    """The rules of one logical bucket, by the fixed folder of their key patterns.

    A key has few folders, whatever the number of rules: each is looked up once.
    """

    __slots__ = ("_any", "_deepest", "_folders", "rules")

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules
        self._any = len(rules)  # the first that takes every key, or the end
        self._folders: dict[str, tuple[int, _Patterns | None]] = {}
        for number, rule in enumerate(rules):
            if rule.whole:
                self._any = min(self._any, number)
                continue
            folder = globs.folder(rule.key_pattern)
            whole, patterns = self._folders.get(folder, (len(rules), None))
            if rule.key_pattern == folder + "*":
                whole = min(whole, number)
            else:
                patterns = patterns or _Patterns()
                patterns.add(rule.key_pattern, number)
            self._folders[folder] = whole, patterns
        self._deepest = max(map(len, self._folders), default=0)

    def find(self, key: str) -> Rule | None:
        """The first rule that takes the key."""
        best, folders = self._any, self._folders
        if folders:
            end = 0  # the root folder first
            while True:
                if found := folders.get(key[:end]):
                    whole, patterns = found
                    if whole < best:
                        best = whole
                    if patterns is not None:
                        best = patterns.first(key, best)
                end = key.find("/", end) + 1
                if not 0 < end <= self._deepest:
                    break
        return self.rules[best] if best < len(self.rules) else None


class Routes:
    """The routes of one file, ready to be asked.

    Made by `Routes.load`. Equal and pickled by content; secrets stay references all the while.
    """

    def __init__(self, file: RoutesFile, source: Source) -> None:
        self._file, self._source = file, source
        self._default = Rule(None, "default", Profile(source_bucket_pattern="*"))
        self.rules = tuple(
            Rule(name, profile.client or name, profile) for name, profile in file.profiles.items()
        )
        self._exact: dict[str, list[int]] = {}
        self._globbed = _Patterns()
        for number, rule in enumerate(self.rules):
            pattern = rule.profile.source_bucket_pattern
            if globs.has_wildcard(pattern):
                self._globbed.add(pattern, number)
            else:
                self._exact.setdefault(pattern, []).append(number)
        self._buckets: dict[str, _Keys] = {}

    @classmethod
    def load(cls, source: RoutesLike) -> Routes:
        """Routes from whatever says them.

        Args:
            source: the path of a routes.yaml, its content as a dict, or Routes (given back as they are).

        Raises:
            RoutesError: with one line for each mistake.

        Warns:
            RoutesWarning: for what works, but probably not as meant.
        """
        if isinstance(source, Routes):
            return source
        routes = cls(*read(source))
        for finding in routes.findings():
            warnings.warn(finding, stacklevel=2)
        return routes

    def findings(self) -> list[Warning]:
        """What works, but probably not as meant: the warnings that loading gives."""
        return list(findings(self._file, self._source))

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self._source.name

    @property
    def clients(self) -> Mapping[str, Client]:
        """The clients by name."""
        return self._file.clients

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """The profiles by name, in the order in which they are tried."""
        return self._file.profiles

    @property
    def default(self) -> Rule:
        """The rule of names that no profile matches: they stay as they are, with the default client."""
        return self._default

    @property
    def refuses_unmatched(self) -> bool:
        """Whether a name that no profile matches is an error."""
        return self._file.unmatched == "refuse"

    @property
    def folder(self) -> Path:
        """What relative paths in the file are relative to."""
        return self._source.folder

    def place(self, *loc: str) -> str:
        """Where an entry stands (`routes.yaml:14: profile 'minio'`), for messages."""
        return self._source.place(loc)

    # -- logical to physical ----------------------------------------------------------------------

    def rule(self, bucket: str, key: str | None) -> Rule:
        """The rule that a name goes by; the default client's where no profile matches.

        Raises:
            UnmatchedError: no profile matches, and the file says `unmatched: refuse`.
        """
        keys = self._buckets.get(bucket) or self._keys(bucket)
        if key is None:
            found = next((rule for rule in keys.rules if rule.whole), None)
        else:
            found = keys.find(key)
        if found is not None:
            return found
        if self._file.unmatched == "refuse":
            raise UnmatchedError(
                f"no profile of {self.name} matches s3://{bucket}/{key or ''}, and it says `unmatched: refuse`"
            )
        return self._default

    def resolve(self, bucket: str, key: str | None = None) -> Target:
        """Where an object, or a bucket, really is.

        Args:
            bucket: the logical bucket.
            key: the logical key; None for a call that names the bucket alone: it goes by the first
                profile without a key pattern.

        Raises:
            UnmatchedError: no profile matches, and the file says `unmatched: refuse`.
        """
        rule = self.rule(bucket, key)
        return Target(
            rule.name,
            rule.client,
            rule.bucket(bucket),
            None if key is None else rule.key(bucket, key),
        )

    def resolve_path(self, path: str) -> Target:
        """Where a Hadoop path really is.

        The path is normalised as org.apache.hadoop.fs.Path does it. It may be a folder, so it
        belongs to the profile that its key with a `/` at the end belongs to.

        Raises:
            RoutesError: it is no path of a bucket under s3a, s3 or s3r.
            UnmatchedError: no profile matches, and the file says `unmatched: refuse`.
        """
        bucket, key = split_path(path)
        target = self.resolve(bucket, f"{key}/" if key else "")
        return target._replace(key=(target.key or "").removesuffix("/"))

    def under(self, bucket: str, prefix: str = "") -> list[Rule]:
        """The rules that can hold names which start with the prefix, first the first to be tried.

        The default client's is the last, unless one rule takes all of them or the file refuses
        what no profile matches.
        """
        out: list[Rule] = []
        for rule in (self._buckets.get(bucket) or self._keys(bucket)).rules:
            if globs.may_match_below(rule.key_pattern, prefix):
                out.append(rule)
                if globs.owns_all_below(rule.key_pattern, prefix):
                    return out
        return out if self.refuses_unmatched else [*out, self._default]

    def _keys(self, bucket: str) -> _Keys:
        numbers = sorted(chain(self._exact.get(bucket, ()), self._globbed.all(bucket)))
        keys = _Keys([self.rules[number] for number in numbers])
        if len(self._buckets) >= _REMEMBERED + len(self._exact):
            self._buckets.clear()
        self._buckets[bucket] = keys
        return keys

    # -- physical to logical ----------------------------------------------------------------------

    def logical(self, profile: str | None, bucket: str, key: str) -> str | None:
        """The key under which a profile shows a physical one; the inverse of `resolve`.

        Args:
            profile: the profile's name; None for the default client.
            bucket: the logical bucket that was asked.
            key: the physical key.

        Returns:
            The logical key; None: that profile has no such name (it lies elsewhere, or another
            profile takes the name).

        Raises:
            RoutesError: there is no such profile.
        """
        rule = self._default if profile is None else self._named(profile)
        found = rule.logical_key(bucket, key)
        return found if found is not None and self._takes(rule, bucket, found) else None

    def names_of(self, client: str, bucket: str, key: str) -> list[Meaning]:
        """All logical names that an object of a store could be meant by, for people reading an error.

        Args:
            client: the client whose store it is.
            bucket: the physical bucket.
            key: the physical key.
        """
        return list(self._names_of(client, bucket, key))

    def _names_of(self, client: str, bucket: str, key: str) -> Iterator[Meaning]:
        for rule in self.rules:
            if rule.client != client:
                continue
            for logical in self._logical_buckets(rule, bucket, key):
                if logical is not None:
                    found = rule.logical_key(logical, key)
                    if found is not None and self._takes(rule, logical, found):
                        yield Meaning(rule.name, logical, found)
                else:  # many logical buckets end there: the pattern stands for them
                    found = rule.logical_key("", key)
                    if found is not None and globs.compiled(rule.key_pattern)(found):
                        yield Meaning(rule.name, rule.profile.source_bucket_pattern, found)
        if client == "default" and self._takes(self._default, bucket, key):
            yield Meaning(None, bucket, key)

    def _logical_buckets(self, rule: Rule, bucket: str, key: str) -> set[str | None]:
        """The logical buckets that a rule may map there; None among them: it can't be told which."""
        pattern = rule.profile.source_bucket_pattern
        if not globs.has_wildcard(pattern):
            return {pattern} if rule.bucket(pattern) == bucket else set()
        name, prefix = rule.profile.mapped_bucket_name, rule.prefix or ""
        if name is None or BUCKET in name:
            found = _unfilled(name or BUCKET, bucket, whole=True)
        elif name != bucket:
            return set()
        elif BUCKET not in prefix:
            return {None}
        else:
            found = _unfilled(prefix, key, whole=False)
        matches = globs.compiled(pattern)
        return {b for b in found if matches(b) and rule.bucket(b) == bucket}

    def _takes(self, rule: Rule, bucket: str, key: str) -> bool:
        try:
            return self.rule(bucket, key) is rule
        except UnmatchedError:
            return False

    def _named(self, profile: str) -> Rule:
        for rule in self.rules:
            if rule.name == profile:
                return rule
        raise RoutesError(f"{self.name}: there is no profile {profile!r}")

    # -- itself -----------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Routes) and (self._file, self.folder) == (
            other._file,
            other.folder,
        )

    __hash__ = None  # type: ignore[assignment]  # what compares by content and holds dicts has none

    def __reduce__(self) -> tuple[type[Routes], tuple[RoutesFile, Source]]:
        return Routes, (self._file, self._source)

    def __repr__(self) -> str:
        return (
            f"Routes({self.name!r}, clients={list(self.clients)}, profiles={list(self.profiles)})"
        )


def _unfilled(template: str, text: str, *, whole: bool) -> set[str]:
    """The values of `{bucket}` for which the template is the text, or how it begins."""
    parts = [re.escape(part) for part in template.split(BUCKET)]
    pattern = parts[0] + "([^/]+)" + r"\1".join(parts[1:])
    found = re.compile(pattern, re.DOTALL)
    match = found.fullmatch(text) if whole else found.match(text)
    return {match[1]} if match else set()


def split_path(path: str) -> tuple[str, str]:
    """Bucket and key of a Hadoop path; the key has no `/` at either end.

    `%`, `?` and `#` are plain characters, `//` is `/`, and `.` and `..` are resolved, as
    org.apache.hadoop.fs.Path does it.

    Raises:
        RoutesError: it is no path of a bucket under s3a, s3 or s3r.
    """
    scheme, colon, rest = path.partition("://")
    bucket, _, key = rest.partition("/")
    if not colon or scheme.lower() not in SCHEMES or not bucket:
        raise RoutesError(f"{path!r} is no path of a bucket: write s3a://bucket/key")
    return bucket, normpath(f"/{key}").lstrip("/")


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of a URI as a store's own messages have it; the key stays as it is.

    Raises:
        RoutesError: it is no URI of a bucket.
    """
    parts = urlsplit(uri)
    if not parts.scheme.startswith("s3") or not parts.netloc:
        raise RoutesError(f"{uri!r} is no URI of a bucket: write s3a://bucket/key")
    return uri.partition("://")[2].partition("/")[::2]
