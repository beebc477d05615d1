"""Globs, compared with fnmatch over every text of a small alphabet."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from itertools import product

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from s3r_spark import globs

ALPHABET = "ab/\n]"  # what the globs name; "é" stands for all that they don't
OTHER = "é"
# `[`, `]`, `-` and `!` make brackets, ranges and negations of every kind, many of them strange.
GLOBS = st.text(st.sampled_from("aab/*?[]-!\n^\\"), max_size=7)
PLAIN = st.lists(
    st.sampled_from(
        ["a", "b", "/", "*", "?", "[ab]", "[!a]", "[!a-b]", "[]a]", "[a-b]", "\n", "é"]
    ),
    max_size=5,
).map("".join)
SOUND = (GLOBS | PLAIN).filter(lambda glob: globs.problem(glob) is None)
PREFIXES = st.text(st.sampled_from(ALPHABET + OTHER), max_size=3)


@cache
def texts(size: int) -> list[str]:
    letters = ALPHABET + OTHER
    return ["".join(text) for n in range(size + 1) for text in product(letters, repeat=n)]


def size_of(*patterns: str) -> int:
    """A length of text up to which these globs show all that they can tell apart, or nearly."""
    return min(5, max((len(globs._steps(glob)) for glob in patterns), default=0) + 1)


@settings(max_examples=300, deadline=None)
@given(GLOBS | PLAIN)
def test_steps_match_as_fnmatch_does(glob: str) -> None:
    letters = [*dict.fromkeys(glob), *ALPHABET, OTHER, "-", "^", "\\"]
    for text in ["".join(t) for n in range(3) for t in product(letters, repeat=n)]:
        expected = fnmatchcase(text, glob)
        assert bool(globs.compiled(glob)(text)) is expected
        if globs.problem(glob) is None:
            steps = globs._steps(glob)
            assert (len(steps) in globs._after(glob, text)) is expected


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab/**?[]-!%"), max_size=9))
@example("[%-**-b]")  # a range up to a star, then a star
@example("a[**/**]**")
def test_a_run_of_stars_is_one_star(glob: str) -> None:
    once = globs.one_star(glob)
    assert globs.one_star(once) == once
    assert globs._steps(once) == globs._steps(glob)


@settings(max_examples=300, deadline=None)
@given(PLAIN, PREFIXES)
def test_may_match_below(glob: str, prefix: str) -> None:
    matches = any(fnmatchcase(prefix + text, glob) for text in texts(size_of(glob)))
    assert globs.may_match_below(glob, prefix) is matches


@settings(max_examples=300, deadline=None)
@given(PLAIN, PREFIXES)
def test_owns_all_below(glob: str, prefix: str) -> None:
    everything = all(fnmatchcase(prefix + text, glob) for text in texts(size_of(glob)))
    assert globs.owns_all_below(glob, prefix) is everything


@pytest.mark.parametrize(
    ("glob", "prefix", "owns"),
    [
        ("*", "", True),
        ("a/*", "a/", True),
        ("a/*", "a", False),
        ("a/*", "b", False),
        ("*?", "", False),
        ("*?", "x", True),
        ("?*?*", "x", False),
        ("?*?*", "xy", True),
        ("a*b", "ab", False),
        ("*[!a]*", "b", True),
    ],
)
def test_owns_all_below_where_the_star_is_not_last(glob: str, prefix: str, owns: bool) -> None:
    assert globs.owns_all_below(glob, prefix) is owns


@settings(max_examples=300, deadline=None)
@given(st.lists(PLAIN, min_size=1, max_size=3), PLAIN)
def test_covers(several: list[str], glob: str) -> None:
    outside = [
        text
        for text in texts(size_of(*several, glob))
        if fnmatchcase(text, glob) and not any(fnmatchcase(text, g) for g in several)
    ]
    assert globs.covers(several, glob) is not bool(outside)


@settings(max_examples=500, deadline=None)
@given(SOUND, SOUND)
def test_what_covers_at_once_covers(glob: str, other: str) -> None:
    if globs._covers_plainly(glob, other):
        assert globs.example([other], [glob]) is None


def test_covers_happens_often_enough_to_be_tested() -> None:
    rows = [
        (["*"], "a*"), (["a*"], "a"), (["a*", "[!a]*", ""], "*"), (["?*"], "*?"), (["*a*"], "?a?"),
        (["[a-z]*"], "[b-d]x"), (["a?*", "a"], "a*"), (["é*"], "é\n"), (["[!b]"], "[!a-c]"),
    ]  # fmt: skip
    assert all(globs.covers(several, glob) for several, glob in rows)
    rows = [
        (["a*"], "*"), (["a"], "a*"), (["a*", "[!a]*"], "*"), (["a/*"], "a*"), (["[!b]"], "?"),
        (["[a-y]*"], "[x-z]"), (["a?*"], "a*"), ([""], "?"), ([], ""),
    ]  # fmt: skip
    assert not any(globs.covers(several, glob) for several, glob in rows)


def test_covers_gives_up_rather_than_take_long() -> None:
    hard = "*a" + "?" * 16 + "*b" + "?" * 16
    assert not globs.covers([hard], "*a" + "?" * 16 + "b" + "?" * 16 + "*", limit=50)


@settings(max_examples=300, deadline=None)
@given(SOUND)
def test_a_sample_matches(glob: str) -> None:
    assert fnmatchcase(globs.sample(glob), glob)


@settings(max_examples=300, deadline=None)
@given(GLOBS)
def test_problems_are_those_where_fnmatch_takes_the_bracket_itself_or_nothing(glob: str) -> None:
    problem = globs.problem(glob)
    letters = "".join(dict.fromkeys("ab]é" + glob))
    assume(len(globs._steps(glob)) <= 4)
    matches = any(
        fnmatchcase("".join(t), glob)
        for n in range(len(globs._steps(glob)) + 1)
        for t in product(letters + "c", repeat=n)
    )
    if problem is None:
        assert matches
    else:
        assert "[" in glob


@pytest.mark.parametrize(
    ("glob", "says"),
    [
        ("a[", "has a '[' that is never closed: a bracket itself is written [[]"),
        ("a[]", "has a '[' that is never closed: a bracket itself is written [[]"),
        ("a[!]", "has a '[' that is never closed: a bracket itself is written [[]"),
        ("[z-a]", "has the range z-a the wrong way round: write a-z"),
        ("[a-cz-x]", "has the range z-x the wrong way round: write x-z"),
        ("[!\0-\U0010ffff]x", "has '[!\\x00-\\U0010ffff]', which takes no character at all"),
        ("[[]", None),
        ("[]]", None),
        ("[!]]", None),
        ("a]", None),
        ("[a-a]", None),
        ("[-a]", None),
        ("[a-]", None),
    ],
)
def test_problems(glob: str, says: str | None) -> None:
    assert globs.problem(glob) == says


@pytest.mark.parametrize(
    ("glob", "head", "runs", "folder"),
    [
        ("", "", [""], ""),
        ("a/b", "a/b", ["a/b"], "a/"),
        ("a/b*c/d", "a/b", ["a/b", "c/d"], "a/"),
        ("*", "", ["", ""], ""),
        ("a/[b][!c]*.d", "a/", ["a/b", "", ".d"], "a/"),
        ("?.c[a-b]", "", ["", ".c", ""], ""),
    ],
)
def test_fixed_parts(glob: str, head: str, runs: list[str], folder: str) -> None:
    assert (globs.head(glob), globs.runs(glob), globs.folder(glob)) == (head, runs, folder)
