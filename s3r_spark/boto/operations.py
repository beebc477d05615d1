"""Operations of S3 by what they name: an object, a bucket, a prefix, several, or nothing.

Read off the operation's own input, so that an operation that S3 gets tomorrow goes to the right
store too; a test pins what today's botocore gives.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from botocore.model import OperationModel

LISTS = frozenset({"ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads"})

# Sent by POST, since their questions are long.
_ASKING = frozenset({"SelectObjectContent"})


class Kind(Enum):
    """The kind of thing that an operation's parameters name."""

    KEY = "one object"
    BUCKET = "one bucket"
    PREFIX = "the objects under a prefix"
    MANY = "many objects of a bucket"
    TWO = "an object and where it comes from"
    ACCOUNT = "no bucket"


class Operation(NamedTuple):
    """One operation of S3.

    Attributes:
        kind: what its parameters name.
        changes: whether it changes what it names.
    """

    kind: Kind
    changes: bool = False

    @property
    def changes_bucket(self) -> bool:
        """Tell whether it makes, removes or configures a whole bucket."""
        return self.changes and self.kind is Kind.BUCKET


def operation(model: OperationModel) -> Operation:
    """Find what an operation of botocore's S3 model names."""
    changes = model.http["method"] not in {"GET", "HEAD"} and model.name not in _ASKING
    members = model.input_shape.members if model.input_shape is not None else {}
    if model.name in LISTS:
        return Operation(Kind.PREFIX)
    if "CopySource" in members or "RenameSource" in members:
        return Operation(Kind.TWO, changes)
    if "Bucket" not in members:
        return Operation(Kind.ACCOUNT)
    if "Key" in members:
        return Operation(Kind.KEY, changes)
    if "Delete" in members:
        return Operation(Kind.MANY, changes)
    return Operation(Kind.BUCKET, changes)
