"""Where warnings point: at the user's line, whichever call of ours gave them."""

from __future__ import annotations

import warnings

import pytest

import s3r_spark

ROUTES = {
    "clients": {"default": {"endpoint_url": "http://a.test", "verify": False}},
    "profiles": {},
}


def test_a_warning_points_at_the_call() -> None:
    for call in (s3r_spark.Routes.load, s3r_spark.client):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            call(ROUTES)
        assert [w.filename for w in warned] == [__file__]
        assert issubclass(warned[0].category, s3r_spark.RoutesWarning)


def test_code_that_has_no_name_is_warned_too() -> None:
    with pytest.warns(s3r_spark.RoutesWarning, match="verify: false"):
        exec("load(routes)", {"load": s3r_spark.Routes.load, "routes": ROUTES})  # noqa: S102 - what is tested
