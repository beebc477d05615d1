"""Questions to a list, and its entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

PAGE = 1000  # what S3 gives at most
PREFIXES = "CommonPrefixes"


class Entry(NamedTuple):
    """One thing in a list.

    Attributes:
        name: its logical name.
        field: the list of the answer that it belongs into.
        value: the entry itself, with its logical name.
        sure: False: a common prefix of which it isn't known yet whether anything is below it.
    """

    name: str
    field: str
    value: dict[str, Any]
    sure: bool = True


@dataclass(frozen=True)
class Ask:
    """A question to a list.

    Attributes:
        bucket: the logical bucket.
        prefix: the logical prefix.
        delimiter: what common prefixes end with; "" for none.
        after: only names behind this one.
        versions: whether all versions are listed, not only objects.
        version_id: only versions behind this one of the name `after`.
        extra: further parameters for each store.
        physical: whether entries keep the store's names.
    """

    bucket: str
    prefix: str = ""
    delimiter: str = ""
    after: str = ""
    versions: bool = False
    version_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    physical: bool = False
