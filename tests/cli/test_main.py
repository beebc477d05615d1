"""What holds for all commands: help, exit codes, where errors and warnings go, how they end."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from click.testing import CliRunner
from servers.process import wait_until
from terminals import written

from s3r_spark.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

COMMANDS = (
    "init",
    "check",
    "explain",
    "resolve",
    "diff",
    "migrate",
    "conf",
    "export",
    "jars",
    "schema",
)
TWICE = """\
clients: {default: {service: aws}, west: {service: aws}}
profiles:
  a: {client: west, source_bucket_pattern: a, mapped_bucket_name: same}
  b: {client: west, source_bucket_pattern: b, mapped_bucket_name: same}
"""


def test_the_entry_point_is_the_command_line() -> None:
    (script,) = entry_points(group="console_scripts", name="s3r-spark")
    assert script.load() is main


def test_the_version_is_the_packages(run: Callable[..., Result]) -> None:
    assert run("--version").output.endswith(f" {version('s3r-spark')}\n")


def test_the_commands_are_these(run: Callable[..., Result]) -> None:
    listed = re.findall(
        r"^  (\w+) {2,}", run("--help").output.partition("Commands:")[2], re.MULTILINE
    )
    assert tuple(listed) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_each_shows_an_example_of_itself(run: Callable[..., Result], command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"s3r-spark {command}" in result.output.partition("Example:")[2]


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["conf", "routes.yaml", "--secrets", "loud"],
        ["diff"],
        ["diff", "-", "-"],
        ["explain", "routes.yaml", "--engine", "warp"],
        ["resolve"],
        ["resolve", "routes.yaml"],
        ["check", "s3a://b/k"],
        ["resolve", "routes.yaml", "s3a://b/k", "--client", "minio"],
        ["resolve", "--physical", "routes.yaml", "s3a://b/k", "--client", "none"],
        ["resolve", "--physical", "routes.yaml", "no place at all"],
        ["conf", "routes.yaml", "--secrets", "jceks"],
        ["conf", "routes.yaml", "--secrets", "inline", "--format", "submit-args"],
        ["init", "nothing-like-it"],
    ],
)
@pytest.mark.usefixtures("routes")
def test_a_wrong_call_ends_with_2(run: Callable[..., Result], words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage: " in result.stderr


def test_an_error_is_printed_as_it_is(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(
        "clients: {default: {}}\nprofiles:\n  p:\n    source_bucket_pattern: a\n"
        "    mapped_bucket: b\n    mapped_prefix: /b\n"
    )
    for words in (["check"], ["explain"], ["conf"], ["resolve"]):
        result = run(*words, str(file), *(["s3a://a/k"] if words == ["resolve"] else []))
        assert (result.exit_code, result.stdout) == (1, "")
        lines = result.stderr.splitlines()
        assert len(lines) == 2
        assert all(line.startswith(f"{file}:") for line in lines)
        assert "(did you mean 'mapped_bucket_name'?)" in result.stderr


def test_a_file_that_is_not_there_is_an_error(run: Callable[..., Result]) -> None:
    result = run("explain", "nowhere/routes.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "nowhere/routes.yaml: there is no such file\n"


def test_a_folder_that_cant_be_made_is_an_error(run: Callable[..., Result], routes: str) -> None:
    result = run("conf", routes, "-o", f"{routes}/conf", "--engine", "viewfs")  # which needs no jar
    assert result.exit_code == 1
    assert result.stderr == "routes.yaml/conf: Not a directory\n"


@pytest.mark.parametrize("words", [["check"], ["explain"], ["resolve", "s3a://a/k"]])
def test_a_program_gets_errors_as_a_list(run: Callable[..., Result], words: list[str]) -> None:
    command, *rest = words
    result = run(command, "none.yaml", *rest, "--json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert json.loads(result.stdout)["errors"] == ["none.yaml: there is no such file"]


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_output_is_no_error(routes: str, closed: str) -> None:
    command = [sys.executable, "-c", "from s3r_spark.cli import main; main()", "explain", routes]
    shell = f"{shlex.join(command)} {closed}"
    process = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (0, "")


def test_a_version_out_of_range_is_told_first(run: Callable[..., Result], routes: str) -> None:
    for command in ("conf", "check", "explain"):
        result = run(command, routes, "--hadoop-version", "2.10")
        assert result.exit_code == 1
        assert result.stderr.startswith("Hadoop 2.10 is out of range")


def test_warnings_are_lines_on_stderr(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(TWICE)
    result = run("resolve", str(file), "s3a://a/k")
    assert result.exit_code == 0
    assert re.fullmatch(
        r"warning: .*routes\.yaml:4: profile 'b': .* \[shared-place\]\n", result.stderr
    )
    assert "warning" not in result.stdout


def test_a_pipe_gets_plain_text_and_whole_lines(
    start: Callable[..., subprocess.Popen[str]], routes: str
) -> None:
    key = "team2/" + "long/" * 100
    out, err = start("resolve", routes, f"s3a://example-bucket/{key}x").communicate()
    assert f"  s3://minio-bucket/data/{key}x  minio " in out.splitlines()[1]
    assert len(out.splitlines()) == 2
    assert "\x1b" not in out + err


def seen_on_terminal(*words: str, **variables: str) -> str:
    """What a process writes where its output is a terminal."""
    controller, terminal = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", **variables}
    child = subprocess.Popen(
        [sys.executable, "-c", "from s3r_spark.cli import main; main()", *words],
        stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, env=env,
    )  # fmt: skip
    os.close(terminal)
    text = written(controller)
    child.wait()
    return text


def test_a_terminal_gets_colours_unless_no_color_is_set(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(TWICE)
    assert "\x1b[33mwarning: \x1b[0m" in seen_on_terminal("explain", str(file))
    assert "\x1b" not in seen_on_terminal("explain", str(file), NO_COLOR="1")
    assert "warning: " in seen_on_terminal("explain", str(file), NO_COLOR="1")


def test_a_pattern_is_no_markup_and_no_control_sequence(
    run: Callable[..., Result], routes: str, tmp_path: Path
) -> None:
    odd = (tmp_path / routes).read_text().replace("team2/*", "'[bold]x/*'")
    (tmp_path / routes).write_text(odd)
    assert "s3a://example-bucket/[bold]x/*" in run("explain", routes).stdout
    shown = run("resolve", routes, "s3a://example-bucket/\x1b[31mred\u202e").stdout
    assert "\x1b" not in shown
    assert "\\x1b[31mred" in shown


def test_a_reader_that_leaves_early_hears_nothing(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    child = start("schema")
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert child.stderr.read() == ""
    assert child.wait() == 1


def test_ctrl_c_ends_with_130_and_no_word(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    pipe = tmp_path / "routes.yaml"
    os.mkfifo(pipe)
    child = start("check", str(pipe))
    with pipe.open("w"):  # goes on when the other side has it open, and then waits for text
        reader = psutil.Process(child.pid)
        # A signal just before it waits would be heard of only when the text comes.
        wait_until(lambda: reader.status() == psutil.STATUS_SLEEPING)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out, err) == (130, "", "")


def test_a_shell_can_complete_words() -> None:
    script = Path(sys.executable).with_name("s3r-spark")
    words = {"COMP_WORDS": "s3r-spark ex", "COMP_CWORD": "1"}
    env = {**os.environ, **words, "_S3R_SPARK_COMPLETE": "bash_complete"}
    process = subprocess.run([script], capture_output=True, env=env, check=True)
    assert process.stdout == b"plain,explain\nplain,export\n"


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (["check"], []),
        (["explain"], []),
        (["conf"], ["--hadoop-version", "3.5.0"]),
        (["resolve"], ["s3a://example-bucket/team2/x"]),
        (["diff", "old.yaml"], ["s3a://example-bucket"]),
    ],
)
def test_routes_may_be_left_out_or_come_from_a_pipe(
    routes: str, run: Callable[..., Result], words: list[str], rest: list[str]
) -> None:
    text = Path(routes).read_text(encoding="utf-8")
    Path("old.yaml").write_text(text.replace("team2/*", "team3/*"), encoding="utf-8")
    named = run(*words, routes, *rest)
    left_out = run(*words, *rest)
    line = "routes: routes.yaml (it is in the current folder)\n"
    assert (left_out.stdout, left_out.stderr) == (named.stdout, line + named.stderr)
    assert left_out.exit_code == named.exit_code == 0
    piped = CliRunner().invoke(main, [*words, "-", *rest], input=text)
    assert piped.stdout == named.stdout.replace(routes, "stdin")


def test_migrate_takes_the_default_as_the_new_file(routes: str, run: Callable[..., Result]) -> None:
    result = run("migrate", "--dry-run", routes)
    assert (result.exit_code, result.stdout) == (0, "no name changes its place\n")
    assert "routes: routes.yaml" in result.stderr
