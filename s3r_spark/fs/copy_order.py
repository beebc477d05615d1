"""Copies whose names meet: in which order none is written over what is still to be read."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Place(NamedTuple):
    """The place of an object; equal ones are one object's.

    Attributes:
        service: what all addresses of the service have in common.
        bucket: the physical bucket.
        key: the physical key.
    """

    service: str
    bucket: str
    key: str


class Copy(NamedTuple):
    """One object's copy.

    Attributes:
        source: the object's name.
        target: the copy's name.
        of: where the object is.
        to: where the copy goes.
    """

    source: str
    target: str
    of: Place
    to: Place


def in_order(copies: Iterable[Copy]) -> Iterator[list[Copy]]:
    """The copies in groups: what is in one can be made at once, and one after the other.

    Raises:
        ValueError: there is no such order; it is said before the first group is given.
    """
    written: dict[Place, list[Copy]] = {}
    for copy in copies:
        written.setdefault(copy.to, []).append(copy)
    reading: dict[Place, set[Place]] = {}
    for place, group in written.items():
        for copy in group:
            if copy.of != place:
                reading.setdefault(copy.of, set()).add(place)
    # What lies at a place is read, to wherever it goes, before the place is written.
    order = TopologicalSorter({place: reading.get(place, ()) for place in written})
    try:
        order.prepare()
    except CycleError as error:
        names = " -> ".join(written[place][0].target for place in error.args[1])
        raise ValueError(f"names that change places can't be copied in one step: {names}") from None
    while order.is_active():
        ready = order.get_ready()
        yield [copy for place in ready for copy in written[place]]
        order.done(*ready)
