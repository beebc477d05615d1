"""Calls for a list, questions to its stores, and its entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from s3r_spark.routing import Rule

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


class ListCall(NamedTuple):
    """A call for a list that several stores have a part of.

    Attributes:
        operation: the operation's name.
        rules: those that can have names under the prefix, in their order.
        params: the parameters as the caller gave them.
        final: the parameters after botocore's own handlers, which add an EncodingType.
    """

    operation: str
    rules: list[Rule]
    params: dict[str, Any]
    final: dict[str, Any]


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
