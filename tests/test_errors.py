"""The tree of errors: each is ours, and what Python would raise in its place."""

from __future__ import annotations

import pickle

import pytest

from s3r_spark import errors

TREE = {
    errors.RoutesError: ValueError,
    errors.UnmatchedError: LookupError,
    errors.RefusedError: ValueError,
    errors.EngineError: ValueError,
    errors.SecretError: LookupError,
    errors.SessionError: RuntimeError,
    errors.SetupError: RuntimeError,
}


@pytest.mark.parametrize(("error", "of_python"), TREE.items())
def test_errors(error: type[Exception], of_python: type[Exception]) -> None:
    assert issubclass(error, errors.S3RError)
    assert issubclass(error, of_python)
    assert str(error("a\nb")) == "a\nb"


def test_the_tree_is_whole() -> None:
    assert {*errors.__all__} == {
        error.__name__ for error in (*TREE, errors.S3RError, errors.RoutesWarning)
    }


def test_warnings_carry_their_code() -> None:
    warning = errors.RoutesWarning("text", "code")
    assert (str(warning), warning.code) == ("text [code]", "code")
    copied = pickle.loads(pickle.dumps(warning))
    assert (str(copied), copied.code) == ("text [code]", "code")
