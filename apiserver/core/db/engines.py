"""Engines, which make SQLite and PostgreSQL behave alike."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from pyramid_retry import mark_error_retryable
from sqlalchemy import (
    URL,
    Engine,
    ExceptionContext,
    PoolProxiedConnection,
    create_engine,
    event,
)

from apiserver.core.db.prepared import give_plain_results
from apiserver.core.settings import databases

if TYPE_CHECKING:
    import psycopg

    # Installed only with the extra.
    Psycopg = psycopg.Connection[tuple[Any, ...]]

Query = Mapping[str, str | tuple[str, ...]]

# Seconds to wait for a connection, a new one or one from the pool.
PATIENCE = 5
# Seconds to wait for the write lock of SQLite.
PATIENCE_WITH_WRITERS = 10
# PostgreSQL's code for a write on a replica, or during a failover.
READ_ONLY = "25006"
# An option without a meaning, to check that startup options arrive.
MARK = "apiserver.options"
UTC_NAMES = {"UTC", "ETC/UTC"}
# The engine for reads has no transactions, and nothing to roll back.
READING: dict[str, object] = {
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "pool_reset_on_return": None,
}
# Per pool: the number of threads in production.ini.
POOL_SIZE = 12


def read_json(stored: object) -> object:
    """Parse a JSON column; SQLite returns a number if the JSON is one.

    PostgreSQL writes 1e300 with all of its digits, which orjson reads as a float again.
    """
    return orjson.loads(stored) if isinstance(stored, str | bytes) else stored


JSON: dict[str, object] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": read_json,
}


def make_engines(
    url: str | URL, *, statement_timeout: int = 0, pool_size: int = POOL_SIZE
) -> tuple[Engine, Engine]:
    """Make the engine for writes, and the one for reads, without transactions.

    PostgreSQL cancels statements after ``statement_timeout`` seconds; 0 means never.
    Each engine keeps up to ``pool_size`` connections to it.
    """
    parsed = databases.parse(url)
    # Errors are logged without the values, since these include password digests.
    options: dict[str, object] = {"hide_parameters": True, **JSON}
    if parsed.get_backend_name() == "sqlite":
        options["connect_args"] = sqlite_arguments(parsed.query)
    else:
        options["connect_args"] = psycopg_arguments(statement_timeout, parsed.query)
        options |= pool_options(pool_size)
    place = parsed.difference_update_query([databases.POOLER])
    writing = create_engine(place, **options)
    reading = create_engine(place, **READING, **options)
    for engine in (writing, reading):
        give_plain_results(engine.dialect)
    for prepare in preparations(parsed):
        event.listen(writing, "connect", prepare)
        event.listen(reading, "connect", prepare)
    prepare_transactions(writing)
    return writing, reading


def preparations(url: URL) -> list[Callable[..., None]]:
    """Return the functions that prepare a new connection."""
    if url.get_backend_name() == "sqlite":
        return [prepare_sqlite]
    if databases.POOLER in url.query:
        return [prepare_postgresql]
    return [refuse_pooler, prepare_postgresql]


def prepare_transactions(writing: Engine) -> None:
    if writing.dialect.name == "sqlite":
        writing.dialect.do_begin = begin_immediate  # type: ignore[assignment]
        event.listen(writing, "reset", end_transaction)
    event.listen(writing, "handle_error", retry_when_others_won)
    event.listen(writing, "handle_error", leave_a_demoted_server)


def pool_options(size: int) -> dict[str, int]:
    # Connections beyond the size would be opened and closed for each request.
    return {"pool_size": size, "max_overflow": 0, "pool_timeout": PATIENCE}


def psycopg_arguments(statement_timeout: int, query: Query) -> dict[str, object]:
    """Return psycopg's arguments besides the URL, whose own options take precedence.

    A pooler that gives each transaction another connection supports neither startup
    options nor prepared statements.
    """
    timeout = query.get("connect_timeout", os.environ.get("PGCONNECT_TIMEOUT"))
    arguments: dict[str, object] = {"connect_timeout": timeout or PATIENCE}
    if databases.POOLER in query:
        return {**arguments, "prepare_threshold": None}
    given = databases.server_options(query)
    options = f"-c statement_timeout={statement_timeout}s {given} -c timezone=utc"
    options += f" -c {MARK}=on"
    return {**arguments, "options": options}


def sqlite_arguments(query: Query) -> dict[str, object]:
    return {} if "timeout" in query else {"timeout": PATIENCE_WITH_WRITERS}


def prepare_postgresql(connection: "Psycopg", record: object) -> None:
    """Set the session's time zone to UTC, and the date style that psycopg reads.

    PGTZ in the environment overrides the startup options, and a pooler drops them. The
    server has reported its values on connecting: usually nothing needs to be sent.
    """
    zone, style = map(connection.info.parameter_status, ("TimeZone", "DateStyle"))
    if (zone or "").upper() in UTC_NAMES and (style or "").startswith("ISO"):
        return
    with connection.transaction():
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET DateStyle = 'ISO'")


def refuse_pooler(connection: "Psycopg", record: object) -> None:
    """Raise OperationalError if the startup options have not arrived.

    Through an undeclared pooler a statement that another client prepared could be
    executed.
    """
    with connection.transaction():
        found = connection.execute("SELECT current_setting(%s, true)", [MARK])
    ((arrived,),) = found.fetchall()
    if arrived != "on":
        connection.close()
        raise connection.OperationalError(databases.DROPPED)


def prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    """Give SQLite foreign keys, and reads during a write, like PostgreSQL."""
    # Otherwise the driver begins transactions itself, and breaks savepoints.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def begin_immediate(connection: PoolProxiedConnection) -> None:
    """Take SQLite's write lock immediately: a later lock may fail half-way."""
    connection.cursor().execute("BEGIN IMMEDIATE")


def end_transaction(
    connection: sqlite3.Connection, record: object, state: object
) -> None:
    """Roll back what a failed COMMIT leaves open, before the next request."""
    if connection.in_transaction:
        connection.rollback()


def retry_when_others_won(context: ExceptionContext) -> None:
    """Let pyramid_retry repeat a request after a conflict with a concurrent one.

    That is a serialization failure (40001) or a deadlock (40P01). The error is marked
    here, since the exception view responds before pyramid_tm would see it.
    """
    sqlstate = getattr(context.original_exception, "sqlstate", None)
    if sqlstate in {"40001", "40P01"} and context.sqlalchemy_exception is not None:
        mark_error_retryable(context.sqlalchemy_exception)


def leave_a_demoted_server(context: ExceptionContext) -> None:
    """Drop the connections to a server that no longer accepts writes (25006).

    New ones go to where the address, or target_session_attrs, leads by then.
    """
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True
