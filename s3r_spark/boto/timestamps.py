"""The times of S3's answers, which take botocore most of the time of reading a list."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore import utils
from dateutil.tz import tzutc

__all__ = ["parse_timestamp"]

_UTC = tzutc()
_IN_LISTS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
_IN_HEADERS = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


def parse_timestamp(value: Any) -> datetime:
    """Parse a time as botocore does, of whatever form; quickly where it is of one that S3 uses."""
    if isinstance(value, str):
        with suppress(ValueError):  # of a 13th month: botocore says what is wrong
            if _IN_LISTS.fullmatch(value):
                return datetime.fromisoformat(value[:-1]).replace(tzinfo=_UTC)
            if _IN_HEADERS.fullmatch(value):
                return parsedate_to_datetime(value).replace(tzinfo=_UTC)
    time: datetime = utils.parse_timestamp(value)
    return time
