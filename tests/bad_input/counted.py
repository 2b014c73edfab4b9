"""The process whose work is counted: it sends requests, and matches patterns.

Started by ``test_work.py`` under valgrind. Requests are sent by forks of the warm
process, for which valgrind says when they end how much they have done. Some are sent by
one fork: what isn't linear shows among those that are. Then each has forks of its own.
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
# How many requests a fork sends, which costs as much itself as one of them.
TOGETHER = 8
# Of twice as much twice is added if it is linear, four times if it is quadratic.
THRICE = 3
# What isn't linear, as a limit that is reached half-way; less than a request costs.
SOME = 400_000

# Each jump to a block is an event to valgrind's scheduler.
_BLOCKS = re.compile(r"scheduler: ([\d,]+) event checks")

FORK = multiprocessing.get_context("fork")
# Makes what is of that part of the length; what it returns does it.
Task = Callable[[int], Callable[[], int]]
# For each part the first digit of the status, and the blocks.
Counts = list[tuple[int, int]]


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


def fork(do: list[Callable[[], int]], close: Callable[[], None]) -> tuple[int, int]:
    """Do it in a fork; return its id, and the first digit of the highest status."""

    def run() -> None:
        close()
        sys.exit(max(each() for each in do) // 100)

    process = FORK.Process(target=run)
    process.start()
    process.join()
    return process.pid or 0, process.exitcode or 0


def blocks_of(log: Path) -> int:
    """Return how many blocks a process has run, by what valgrind has said of it."""
    [number] = _BLOCKS.findall(log.read_text("utf-8", "replace"))
    return int(number.replace(",", ""))


def is_linear(counts: Counts) -> bool:
    first, second, third = (count for _, count in counts)
    return third - second <= THRICE * max(second - first, 0) + SOME


def is_answered(counts: Counts) -> bool:
    return {status for status, _ in counts} <= {2, 3, 4}


class Counting:
    """Counts the work of tasks, by the logs of a folder."""

    def __init__(self, logs: Path, close: Callable[[], None]) -> None:
        self.logs, self.close = logs, close

    def count(self, *tasks: Task) -> Counts:
        """Return what forks have done that do all of the tasks, by their parts."""
        # Before the first fork: a fork has also done what its parent did until then.
        made = [[make(part) for make in tasks] for part in PARTS]
        forks = [fork(do, self.close) for do in made]
        return [
            (status, blocks_of(self.logs / f"{number}.log")) for number, status in forks
        ]

    def results(self, tasks: dict[str, Task]) -> Iterator[tuple[str, Counts]]:
        """Yield what tasks have done together, or each of them if that isn't well."""
        for make in tasks.values():
            make(WARM_UP)()
        together = self.count(*tasks.values())
        if is_linear(together) and is_answered(together):
            yield ", ".join(tasks), together
        else:
            for name, make in tasks.items():
                yield name, self.count(make)


def main(job: dict[str, Any]) -> None:
    """Print a line for each group of tasks: their names, and what they have done."""
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
    counting = Counting(Path(job["logs"]), close)
    for group in groups(list(requests(app, job)), list(patterns())):
        for result in counting.results(group):
            print(json.dumps(result), flush=True)  # noqa: T201


def groups(
    sent: list[tuple[str, Task]], matched: list[tuple[str, Task]]
) -> Iterator[dict[str, Task]]:
    """Yield what is done together; the work of a pattern is too little for that."""
    for place in range(0, len(sent), TOGETHER):
        yield dict(sent[place : place + TOGETHER])
    for pattern in matched:
        yield dict([pattern])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
