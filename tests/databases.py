"""Databases for the tests that need one of their own."""

import os
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, make_url, text

from apiserver.core.db import Base, make_engines
from apiserver.prepare import migrate
from tests.settings import EXAMPLES, ROOT

INI = ROOT / "testing.ini"
# Without it, databases are files of SQLite.
SERVER = os.environ.get("TEST_DATABASE_URL") or None


def asks_for_database(item: Any) -> bool:
    """Whether a test can tell SQLite from PostgreSQL: it has a database, or asks which.

    The others would do the same a second time.
    """
    asks = "make_database" in getattr(item, "fixturenames", ())
    knows = SERVER is not None and getattr(item.module, "SERVER", None) is SERVER
    return asks or knows or item.get_closest_marker("skipif") is not None


class Databases:
    """Makes databases in a folder, or on the server that the environment names.

    Each is a copy of the first one, which alone is migrated, or of the second one, with
    the tables of the examples; nobody connects to these.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []
        engine, _ = make_engines(self.make(migrated=True))
        with engine.connect() as connection:
            migrate(INI, connection)
        engine.dispose()
        engine, _ = make_engines(self.make(migrated=True))
        make_tables_of_examples(engine)
        engine.dispose()

    def make(self, *, migrated: bool = False) -> str:
        """Make one, and return its URL; one as it is ``migrated``, or with examples."""
        first = self.names[0 if migrated else 1] if self.names else None
        name = f"apiserver_{uuid.uuid4().hex}"
        self.names.append(name)
        if SERVER is None:
            if first is not None:
                shutil.copy(self.file(first), self.file(name))
            return f"sqlite:///{self.file(name)}"
        template = f"TEMPLATE {first}" if first else ""
        run_on_server(f"CREATE DATABASE {name} {template}")
        url = make_url(SERVER).set(database=name)
        return url.render_as_string(hide_password=False)

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.db"

    def drop(self) -> None:
        """Drop those of a server; files go with their folder."""
        if SERVER is not None:
            drops = [f"DROP DATABASE {name} WITH (FORCE)" for name in self.names]
            # At once, since they share what takes longest: that all is on the disk.
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(run_on_server, drops))


def make_tables_of_examples(engine: Engine) -> None:
    """Make the tables of the features whose migrations no ini file names."""
    for name in EXAMPLES:
        import_module(f"{name}.models")
    tables = [
        mapper.local_table
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("examples.")
    ]
    Base.metadata.create_all(engine, tables)


def run_on_server(statement: str) -> None:
    engine = create_engine(SERVER or "", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
