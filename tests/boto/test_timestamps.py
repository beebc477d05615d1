"""Times of answers, as botocore parses them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import utils

from s3r_spark.boto.timestamps import parse_timestamp


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-26T17:35:43.123Z",
        "2026-11-26T17:35:43Z",
        "2026-11-26T17:35:43.123456Z",
        "2026-11-26T17:35:43+02:00",
        "Thu, 26 Nov 2026 17:35:43 GMT",
        "Thu, 26 Nov 1970 07:05:03 GMT",
        "Thu, 26 Nov 2026 17:35:43 +0200",
        "0001-01-01T00:00:00Z",
        123456,
    ],
)
def test_it_is_the_time_that_botocore_gives(text: Any) -> None:
    assert parse_timestamp(text) == utils.parse_timestamp(text)


@pytest.mark.parametrize(
    "text",
    ["2026-13-26T17:35:43Z", "2026-02-30T00:00:00.000Z", "then", "Thu, 31 Nov 2026 17:35:43 GMT"],
)
def test_what_is_no_time_is_refused_as_botocore_does(text: str) -> None:
    with pytest.raises(ValueError, match="Invalid timestamp"):
        parse_timestamp(text)
