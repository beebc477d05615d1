"""Notices when what the router rests on in botocore and boto3 is no longer what was tested."""

from __future__ import annotations

import pytest

from s3r_spark.diagnosis.environment import library


@pytest.mark.usefixtures("crt")
@pytest.mark.parametrize("name", ["botocore", "boto3", "s3transfer"])
def test_what_is_relied_on_is_as_it_was_tested(name: str) -> None:
    """Where it isn't: read what changed, run all tests on that release, and add the digest."""
    here = library(name)
    assert set(here.states.values()) == {"tested"}, [*here.failures, *here.differences]
