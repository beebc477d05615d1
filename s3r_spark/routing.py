"""Routing: the store that a name goes to, and the names that a store's object can have.

`tests/routing-cases.yaml` is the exact meaning. The first profile in the file's order that matches
wins; cost does not grow with the number of profiles, since the fixed parts of the patterns are
looked up and only the few that remain are tried.
"""

from __future__ import annotations

import os
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any, Union

from s3r_spark import globs
from s3r_spark.discovery import default_routes
from s3r_spark.document import one_line
from s3r_spark.errors import RefusedError, RoutesError, UnmatchedError, warn
from s3r_spark.html_tables import html_table
from s3r_spark.lint import findings
from s3r_spark.model import Client, Profile, RoutesFile
from s3r_spark.paths import SCHEMES, split_path, split_uri
from s3r_spark.patterns import Patterns
from s3r_spark.physical_index import Inverse, logical_buckets
from s3r_spark.rule_index import Keys
from s3r_spark.rules import Rule
from s3r_spark.source import read
from s3r_spark.targets import Meaning, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from s3r_spark.document import Source
    from s3r_spark.engine_options import Engine, StorageOptions
    from s3r_spark.errors import Position, RoutesWarning

__all__ = [
    "SCHEMES",
    "Meaning",
    "Routes",
    "RoutesLike",
    "Rule",
    "Target",
    "split_path",
    "split_uri",
]

RoutesLike = Union["Routes", str, "os.PathLike[str]", "Mapping[str, Any]"]
_REMEMBERED = 10_000  # logical buckets known by a glob only


