"""PostgreSQL servers of a test's own, which it may stop, pause and replicate.

They run as the user postgres where the tests run as root, which PostgreSQL refuses.
"""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines
from apiserver.prepare import migrate
from tests.databases import make_tables_of_examples
from tests.served import free_port
from tests.settings import ROOT
from tests.tools import POSTGRESQL

INI = ROOT / "testing.ini"

CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
max_connections = 60
"""


def call(program: str, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL; its output is shown if it fails."""
    command = [str(POSTGRESQL[-1] / program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, cwd="/", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class Server:
    """One server, with its data in a folder."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def initialize(self) -> None:
        """Make an empty cluster that trusts this machine."""
        call("initdb", "-U", "postgres", "-A", "trust", "--no-sync", "-D", self.data)
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(CONFIGURATION)

    def copy(self, primary: "Server") -> None:
        """Become a replica of another server."""
        copied = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres")
        call("pg_basebackup", *copied, "--no-sync", "-R", "-D", self.data)

    def start(self) -> None:
        log = self.data / "server.log"
        options = f"-p {self.port}"
        call("pg_ctl", "start", "-w", "-D", self.data, "-l", log, "-o", options)

    def stop(self, mode: str = "fast") -> None:
        call("pg_ctl", "stop", "-w", "-m", mode, "-D", self.data)

    def promote(self) -> None:
        """Make a primary of this replica."""
        call("pg_ctl", "promote", "-w", "-D", self.data)

    def make_database(self) -> str:
        """Make another, empty database, and return its URL."""
        name = f"apiserver_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name}")
        return f"{self.url.rpartition('/')[0]}/{name}"

    def migrate(self, url: str = "") -> None:
        """Make the tables, in the first database or in another one."""
        engine, _ = make_engines(url or self.url)
        with engine.connect() as connection:
            migrate(INI, connection)
        make_tables_of_examples(engine)
        engine.dispose()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session on the database."""
        engine, _ = make_engines(self.url)
        with Session(engine, expire_on_commit=False) as session:
            yield session
        engine.dispose()

    def tell(self, expression: str) -> Any:
        """Have the server evaluate something; return the value."""
        ((value,),) = self.run(f"SELECT {expression}")
        return value

    def run(self, statement: str) -> list[Any]:
        """Execute a statement outside of transactions; return its rows."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            result = connection.execute(text(statement))
            rows = list(result) if result.returns_rows else []
        engine.dispose()
        return rows

    def catch_up(self, primary: "Server") -> None:
        """Wait until this replica has what the primary has written."""
        place = primary.tell("pg_current_wal_lsn()::text")
        while not self.tell(f"pg_last_wal_replay_lsn() >= '{place}'::pg_lsn"):
            pass

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let this replica lag: what is written meanwhile can't be read here."""
        self.tell("pg_wal_replay_pause()")
        yield
        self.tell("pg_wal_replay_resume()")


@contextmanager
def running(primary: Server | None = None) -> Iterator[Server]:
    """Run a new server, or a replica of one; it may be stopped meanwhile.

    Its folder is not among those of the tests, which nobody else may look into.
    """
    with TemporaryDirectory(prefix="postgresql-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        server = Server(Path(folder))
        if primary is None:
            server.initialize()
        else:
            server.copy(primary)
        server.start()
        try:
            yield server
        finally:
            if (server.data / "postmaster.pid").exists():
                server.stop("immediate")
