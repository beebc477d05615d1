"""An upload of a copy in parts: read, sent and completed, or aborted."""

from __future__ import annotations

import tempfile
from base64 import b64encode
from collections import deque
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from s3r_spark.boto.copy_source import CHUNK, fetch_range
from s3r_spark.boto.copy_target import Written, feed, part_checksums
from s3r_spark.boto.part_memory import PartMemory
from s3r_spark.boto.transfer_parts import PART, carrying, in_threads
from s3r_spark.proof import Digest, computable, is_opaque

if TYPE_CHECKING:
    from s3r_spark.boto.copy_source import Origin, Reading
    from s3r_spark.boto.copy_target import Target

_MOST_PARTS = 9_999  # S3 takes 10,000; parts are rounded up
_NO_UPLOAD = "NoSuchUpload"


class CopyUpload:
    """An upload of a copy in parts.

    Args:
        origin: the source.
        access: what it is asked with.
        reading: takes in what is read.
        target: the target.
    """

    def __init__(
        self, origin: Origin, access: dict[str, Any], reading: Reading, target: Target
    ) -> None:
        self._origin, self._access = origin, access
        self._reading, self._target = reading, target
        self._settings = carrying()
        self._part = self._settings.part
        if reading.size > self._part * _MOST_PARTS:
            self._part = -(-reading.size // _MOST_PARTS // CHUNK) * CHUNK + CHUNK
        self._free: deque[PartMemory] = deque()  # what parts that were sent have left
        self._algorithm = target.checksum
        self._checksum_arguments = {"ChecksumAlgorithm": self._algorithm} if self._algorithm else {}
        self._upload: dict[str, Any] = {}
        self._digests: dict[tuple[str, bool], Digest] = {}
        # Of the parts, by number, where the store keeps them: they prove the whole for little.
        self._checksums: dict[int, bytes] | None = None

    def run(self, headers: dict[str, Any]) -> tuple[Written, str]:
        """Write an object, and complete it once the source is proven to be read well.

        Args:
            headers: what the copy has beside its data.

        Returns:
            What was written, and what proves that it was read well.
        """
        target, reading = self._target, self._reading
        arguments = target.arguments("CreateMultipartUpload")
        begun = target.tagged(
            target.client.create_multipart_upload,
            {**arguments, **self._checksum_arguments, **headers},
        )
        self._upload = {**target.place, "UploadId": begun["UploadId"]}
        self._choose_digests(begun)
        try:
            spans = range(0, reading.size, self._part)
            parts = in_threads(self._settings.threads, spans, self._read, self._take, self._send)
            proof = reading.prove()
            completed = self._completed(parts)
        except BaseException:  # an interrupt as well must leave nothing half-written
            with suppress(ClientError, BotoCoreError):
                arguments = target.arguments("AbortMultipartUpload")
                target.client.abort_multipart_upload(**{**arguments, **self._upload})
            raise
        digests = {kind: digest.digest() for kind, digest in self._digests.items()}
        if self._algorithm and self._checksums:
            whole = Digest(self._algorithm)
            whole.update(b"".join(checksum for _, checksum in sorted(self._checksums.items())))
            digests[self._algorithm, True] = whole.digest()
        return Written(completed, reading.size, reading.md5.text(), digests), proof

    def _choose_digests(self, begun: dict[str, Any]) -> None:
        """Choose what is computed: what source and target are held against, as little as will do.

        Args:
            begun: the store's answer to CreateMultipartUpload.
        """
        target, reading = self._target, self._reading
        shared = {
            (one.algorithm, one.part > 0): one
            for one in reading.digests
            if one.part in {0, self._part}
        }
        needed: set[tuple[str, bool]] = set()
        if begun.get("ChecksumAlgorithm") == self._algorithm in computable():
            self._checksums = {}
        elif target.md5_etags and not is_opaque(begun):  # the ETag is going to prove it
            needed = {("MD5", True)}
        else:
            needed = {(name, parts) for name in target.algorithms() for parts in (False, True)}
        self._digests = {
            kind: shared.get(kind) or Digest(kind[0], self._part if kind[1] else 0)
            for kind in needed
        } | shared

    def _read(self, start: int) -> IO[bytes] | PartMemory:
        end = min(start + self._part, self._reading.size)
        body: IO[bytes] | PartMemory
        if self._part <= PART:
            body = self._free.pop() if self._free else PartMemory()
            body.resize(end - start)
        else:
            body = tempfile.TemporaryFile()  # noqa: SIM115 - `_send` closes it
        fetch_range(self._origin, {**self._access, "Range": f"bytes={start}-{end - 1}"}, body)
        return body

    def _take(self, body: IO[bytes] | PartMemory) -> None:
        todo = {id(one): one for one in (*self._digests.values(), *self._reading.digests)}.values()
        if isinstance(body, PartMemory):
            for digest in todo:
                digest.update(body.content)
        else:
            feed(body, todo)

    def _send(self, start: int, body: IO[bytes] | PartMemory) -> dict[str, Any]:
        number = start // self._part + 1
        if isinstance(body, PartMemory):
            response = self._put(number, body.content)
            self._free.append(body)
        else:
            with body:
                response = self._put(number, body)
        self._settings.tell(min(self._part, self._reading.size - start))
        return {"PartNumber": number, "ETag": response["ETag"], **part_checksums(response)}

    def _put(self, number: int, data: bytearray | IO[bytes]) -> dict[str, Any]:
        arguments = {
            **self._target.arguments("UploadPart"),
            **self._checksum_arguments,
            **self._upload,
        }
        if self._algorithm and self._checksums is not None:
            digest = Digest(self._algorithm)
            if isinstance(data, bytearray):
                digest.update(data)
            else:
                feed(data, [digest])
            checksum = self._checksums[number] = digest.digest()
            arguments[f"Checksum{self._algorithm}"] = b64encode(checksum).decode()
        response: dict[str, Any] = self._target.client.upload_part(
            **arguments, PartNumber=number, Body=data
        )
        return response

    def _completed(self, parts: list[dict[str, Any]]) -> dict[str, Any]:
        """Complete the upload; without an answer, it is to be looked at what is there."""
        target = self._target
        arguments = {**target.arguments("CompleteMultipartUpload"), **self._upload}
        try:
            response: dict[str, Any] = target.client.complete_multipart_upload(
                **arguments, MultipartUpload={"Parts": parts}
            )
        except ClientError as error:
            # An answer was lost, and botocore asked again: some stores know it no more then.
            if error.response["Error"]["Code"] == _NO_UPLOAD:
                with suppress(ClientError):
                    return {"ResponseMetadata": target.ask("head_object", {})["ResponseMetadata"]}
            raise
        return response
