"""Notices when what the file system rests on in aiobotocore and s3fs is not as tested any more."""

from __future__ import annotations

import pytest

from s3r_spark.diagnosis.environment import library


@pytest.mark.parametrize("name", ["aiobotocore", "s3fs", "fsspec"])
def test_what_is_relied_on_is_as_it_was_tested(name: str) -> None:
    """Where it isn't: read what changed, run all tests on that release, and add the digest."""
    here = library(name)
    assert set(here.states.values()) == {"tested"}, [*here.failures, *here.differences]
