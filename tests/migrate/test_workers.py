"""Doing something with many things in threads."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from s3r_spark.migrate.workers import ahead, each

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_each_thing_is_done_once() -> None:
    numbers: list[int] = []
    each(4, iter(range(100)), numbers.append, threading.Event())
    assert sorted(numbers) == list(range(100))


def test_the_first_error_stops_all_and_is_raised() -> None:
    stop, numbers = threading.Event(), []

    def work(number: int) -> None:
        if number == 5:
            raise ValueError(number)
        numbers.append(number)

    with pytest.raises(ValueError, match="5"):
        each(1, iter(range(100)), work, stop)
    assert (numbers, stop.is_set()) == ([0, 1, 2, 3, 4], True)


def test_an_error_of_what_gives_the_things_is_raised() -> None:
    def things() -> Iterator[int]:
        yield 1
        raise ValueError("lost")

    with pytest.raises(ValueError, match="lost"):
        each(4, things(), lambda _: None, threading.Event())
    given = ahead(things())
    assert next(given) == 1
    with pytest.raises(ValueError, match="lost"):
        next(given)


def test_the_next_one_is_asked_for_and_not_waited_for() -> None:
    asked, never = threading.Event(), threading.Event()

    def things() -> Iterator[int]:
        yield 1
        asked.set()
        never.wait()

    given = ahead(things())
    assert next(given) == 1
    assert asked.wait(60)
    given.close()  # would hang here, as Ctrl-C would


def test_all_come_in_their_order() -> None:
    assert list(ahead(iter(range(10)))) == list(range(10))
    assert list(ahead([])) == []