class Routes:
    """The routes of one file, ready to be asked.

    Made by `Routes.load`. Equal and pickled by content; secrets stay references all the while.
    """

    def __init__(self, file: RoutesFile | None, source: Source | None = None) -> None:
        if not isinstance(file, RoutesFile) or source is None:
            shown = repr(os.fspath(file)) if isinstance(file, (str, os.PathLike)) else "…"
            raise TypeError(f"Routes are read by Routes.load: write Routes.load({shown})")
        self._file, self._source = file, source
        read_only = {name for name, client in file.clients.items() if client.access == "read"}
        anything = Profile(source_bucket_pattern="*")
        self._default = Rule(None, "default", anything, read_only="default" in read_only)
        self.rules = tuple(
            Rule(name, client, single, read_only=client in read_only)
            for name, profile in file.profiles.items()
            for client in [profile.client or name]
            for single in profile.singles
        )
        self._named: dict[str | None, list[Rule]] = {}
        for rule in (self._default, *self.rules):
            self._named.setdefault(rule.name, []).append(rule)
        self._exact: dict[str, list[int]] = {}
        self._globbed = Patterns()
        for number, rule in enumerate(self.rules):
            pattern = rule.profile.source_bucket_pattern
            if globs.has_wildcard(pattern):
                self._globbed.add(pattern, number)
            else:
                self._exact.setdefault(pattern, []).append(number)
        self._buckets: dict[str, Keys] = {}
        self._inverse: Inverse | None = None  # made when a physical name is first asked for
        self._shared: dict[tuple[int, ...], Keys] = {}  # of buckets that the same rules take

    @classmethod
    def load(cls, source: RoutesLike | None = None) -> Routes:
        """Routes from whatever says them.

        Args:
            source: the path of a routes.yaml (`-`: standard input), its content as a dict, or
                Routes, which are given back as they are. None: the file that S3R_ROUTES names, or
                the nearest routes.yaml of the repository (see `discovery.default_routes`).

        Raises:
            RoutesError: with one line for each mistake.
            TypeError: the source is none of these.

        Warns:
            RoutesWarning: for what works, but probably not as meant.
        """
        if isinstance(source, Routes):
            return source
        file, problems = read(default_routes().path if source is None else source)
        if error := problems.error():
            error.findings = cls(file, problems.source).findings() if file else []
            raise error
        routes = cls(file, problems.source)
        for finding in routes.findings():
            warn(finding)
        return routes

    def findings(self) -> list[RoutesWarning]:
        """Find what works, but probably not as meant: the warnings that loading gives."""
        return list(findings(self.clients, self.rules, self._source))

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
        """The rule of names that no profile matches: the default client's, as they are."""
        return self._default

    @property
    def refuses_unmatched(self) -> bool:
        """Tell whether a name that no profile matches is an error."""
        return self._file.unmatched == "refuse"

    @property
    def folder(self) -> Path:
        """The folder that relative paths in the file are relative to."""
        return self._source.folder

    def line_of(self, *loc: str) -> str:
        """Tell where an entry stands (`routes.yaml:14: profile 'minio'`), for messages."""
        return self._source.line_of(loc)

    def position(self, *loc: str) -> Position:
        """Tell the same to programs."""
        return self._source.position(loc)

    def is_read_only(self, profile: str | None) -> bool:
        """Tell if nothing may be changed under a profile's names; None is the default client."""
        return self._named[profile][0].read_only

    def refuse_change(self, rule: Rule, name: str, action: str) -> None:
        """Let nothing be changed where the file says `access: read`.

        Args:
            rule: the rule that the name goes by.
            name: the logical name, for the message.
            action: what is to be done with it.

        Raises:
            RefusedError: the rule's profile, or its client, is for reading.
        """
        if not rule.read_only:
            return
        by_profile = rule.name is not None and rule.profile.access == "read"
        entry = ("profiles", str(rule.name)) if by_profile else ("clients", rule.client)
        via = "" if by_profile or rule.name is None else f" (by profile {rule.name!r})"
        raise RefusedError(
            f"{self.line_of(*entry)}: access: read: {action} would change {name}{via}; "
            "nothing was sent"
        )

    # -- logical to physical ----------------------------------------------------------------------

    def rule(self, bucket: str, key: str | None) -> Rule:
        """The rule that a name goes by; the default client's where no profile matches.

        Raises:
            UnmatchedError: no profile matches, and the file says `unmatched: refuse`.
        """
        keys = self._buckets.get(bucket) or self._keys(bucket)
        match = keys.whole if key is None else keys.find(key)
        if match is not None:
            return match
        if self._file.unmatched == "refuse":
            raise UnmatchedError(
                f"no profile of {self.name} matches s3://{bucket}/{key or ''}, "
                "and it says `unmatched: refuse`"
            )
        return self._default

    def owns(self, rule: Rule, bucket: str, key: str) -> bool:
        """Tell whether a name goes by this rule."""
        match = self._find(bucket, key)
        return rule is (match or (None if self.refuses_unmatched else self._default))

    def resolve(self, bucket: str, key: str | None = None) -> Target:
        """Find the real place of an object, or of a bucket.

        Args:
            bucket: the logical bucket.
            key: the logical key; None for a call that names the bucket alone: it goes by the first
                profile without a key pattern.

        Raises:
            TypeError: bucket or key is no text.
            RoutesError: the bucket is a path or URI.
            UnmatchedError: no profile matches, and the file says `unmatched: refuse`.
        """
        if not isinstance(bucket, str) or (key is not None and not isinstance(key, str)):
            raise TypeError(
                f"bucket and key must be text, not {type(bucket).__name__} and {type(key).__name__}"
            )
        if ("/" in bucket or ":" in bucket) and not bucket.startswith("arn:"):
            raise RoutesError(
                f"{one_line(bucket)!r} is no bucket: give bucket and key, or ask resolve_path for "
                "a path like s3a://bucket/key"
            )
        rule = self.rule(bucket, key)
        physical = None if key is None else rule.key(bucket, key)
        # As Target(…) does, in half the time: this is the cost of every call of every adapter.
        return tuple.__new__(Target, (rule.name, rule.client, rule.bucket(bucket), physical))

    def resolve_path(self, path: str) -> Target:
        """Find the real place of a Hadoop path: the file, or the folder where it can be that alone.

        The path is normalised as org.apache.hadoop.fs.Path does it. With a `/` at its end it is
        the folder; `path_targets` tells both.

        Raises:
            RoutesError: it is no path of a bucket under s3a, s3 or s3r.
            TypeError: it is no text.
            UnmatchedError: no profile matches, and the file says `unmatched: refuse`.
        """
        return self.path_targets(path)[0]

    def path_targets(self, path: str) -> list[Target]:
        """Find the places of a Hadoop path: the file, and the folder if that is in another place.

        A path is a file by the rule of its key, and a folder by the rule of its key with a `/`.
        Nearly always the two are one place. A rule's own fixed folder (`team2` for `team2/*`) is
        the folder alone, and so is what ends in a `/`.

        Raises:
            RoutesError: it is no path of a bucket under s3a, s3 or s3r.
            TypeError: it is no text.
            UnmatchedError: no profile matches, and the file says `unmatched: refuse`.
        """
        bucket, key = split_path(path)
        folder = f"{key}/" if key else ""
        owner = self._find(bucket, folder)
        is_folder = path.endswith("/") or (owner and globs.folder(owner.key_pattern) == folder)
        if is_folder or owner is self._find(bucket, key):
            keys = [folder]
        elif self.refuses_unmatched:  # what is refused is nowhere
            keys = [name for name in (key, folder) if self._find(bucket, name)] or [key]
        else:
            keys = [key, folder]
        targets = [self.resolve(bucket, name) for name in keys]
        return [target._replace(key=(target.key or "").removesuffix("/")) for target in targets]

    def under(self, bucket: str, prefix: str = "") -> list[Rule]:
        """The rules that can hold names which start with the prefix, first the first to be tried.

        The default client's is the last, unless one rule takes all of them or the file refuses
        what no profile matches.
        """
        keys = self._buckets.get(bucket) or self._keys(bucket)
        rules, owned = keys.below(prefix)
        if not owned and not self.refuses_unmatched:
            rules.append(self._default)
        return rules

    def _find(self, bucket: str, key: str) -> Rule | None:
        return (self._buckets.get(bucket) or self._keys(bucket)).find(key)

    def _keys(self, bucket: str) -> Keys:
        numbers = tuple(sorted(chain(self._exact.get(bucket, ()), self._globbed.all(bucket))))
        if len(self._buckets) >= _REMEMBERED + len(self._exact):
            self._buckets, self._shared = {}, {}
        keys = self._shared.get(numbers)
        if keys is None:
            keys = self._shared[numbers] = Keys([self.rules[number] for number in numbers])
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
        if profile not in self._named:
            raise RoutesError(f"{self.name}: there is no profile {profile!r}")
        for rule in self._named[profile]:
            name = rule.logical_key(bucket, key)
            if name is not None and self.owns(rule, bucket, name):
                return name
        return None

    def names_of(self, client: str, bucket: str, key: str) -> list[Meaning]:
        """All logical names that an object of a store could be meant by, for people.

        Args:
            client: the client whose store it is.
            bucket: the physical bucket.
            key: the physical key.
        """
        return list(self._names_of(client, bucket, key))

    def _names_of(self, client: str, bucket: str, key: str) -> Iterator[Meaning]:
        if self._inverse is None:
            self._inverse = Inverse(self.rules)
        for rule in self._inverse.rules(client, bucket, key):
            for logical in logical_buckets(rule, bucket, key):
                name = rule.logical_key(logical or "", key)
                if name is None:
                    continue
                if logical is not None:
                    if self.owns(rule, logical, name):
                        yield Meaning(rule.name, logical, name)
                # Many logical buckets end there: the pattern stands for them.
                elif globs.compiled(rule.key_pattern)(name):
                    yield Meaning(rule.name, rule.profile.source_bucket_pattern, name)
        if client == "default" and self.owns(self._default, bucket, key):
            yield Meaning(None, bucket, key)

    # -- for engines that know no routes ----------------------------------------------------------

    def storage_options(self, url: str, *, engine: Engine) -> StorageOptions:
        """The real URL of a name, and the options with which an engine reaches it by itself.

        `url, options = routes.storage_options("s3r://lake/team2/*.parquet", engine="polars")`, and
        then `polars.scan_parquet(url, storage_options=options)`. The keys are handed over by value,
        also those of the usual chain, of an AWS profile and of a role, as boto3 finds them now.

        Args:
            url: a file, or a folder, that one route has whole: an engine sees one store.
            engine: `polars`, `deltalake` (both as storage_options), `obstore` (arguments of
                `obstore.store.from_url`), `duckdb` (parameters of CREATE SECRET), `pyiceberg`
                (properties) or `daft` (arguments of `daft.io.S3Config`).

        Raises:
            RefusedError: several routes have names there, or the engine can't be told what the
                store needs.
            SecretError: there are no keys.
            RoutesError: it is no URL, or the store's region isn't known.
            ValueError: no such engine is known.

        Warns:
            RoutesWarning: for what the engine isn't told: settings for S3A or boto3, access: read.
        """
        # What knows boto3 lies above, and comes in when it is asked for.
        exports = import_module("s3r_spark.exports.storage")
        options: StorageOptions = exports.storage_options(self, url, engine)
        return options

    # -- itself -----------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Routes) and (self._file, self.folder) == (
            other._file,
            other.folder,
        )

    __hash__ = None  # type: ignore[assignment]  # what compares by content and holds dicts has none

    def __reduce__(self) -> tuple[type[Routes], tuple[RoutesFile, Source]]:
        return Routes, (self._file, self._source)

    def _repr_html_(self) -> str:
        shown = [(rule.name, rule.names, rule.place, rule.client) for rule in self.rules]
        rest = ("refused", None) if self.refuses_unmatched else ("as it is", "default")
        return html_table(
            ("profile", "names", "place", "client"), [*shown, (None, "anything else", *rest)]
        )

    def __repr__(self) -> str:
        return (
            f"Routes({self.name!r}, clients={list(self.clients)}, profiles={list(self.profiles)})"
        )
