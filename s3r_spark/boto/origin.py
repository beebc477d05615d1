"""Where a copy between stores comes from: the source, its conditions, and reading it whole."""

from __future__ import annotations

import hashlib
from contextlib import closing
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.utils import parse_to_aware_datetime

from s3r_spark.boto import stopping
from s3r_spark.boto.answers import failure
from s3r_spark.boto.places import Place, logical_key, told

if TYPE_CHECKING:
    from s3r_spark.boto.stores import Store
    from s3r_spark.routing import Rule

CHUNK = 1 << 20  # bytes that are read at once
_READS = 5  # s3transfer also reads five times before it gives up


class Origin(NamedTuple):
    """Where a copy comes from.

    Attributes:
        store: the store.
        rule: the rule that chose it.
        bucket: the logical bucket.
        place: Bucket, Key and perhaps VersionId there.
    """

    store: Store
    rule: Rule
    bucket: str
    place: dict[str, str]

    @property
    def named(self) -> Place:
        """Where it is, for what errors say."""
        key = logical_key(self.rule, self.bucket, self.place["Key"])
        return Place(self.rule, self.store, self.bucket, key)

    def get(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """GetObject; errors have the caller's names, and say as a copy's that a condition fails."""
        try:
            with told(self.named):
                found: dict[str, Any] = self.store.client.get_object(**self.place, **arguments)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in {304, 412}:
                raise _precondition() from error
            raise
        if not _holds(arguments, found):  # some stores ignore conditions
            found["Body"].close()
            raise _precondition()
        return found


def _holds(asked: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether conditions hold; as in S3, one on the ETag goes before the like one on the time."""

    def same(etag: str) -> bool:
        return etag == "*" or etag.strip('"') == found["ETag"].strip('"')

    def is_newer(time: Any) -> bool:
        newer: bool = found["LastModified"] > parse_to_aware_datetime(time)
        return newer

    if "IfMatch" in asked:
        if not same(asked["IfMatch"]):
            return False
    elif "IfUnmodifiedSince" in asked and is_newer(asked["IfUnmodifiedSince"]):
        return False
    if "IfNoneMatch" in asked:
        return not same(asked["IfNoneMatch"])
    return "IfModifiedSince" not in asked or is_newer(asked["IfModifiedSince"])


def _precondition() -> ClientError:
    return failure(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        412,
        "CopyObject",
    )


def fetch(
    origin: Origin, access: dict[str, Any], body: IO[bytes], first: dict[str, Any] | None = None
) -> str:
    """Read into a file, anew where the connection breaks; gives the MD5 of what was read."""
    got, left = first or origin.get(access), _READS
    while True:
        left -= 1
        try:
            with told(origin.named):
                return _read(got, body)
        except (HTTPClientError, IncompleteReadError, OSError):
            if not left:
                raise
        got = origin.get(access)


def _read(got: dict[str, Any], body: IO[bytes]) -> str:
    body.seek(0)
    body.truncate()
    md5 = hashlib.md5(usedforsecurity=False)
    with closing(got["Body"]) as stream:
        for chunk in stream.iter_chunks(CHUNK):
            stopping.check()
            md5.update(chunk)
            body.write(chunk)
    if body.tell() != got["ContentLength"]:
        raise IncompleteReadError(actual_bytes=body.tell(), expected_bytes=got["ContentLength"])
    body.seek(0)
    return md5.hexdigest()
