"""Continuation tokens of merged lists: a name, so that any client of the same routes can go on."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Any

from s3r_spark.boto.synthetic import failure

_MARK = "s3r1."
# The last character there is: all that is below a common prefix comes before prefix + LAST.
LAST = "\U0010ffff"


def is_ours(token: Any) -> bool:
    """Tell whether a merged list gave the token, not a store."""
    return isinstance(token, str) and token.startswith(_MARK)


def written(name: str) -> str:
    """The token of a list that goes on behind a name."""
    return _MARK + base64.urlsafe_b64encode(name.encode()).decode()


def read(token: str) -> str:
    """The name that a token stands for.

    Raises:
        ClientError: no merged list gave it.
    """
    if is_ours(token):
        with suppress(ValueError, binascii.Error):
            return base64.urlsafe_b64decode(token.removeprefix(_MARK)).decode()
    raise failure(
        "InvalidArgument", "The continuation token provided is incorrect", 400, "ListObjectsV2"
    )
