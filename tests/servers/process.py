"""Programs that end with the tests: when the block that started them does, or when the tests die.

Between the tests and a program stands a small guard, which is this file run as a script. The guard
waits for the end of its standard input, which comes even if the tests are killed by signal 9, and
then ends the program with everything that it has started.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Program", "free_ports", "running", "wait_until"]

PATIENCE = 3  # seconds that a program gets to end by itself; its data is thrown away anyhow


@dataclass(frozen=True)
class Program:
    """A program that runs, and the file that it writes to."""

    guard: subprocess.Popen[bytes]
    log: Path

    def wait_until(self, ready: Callable[[], object], seconds: float = 60) -> None:
        """Wait until something holds that the program brings about.

        Raises:
            RuntimeError: the program ended, or the time is over; with the end of its log.
        """

        def ready_or_dead() -> bool:
            return self.guard.poll() is not None or bool(ready())

        in_time = wait_until(ready_or_dead, seconds)
        if in_time and self.guard.poll() is None:
            return
        state = f"is not ready after {seconds} s" if self.guard.poll() is None else "ended"
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        raise RuntimeError(f"{self.log.stem} {state}; its log {self.log} ends:\n{tail}")


@contextmanager
def running(
    command: Sequence[str], log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """Run a program until the block ends.

    Args:
        command: the program and its arguments; it must stay in the foreground.
        log: where its output goes; its folder is the program's working directory.
        env: its whole environment; None is ours.
    """
    guard = [sys.executable, "-I", __file__, *command]
    with log.open("ab") as out:
        process = subprocess.Popen(
            guard,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            env=env,
            cwd=log.parent,
            start_new_session=True,  # Ctrl-C is for the tests, which end the program then
        )
    try:
        yield Program(process, log)
    finally:
        process.communicate()  # closes standard input and waits


def wait_until(ready: Callable[[], object], seconds: float = 60) -> bool:
    """Wait until something holds; whether it did within that time."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on.

    They lie below those that the system gives to outgoing connections, so that none of these can
    take one before the server does, and above 15002, where Spark Connect listens unless told.
    """
    with ExitStack() as taken:
        ports: list[int] = []
        while len(ports) < count:
            port = random.randrange(16_000, 32_000)
            sock = taken.enter_context(socket.socket())
            with suppress(OSError):
                sock.bind(("127.0.0.1", port))
                ports.append(port)
        return ports


# What follows runs in the guard.


def guard(command: Sequence[str]) -> int:
    """Run a command until it ends or standard input does; its exit code."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def end_with_stdin() -> None:
        sys.stdin.read()
        program.terminate()
        with suppress(subprocess.TimeoutExpired):
            program.wait(PATIENCE)
        kill_group()

    def kill_group() -> None:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)

    threading.Thread(target=end_with_stdin, daemon=True).start()
    code = program.wait()
    kill_group()
    return code


if __name__ == "__main__":
    sys.exit(guard(sys.argv[1:]))
