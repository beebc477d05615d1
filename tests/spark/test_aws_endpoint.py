"""What surrounds a driver and would take the place of AWS is refused, and named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from cases import load

from s3r_spark.errors import SessionError
from s3r_spark.spark.aws_endpoint import check, check_settings

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = "http://127.0.0.1:1"
KEYS = {"access_key": "${A}", "secret_key": "${B}"}
AWS: dict[str, Any] = {"clients": {"default": {"region": "eu-west-1", "credentials": KEYS}}}
OTHERS: dict[str, Any] = {
    "clients": {
        "default": {"service": "aws", "endpoint_url": "https://s3.eu-west-1.amazonaws.com"},
        "minio": {"endpoint_url": "http://minio.test"},
    }
}
WITH_SERVICES = "[default]\nservices = x\n[services x]\n"


def refused(setting: str) -> str:
    return f"client 'default': {setting} is set, and S3A would ask what it names in place of AWS"


@pytest.mark.parametrize(
    ("environ", "setting"),
    [
        ({"AWS_ENDPOINT_URL": ELSEWHERE}, "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL_S3": ELSEWHERE}, "AWS_ENDPOINT_URL_S3"),
        ({"AWS_ENDPOINT_URL": ""}, "AWS_ENDPOINT_URL"),  # to the SDK it is one
        (
            {"JAVA_TOOL_OPTIONS": f"-Xmx1g -Daws.endpointUrl={ELSEWHERE}"},
            "aws.endpointUrl in JAVA_TOOL_OPTIONS",
        ),
        (
            {"SPARK_SUBMIT_OPTS": f"-Daws.endpointUrlS3={ELSEWHERE}"},
            "aws.endpointUrlS3 in SPARK_SUBMIT_OPTS",
        ),
        ({"AWS_ENDPOINT_URL_STS": ELSEWHERE}, None),
        ({"JAVA_TOOL_OPTIONS": f"-Daws.endpointUrlSts={ELSEWHERE}"}, None),
    ],
)
def test_the_environment(environ: dict[str, str], setting: str | None) -> None:
    check(load(OTHERS), environ)
    if setting is None:
        check(load(AWS), environ)
        return
    with pytest.raises(SessionError) as caught:
        check(load(AWS), environ)
    assert refused(setting) in str(caught.value)
    assert "endpoint_url: https://s3.eu-west-1.amazonaws.com" in str(caught.value)
    assert ELSEWHERE not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "profile", "setting"),
    [
        (f"[default]\nendpoint_url = {ELSEWHERE}\n", None, "endpoint_url of the profile 'default'"),
        (f"[profile p]\nendpoint_url = {ELSEWHERE}\n", "p", "endpoint_url of the profile 'p'"),
        (f"[profile p]\nendpoint_url = {ELSEWHERE}\n", None, None),
        (
            f"{WITH_SERVICES}s3 =\n  endpoint_url = {ELSEWHERE}\n",
            None,
            "endpoint_url of s3 in the section [services x]",
        ),
        (f"{WITH_SERVICES}sts =\n  endpoint_url = {ELSEWHERE}\n", None, None),
        ("[default]\nservices = gone\n", None, None),
        ("[broken", None, None),
    ],
)
def test_the_files_of_aws(
    text: str,
    profile: str | None,
    setting: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "config").write_text(text)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    if profile:
        monkeypatch.setenv("AWS_PROFILE", profile)
    check(load(OTHERS), os.environ)
    if setting is None:
        check(load(AWS), os.environ)
        return
    with pytest.raises(SessionError) as caught:
        check(load(AWS), os.environ)
    assert refused(f"{setting} {'of' if 'section' in setting else 'in'} the AWS files") in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("spark.executorEnv.AWS_ENDPOINT_URL", ELSEWHERE, "spark.executorEnv.AWS_ENDPOINT_URL"),
        ("spark.executorEnv.AWS_ENDPOINT_URL_STS", ELSEWHERE, None),
        (
            "spark.executor.extraJavaOptions",
            f"-Daws.endpointUrl={ELSEWHERE}",
            "aws.endpointUrl in spark.executor.extraJavaOptions",
        ),
        (
            "spark.driver.defaultJavaOptions",
            f"-Daws.endpointUrlS3={ELSEWHERE}",
            "aws.endpointUrlS3 in spark.driver.defaultJavaOptions",
        ),
        ("spark.driver.extraJavaOptions", "-Daws.region=eu-west-1", None),
    ],
)
def test_what_spark_is_told_for_its_machines(name: str, value: str, setting: str | None) -> None:
    check_settings(load(OTHERS), {name: value})
    if setting is None:
        check_settings(load(AWS), {name: value})
        return
    with pytest.raises(SessionError) as caught:
        check_settings(load(AWS), {name: value})
    assert refused(setting) in str(caught.value)
