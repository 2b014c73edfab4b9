"""Programs in processes of their own, as their users start them: servers above all."""

import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGINT, Signals
from typing import Any

from tests.settings import ROOT, shipped_ini
from tests.tools import path_of

BIN = Path(sys.executable).parent
# On a machine that does other things, too.
SECONDS_TO_START = 180
# Longer than the masters of web servers wait for their workers, which a master that
# is killed leaves behind.
SECONDS_TO_END = 60

_SERVING = re.compile(r"Serving on (http://127\.0\.0\.1:\d+)")
# What would make a child differ from a process that a reader starts. The variables of
# coverage stay: the lines that a child executes count as covered. Those of pytest go: a
# child that runs tests with --cov begins with deleting what others have measured.
_OWN = ("APISERVER_", "COV_", "DATABASE_URL", "MAKE", "MFLAGS", "PYTEST_")


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without the settings of this process, and with more."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OWN)}
    return {**kept, **more}


def development_ini(folder: Path) -> Path:
    """Write development.ini as it is shipped, with a free port."""
    ini = folder / "development.ini"
    ini.write_text(shipped_ini("development.ini"))
    return ini


def in_process(
    program: str, *arguments: str, url: str, answer: str = "", **variables: str
) -> tuple[int, str, str]:
    """Run a program of the environment, without a terminal, on a database.

    Returns status, output and errors; a password is read from the ``answer``, and
    the variables are added to the environment.
    """
    done = subprocess.run(  # noqa: S603
        [BIN / program, *arguments],
        cwd=ROOT,
        env=clean_environment(DATABASE_URL=url, **variables),
        input=answer,
        capture_output=True,
        text=True,
        timeout=120,
        start_new_session=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


class Running:
    """What runs until the end of a block, in a process; what it says is in its log."""

    log: Path
    poll: Callable[[], int | None]
    wait: Callable[..., int]
    send_signal: Callable[[int], None]
    kill: Callable[[], None]

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def until(self, holds: Callable[[], Any]) -> None:
        """Return once it holds; fail with the log where the program ends before."""
        end = time.monotonic() + SECONDS_TO_START
        while not holds():
            if self.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"It did not start:\n{self.said()}")
            time.sleep(0.05)

    def url(self) -> str:
        """Wait for the URL at which a server says that it serves."""
        self.until(lambda: _SERVING.search(self.said()))
        return _SERVING.findall(self.said())[0]

    def end(self, by: Signals = SIGINT) -> int:
        """End it, by force if it takes too long; return its exit status.

        Some shells let their children ignore Ctrl+C.
        """
        self.send_signal(by)
        try:
            return self.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.wait()


class Program(subprocess.Popen[bytes], Running):
    """A program that runs until the end of the block; what it says is in its log.

    Programs of the environment need no path.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        *,
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        self.log = log
        own = dict(clean_environment() if environment is None else environment)
        own["PATH"] = f"{BIN}:{own.get('PATH', os.defpath)}"
        with log.open("ab") as output:
            super().__init__(
                [path_of(str(command[0])) or "", *command[1:]],
                cwd=folder,
                env=own,
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __exit__(self, *error: object) -> None:
        # One that has an input ends with it, and so with whoever has started it.
        if self.stdin is None:
            self.end()
        super().__exit__(None, None, None)

    def tell(self, line: str) -> None:
        """Write a line to the input of one that has an input."""
        assert self.stdin is not None
        self.stdin.write(f"{line}\n".encode())
        self.stdin.flush()


def pserve(ini: Path, environment: Mapping[str, str]) -> Program:
    """Start a server of an ini file, which may not listen yet."""
    command = ["pserve", ini.name]
    return Program(command, log_of(ini), folder=ini.parent, environment=environment)


def log_of(ini: Path) -> Path:
    """Return the log of a server of an ini file, emptied."""
    log = ini.with_suffix(".log")
    log.write_bytes(b"")
    return log


def free_port() -> int:
    """Return a port that nobody listens at, and that the system gives to nobody."""
    while True:
        port = random.randrange(15_000, 32_000)
        if not listens(port):
            return port


def listens(port: int) -> bool:
    """Whether connections to a port of this machine are taken."""
    with socket.socket() as probe:
        return not probe.connect_ex(("127.0.0.1", port))


def status_at(port: int, path: str) -> int | None:
    """Return the status at a port of this machine, if there is an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_START)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
