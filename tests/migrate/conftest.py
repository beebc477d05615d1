"""One folder that moves from one store to another, and the command that moves it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from boto.conftest import entry
from click.testing import CliRunner

from s3r_spark.cli import main
from s3r_spark.migrate import names

if TYPE_CHECKING:
    from pathlib import Path

    from servers.store import Store

TEAM2 = {
    "source_bucket_pattern": "lake",
    "source_key_pattern": "team2/*",
    "mapped_bucket_name": "minio-bucket",
    "mapped_prefix": "data",
}


@dataclass
class Moving:
    """Routes before and after `lake/team2` moves, and the stores.

    Attributes:
        folder: where the files are.
        east: the default client's store, where it is.
        west: where it is to be.
        clients: of both files.
        profiles: of the new one.
        old_profiles: of the old one.
    """

    folder: Path
    east: Store
    west: Store
    clients: dict[str, Any]
    profiles: dict[str, Any] = field(default_factory=lambda: {"minio": TEAM2})
    old_profiles: dict[str, Any] = field(default_factory=dict)

    def write(self) -> tuple[str, str]:
        """Write both files, and give their paths."""
        paths = []
        for name, profiles in (("old", self.old_profiles), ("new", self.profiles)):
            path = self.folder / f"{name}.yaml"
            data = {"version": 1, "clients": self.clients, "profiles": profiles}
            path.write_text(yaml.safe_dump(data), encoding="utf-8")
            paths.append(str(path))
        return paths[0], paths[1]

    def __call__(
        self, *words: str, code: int = 0, back: bool = False, below: tuple[str, ...] = ()
    ) -> Any:
        """Run the command with --json, and give what it says."""
        files = self.write()
        command = ["migrate", "--json", *words, *(files[::-1] if back else files), *below]
        result = CliRunner().invoke(main, command)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    def put(self, *keys: str, body: bytes | None = None) -> None:
        """Lay objects to where they are to be moved from."""
        for key in keys:
            self.east.put("lake", f"team2/{key}", key.encode() if body is None else body)

    def put_parts(self, key: str, data: bytes, part: int) -> None:
        """Lay an object there in parts."""
        plain, place = self.east.client(), {"Bucket": "lake", "Key": f"team2/{key}"}
        upload = {**place, "UploadId": plain.create_multipart_upload(**place)["UploadId"]}
        parts = []
        for number, start in enumerate(range(0, len(data), part), 1):
            response = plain.upload_part(
                **upload, PartNumber=number, Body=data[start : start + part]
            )
            parts.append({"PartNumber": number, "ETag": response["ETag"]})
        plain.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    def moved(self) -> dict[str, bytes]:
        """What has arrived."""
        return contents(self.west, "minio-bucket", "data/")


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, east: Store, west: Store) -> Moving:
    monkeypatch.chdir(tmp_path)
    east.make_bucket("lake")
    west.make_bucket("minio-bucket")
    return Moving(tmp_path, east, west, {"default": entry(east), "minio": entry(west)})


def contents(store: Store, bucket: str, prefix: str = "") -> dict[str, bytes]:
    """All objects by their keys behind the prefix."""
    return {key.removeprefix(prefix): store.get(bucket, key) for key in store.keys(bucket, prefix)}


def asked(store: Store) -> list[str]:
    """What a store was asked beside lists: methods and paths."""
    return [
        f"{one['method']} {one['path']}"
        for one in store.requests()
        if one["method"] != "GET" or "list-type" not in one["query"]
    ]


def without_obstore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let obstore not be installed."""
    for name in ("obstore", "obstore.store", "obstore.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)


def all_bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lists say of all objects that they have no tags, as MinIO's do where there are none."""
    monkeypatch.setattr(names, "BARE", "Size")


@pytest.fixture(params=["obstore", pytest.param("boto3", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whatever carries small objects, the same must come of it."""
    if request.param == "boto3":
        without_obstore(monkeypatch)
    else:
        all_bare(monkeypatch)
    return str(request.param)
