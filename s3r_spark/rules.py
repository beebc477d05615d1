"""A profile made ready to map names with, and the rules of one bucket made ready to be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark import globs
from s3r_spark.model import BUCKET
from s3r_spark.patterns import Patterns

if TYPE_CHECKING:
    from s3r_spark.model import Profile


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

    __slots__ = (
        "_bucket",
        "_cut",
        "_same_bucket",
        "_same_prefix",
        "client",
        "folder",
        "key_pattern",
        "name",
        "prefix",
        "profile",
    )

    def __init__(self, name: str | None, client: str, profile: Profile) -> None:
        self.name, self.client, self.profile = name, client, profile
        self.key_pattern = profile.key_pattern
        self.prefix: str | None = profile.mapped_prefix
        self.folder = ""
        if self.prefix is not None and profile.prefix_mode == "replace":
            self.folder = globs.folder(self.key_pattern)
            if self.prefix and not self.prefix.endswith("/"):
                self.prefix += "/"
        # What every call would find out again.
        self._bucket = profile.mapped_bucket_name or BUCKET
        self._same_bucket = BUCKET not in self._bucket
        self._same_prefix = BUCKET not in (self.prefix or "")
        self._cut = len(self.folder)

    @property
    def whole(self) -> bool:
        """Whether it takes every key of its buckets."""
        return self.key_pattern == "*"

    def bucket(self, logical: str) -> str:
        """The physical bucket of a logical one."""
        return self._bucket if self._same_bucket else self._bucket.replace(BUCKET, logical)

    def prefix_of(self, logical: str) -> str:
        """The physical prefix for a logical bucket."""
        return (self.prefix or "").replace(BUCKET, logical)

    def key(self, logical: str, key: str) -> str:
        """The physical key of a logical one that this rule takes."""
        prefix = self.prefix
        if prefix is None:
            return key
        if self._same_prefix:
            return prefix + key[self._cut :]
        return prefix.replace(BUCKET, logical) + key[self._cut :]

    def logical_key(self, logical: str, physical: str) -> str | None:
        """The one key that could be mapped to this physical one; it may belong to another rule."""
        prefix = self.prefix_of(logical)
        return self.folder + physical[len(prefix) :] if physical.startswith(prefix) else None


class Keys:
    """The rules of one logical bucket, by the fixed folder of their key patterns.

    A key has few folders, whatever the number of rules: each is looked up once.
    """

    __slots__ = ("_any", "_deepest", "_folders", "_root", "rules")

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules
        self._any = len(rules)  # the first that takes every key, or the end
        self._folders: dict[str, tuple[int, Patterns | None]] = {}
        for number, rule in enumerate(rules):
            if rule.whole:
                self._any = min(self._any, number)
                continue
            folder = globs.folder(rule.key_pattern)
            whole, patterns = self._folders.get(folder, (len(rules), None))
            if rule.key_pattern == folder + "*":
                whole = min(whole, number)
            else:
                patterns = patterns or Patterns(len(folder))
                patterns.add(rule.key_pattern, number)
            self._folders[folder] = whole, patterns
        self._deepest = max(map(len, self._folders), default=0)
        self._root = "" in self._folders

    @property
    def whole(self) -> Rule | None:
        """The first rule that takes every key."""
        return self.rules[self._any] if self._any < len(self.rules) else None

    def find(self, key: str) -> Rule | None:
        """The first rule that takes the key."""
        best, folders = self._any, self._folders
        if folders:
            # The root folder first, where it has rules of its own.
            end = 0 if self._root else key.find("/") + 1
            while True:
                if found := folders.get(key[:end]):
                    whole, patterns = found
                    if whole < best:  # noqa: PLR1730 - a call of min() costs more than all else here
                        best = whole
                    if patterns is not None:
                        best = patterns.first(key, best)
                end = key.find("/", end) + 1
                if not 0 < end <= self._deepest:
                    break
        return self.rules[best] if best < len(self.rules) else None
