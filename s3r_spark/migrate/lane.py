"""The way of small objects from one bucket to another: one GET and one PUT by obstore, one MD5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from s3r_spark.boto import cancellation
from s3r_spark.boto.copy_source import Reading
from s3r_spark.boto.copy_target import Written
from s3r_spark.boto.error_details import told
from s3r_spark.migrate.entries import Copied

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.copy_source import Origin
    from s3r_spark.boto.copy_target import Target
    from s3r_spark.boto.error_details import Place
    from s3r_spark.migrate.entries import Listed, Task
    from s3r_spark.migrate.quick import QuickClient, Whole

__all__ = ["Ends", "Lane"]


class Ends(NamedTuple):
    """An object's places, as boto3 reads and writes them.

    Attributes:
        origin: the old one.
        target: the new one.
        named: the new one, as errors name it.
    """

    origin: Origin
    target: Target
    named: Place


class Lane(NamedTuple):
    """A way between two buckets of different stores.

    Attributes:
        source: gets what is in one of them.
        target: puts it into the other.
        creates: whether the target's store can see to it that nothing is written over.
    """

    source: QuickClient
    target: QuickClient
    creates: bool

    def copy(self, task: Task, keys: tuple[str, str], ends: Callable[[], Ends]) -> Copied | None:
        """Copy a small object that is bare (`s3r_spark.migrate.bare`).

        Args:
            task: the object.
            keys: of its old and its new place.
            ends: gives these places to boto3, where it is to read or write.

        Returns:
            The copy; None: it has to be copied the long way.

        Raises:
            ClientError, BotoCoreError: as `s3r_spark.migrate.copy.Copier.copy`.
        """
        listed, (source_key, target_key) = task.listed, keys
        whole = self.source.whole(source_key, listed.etag)
        if whole is None:
            return None
        cancellation.check()
        create = self.creates and task.there is None
        response = self.target.put_whole(target_key, whole, create=create)
        if response is not None and response["ETag"].strip('"') == whole.md5:
            proven: tuple[str, str | None] = response["ETag"], "MD5"
        else:
            proven = _proven(listed, whole, response, ends())
        etag, proof = proven
        return Copied(listed.etag, listed.size, listed.modified, etag, whole.md5, "MD5", proof)


def _proven(
    listed: Listed, whole: Whole, response: dict[str, Any] | None, ends: Ends
) -> tuple[str, str | None]:
    """Prove a copy that the answer to its PUT doesn't; None: there is none, and boto3 is to write.

    Returns:
        The ETag of the copy, and what proves it (`Target.prove`).
    """
    md5 = bytes.fromhex(whole.md5)
    head = {"ContentLength": listed.size, "ETag": listed.etag}
    reading = Reading(ends.origin, {"IfMatch": listed.etag}, head)
    with told(ends.named):
        if response is None:
            written = ends.target.put(whole.content, md5, whole.headers())
        else:
            written = Written(response, listed.size, whole.md5, {("MD5", False): md5})
        answer, proof = ends.target.prove(written, reading.is_there)
    return answer["ETag"], proof
