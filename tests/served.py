"""A server as its user starts it: pserve in a process of its own, on a free port."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT

from tests.settings import ROOT, shipped_ini

BIN = Path(sys.executable).parent

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


@contextmanager
def serve(ini: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Serve an ini file that listens at port 0; yield the URL of the server."""
    with serving_process(ini, environment) as (_, url):
        yield url


@contextmanager
def serving_process(
    ini: Path, environment: Mapping[str, str]
) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Serve as ``serve`` does; yield the process, and the URL."""
    log = ini.with_suffix(".log")
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603
            [BIN / "pserve", ini.name],
            cwd=ini.parent,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, wait_for_url(process, log)
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End the server as Ctrl+C does; some shells let their children ignore that."""
    process.send_signal(SIGINT)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for_url(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return the URL that the server has logged."""
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        match = _SERVING.search(log.read_text("utf-8"))
        if match:
            return match[1]
        time.sleep(0.05)
    raise AssertionError(f"The server did not start:\n{log.read_text('utf-8')}")
