"""What people fear of a migration that takes long: keys that expire, disks that fill, strangers."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from servers.counting import counted
from terminals import written

from s3r_spark.changes import changes_below
from s3r_spark.errors import RefusedError
from s3r_spark.migrate import marker
from s3r_spark.migrate.journal import Journal
from s3r_spark.migrate.marker import marked
from s3r_spark.migrate.plan import Move
from s3r_spark.migrate.run import Run
from s3r_spark.migrate.sides import Side
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from migrate.conftest import Moving

NAMES = [f"{number:02}" for number in range(12)]
COMMAND = [sys.executable, "-c", "from s3r_spark.cli import main; main()", "migrate"]

pytestmark = pytest.mark.usefixtures("engine")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "ExpiredToken"),
        # A stand-in for MinIO on a disk that is full, which says so.
        pytest.param(507, "XMinioStorageFull", marks=pytest.mark.slow),
    ],
)
def test_what_is_no_object_s_fault_stops_at_once(moving: Moving, status: int, code: str) -> None:
    """One error, nothing half, and the same command goes on."""
    moving.put(*NAMES)
    mended = False

    def refused(method: str, path: str) -> str:
        bad = method == "PUT" and path >= "/minio-bucket/data/05" and "migrate" not in path
        return code if bad and not mended else ""

    with counted(moving.west, refused=refused, status=status) as west:
        moving.clients["minio"] = entry(west)
        said = moving("--workers", "1", code=1)
        assert len(said["errors"]) == 1
        assert "the same command goes on once that is mended" in said["errors"][0]
        assert code in said["errors"][0]
        assert "(s3://lake/team2/05, really s3://minio-bucket/data/05 on " in said["errors"][0]
        assert "client 'minio', profile 'minio')" in said["errors"][0]
        assert sorted(moving.moved()) == NAMES[:5]
        mended = True
        assert moving()["outcome"]["copied"] == 7
    assert moving.moved() == {name: name.encode() for name in NAMES}


def test_a_new_place_that_may_not_be_written_is_named(moving: Moving) -> None:
    moving.put("a")
    with counted(
        moving.west, refused=lambda method, _: "AccessDenied" if method == "PUT" else "", status=403
    ) as west:
        moving.clients["minio"] = entry(west)
        (error,) = moving(code=1)["errors"]
    assert "AccessDenied" in error
    assert "really s3://minio-bucket/data/_s3r-spark-migrate on " in error
    assert "client 'minio', profile 'minio')" in error


@pytest.mark.slow
def test_keys_that_renew_themselves_are_renewed_on_the_way(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a program that gives them for some seconds are asked for again and again."""
    script, asked = moving.folder / "keys.py", moving.folder / "asked"
    keys = {"Version": 1, "AccessKeyId": moving.west.access_key}
    keys |= {"SecretAccessKey": moving.west.secret_key}
    script.write_text(
        "import datetime, json, pathlib\n"
        f"pathlib.Path({str(asked)!r}).open('a').write('x')\n"
        "end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=20)\n"
        f"print(json.dumps({{**{keys!r}, 'Expiration': end.isoformat()}}))\n",
        encoding="utf-8",
    )
    config, program = moving.folder / "config", f"{sys.executable} -S {script}"
    config.write_text(f"[profile short]\ncredential_process = {program}\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    moving.clients["minio"] = entry(moving.west, credentials={"aws_profile": "short"})
    moving.put(*NAMES)
    moving("--dry-run")
    before = len(asked.read_text(encoding="utf-8"))
    moving("--bandwidth", "12", "--workers", "1")
    assert moving.moved() == {name: name.encode() for name in NAMES}
    assert len(asked.read_text(encoding="utf-8")) > before + 3


@pytest.mark.filterwarnings("ignore:.*stands in the file")
def test_of_two_that_start_at_once_one_sees_the_other(moving: Moving) -> None:
    """On a store that lets anybody write over anything."""
    with ExitStack() as stack:
        first, now = stack.enter_context(ExitStack()), iter([True])

        def begin_too(method: str, path: str, content: bytes) -> bytes:
            """Let the other begin, and see nobody, just before this one's marker is written."""
            if method == "PUT" and "migrate" in path and next(now, False):
                first.enter_context(marked(*migration("one")))
            return content

        def migration(name: str) -> tuple[Move, Journal]:
            old, new = (Routes.load(path) for path in moving.write())
            before, after = Side.of(old), Side.of(new)
            stack.callback(before.close)
            stack.callback(after.close)
            journal = stack.enter_context(Journal(moving.folder / name))
            return Move(before, after, changes_below(old, new, ())), journal

        west = stack.enter_context(counted(moving.west, sent=begin_too))
        moving.clients["minio"] = entry(west, service="generic")
        moving.put("a")
        with pytest.raises(RefusedError, match="another migration"), marked(*migration("two")):
            pass
        first.close()
        assert moving.moved() == {}, "no marker is left"


def test_a_marker_that_comes_just_after_one_has_looked_is_seen(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a store that lets one writer alone make an object."""
    moving.clients["minio"] = entry(moving.west, service="minio")
    moving.put("a")
    refuse, first = marker._refuse_other, iter([True])

    def look(*place: Any) -> None:
        if next(first, False):
            moving.west.put("minio-bucket", "data/_s3r-spark-migrate", b'{"id": "another"}')
        else:
            refuse(*place)

    monkeypatch.setattr(marker, "_refuse_other", look)
    assert "another migration" in moving(code=1)["errors"][0]
    assert list(moving.moved()) == ["_s3r-spark-migrate"]


def test_one_that_was_killed_at_its_very_end_leaves_no_marker(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving.put("a")
    with monkeypatch.context() as killed:
        killed.setattr(marker, "_unmark", lambda *_: None)  # as if it was killed
        moving()
    moving("--dry-run")
    assert len(moving.moved()) == 2
    moving()
    assert moving.moved() == {"a": b"a"}


def test_ctrl_c_does_not_wait_long_for_the_marker_of_a_store_that_hangs(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run removes it."""
    moving.put("a")
    answered = threading.Event()
    with monkeypatch.context() as hanging:
        hanging.setattr(marker, "_PATIENCE", 0.1)
        hanging.setattr(marker, "_is_unmarked", lambda *_: answered.wait())
        hanging.setattr(Run, "carry", _interrupted)
        with pytest.raises(AssertionError, match="stopped: the same command goes on"):
            moving()
    answered.set()
    assert len(moving.moved()) == 1
    moving()
    assert moving.moved() == {"a": b"a"}


def _interrupted(_: Run) -> None:
    raise KeyboardInterrupt


def test_what_others_write_while_it_is_stopped_stays(moving: Moving) -> None:
    """A copy that was begun may be there; what has other content is none."""
    moving.put("a", "b")
    moving()
    with Journal(moving.folder / "new.yaml.journal") as journal:
        journal.rows("UPDATE objects SET state = 'begun', target_etag = NULL")
    moving.west.put("minio-bucket", "data/a", b"somebody else's")
    said = moving(code=1)
    assert "something else was written" in said["outcome"]["failed"][0][1]
    assert moving.moved() == {"a": b"somebody else's", "b": b"b"}
    assert "other data at their new place: 1" in moving(code=1)["errors"][0]
    assert moving("--overwrite")["outcome"]["copied"] == 1
    assert moving.moved() == {"a": b"a", "b": b"b"}


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["n", "y"])
def test_a_terminal_is_asked(moving: Moving, answer: str) -> None:
    moving.put("a")
    moving("--finish")
    controller, terminal = pty.openpty()
    command = [*COMMAND, "--delete-source", *moving.write()]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        os.write(controller, f"{answer}\n".encode())
        text = written(controller)
    assert "delete 1 objects, 1 byte, from the old place? [y/N]" in text
    assert process.returncode == (answer == "n")
    assert moving.east.keys("lake") == (["team2/a"] if answer == "n" else [])


@pytest.mark.slow
def test_who_is_no_terminal_is_not_asked(moving: Moving) -> None:
    moving.put("a")
    moving("--finish")
    command = [*COMMAND, "--delete-source", *moving.write()]
    done: Any = subprocess.run(command, input="y\n", capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs --yes where nobody can be asked" in done.stderr
    assert moving.east.keys("lake") == ["team2/a"]
