"""Engines: how SQLite and PostgreSQL are made to behave alike."""

import os
import pkgutil
from collections.abc import Mapping
from typing import Any

from pyramid_retry import mark_error_retryable
from sqlalchemy import URL, Engine, create_engine, event

from apiserver.core import databases

# Seconds to wait for a connection, a new one or one of the pool.
PATIENCE = 5
# Of each pool: as many as the threads of production.ini.
POOL_SIZE = 12


def make_engines(
    url: str | URL, *, statement_timeout: int = 0, pool_size: int = POOL_SIZE
) -> tuple[Engine, Engine]:
    """Make the engine that writes, and the one that reads without transactions.

    PostgreSQL ends statements after ``statement_timeout`` seconds; 0 is never. Each
    engine has up to ``pool_size`` connections to it, and keeps those it has made.
    """
    parsed = databases.parse(url)
    # Errors are logged: without the values, among which are digests of passwords.
    options: dict[str, Any] = {"hide_parameters": True}
    if parsed.get_backend_name() == "postgresql":
        options["connect_args"] = psycopg_arguments(statement_timeout, parsed.query)
        options |= pool_options(pool_size)
    writing = create_engine(parsed, **options)
    reading = create_engine(
        parsed,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_reset_on_return=None,
        **options,
    )
    if parsed.get_backend_name() == "sqlite":
        event.listen(writing, "connect", prepare_sqlite)
        event.listen(reading, "connect", prepare_sqlite)
        event.listen(writing, "begin", begin_immediate)
        event.listen(writing, "reset", end_transaction)
    event.listen(writing, "handle_error", retry_when_others_won)
    return writing, reading


def pool_options(size: int) -> dict[str, int]:
    # Those beyond the size would be made and closed with each request.
    return {"pool_size": size, "max_overflow": 0, "pool_timeout": PATIENCE}


def psycopg_arguments(
    statement_timeout: int, query: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what psycopg is told besides the URL, whose own words count more.

    But the time zone: what is read is taken for UTC.
    """
    # By its name, since psycopg is installed with the extra alone.
    cursor = pkgutil.resolve_name("apiserver.core.postgresql:Cursor")
    given = databases.server_options(query)
    timeout = query.get("connect_timeout", os.environ.get("PGCONNECT_TIMEOUT"))
    return {
        "options": f"-c statement_timeout={statement_timeout}s {given} -c timezone=utc",
        "cursor_factory": cursor,
        "connect_timeout": timeout or PATIENCE,
    }


def prepare_sqlite(connection: Any, record: Any) -> None:
    """Give SQLite what PostgreSQL has: foreign keys, readers beside a writer."""
    # Without this the driver begins transactions on its own, and breaks savepoints.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA busy_timeout = 10000")


def begin_immediate(connection: Any) -> None:
    """Take SQLite's write lock at once: a lock taken later can fail half-way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def end_transaction(connection: Any, record: Any, state: Any) -> None:
    """Undo what a failed COMMIT leaves open, before the next request finds it."""
    if connection.in_transaction:
        connection.rollback()


def retry_when_others_won(context: Any) -> None:
    """Let pyramid_retry repeat a request that lost to a concurrent one.

    That is after a serialization failure (40001) or a deadlock (40P01). Tagged here,
    since the exception view answers before pyramid_tm would look at the error.
    """
    sqlstate = getattr(context.original_exception, "sqlstate", None)
    if sqlstate in {"40001", "40P01"} and context.sqlalchemy_exception is not None:
        mark_error_retryable(context.sqlalchemy_exception)
