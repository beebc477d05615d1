"""The target of a copy between stores: writing it, and proving that it is there."""

from __future__ import annotations

from base64 import b64encode
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from s3r_spark.boto.copy_source import CHUNK, content_md5, corrupt
from s3r_spark.boto.transfer_parts import carrying
from s3r_spark.proof import Digest, claims, computable, part_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
_FORBIDDEN = 403
_WRONG = "BadDigest"
_LOOKS = 2  # what is read back may be damaged on its way as well
_MISWRITTEN = "What the target store has is not what the source store gave"
_CONDITIONS = {"IfMatch", "IfNoneMatch"}  # they are the write's


class Written(NamedTuple):
    """A copy that was written, before it is proven.

    Attributes:
        done: the store's answer.
        size: in bytes.
        md5: the text of the MD5 of what was sent, or of its parts (`s3r_spark.proof.Digest.text`).
        digests: of what was sent, by algorithm, and whether they are of the parts' digests.
    """

    done: dict[str, Any]
    size: int
    md5: str
    digests: dict[tuple[str, bool], bytes]

    def proof(self, answer: dict[str, Any], *, md5_etags: bool) -> str | None:
        """Find what in the store's answer proves that it has what was sent; None: nothing.

        Raises:
            ClientError: BadDigest: it says that it has something else.
        """
        for claim in claims(answer, md5_etags=md5_etags):
            digest = self.digests.get((claim.algorithm, claim.parts > 0))
            if digest is None:
                continue
            if digest == claim.value:
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

    Attributes:
        store, md5_etags: as they were given.
        client: the store's.
        place: Bucket and Key there.
        checksum: the algorithm of the checksums that requests are to have; None: none.
    """

    def __init__(self, store: Store, params: dict[str, Any], *, md5_etags: bool) -> None:
        self.store, self.client, self.md5_etags = store, store.client, md5_etags
        self._params = {key: v for key, v in params.items() if key not in (*HEADERS, "Tagging")}
        self.place = {"Bucket": params["Bucket"], "Key": params["Key"]}
        calculation = getattr(store.config, "request_checksum_calculation", None)
        # As in s3transfer: the parts' checksums are of the kind that the upload was begun with.
        default = "CRC32" if calculation == "when_supported" else None
        self.checksum: str | None = params.get("ChecksumAlgorithm", default)

    def arguments(self, operation: str) -> dict[str, Any]:
        """Those of the copy's parameters that another operation takes too."""
        shape = self.client.meta.service_model.operation_model(operation).input_shape
        return {key: v for key, v in self._params.items() if key in shape.members}

    def algorithms(self) -> set[str]:
        """The algorithms of all that the store may say of what it gets, if they can be computed."""
        return {"MD5", self.checksum or "MD5"} & computable()

    def write(self, body: IO[bytes], size: int, headers: dict[str, Any]) -> Written:
        """Write an object at once.

        Args:
            body: its content.
            size: in bytes.
            headers: what it has beside its data.
        """
        digests = {name: Digest(name) for name in self.algorithms()}
        feed(body, digests.values())
        sent = {(name, False): digest.digest() for name, digest in digests.items()}
        arguments = {**self.arguments("PutObject"), **headers}
        if checksum := sent.get((self.checksum or "", False)):
            # Said before the body, not behind it as botocore does over TLS: after such a body MinIO
            # closes the connection, and the next one costs a handshake.
            arguments[f"Checksum{self.checksum}"] = b64encode(checksum).decode()
        response = self.tagged(self.client.put_object, arguments, body)
        carrying().tell(size)
        return Written(response, size, digests["MD5"].text(), sent)

    def put(self, content: bytes, md5: bytes, headers: dict[str, Any]) -> Written:
        """Write a small object whose MD5 is known, without tags.

        Args:
            content: its content.
            md5: the MD5 of that.
            headers: what it has beside its data.
        """
        known = {"ContentMD5": b64encode(md5).decode()}
        response = self.client.put_object(
            **self.arguments("PutObject"), **headers, **known, Body=content
        )
        return Written(response, len(content), md5.hex(), {("MD5", False): md5})

    def write_part(self, body: IO[bytes]) -> dict[str, Any]:
        """Write a part of an upload that somebody else has begun.

        Raises:
            ClientError: BadDigest: the store has got something else.
        """
        arguments = {**self.arguments("UploadPart"), **self._checksum_of_upload()}
        digest = Digest("MD5")
        feed(body, [digest])
        response: dict[str, Any] = self.client.upload_part(**arguments, Body=body)
        sent = {("MD5", False): digest.digest()}
        Written(response, 0, digest.text(), sent).proof(response, md5_etags=self.md5_etags)
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
    def tagged(call: Any, arguments: dict[str, Any], body: IO[bytes] | None = None) -> Any:
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
            if proof := written.proof(response, md5_etags=self.md5_etags):
                return response, proof
            head = self.ask("head_object", version)
            proof = written.proof(head, md5_etags=self.md5_etags)
            if not proof:
                proof = self._read_back(written, {**version, "IfMatch": head["ETag"]})
        except ClientError as error:
            if error.response["Error"]["Code"] == _WRONG:
                self._withdraw(response, head, version, source_is_there, error)
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != _FORBIDDEN:
                raise
            return response, None
        return {**response, "ETag": head["ETag"], "LastModified": head["LastModified"]}, proof

    def ask(self, method: str, more: dict[str, Any]) -> dict[str, Any]:
        """Ask for what is there."""
        operation = self.client.meta.method_to_api_mapping[method]
        params = {k: v for k, v in self.arguments(operation).items() if k not in _CONDITIONS}
        response: dict[str, Any] = getattr(self.client, method)(
            **{**params, "ChecksumMode": "ENABLED", **self.place, **more}
        )
        return response

    def _read_back(self, written: Written, more: dict[str, Any]) -> str:
        for _ in range(_LOOKS):
            md5 = content_md5(
                lambda span: self.ask("get_object", more | span),
                *(written.size, None, part_of(written.md5)),
            )
            if md5 == written.md5:
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
                head = self.ask("head_object", {})
            if head["ETag"].strip('"') != response.get("ETag", "").strip('"'):
                raise corrupt(f"{_MISWRITTEN}; it may be another's, so it was left") from error
        if not source_is_there():
            raise corrupt(f"{_MISWRITTEN}; it may be the source itself, so it was left") from error
        self.client.delete_object(**self.place, **version)
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
