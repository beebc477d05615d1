"""What routes answer: the place of a logical name, and the names that a place can have."""

from __future__ import annotations

from typing import NamedTuple

from s3r_spark.html_tables import html_table

__all__ = ["Meaning", "Target"]


class Target(NamedTuple):
    """The real place of a logical name.

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

    def _repr_html_(self) -> str:
        return html_table(("place", "client", "profile"), [(self.uri, self.client, self.profile)])


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
