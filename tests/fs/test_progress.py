"""What fsspec's callbacks hear of copies, moves and deletes."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

import pytest
from fsspec.asyn import iothread
from fsspec.callbacks import Callback, TqdmCallback

from s3r_spark.fs import progress

if TYPE_CHECKING:
    from servers.store import Store

BUCKET = "example-bucket"
TEAM = f"{BUCKET}/team2"
NAMES = ("a", "b", "deep/c")
PART = 5 << 20


class Heard(Callback):
    """Remembers what it and its children hear: their names, values and sizes, in order."""

    def __init__(self, name: str = "all", parent: Heard | None = None) -> None:
        super().__init__()
        self.name = name
        self.steps: list[tuple[str, int, int | None]] = [] if parent is None else parent.steps
        self.threads: set[int] = set() if parent is None else parent.threads

    def branched(self, path_1: str, path_2: str, **_: Any) -> Heard:
        return Heard(f"{path_1} -> {path_2}", self)

    def call(self, *_: Any, **__: Any) -> None:
        self.steps.append((self.name, self.value, self.size))
        self.threads.add(threading.get_ident())

    def of(self, name: str) -> list[tuple[int, int | None]]:
        return [(value, size) for who, value, size in self.steps if who == name]


def put_tree(fs: Any, folder: str) -> None:
    fs.pipe({f"{folder}/{name}": b"abc" for name in NAMES})


@pytest.mark.parametrize(
    ("change", "target"), [("copy", f"{TEAM}/to"), ("mv", f"{TEAM}/to"), ("copy", f"{BUCKET}/to")]
)
def test_files_of_a_tree_are_counted_and_folders_are_not(fs: Any, change: str, target: str) -> None:
    put_tree(fs, f"{BUCKET}/from")
    heard = Heard()
    getattr(fs, change)(f"{BUCKET}/from", target, recursive=True, callback=heard)
    assert fs.find(target) == [f"{target}/{name}" for name in NAMES]
    assert heard.of("all")[-1] == (3, 3)
    for name in NAMES:
        of_file = heard.of(f"{BUCKET}/from/{name} -> {target}/{name}")
        assert (of_file[0], of_file[-1]) == ((0, 3), (3, 3))


def test_bars_come_to_their_end(fs: Any) -> None:
    pytest.importorskip(
        "tqdm", reason="fsspec draws its bars by tqdm, which only the dev group has"
    )
    put_tree(fs, f"{BUCKET}/from")
    put_tree(fs, f"{TEAM}/to")
    moving, deleting = (TqdmCallback(tqdm_kwargs={"file": io.StringIO()}) for _ in range(2))
    fs.mv(f"{BUCKET}/from", f"{BUCKET}/to", recursive=True, callback=moving)
    fs.rm([f"{BUCKET}/to", f"{TEAM}/to"], recursive=True, callback=deleting)
    assert [(bar.tqdm.n, bar.tqdm.total) for bar in (moving, deleting)] == [(3, 3), (6, 6)]
    assert fs.find(BUCKET) == []


def test_a_bucket_that_goes_away_is_counted_by_what_is_in_it(fs: Any, east: Store) -> None:
    for status in ("Suspended", "Enabled"):
        east.make_bucket("whole")
        versions = {"Status": status}
        east.client().put_bucket_versioning(Bucket="whole", VersioningConfiguration=versions)
        put_tree(fs, "whole/x")
        heard = Heard()
        fs.rm("whole", recursive=True, callback=heard)
        assert heard.of("all") == [(0, 3), (3, 3)]
        assert not fs.exists("whole")


def test_large_objects_are_heard_of_part_by_part_and_in_one_thread(
    fs: Any, west: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(Heard):
        def branched(self, path_1: str, path_2: str, **_: Any) -> Failing:
            return Failing(f"{path_1} -> {path_2}", self)

        def relative_update(self, inc: int = 1) -> None:
            raise ZeroDivisionError(inc)

    monkeypatch.setattr(progress, "PART", PART)
    size = 2 * PART + 1
    fs.pipe_file(f"{BUCKET}/large", bytes(size))
    with pytest.raises(ZeroDivisionError):  # an error of the callback ends the copy
        fs.mv(f"{BUCKET}/large", f"{TEAM}/large", callback=Failing())
    assert west.objects("minio-bucket") == {}
    heard = Heard()
    fs.mv(f"{BUCKET}/large", f"{TEAM}/large", callback=heard)
    of_file = heard.of(f"{BUCKET}/large -> {TEAM}/large")
    assert of_file == [(0, size), (PART, size), (2 * PART, size), (size, size)]
    assert heard.threads == {iothread[0].ident}


def test_nobody_is_asked_more_without_a_callback(fs: Any, east: Store) -> None:
    fs.pipe_file(f"{BUCKET}/a", b"abc")
    counts = []
    for options in ({}, {"callback": Heard()}):
        fs.invalidate_cache()
        east.forget_requests()
        fs.cp_file(f"{BUCKET}/a", f"{TEAM}/a", **options)
        counts.append(len(east.requests()))
    assert counts == [1, 2]  # the object; and its size, which a bar needs
