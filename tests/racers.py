"""Operating system processes that call the application at the same moment.

Each has its own application and its own connections to one database, as the processes
of a server have: what they do to each other no test in one process can show.
"""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple, Self

from pyramid.paster import get_appsettings

import apiserver
from apiserver.users import hashing
from tests import factories
from tests.client import Client
from tests.forked import CONTEXT
from tests.networks import from_address

INI = Path(__file__).parent.parent / "testing.ini"
PROCESSES = 4
PATIENCE = 60
# From the same address callers may wait for each other, to count what they try.
ADDRESSES = cycle(f"192.0.2.{number}" for number in range(1, 255))


class Call(NamedTuple):
    """One request to a path of the API; ``json`` is its body, if it has one.

    With a ``form`` for a body, the path is one of the server's root.
    """

    token: str | None
    method: str
    path: str
    json: Any = None
    headers: dict[str, str] | None = None
    form: dict[str, str] | None = None
    address: str = ""


class Answer(NamedTuple):
    """What came back: the status, and the document if there is one; not a page."""

    status: int
    json: Any


def statuses(answers: Iterable[Answer]) -> Counter[int]:
    """Return how often each status came back."""
    return Counter(answer.status for answer in answers)


class Racers:
    """Processes that run until the end of the block.

    Besides the features of testing.ini they have those named, of a folder of packages,
    and ``more`` settings.
    """

    def __init__(
        self, url: str, folder: Path | None = None, *features: str, **more: str
    ) -> None:
        self.url = url
        self.line = CONTEXT.Barrier(PROCESSES)
        self.racers: list[tuple[BaseProcess, Connection]] = []
        for _ in range(PROCESSES):
            ours, theirs = CONTEXT.Pipe()
            process = CONTEXT.Process(
                target=race, args=(url, theirs, self.line, folder, features, more)
            )
            process.start()
            theirs.close()
            self.racers.append((process, ours))
        for _, connection in self.racers:
            self.receive(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for _, connection in self.racers:
            connection.send(None)
            connection.close()
        for process, _ in self.racers:
            process.join(PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()

    def run(self, *calls: Call) -> list[Answer]:
        """Send the calls all at once, and return what came back, in their order.

        Of more calls than there are processes, each process sends some by threads; of
        fewer, some send none.
        """
        for number, (_, connection) in enumerate(self.racers):
            connection.send(calls[number::PROCESSES])
        answers: dict[int, Answer] = {}
        for number, (_, connection) in enumerate(self.racers):
            places = range(number, len(calls), PROCESSES)
            answers.update(zip(places, self.receive(connection), strict=True))
        return [answers[place] for place in range(len(calls))]

    def receive(self, connection: Connection) -> Any:
        if not connection.poll(PATIENCE):
            raise TimeoutError("A process does not answer.")
        return connection.recv()


def race(
    url: str,
    connection: Connection,
    line: Any,
    folder: Path | None,
    features: tuple[str, ...],
    more: dict[str, str],
) -> None:
    """Answer calls until there are no more; the main function of a process."""
    # As in the process of the tests, whose hashes would be stored anew otherwise.
    hashing.HASHER = factories.HASHER
    settings = {**get_appsettings(str(INI)), "sqlalchemy.url": url}
    if folder is not None:
        apiserver.__path__.append(str(folder))
    on = (settings["apiserver.features"], *features)
    settings["apiserver.features"] = " ".join(on)
    settings |= {f"apiserver.{name}": value for name, value in more.items()}
    app = apiserver.main({"__file__": str(INI)}, **settings)
    connection.send("ready")
    while (calls := connection.recv()) is not None:
        line.wait(PATIENCE)
        with ThreadPoolExecutor(len(calls) or 1) as threads:
            connection.send(list(threads.map(partial(send, app), calls)))
    for sessions in (app.registry.write_sessions, app.registry.read_sessions):
        sessions.kw["bind"].dispose()


def send(app: Any, call: Call) -> Answer:
    client = Client(from_address(app, call.address), call.token)
    body = {} if call.json is None else {"json": call.json}
    path = client.prefix + call.path
    if call.form is not None:
        path, body = call.path, {"form": call.form}
    response = client.call(call.method, path, headers=call.headers, **body)
    is_page = response.content_type == "text/html"
    document = response.json if response.body and not is_page else None
    return Answer(response.status_int, document)
