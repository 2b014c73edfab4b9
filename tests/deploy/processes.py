"""Programs that a test starts from the files of ``deploy/``, at free ports."""

import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.conftest import ROOT
from tests.served import BIN, clean_environment

DEPLOY = ROOT / "deploy"
SECONDS_TO_START = 60

Process = subprocess.Popen[bytes]


def free_port() -> int:
    """Return a port that nobody listens at, and that the system gives to nobody."""
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)):
                return port


def run(
    command: Sequence[str | Path], environment: Mapping[str, str], log: Path
) -> Process:
    """Start a program in the folder of the project."""
    path = f"{BIN}:{environment.get('PATH', '')}"
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603
            command,
            cwd=ROOT,
            env={**environment, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def end(process: Process, wait: float = 15) -> int:
    """End a program by SIGTERM, or by force; return its exit status."""
    process.terminate()
    try:
        return process.wait(wait)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


class Servers:
    """Servers of the application, started by ``deploy/serve``."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.environment = clean_environment(**settings)
        self.running: dict[int, Process] = {}
        self.uwsgi: dict[int, int] = {}

    def start(self, server: str = "waitress", project: Path = ROOT) -> int:
        """Start one; return its port, where it doesn't answer yet."""
        port = free_port()
        environment = {
            **self.environment,
            "SERVER": server,
            "ADDRESS": f"127.0.0.1:{port}",
            "WORKERS": "1",
        }
        if server == "uwsgi":
            self.uwsgi[port] = free_port()
            environment["UWSGI_SOCKET"] = f"127.0.0.1:{self.uwsgi[port]}"
        self.running[port] = run(
            [project / "deploy/serve"], environment, self.log(port)
        )
        return port

    def log(self, port: int) -> Path:
        return self.folder / f"{port}.log"

    def wait(self) -> None:
        """Return once all are ready."""
        for port, process in self.running.items():
            until(lambda port=port: is_ready(port), process, self.log(port))

    def stop(self) -> None:
        """Kill those that were never asked to end in another way."""
        for process in self.running.values():
            process.send_signal(signal.SIGINT)
        for process in self.running.values():
            end(process)


def is_ready(port: int) -> bool:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False)
    except httpx.TransportError:
        return False
    return answer.status_code == 200


def until(holds: Callable[[], bool], process: Process, log: Path) -> None:
    """Return once it holds; fail with the log where the program ends before."""
    end = time.monotonic() + SECONDS_TO_START
    while not holds():
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"It did not start:\n{log.read_text('utf-8')}")
        time.sleep(0.05)


@contextmanager
def servers(folder: Path, **settings: str) -> Iterator[Servers]:
    """Give a starter of servers by settings of the environment; end them all."""
    started = Servers(folder, **settings)
    try:
        yield started
    finally:
        started.stop()
