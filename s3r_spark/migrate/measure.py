"""Counts of objects and bytes under names that change place, from both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s3r_spark.migrate.names import buckets, goes_by, objects

if TYPE_CHECKING:
    from s3r_spark.changes import Change
    from s3r_spark.migrate.sides import Side

__all__ = ["Tally", "measure"]


@dataclass
class Tally:
    """Objects under the names of one change.

    Attributes:
        objects: how many the old place has: they vanish from their names when the routes change.
        bytes: the bytes of these.
        equal: how many of them the new place has too, with the same size and ETag.
        different: how many of them the new place has with other data.
        appearing: how many only the new place has: they come to these names.
    """

    objects: int = 0
    bytes: int = 0
    equal: int = 0
    different: int = 0
    appearing: int = 0


def measure(change: Change, old: Side, new: Side) -> Tally:
    """Count the objects of one change, by lists alone.

    Args:
        change: names that change place.
        old: the routes that hold.
        new: the routes that are to hold.

    Raises:
        ClientError: a store refuses to be listed, or a route whose names a list has as well lacks
            its bucket.
    """
    tally = Tally()
    for bucket in buckets(change, old, new):
        there = {
            entry.key: (entry.size, entry.etag)
            for entry in objects(change, change.after, new, bucket)
            if goes_by(old.routes, bucket, entry.key, change.before)
        }
        for entry in objects(change, change.before, old, bucket):
            if not goes_by(new.routes, bucket, entry.key, change.after):
                continue
            tally.objects += 1
            tally.bytes += entry.size
            other = there.pop(entry.key, None)
            tally.equal += other == (entry.size, entry.etag)
            tally.different += other not in {None, (entry.size, entry.etag)}
        tally.appearing += len(there)
    return tally
