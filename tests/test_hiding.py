"""What a profile hides of other places, as far as the file alone tells."""

from __future__ import annotations

from typing import Any

import pytest

from s3r_spark.hiding import hidden_names, hidden_places
from s3r_spark.routing import Routes

CLIENTS = {"default": {"service": "aws"}, "west": {"endpoint_url": "http://west:9000"}}
TEAM = {"client": "west", "source_bucket_pattern": "b", "source_key_pattern": "team/*"}


def routes(unmatched: str = "default", **profiles: dict[str, Any]) -> Routes:
    return Routes.load({"clients": CLIENTS, "unmatched": unmatched, "profiles": profiles})


@pytest.mark.parametrize(
    ("profiles", "hidden"),
    [
        ({"team": TEAM}, [("team", "s3a://b/team/*")]),
        ({"team": {**TEAM, "source_bucket_pattern": "b-*"}}, [("team", "s3a://b-*/team/*")]),
        # All of a bucket: nothing says that the default store has one of that name.
        ({"team": {"client": "west", "source_bucket_pattern": "b"}}, []),
        ({"team": TEAM, "rest": {"client": "west", "source_bucket_pattern": "b"}}, []),
        # Where it would be anyway.
        ({"team": {**TEAM, "client": "default"}}, []),
        (
            {"team": {**TEAM, "client": "default", "mapped_prefix": "t"}},
            [("team", "s3a://b/team/*")],
        ),
    ],
)
def test_where_a_profile_hides_what_the_default_store_has(
    profiles: dict[str, Any], hidden: list[tuple[str, str]]
) -> None:
    assert list(hidden_places(routes(**profiles))) == hidden
    assert list(hidden_places(routes("refuse", **profiles))) == []


def test_names_that_an_object_would_have() -> None:
    first = {**TEAM, "source_key_pattern": "team/a/*", "mapped_bucket_name": "first"}
    loaded = routes(first=first, team=TEAM)
    assert list(hidden_names(loaded, "default", "b", "team/x")) == [("team", "s3a://b/team/x")]
    assert list(hidden_names(loaded, "west", "b", "team/a/x")) == [("first", "s3a://b/team/a/x")]
    assert list(hidden_names(loaded, "west", "b", "team/x")) == []
    assert list(hidden_names(loaded, "default", "b", "x")) == []
    assert list(hidden_names(routes("refuse", team=TEAM), "default", "b", "team/x")) == []
