"""How what is said of a client, in the file and beside it, becomes botocore's settings."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from s3r_spark.boto import client

PLACE = {"Bucket": "lake", "Key": "x"}


def routed(config: Any = None, **options: Any) -> Any:
    """A client of one store that nobody asks anything."""
    keys = {"access_key": "a", "secret_key": "b"}
    entry = {"endpoint_url": "http://store.example.com:9000", "credentials": keys, **options}
    return client({"clients": {"default": entry}}, config=config)


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ({}, "http://store.example.com:9000/lake/x?"),
        ({"path_style": True}, "http://store.example.com:9000/lake/x?"),
        ({"botocore": {"s3": None}}, "http://store.example.com:9000/lake/x?"),
        ({"path_style": False}, "http://lake.store.example.com:9000/x?"),
        ({"service": "aws"}, "http://lake.store.example.com:9000/x?"),  # as S3A has it
        ({"service": "aws", "endpoint_url": None, "region": "eu-west-1"}, "https://lake.s3."),
        (
            {"service": "aws", "endpoint_url": None, "region": "eu-west-1", "path_style": True},
            "https://s3.eu-west-1.amazonaws.com/lake/x?",
        ),
    ],
)
@pytest.mark.parametrize("laid_over", [None, {"payload_signing_enabled": True}])
def test_the_bucket_stands_where_the_file_says(
    options: dict[str, Any], start: str, laid_over: dict[str, Any] | None
) -> None:
    """A setting of `s3` that is laid over leaves the others as they are."""
    s3 = routed(None if laid_over is None else Config(s3=laid_over), **options)
    assert s3.generate_presigned_url("get_object", PLACE).startswith(start)
    path = Config(s3={"addressing_style": "path"})
    assert "/lake/x?" in routed(path, **options).generate_presigned_url("get_object", PLACE)


def test_of_settings_in_settings_only_those_named_are_laid_over() -> None:
    settings = {"fail_fast": True, "botocore": {"retries": {"mode": "standard"}}}

    def retries(config: Config | None) -> dict[str, Any]:
        options: dict[str, Any] = routed(config, **settings).meta.config.retries
        return options

    assert retries(None) == {"mode": "standard", "total_max_attempts": 1}
    assert retries(Config(retries={"max_attempts": 7})) == {
        "mode": "standard",
        "total_max_attempts": 8,
    }
    proxied = routed(Config(proxies={}), botocore={"proxies": {"http": "http://proxy.test"}})
    assert proxied.meta.config.proxies == {}  # none at all


def test_a_value_of_botocore_is_read_from_the_environment_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AGENT", "a${NOPE}b")
    s3 = routed(botocore={"user_agent_extra": "${AGENT}", "proxies": {"http": "http://${AGENT}"}})
    assert s3.meta.config.user_agent_extra == "a${NOPE}b"
    assert s3.meta.config.proxies == {"http": "http://a${NOPE}b"}


def test_a_config_of_another_kind_is_no_mistake_of_the_file() -> None:
    with pytest.raises(TypeError, match=r"must be a botocore\.config\.Config, not dict"):
        routed({"connect_timeout": 3})


def test_a_service_that_is_known_by_its_endpoint_alone_gets_todays_signatures() -> None:
    s3 = routed()
    for place in (PLACE, {**PLACE, "Key": "ü b"}):
        assert "X-Amz-Signature=" in s3.generate_presigned_url("get_object", place)
    assert "x-amz-signature" in s3.generate_presigned_post(**PLACE)["fields"]
