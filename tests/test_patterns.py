"""Many globs at once: the same answers as one by one."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3r_spark.patterns import Patterns

TEXTS = st.text(st.sampled_from("ab/.é\n["), max_size=6)
GLOBS = st.lists(
    st.sampled_from(["a", "b", "/", ".", "*", "?", "[ab]", "[!a]", "[[]", "é", "\n"]), max_size=5
).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(GLOBS, max_size=12), TEXTS, st.integers(0, 12))
def test_all_and_first(several: list[str], text: str, best: int) -> None:
    patterns = Patterns()
    for number, glob in enumerate(several):
        patterns.add(glob, number)
    expected = [number for number, glob in enumerate(several) if fnmatchcase(text, glob)]
    for _ in range(2):  # the second time with what the first has compiled
        assert patterns.all(text) == expected
        assert patterns.first(text, best) == min([*expected, best])


@settings(max_examples=100, deadline=None)
@given(st.lists(GLOBS, max_size=12), TEXTS)
def test_below_a_common_folder(several: list[str], text: str) -> None:
    patterns = Patterns(len("a/"))
    for number, glob in enumerate(several):
        patterns.add("a/" + glob, number)
    expected = [n for n, glob in enumerate(several) if fnmatchcase("a/" + text, "a/" + glob)]
    assert patterns.all("a/" + text) == expected


@pytest.mark.parametrize("glob", ["raw-*/t{n}/*/x/*", "raw-*/*/t{n}", "raw-[0-9]/t{n}/*"])
def test_many_globs_that_begin_alike_are_told_apart_by_what_else_they_hold(glob: str) -> None:
    patterns = Patterns()
    for number in range(1000):
        patterns.add(glob.format(n=number), number)
    text = glob.format(n=777).replace("*", "1").replace("[0-9]", "1")
    assert patterns.all(text) == [777]
    assert sum(map(len, patterns._candidates(text))) < 50
