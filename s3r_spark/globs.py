"""Globs as `fnmatch.fnmatchcase` has them, and the questions about them that fnmatch can't answer.

A glob is parsed once into a list of steps: a star, or a set of characters. Run as a small automaton
over a text it tells not only whether the text matches, but whether a longer one could, or must.
"""

from __future__ import annotations

import re
import string
from collections import deque
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_WILDCARD = re.compile(r"[*?\[]")
_OTHER = "\ue000"  # stands for "any character that no glob names"
_PLAIN = "x" + string.ascii_lowercase + string.digits + string.ascii_uppercase


@dataclass(frozen=True)
class _Step:
    """One part of a glob: a star, or the ranges of characters of which one must (not) follow."""

    star: bool = False
    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = False

    def takes(self, char: str) -> bool:
        return any(low <= char <= high for low, high in self.ranges) is not self.negated


_ANY = _Step(negated=True)
_STAR = _Step(star=True)


def compiled(glob: str) -> Callable[[str], object]:
    """A function that tells whether a text matches, as fnmatchcase does."""
    return re.compile(translate(glob)).match


@lru_cache(maxsize=4096)
def head(glob: str) -> str:
    """The fixed text before the first wildcard."""
    return _WILDCARD.split(glob, maxsplit=1)[0]


def ecmascript(glob: str) -> str:
    """The glob as a regular expression of ECMAScript, with its flag `u`, for a whole text."""
    parts = []
    for step in _steps(glob):
        ranges = "".join(f"\\u{{{ord(low):x}}}-\\u{{{ord(high):x}}}" for low, high in step.ranges)
        parts.append(r"[\s\S]*" if step.star else f"[{'^' if step.negated else ''}{ranges}]")
    return f"^{''.join(parts)}$"


def folder(glob: str) -> str:
    """The fixed folder before the first wildcard, with its `/`; empty where there is none."""
    text = head(glob)
    return text[: text.rfind("/") + 1]


def one_star(glob: str) -> str:
    """The glob with each run of stars as one star, which takes the same texts."""
    if "**" not in glob:
        return glob
    parts: list[str] = []
    at = 0
    while at < len(glob):
        end = max(at, _closing(glob, at)) if glob[at] == "[" else at  # a bracket stays as it is
        part = glob[at : end + 1]
        if part != "*" or parts[-1:] != ["*"]:
            parts.append(part)
        at = end + 1
    return "".join(parts)


def escaped(text: str) -> str:
    """The glob that takes this text alone."""
    return _WILDCARD.sub(r"[\g<0>]", text)


def has_wildcard(glob: str) -> bool:
    """Tell whether the glob is more than a fixed text."""
    return _WILDCARD.search(glob) is not None


def problem(glob: str) -> str | None:
    """Find what makes a glob mean something else than it seems to, or None.

    fnmatch itself takes all of these, and matches nothing or the bracket itself.
    """
    at = 0
    while (at := glob.find("[", at)) >= 0:
        end = _closing(glob, at)
        if end < 0:
            return "has a '[' that is never closed: a bracket itself is written [[]"
        step = _bracket(glob[at + 1 : end])
        for low, high in step.ranges:
            if low > high:
                return f"has the range {low}-{high} the wrong way round: write {high}-{low}"
        if _member(step) is None:
            return f"has {glob[at : end + 1]!r}, which takes no character at all"
        at = end + 1
    return None


def _closing(glob: str, at: int) -> int:
    """Find where the bracket that opens at `at` closes; -1 where it never does."""
    start = at + 1
    if glob[start : start + 1] == "!":
        start += 1
    if glob[start : start + 1] == "]":
        start += 1
    return glob.find("]", start)


def runs(glob: str) -> list[str]:
    """The fixed texts between the wildcards: a match begins with the first, ends with the last."""
    out = [""]
    for step in _steps(glob):
        low, high = step.ranges[0] if len(step.ranges) == 1 else ("", "\0")
        if low == high and not step.negated:
            out[-1] += low
        else:
            out.append("")
    return out


@lru_cache(maxsize=4096)
def _steps(glob: str) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    i = 0
    while i < len(glob):
        char, end = glob[i], -1
        if char == "*":
            if not steps or steps[-1] is not _STAR:
                steps.append(_STAR)
        elif char == "?":
            steps.append(_ANY)
        elif char == "[" and (end := _closing(glob, i)) >= 0:
            steps.append(_bracket(glob[i + 1 : end]))
            i = end
        else:
            steps.append(_Step(ranges=((char, char),)))
        i += 1
    return tuple(steps)


def _bracket(body: str) -> _Step:
    negated = body.startswith("!")
    body = body[1:] if negated else body
    ranges: list[tuple[str, str]] = []
    i = 0
    while i < len(body):
        if i + 2 < len(body) and body[i + 1] == "-":
            ranges.append((body[i], body[i + 2]))
            i += 3
        else:
            ranges.append((body[i], body[i]))
            i += 1
    return _Step(ranges=tuple(ranges), negated=negated)


# A state is the number of steps already taken; a set of them is where a text can have led to.


def _rest(steps: tuple[_Step, ...], states: Iterable[int]) -> frozenset[int]:
    """The states, and those that an empty star leads on to."""
    out: set[int] = set()
    for state in states:
        at = state
        out.add(at)
        while at < len(steps) and steps[at].star:
            at += 1
            out.add(at)
    return frozenset(out)


def _next(steps: tuple[_Step, ...], states: frozenset[int], char: str) -> frozenset[int]:
    moved = (
        state if steps[state].star else state + 1
        for state in states
        if state < len(steps) and (steps[state].star or steps[state].takes(char))
    )
    return _rest(steps, moved)


