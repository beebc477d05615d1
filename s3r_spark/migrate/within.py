"""Copies within one store, which the store makes itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from s3r_spark.boto import cancellation
from s3r_spark.boto.copy_source import content_md5, corrupt
from s3r_spark.boto.copy_target import NO_TAGS, part_checksums
from s3r_spark.boto.synthetic import failure
from s3r_spark.boto.transfer import headers_of
from s3r_spark.migrate.entries import Copied
from s3r_spark.proof import claims

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.copy_source import Origin
    from s3r_spark.boto.copy_target import Target
    from s3r_spark.migrate.entries import Listed

_LARGEST = 5 << 30  # bytes that S3 copies in one request
_PART = 512 << 20  # bytes of a part, where the source's own parts are unknown
_COPY = "CopyObject"
_THREADS = 4  # parts of an object at a time
_DIFFERENT = "The copy that the store has made is not what its source is"


@dataclass(frozen=True)
class StoreCopy:
    """A copy that a store makes, and the proof of it.

    Attributes:
        listed: what is to be copied.
        origin: where it is.
        target: where it is to be.
        params: of CopyObject, without the source.
        part: bytes of the source's parts, if they are to be kept.
        tell: hears how many bytes were copied.
    """

    listed: Listed
    origin: Origin
    target: Target
    params: dict[str, Any]
    part: int | None
    tell: Callable[[int], object]

    @property
    def _place(self) -> dict[str, str]:
        return {name: self.params[name] for name in ("Bucket", "Key")}

    def run(self) -> Copied:
        """Copy the object.

        Raises:
            ClientError: BadDigest: the copy isn't what its source is, and was removed;
                PreconditionFailed: one of the two was written meanwhile.
        """
        listed, client = self.listed, self.target.client
        if self.part is None and listed.size <= _LARGEST:
            response = client.copy_object(**self.params, CopySource=self.origin.place)
            etag: str = response["CopyObjectResult"]["ETag"]
            self.tell(listed.size)
        else:
            etag = self._in_parts(self.part or _PART)
        known = claims({"ETag": listed.etag}, md5_etags=self.origin.md5_etags)
        if known and known[0].certain and claims({"ETag": etag}, md5_etags=True) == known:
            return Copied(listed.etag, listed.size, listed.modified, etag, None, "MD5", "MD5")
        head = client.head_object(**self._place, ChecksumMode="ENABLED")
        proof, md5 = self._proof(head)
        if proof is None:
            if head["ETag"].strip('"') == etag.strip('"'):
                client.delete_object(**self._place)
            raise corrupt(_DIFFERENT)
        return Copied(
            listed.etag, listed.size, listed.modified, etag or head["ETag"], md5, proof, proof
        )

    def _in_parts(self, part: int) -> str:
        """The ETag of a copy that is made part by part; "" where the store gives none."""
        client, listed, origin = self.target.client, self.listed, self.origin
        source = origin.store.client.head_object(**origin.place)
        if source["ETag"].strip('"') != listed.etag.strip('"'):
            raise failure("PreconditionFailed", "The source was written meanwhile", 412, _COPY)
        # HEAD doesn't say everywhere whether there are tags.
        headers = headers_of(origin, {**source, "TagCount": source.get("TagCount", 1)}, {})
        upload = {**self._place, "UploadId": self._begun(headers)}

        def copy(start: int) -> dict[str, Any]:
            cancellation.check()
            end, number = min(start + part, listed.size), start // part + 1
            result = client.upload_part_copy(
                **upload,
                PartNumber=number,
                CopySource=origin.place,
                CopySourceIfMatch=listed.etag,
                CopySourceRange=f"bytes={start}-{end - 1}",
            )["CopyPartResult"]
            self.tell(end - start)
            return {"PartNumber": number, "ETag": result["ETag"], **part_checksums(result)}

        try:
            with ThreadPoolExecutor(_THREADS, thread_name_prefix="s3r-part") as pool:
                waiting = [
                    pool.submit(copy_context().run, copy, start)
                    for start in range(0, listed.size, part)
                ]
                parts = [one.result() for one in waiting]
            arguments = self.target.arguments("CompleteMultipartUpload")
            response = client.complete_multipart_upload(
                **{**arguments, **upload}, MultipartUpload={"Parts": parts}
            )
        except BaseException:  # an interrupt as well must leave nothing half-written
            with suppress(ClientError, BotoCoreError):
                client.abort_multipart_upload(**upload)
            raise
        return str(response.get("ETag", ""))

    def _begun(self, headers: dict[str, Any]) -> str:
        """The id of a new upload, with tags where the store has some."""
        begin = {**self.target.arguments("CreateMultipartUpload"), **headers}
        try:
            begun = self.target.client.create_multipart_upload(**begin)
        except ClientError as error:
            if "Tagging" not in begin or error.response["Error"]["Code"] not in NO_TAGS:
                raise
            del begin["Tagging"]
            begun = self.target.client.create_multipart_upload(**begin)
        return str(begun["UploadId"])

    def _proof(self, head: dict[str, Any]) -> tuple[str | None, str | None]:
        """Find what proves that source and copy are alike, and the MD5 of what was read for it.

        The first is None where they aren't.
        """
        client, origin = self.origin.store.client, self.origin
        source = client.head_object(**origin.place, ChecksumMode="ENABLED")
        if head["ContentLength"] != source["ContentLength"]:
            return None, None
        theirs = claims(head, md5_etags=origin.md5_etags)
        for claim in claims(source, md5_etags=origin.md5_etags):
            if claim.certain and claim in theirs:
                return claim.algorithm, None
        size = self.listed.size

        def read(store: Any, place: dict[str, str], etag: str) -> str:
            return content_md5(lambda span: store.get_object(**place, **span, IfMatch=etag), size)

        md5 = read(client, origin.place, source["ETag"])
        same = read(self.target.client, self._place, head["ETag"]) == md5
        return ("read back" if same else None), md5
