"""The process whose work is counted: it sends requests, and matches patterns.

Started by ``test_work.py`` under valgrind. Each request is sent by a fork of the warm
process, for which valgrind says when it ends how much it has done.
"""

import gc
import json
import multiprocessing
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from apiserver.users import hashing
from tests import factories, settings
from tests.bad_input.growing import KINDS, LENIENT, TEAM, call, environ_of
from tests.bad_input.pumping import pumped, uses

# Of the greatest length: how much each step adds is compared.
PARTS = (4, 2, 1)
WARM_UP = 16
# How often a part of a pattern is repeated at most.
LONGEST = 1000

# Each jump to a block is an event to valgrind's scheduler.
_BLOCKS = re.compile(r"scheduler: ([\d,]+) event checks")

FORK = multiprocessing.get_context("fork")
# Makes what is of that part of the length; what it returns does it.
Task = Callable[[int], Callable[[], int]]


def requests(app: Any, job: dict[str, Any]) -> Iterator[tuple[str, Task]]:
    """Yield the task of each kind: to send a request; it returns the status."""
    for name, kind in KINDS.items():

        def make(part: int, kind: Any = kind) -> Callable[[], int]:
            sent = kind.make(kind.most // part)
            sent = sent._replace(path=sent.path.replace(TEAM, job["team"]))
            return partial(call, app, environ_of(sent, job["token"]))

        yield name, make


def patterns() -> Iterator[tuple[str, Task]]:
    """Yield the task of each pattern of a module: to match what it may be slow at."""
    for module, use in dict.fromkeys(uses()):

        def make(part: int, use: Any = use) -> Callable[[], int]:
            return partial(use_on, use, pumped(use.pattern, LONGEST // part))

        yield f"{module}: {use.method} {use.pattern.pattern!r}", make


def use_on(use: Any, texts: set[Any]) -> int:
    for text in texts:
        found = use(text)
        if use.method == "finditer":
            list(found)
    return 200


def fork(do: Callable[[], int], close: Callable[[], None]) -> tuple[int, int]:
    """Do it in a fork; return its id, and the first digit of the status."""

    def run() -> None:
        close()
        sys.exit(do() // 100)

    process = FORK.Process(target=run)
    process.start()
    process.join()
    return process.pid or 0, process.exitcode or 0


def blocks_of(log: Path) -> int:
    """Return how many blocks a process has run, by what valgrind has said of it."""
    [number] = _BLOCKS.findall(log.read_text("utf-8", "replace"))
    return int(number.replace(",", ""))


def main(job: dict[str, Any]) -> None:
    """Print a line for each task: its name, statuses and blocks of the forks."""
    hashing.HASHER = factories.HASHER
    lenient = {f"apiserver.{name}": value for name, value in LENIENT.items()}
    app = settings.make({**settings.TESTING, **lenient, "sqlalchemy.url": job["url"]})
    sessions = (app.registry.write_sessions, app.registry.read_sessions)
    engines = [factory.kw["bind"] for factory in sessions]

    def close() -> None:
        """Leave the connections to the parent."""
        for engine in engines:
            engine.dispose(close=False)

    gc.freeze()
    tasks = [*requests(app, job), *patterns()]
    for name, task in tasks[job["share"] :: job["shares"]]:
        task(WARM_UP)()
        forks = [fork(task(part), close) for part in PARTS]
        counts = [
            (status, blocks_of(Path(job["logs"], f"{pid}.log")))
            for pid, status in forks
        ]
        print(json.dumps([name, counts]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