def _after(glob: str, text: str) -> frozenset[int]:
    steps = _steps(glob)
    states = _rest(steps, (0,))
    for char in text:
        if not states:
            break
        states = _next(steps, states, char)
    return states


def may_match_below(glob: str, prefix: str) -> bool:
    """Tell whether some text that starts with the prefix (the prefix itself too) can match."""
    fixed = head(glob)
    if fixed.startswith(prefix):
        return True
    if not prefix.startswith(fixed):
        return False
    return glob == fixed + "*" or bool(_after(glob, prefix))


def owns_all_below(glob: str, prefix: str) -> bool:
    """Tell whether every text that starts with the prefix matches."""
    fixed = head(glob)
    if glob == fixed + "*":  # by far the commonest, and asked for each call
        return prefix.startswith(fixed)
    steps = _steps(glob)
    start = _after(glob, prefix)
    seen, todo = {start}, [start]
    while todo:
        states = todo.pop()
        if any(steps[state:] == (_STAR,) for state in states):
            continue  # from here on it takes everything
        if len(steps) not in states:
            return False
        for char in _alphabet([steps]):
            moved = _next(steps, states, char)
            if moved not in seen:
                seen.add(moved)
                todo.append(moved)
    return True


def sample(glob: str) -> str:
    """A text that matches, unlike to match by chance: where the glob is free, a rare character.

    The glob must be one that `problem` finds nothing wrong with.
    """
    fixed = head(glob)
    rest = _steps(glob[len(fixed) :])
    return fixed + "".join(_OTHER if step.star else _member(step) or "" for step in rest)


def _member(step: _Step) -> str | None:
    """A character that the step takes, a rare one if it can be; None: it takes none."""
    if not step.negated and step.takes(first := step.ranges[0][0]):
        return first
    return next((c for c in (_OTHER, *reversed(_alphabet([(step,)]))) if step.takes(c)), None)


class UndecidedError(Exception):
    """Globs overlap in more ways than can be followed."""


def covers(globs: Iterable[str], glob: str, limit: int = 2_000) -> bool:
    """Tell whether each text that matches `glob` matches one of `globs` too.

    Args:
        globs: the globs that may cover together.
        glob: the one that may be covered.
        limit: the number of states after which the answer is False, "not provably".
    """
    several = list(globs)
    if any(_covers_plainly(one, glob) for one in several):
        return True
    try:
        return example([glob], several, limit) is None
    except UndecidedError:
        return False


def _covers_plainly(glob: str, other: str) -> bool:
    """Tell whether it shows at once that a glob covers another: its fixed text stands in that too.

    This answers for most globs, by a hundredth of the work. False: it doesn't show.
    """
    texts, its = runs(glob), runs(other)
    if len(texts) == 1:
        return glob == other
    first, *middle, last = texts
    if glob == f"*{''.join(middle)}*" and len(middle) == 1:
        return any(middle[0] in run for run in its)
    if middle or glob != f"{first}*{last}":
        return False
    long_enough = len(its) > 1 or len(its[0]) >= len(first) + len(last)
    return long_enough and its[0].startswith(first) and its[-1].endswith(last)


def example(inside: Iterable[str], outside: Iterable[str], limit: int = 100_000) -> str | None:
    """The shortest text that matches all of `inside` and none of `outside`; None: there is none.

    Found by following all globs at once, over one character of each kind that they tell apart.

    Args:
        inside: globs that the text is to match.
        outside: globs that it is not to match.
        limit: the number of states after which it is given up.

    Raises:
        UndecidedError: it was given up.
    """
    within, without = [_steps(g) for g in inside], [_steps(g) for g in outside]
    letters = _plain_letters([*within, *without])
    start = _State(
        tuple(_rest(g, (0,)) for g in within), tuple((g, _rest(g, (0,))) for g in without)
    )
    seen, todo = {start}, deque([(start, "")])
    while todo:
        state, text = todo.popleft()
        if any(g[at:] == (_STAR,) for g, states in state.outside for at in states):
            continue  # from here on one of them takes everything
        if all(
            len(g) in states for g, states in zip(within, state.inside, strict=True)
        ) and not any(len(g) in states for g, states in state.outside):
            return text
        for char in letters:
            moved = tuple(_next(g, s, char) for g, s in zip(within, state.inside, strict=True))
            if not all(moved):
                continue
            beside = ((g, _next(g, s, char)) for g, s in state.outside)
            following = _State(moved, tuple((g, states) for g, states in beside if states))
            if following not in seen:
                if len(seen) >= limit:
                    raise UndecidedError
                seen.add(following)
                todo.append((following, text + char))
    return None


class _State(NamedTuple):
    """States of each glob after a text; those that can't match any more are gone."""

    inside: tuple[frozenset[int], ...]
    outside: tuple[tuple[tuple[_Step, ...], frozenset[int]], ...]


def _alphabet(parsed: Iterable[tuple[_Step, ...]]) -> list[str]:
    """One character of each kind that the globs tell apart."""
    edges: set[int] = {0}
    for steps in parsed:
        for step in steps:
            for low, high in step.ranges:
                edges.update((ord(low), ord(high) + 1))
    last = 0x10FFFF
    return [chr(edge) for edge in sorted(edges) if edge <= last]


def _plain_letters(parsed: Iterable[tuple[_Step, ...]]) -> list[str]:
    """One character of each kind that the globs tell apart, letters and digits if it can be."""
    edges = [*map(ord, _alphabet(parsed)), 0x110000]
    return [
        next((char for char in _PLAIN if low <= ord(char) < high), chr(low))
        for low, high in pairwise(edges)
    ]
