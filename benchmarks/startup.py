"""How long the programs take to start: a server, the commands, the tasks.

    make bench-startup

Prints, for each, the seconds until it has served or ended, and those of CPU, as the
least of several starts. The times in README.md are of two cores that do nothing else.
"""

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parent.parent
STARTS = 5
USER = ("--username=ada", "--email=ada@example.com", "--admin")
PROGRAMS = {
    "apiserver --help": ("apiserver", "--help"),
    "apiserver create-user": ("apiserver", "create-user", "development.ini", *USER),
    "invoke --list": ("invoke", "--list"),
    "invoke app.users.create-user --help": (
        "invoke",
        "--help",
        "app.users.create-user",
    ),
}


def environment(folder: str, start: int) -> dict[str, str]:
    """Return that of a user who has compiled modules, and a database for this start."""
    own = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "DATABASE_URL": f"sqlite:///{folder}/{start}.db"}


def until_end(program: str, *arguments: str, folder: str, start: int) -> None:
    subprocess.run(  # noqa: S603
        [BIN / program, *arguments],
        cwd=ROOT,
        env=environment(folder, start),
        input=b"difference-engine-2\n" * 2,
        capture_output=True,
        check=True,
    )


def until_served(*, folder: str, start: int) -> None:
    """Start the server on a database that is ready, and stop it once it listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    variables = ("host=127.0.0.1", f"port={port}")
    sections = ("-n", "address", "--server-name=address")
    with subprocess.Popen(  # noqa: S603
        [BIN / "pserve", "development.ini", *variables, *sections],
        cwd=ROOT,
        env=environment(folder, start),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        while server.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except OSError:
                time.sleep(0.01)
            else:
                server.terminate()


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(name: str, run: Callable[..., None], folder: str) -> None:
    """Print the least of several starts; the first has compiled what it imports."""
    found = []
    for start in range(STARTS):
        began, used = time.monotonic(), cpu()
        run(folder=folder, start=start)
        found.append((time.monotonic() - began, cpu() - used))
    wall, used = (min(column) for column in zip(*found[1:], strict=True))
    print(f"{name:38} {wall:5.2f} s {used:5.2f} s CPU")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for start in range(STARTS):
            until_end(
                "apiserver",
                "init-development-data",
                "development.ini",
                folder=folder,
                start=start,
            )
        measure("pserve development.ini", until_served, folder)
        for name, command in PROGRAMS.items():
            measure(name, partial(until_end, *command), folder)


if __name__ == "__main__":
    main()
