"""What requests cost, and where: the server's processes, the database, a replica.

::

    PYTHONPATH=. .venv/bin/python benchmarks/scale.py

Milliseconds of CPU for a request, of two waitress processes by production.ini together
with nothing in front, and of all processes of PostgreSQL: they hardly depend on what
else the machine does, nor on the caller. Then how much memory the processes have, and
how many connections. For PostgreSQL and, where ``TEST_REDIS_URL`` names one, Redis.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx

from tests import factories, postgresql
from tests.deploy.processes import Servers

PROCESSES = 2
CALLERS = 4
MOST_CALLERS = 48
SECONDS = 5
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
SETTINGS = {
    "APISERVER_ISSUER": "https://api.example.com",
    "APISERVER_SMTP_HOST": "smtp.example.com",
    "APISERVER_MAIL_FROM": "no-reply@example.com",
    "APISERVER_FACTORS_KEY": "a" * 43 + "=",
    "APISERVER_OAUTH2_PASSWORD_GRANT": "true",
    "APISERVER_LOGIN_ATTEMPTS": "1000000",
    "APISERVER_LOGIN_ATTEMPTS_PER_ADDRESS": "1000000",
}
LIMITED = {
    "APISERVER_RATE_LIMIT": "100000000/hour",
    "APISERVER_RATE_LIMIT_STORAGE": REDIS,
}
SCOPES = ("teams:read", "teams:write", "users:read")
TEAMS = "/api/v1/teams/"


class Caller(NamedTuple):
    """A user, the client that he uses, and a token."""

    username: str
    client_id: str
    token: str


def cpu(*pids: int) -> float:
    """Return the milliseconds that the processes have run, with ended children."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def processes_of(server: postgresql.Server) -> list[int]:
    """Return the ids of all processes of a PostgreSQL server."""
    first = (server.data / "postmaster.pid").read_text().split()[0]
    children = Path(f"/proc/{first}/task/{first}/children").read_text()
    return [int(first), *map(int, children.split())]


def in_parallel(count: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Measured:
    """Running servers with their databases, which are asked and looked at."""

    def __init__(self, servers: Servers, databases: list[postgresql.Server]) -> None:
        self.servers, self.databases = servers, databases
        self.ports = list(servers.running)
        self.pids = [process.pid for process in servers.running.values()]
        with databases[0].session() as db:
            user = factories.make_user(db)
            client = factories.make_client(
                db, user, first_party=True, default_scopes=SCOPES
            )
            token = factories.make_token(db, user, client=client, scopes=SCOPES)
            db.commit()
            self.caller = Caller(user.username, client.client_id, token)

    def http(self, number: int) -> httpx.Client:
        port = self.ports[number % len(self.ports)]
        token = {"Authorization": f"Bearer {self.caller.token}"}
        return httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=token, timeout=60
        )

    def costs(self, call: Callable[[httpx.Client, Caller], None], count: int) -> str:
        """Return the milliseconds of a request: servers, then each database."""

        def work(number: int, times: int = count // CALLERS) -> None:
            with self.http(number) as http:
                for _ in range(times):
                    call(http, self.caller)

        # Connections are opened, statements prepared, and caches filled before.
        in_parallel(MOST_CALLERS // 2, lambda number: work(number, 1))
        groups = [self.pids, *map(processes_of, self.databases)]
        before = [cpu(*pids) for pids in groups]
        in_parallel(CALLERS, work)
        after = [cpu(*pids) for pids in groups]
        spent = [(a - b) / count for a, b in zip(after, before, strict=True)]
        return "".join(f"{milliseconds:10.2f}" for milliseconds in spent)

    def connections(self) -> list[int]:
        """Return the most connections that each database has had under load."""
        ended = time.monotonic() + SECONDS

        def work(number: int) -> None:
            with self.http(number) as http:
                while time.monotonic() < ended:
                    (read if number % 2 else write)(http, self.caller)

        in_parallel(MOST_CALLERS, work)
        counted = "count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        # One of them asks.
        return [database.tell(counted) - 1 for database in self.databases]

    def memory(self) -> str:
        """Return the MiB of a process: all, and its own share of what is shared."""
        sizes = []
        for pid in self.pids:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
            values = {line.split()[0]: int(line.split()[1]) // 1024 for line in lines}
            sizes.append(f"{values['Rss:']} ({values['Pss:']})")
        return ", ".join(sizes)


def read(http: httpx.Client, caller: Caller) -> None:
    assert http.get(TEAMS).status_code == 200  # noqa: S101


def write(http: httpx.Client, caller: Caller) -> None:
    made = http.post(TEAMS, json={"title": "Engineers"})
    assert made.status_code == 201  # noqa: S101


def sign_in(http: httpx.Client, caller: Caller) -> None:
    form = {"grant_type": "password", "username": caller.username}
    form["password"] = factories.PASSWORD
    basic = (caller.client_id, factories.CLIENT_SECRET)
    answer = http.post("/auth/oauth2/token", data=form, auth=basic)
    # Where more sign in than are hashed at once, some are asked to come again.
    assert answer.status_code in {200, 503}  # noqa: S101


CALLS = ((read, 2000), (write, 1000), (sign_in, 40))


@contextmanager
def running(*, replicas: int, **more: str) -> Iterator[Measured]:
    """Run two servers, with a primary and so many replicas."""
    with ExitStack() as stack:
        databases = [stack.enter_context(postgresql.running())]
        databases[0].migrate()
        for _ in range(replicas):
            databases.append(stack.enter_context(postgresql.running(databases[0])))
        urls = dict(
            zip(
                ("DATABASE_URL", "DATABASE_REPLICA_URL"),
                (database.url for database in databases),
                strict=False,
            )
        )
        folder = Path(stack.enter_context(TemporaryDirectory()))
        servers = Servers(folder, **SETTINGS, **urls, **more)
        stack.callback(servers.stop)
        for _ in range(PROCESSES):
            servers.start()
        servers.wait()
        yield Measured(servers, databases)


def measure(title: str, *, replicas: int, **more: str) -> None:
    with running(replicas=replicas, **more) as measured:
        print(f"\n{title}\n{'':10}{'server':>10}{'primary':>10}{'replica':>10}")
        for call, count in CALLS:
            print(f"{call.__name__:10}{measured.costs(call, count)}")
        print(f"connections of {PROCESSES} processes: {measured.connections()}")
        print(f"MiB of a process: {measured.memory()}")


def main() -> None:
    measure("One database", replicas=0)
    measure("A replica", replicas=1)
    measure("One database; limits in Redis", replicas=0, **LIMITED)


if __name__ == "__main__":
    main()
