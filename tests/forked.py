"""Servers that are forked from a process which has made an application already.

Each does what ``pserve`` does, in a process of its own, and starts in a fifth of the
time. Tests of the program itself, or of modules that aren't here, start it by
``served.pserve``.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from signal import SIGKILL, SIGTERM
from tempfile import TemporaryDirectory
from typing import Any, Self

from apiserver.console import pserve
from apiserver.users import hashing
from tests import factories
from tests.served import Running, log_of
from tests.settings import ROOT

# The first process has no threads, and has imported all that the others need.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.racers", "tests.warm"])


def become(folder: Path, environment: Mapping[str, str]) -> None:
    """Let this process be in the folder, and have the environment."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)


def speak(output: Path, errors: Path) -> None:
    """Let files have what this process prints from now on."""
    for stream, path in ((sys.stdout, output), (sys.stderr, errors)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), stream.fileno())


def run(
    arguments: Sequence[str], log: Path, folder: Path, environment: Mapping[str, str]
) -> None:
    """Do what ``pserve`` does, as if this process had begun with it."""
    become(folder, environment)
    speak(log, log)
    sys.argv = ["pserve", *arguments]
    sys.exit(pserve())


def run_with_cheap_hashes(*about: Any) -> None:
    """Do the same, with hashes of passwords as the factories make them."""
    hashing.HASHER = factories.HASHER
    run(*about)


class Forked(Running):
    """A run of ``pserve``; to those who watch it, a program like any other."""

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        *,
        folder: Path = ROOT,
        environment: Mapping[str, str],
        serve: Callable[..., None] = run,
    ) -> None:
        self.log = log
        # One whose test is gone ends with the tests.
        self.process: BaseProcess = CONTEXT.Process(
            target=serve, args=(arguments, log, folder, environment), daemon=True
        )
        self.process.start()
        self.pid = self.process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired("pserve", timeout or 0)
        return self.process.exitcode

    def send_signal(self, by: int) -> None:
        if self.poll() is None:
            # It may end just now.
            with suppress(ProcessLookupError):
                os.kill(self.pid, by)

    def kill(self) -> None:
        self.send_signal(SIGKILL)

    def terminate(self) -> None:
        self.send_signal(SIGTERM)


def in_fork(
    main: Callable[[Sequence[str]], Any],
    *arguments: str,
    environment: Mapping[str, str],
    folder: Path = ROOT,
) -> tuple[int | None, str, str]:
    """Do what a program does, by its main function; return status, output, errors."""
    with TemporaryDirectory() as said:
        paths = (Path(said, "output"), Path(said, "errors"))
        about = (main, arguments, paths, folder, environment)
        process = CONTEXT.Process(target=do, args=about)
        process.start()
        process.join()
        return process.exitcode, *(path.read_text("utf-8") for path in paths)


def do(main: Any, arguments: Sequence[str], paths: Any, *about: Any) -> None:
    become(*about)
    speak(*paths)
    sys.exit(main(arguments))


def fork(
    ini: Path, environment: Mapping[str, str], serve: Callable[..., None] = run
) -> Forked:
    """Start a server of an ini file, which may not listen yet."""
    about = {"folder": ini.parent, "environment": environment}
    return Forked([ini.name], log_of(ini), serve=serve, **about)


@contextmanager
def serve(ini: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Serve an ini file that listens at port 0; yield the URL of the server."""
    with fork(ini, environment, run_with_cheap_hashes) as server:
        yield server.url()
