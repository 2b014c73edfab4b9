"""Workers of the tests' jobs, in processes of their own.

``python -m tests.core.errand_worker URL LEASE FILE NUMBER`` has so many of them,
and says the ids of their processes. One that is killed is replaced at once.
"""

import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from pyramid.config import Configurator
from pyramid.registry import Registry

from apiserver.core.jobs import JobFailed, Run, Worker, job
from apiserver.core.schemas import Object, Text, Whole
from tests.core.notes import NOTE


class Load(Object):
    word = Text(1, 20)
    milliseconds = Whole(0, 100_000)


@job(takes=Load, attempts=100)
def carry(run: Run, *, word: str, milliseconds: int) -> None:
    """Write a line into a file and a row into a table, with a while between them."""
    with Path(run.registry.file).open("a") as file:
        file.write(f"{word} {run.key}\n")
    run.db.execute(NOTE.insert().values(word=word))
    time.sleep(milliseconds / 1000)


@job(takes=Load)
def refuse(run: Run, *, word: str, milliseconds: int) -> None:
    """Fail for good."""
    raise JobFailed(f"There is no {word}.", retry=False)


def make_registry(url: str, file: str = "", broker: str = "") -> Registry:
    """Make an application of the jobs, and of no other; return its registry."""
    settings = {"sqlalchemy.url": url, "apiserver.jobs_broker": broker}
    with Configurator(settings=settings) as config:
        config.include("apiserver.core")
        config.add_job(carry)
        config.add_job(refuse)
    config.registry.file = file
    del config.registry.jobs["purge_expired"]
    return config.registry


def hire(url: str, lease: str, file: str) -> int:
    """Start a worker; return the id of its process."""
    process = os.fork()
    if process == 0:
        Worker(make_registry(url, file), float(lease)).work_until_signal()
        os._exit(0)
    sys.stderr.write(f"worker {process}\n")
    return process


def end(processes: set[int]) -> NoReturn:
    """Stop the workers, and wait for each."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for process in processes:
        os.kill(process, signal.SIGTERM)
    statuses = [os.waitpid(process, 0)[1] for process in processes]
    os._exit(int(any(statuses)))


def main(url: str, lease: str, file: str, number: str) -> NoReturn:
    logging.basicConfig(level=logging.INFO)
    processes: set[int] = set()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: end(processes))
    while True:
        while len(processes) < int(number):
            processes.add(hire(url, lease, file))
        process, _ = os.wait()
        processes.remove(process)


if __name__ == "__main__":
    main(*sys.argv[1:])
