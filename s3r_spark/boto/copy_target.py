"""The target of a copy between stores: writing it, and proving that it is there."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from s3r_spark.boto.copy_source import CHUNK, content_md5, corrupt, fetch_range
from s3r_spark.boto.transfer_parts import PART, carrying, in_threads
from s3r_spark.proof import Digest, claims, computable, is_opaque

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s3r_spark.boto.copy_source import Origin, Reading
    from s3r_spark.boto.stores import Store

HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
)
NO_TAGS = {"NotImplemented", "MethodNotAllowed"}  # how stores say that they have no tags
_MOST_PARTS = 9_999  # S3 takes 10,000; parts are rounded up
_FORBIDDEN = 403
_WRONG, _NO_UPLOAD = "BadDigest", "NoSuchUpload"
_LOOKS = 2  # what is read back may be damaged on its way as well
_MISWRITTEN = "What the target store has is not what the source store gave"
_CONDITIONS = {"IfMatch", "IfNoneMatch"}  # they are the write's


class Written(NamedTuple):
    """A copy that was written, before it is proven.

    Attributes:
        done: the store's answer.
        size: in bytes.
        digests: of what was sent, by algorithm, and whether they are of the parts' digests.
    """

    done: dict[str, Any]
    size: int
    digests: dict[tuple[str, bool], Digest]

    def proof(self, answer: dict[str, Any], *, md5_etags: bool) -> str | None:
        """Find what in the store's answer proves that it has what was sent; None: nothing.

        Raises:
            ClientError: BadDigest: it says that it has something else.
        """
        for claim in claims(answer, md5_etags=md5_etags):
            digest = self.digests.get((claim.algorithm, claim.parts > 0))
            if digest is None:
                continue
            if digest.proves(claim):
                return claim.algorithm
            if claim.certain:
                raise corrupt(_MISWRITTEN)
        return None


class Target:
    """The target of a copy.

    Args:
        store: its store.
        params: the copy's parameters, with the store's names.
        md5_etags: whether ETags there are MD5s, as far as an answer says nothing else.
    """

    def __init__(self, store: Store, params: dict[str, Any], *, md5_etags: bool) -> None:
        self.store, self.client = store, store.client
        self._md5_etags = md5_etags
        self._params = {key: v for key, v in params.items() if key not in (*HEADERS, "Tagging")}
        self._place = {"Bucket": params["Bucket"], "Key": params["Key"]}
        calculation = getattr(store.config, "request_checksum_calculation", None)
        # As in s3transfer: the parts' checksums are of the kind that the upload was begun with.
        self._checksums = (
            {"ChecksumAlgorithm": "CRC32"}
            if calculation == "when_supported" and "ChecksumAlgorithm" not in params
            else {}
        )

    def arguments(self, operation: str) -> dict[str, Any]:
        """Those of the copy's parameters that another operation takes too."""
        shape = self.client.meta.service_model.operation_model(operation).input_shape
        return {key: v for key, v in self._params.items() if key in shape.members}

    def _digests(self, part: int = 0) -> dict[tuple[str, bool], Digest]:
        """For all that the store may say of what it gets; with a part's size, of its parts."""
        checksum: str = (self._checksums | self._params).get("ChecksumAlgorithm", "MD5")
        algorithms = {"MD5", checksum} & computable()
        out = {(name, False): Digest(name) for name in algorithms}
        return out | ({(name, True): Digest(name, part) for name in algorithms} if part else {})

    def write(self, body: IO[bytes], size: int, headers: dict[str, Any]) -> Written:
        """Write an object at once.

        Args:
            body: its content.
            size: in bytes.
            headers: what it has beside its data.
        """
        digests = self._digests()
        feed(body, digests.values())
        response = self._tagged(
            self.client.put_object, {**self.arguments("PutObject"), **headers}, body
        )
        carrying().tell(size)
        return Written(response, size, digests)

    def write_parts(
        self, origin: Origin, access: dict[str, Any], reading: Reading, headers: dict[str, Any]
    ) -> tuple[Written, str]:
        """Write an object in parts, and complete it once the source is proven to be read well.

        Args:
            origin: the source.
            access: what it is asked with.
            reading: takes in what is read.
            headers: what the copy has beside its data.

        Returns:
            What was written, and what proves that it was read well.
        """
        size, settings = reading.size, carrying()
        part = settings.part
        if size > part * _MOST_PARTS:
            part = -(-size // _MOST_PARTS // CHUNK) * CHUNK + CHUNK
        begun = self._tagged(
            self.client.create_multipart_upload,
            {**self.arguments("CreateMultipartUpload"), **self._checksums, **headers},
        )
        upload = {**self._place, "UploadId": begun["UploadId"]}
        digests = self._digests(part)
        if self._md5_etags and not is_opaque(begun):  # the ETag is going to prove it
            digests = {kind: one for kind, one in digests.items() if "MD5" in kind}
        # What both sides are held against is computed once.
        digests |= {(one.algorithm, one.part > 0): one for one in reading.digests_of(part)}
        todo = list({id(one): one for one in (*digests.values(), *reading.digests)}.values())

        def read(start: int) -> IO[bytes]:
            span = f"bytes={start}-{min(start + part, size) - 1}"
            # What is kept in memory can be sent in one go.
            body = BytesIO() if part <= PART else tempfile.TemporaryFile()  # noqa: SIM115 - `send` closes it
            fetch_range(origin, {**access, "Range": span}, body)
            return body

        def take(body: IO[bytes]) -> None:
            if isinstance(body, BytesIO):
                with body.getbuffer() as content:
                    for digest in todo:
                        digest.update(content)
            else:
                feed(body, todo)

        def send(start: int, body: IO[bytes]) -> dict[str, Any]:
            with body:
                number = start // part + 1
                arguments = {**self.arguments("UploadPart"), **self._checksums, **upload}
                data = body.getvalue() if isinstance(body, BytesIO) else body
                response = self.client.upload_part(**arguments, PartNumber=number, Body=data)
            settings.tell(min(part, size - start))
            return {"PartNumber": number, "ETag": response["ETag"], **part_checksums(response)}

        try:
            parts = in_threads(settings.threads, range(0, size, part), read, take, send)
            proof = reading.prove()
            completed = self._completed(upload, parts)
        except BaseException:  # an interrupt as well must leave nothing half-written
            with suppress(ClientError, BotoCoreError):
                arguments = self.arguments("AbortMultipartUpload")
                self.client.abort_multipart_upload(**{**arguments, **upload})
            raise
        return Written(completed, size, digests), proof

    def _completed(self, upload: dict[str, str], parts: list[dict[str, Any]]) -> dict[str, Any]:
        """Complete an upload; without an answer, it is to be looked at what is there."""
        arguments = {**self.arguments("CompleteMultipartUpload"), **upload}
        try:
            response: dict[str, Any] = self.client.complete_multipart_upload(
                **arguments, MultipartUpload={"Parts": parts}
            )
        except ClientError as error:
            # An answer was lost, and botocore asked again: some stores know it no more then.
            if error.response["Error"]["Code"] == _NO_UPLOAD:
                with suppress(ClientError):
                    return {"ResponseMetadata": self._ask("head_object", {})["ResponseMetadata"]}
            raise
        return response

    def write_part(self, body: IO[bytes]) -> dict[str, Any]:
        """Write a part of an upload that somebody else has begun.

        Raises:
            ClientError: BadDigest: the store has got something else.
        """
        arguments = {**self.arguments("UploadPart"), **self._checksum_of_upload()}
        digest = Digest("MD5")
        feed(body, [digest])
        response: dict[str, Any] = self.client.upload_part(**arguments, Body=body)
        Written(response, 0, {("MD5", False): digest}).proof(response, md5_etags=self._md5_etags)
        return response

    def _checksum_of_upload(self) -> dict[str, str]:
        """The kind of checksums that an upload was begun with: its parts must have them too."""
        try:
            upload = self.client.list_parts(**self.arguments("ListParts"), MaxParts=1)
        except ClientError:
            return {}
        algorithm = upload.get("ChecksumAlgorithm")
        return {"ChecksumAlgorithm": algorithm} if algorithm else {}

    @staticmethod
    def _tagged(call: Any, arguments: dict[str, Any], body: IO[bytes] | None = None) -> Any:
        """Write with the tags; without them where the store has none."""
        data = {} if body is None else {"Body": body}
        try:
            return call(**arguments, **data)
        except ClientError as error:
            if "Tagging" not in arguments or error.response["Error"]["Code"] not in NO_TAGS:
                raise
        if body is not None:
            body.seek(0)
        return call(**{k: v for k, v in arguments.items() if k != "Tagging"}, **data)

    def prove(
        self, written: Written, source_is_there: Callable[[], bool]
    ) -> tuple[dict[str, Any], str | None]:
        """Make sure that the store has what was sent; what it has instead is taken away again.

        What somebody else has written there meanwhile stays, and so does what may be the source.

        Args:
            written: what was written.
            source_is_there: whether the source is what it was: then it isn't what was written.

        Returns:
            The store's answer, with the object's ETag and time; and what proves it: an algorithm,
            "read back", or None, where who may write may not read.

        Raises:
            ClientError: BadDigest: it isn't what was sent.
        """
        response = written.done
        version = {"VersionId": response["VersionId"]} if _is_version(response) else {}
        head = response
        try:
            if proof := written.proof(response, md5_etags=self._md5_etags):
                return response, proof
            head = self._ask("head_object", version)
            proof = written.proof(head, md5_etags=self._md5_etags)
            if not proof:
                proof = self._read_back(written, {**version, "IfMatch": head["ETag"]})
        except ClientError as error:
            if error.response["Error"]["Code"] == _WRONG:
                self._withdraw(response, head, version, source_is_there, error)
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != _FORBIDDEN:
                raise
            return response, None
        return {**response, "ETag": head["ETag"], "LastModified": head["LastModified"]}, proof

    def _ask(self, method: str, more: dict[str, Any]) -> dict[str, Any]:
        operation = self.client.meta.method_to_api_mapping[method]
        params = {k: v for k, v in self.arguments(operation).items() if k not in _CONDITIONS}
        response: dict[str, Any] = getattr(self.client, method)(
            **{**params, "ChecksumMode": "ENABLED", **self._place, **more}
        )
        return response

    def _read_back(self, written: Written, more: dict[str, Any]) -> str:
        sent = written.digests["MD5", False].digest()
        for _ in range(_LOOKS):
            if content_md5(lambda span: self._ask("get_object", more | span), written.size) == sent:
                return "read back"
        raise corrupt(_MISWRITTEN)

    def _withdraw(
        self,
        response: dict[str, Any],
        head: dict[str, Any],
        version: dict[str, Any],
        source_is_there: Callable[[], bool],
        error: ClientError,
    ) -> None:
        """Take away what was written, unless it may be anything else."""
        if not version:
            if head is response:
                head = self._ask("head_object", {})
            if head["ETag"].strip('"') != response.get("ETag", "").strip('"'):
                raise corrupt(f"{_MISWRITTEN}; it may be another's, so it was left") from error
        if not source_is_there():
            raise corrupt(f"{_MISWRITTEN}; it may be the source itself, so it was left") from error
        self.client.delete_object(**self._place, **version)
        raise corrupt(f"{_MISWRITTEN}; it was removed") from error


def feed(body: IO[bytes], digests: Iterable[Digest]) -> None:
    """Let digests take in a file, and leave it at its beginning."""
    todo = list(digests)
    while chunk := body.read(CHUNK):
        for digest in todo:
            digest.update(chunk)
    body.seek(0)


def part_checksums(response: dict[str, Any]) -> dict[str, str]:
    """A part's checksums, as completing an upload has to name them."""
    return {k: v for k, v in response.items() if k.startswith("Checksum") and k[8:].isupper()}


def _is_version(response: dict[str, Any]) -> bool:
    """Tell whether the bucket keeps versions; moto says "null" where it doesn't."""
    return response.get("VersionId") not in {None, "", "null"}
