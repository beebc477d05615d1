"""A profile, or one pattern of its list, made ready to map names with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark import globs
from s3r_spark.model import BUCKET

if TYPE_CHECKING:
    from s3r_spark.model import Profile


class Rule:
    """One profile, ready to map names with; of one that lists key patterns, one of them.

    Attributes:
        name: the profile's name, which all rules of its list share; None for the default client's
            own names.
        client: the client's name.
        profile: the profile as the file has it, but for a list of key patterns: this one alone.
        folder: the logical folder that `prefix` takes the place of; "" where none is replaced.
        prefix: the physical prefix, with `{bucket}` in it where the file says so; None: keys stay.
        key_pattern: the glob over keys; `*` where there is none.
        read_only: whether nothing may be changed under its names.
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
        "read_only",
    )

    def __init__(
        self, name: str | None, client: str, profile: Profile, *, read_only: bool = False
    ) -> None:
        self.name, self.client, self.profile = name, client, profile
        self.read_only = read_only or profile.access == "read"
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
        """Tell whether it takes every key of its buckets."""
        return self.key_pattern == "*"

    @property
    def names(self) -> str:
        """The pattern of the names that it takes, as a URI."""
        return f"s3a://{self.profile.source_bucket_pattern}/{self.key_pattern}"

    @property
    def place(self) -> str:
        """The place of its names: `bucket/key pattern`; `{bucket}` is the logical one of a glob."""
        pattern = self.profile.source_bucket_pattern
        name = BUCKET if globs.has_wildcard(pattern) else pattern
        return f"{self.bucket(name)}/{self.key(name, self.key_pattern)}"

    @property
    def maps(self) -> bool:
        """Tell whether it gives names that it takes others in its store."""
        moves = self._bucket not in {BUCKET, self.profile.source_bucket_pattern}
        return moves or self.prefix not in {None, self.folder}

    def bucket(self, logical: str) -> str:
        """The physical bucket of a logical one."""
        return self._bucket if self._same_bucket else self._bucket.replace(BUCKET, logical)

    def logical_bucket(self, physical: str) -> str | None:
        """The logical bucket of a physical one; the rule's pattern where there are many.

        None: the rule leads no bucket there.
        """
        pattern = self.profile.source_bucket_pattern
        if not globs.has_wildcard(pattern):
            return pattern if self.bucket(pattern) == physical else None
        if self._same_bucket:
            return pattern if self._bucket == physical else None
        name = _filling(self._bucket, physical)
        return name if name and globs.compiled(pattern)(name) else None

    def prefix_of(self, logical: str) -> str:
        """The physical prefix for a logical bucket."""
        return (self.prefix or "").replace(BUCKET, logical)

    def key(self, logical: str, key: str) -> str:
        """The physical key of a logical one that this rule takes, or of the beginning of some.

        Raises:
            ValueError: it takes none that begin so: what is no part of its folder can't be cut off.
        """
        prefix = self.prefix
        if prefix is None:
            return key
        if not key.startswith(self.folder):
            raise ValueError(f"{key!r} is not under {self.folder!r}, the folder of {self.name!r}")
        if self._same_prefix:
            return prefix + key[self._cut :]
        return prefix.replace(BUCKET, logical) + key[self._cut :]

    def logical_key(self, logical: str, physical: str) -> str | None:
        """The one key that could be mapped to this physical one; it may belong to another rule."""
        prefix = self.prefix_of(logical)
        return self.folder + physical[len(prefix) :] if physical.startswith(prefix) else None


def _filling(template: str, text: str) -> str | None:
    """Find what must stand for `{bucket}` for the template to be the text; None: nothing can."""
    size, rest = divmod(len(text) - len(template.replace(BUCKET, "")), template.count(BUCKET))
    start = template.index(BUCKET)
    name = text[start : start + size]
    fits = size > 0 and not rest and template.replace(BUCKET, name) == text
    return name if fits else None
