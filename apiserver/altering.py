"""Runs migrations without losing rows.

Alembic alters SQLite's tables by copying, dropping and recreating them. With foreign
keys enabled, dropping a table would delete the rows that refer to it. So they are
disabled while migrations run, and checked before each commit.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, event, text, types
from sqlalchemy.exc import OperationalError

from apiserver.core.db import JsonDocument

WITHOUT_PARENT = text("""
    SELECT child.name, parent."table" FROM sqlite_master AS child
    JOIN pragma_foreign_key_list(child.name) AS parent
    WHERE child.type = 'table' AND lower(parent."table") NOT IN (
        SELECT lower(name) FROM sqlite_master WHERE type = 'table'
    )
""")

# How many dangling references an error names.
MOST_ROWS = 5


def render_item(
    kind: str, item: object, context: AutogenContext
) -> str | Literal[False]:
    """Render plain column types, since migrations must not change with the code."""
    if kind != "type" or not isinstance(item, types.TypeDecorator):
        return False
    if isinstance(item, JsonDocument):
        context.imports.add("from sqlalchemy.dialects import postgresql")
    # SQLAlchemy's own types are plain: sa.Interval().
    is_own = type(item).__module__.startswith("sqlalchemy.")
    plain: str = getattr(item, "in_migrations", f"sa.{item.impl_instance!r}")
    return False if is_own else plain


def prepared(connection: Connection) -> AbstractContextManager[None]:
    """Return the context manager in which migrations run."""
    if connection.dialect.name == "sqlite":
        return foreign_keys_off(connection)
    return nullcontext()


def give_up_locks(connection: Connection) -> None:
    """Let a PostgreSQL transaction wait up to five seconds for a lock, then fail.

    An ALTER TABLE that waits blocks all requests behind it. The time-out is set only
    for this transaction, since a pooler may give the connection to another client.
    """
    driver: Any = connection.connection.driver_connection
    if not driver.autocommit:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")


@contextmanager
def printed(migrations: MigrationContext) -> Iterator[None]:
    """Print SQLite's statements outside of transactions, around the others."""
    if migrations.dialect.name != "sqlite":
        yield
        return
    migrations.impl.static_output("PRAGMA foreign_keys = OFF;\n")
    yield
    # It prints rows with dangling references.
    migrations.impl.static_output("PRAGMA foreign_key_check;\n")
    migrations.impl.static_output("PRAGMA foreign_keys = ON;\n")


@contextmanager
def foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Disable foreign keys in the block; check them before each commit.

    Raises CommandError in a transaction, where SQLite ignores the switch.
    """
    if connection.in_transaction():
        raise CommandError("SQLite migrates by a connection without a transaction.")
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    event.listen(connection, "commit", check_foreign_keys)
    try:
        yield
    finally:
        event.remove(connection, "commit", check_foreign_keys)
        connection.rollback()
        # The failed transaction is still open, and the next line would commit it.
        driver.rollback()
        # After Alembic's autocommit_block the driver begins transactions itself.
        driver.isolation_level = None
        driver.execute("PRAGMA foreign_keys = ON")


def check_foreign_keys(connection: Connection) -> None:
    """Raise CommandError for dangling references, with their rows."""
    broken: dict[tuple[str, str], list[int | None]] = {}
    try:
        checked = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except OperationalError as error:
        raise CommandError(f"A foreign key has no target: {error.orig}") from error
    for table, row, parent, _ in checked:
        broken.setdefault((table, parent), []).append(row)
    reasons = [
        f"{len(rows)} rows of {table} would refer to rows that {parent} doesn't have "
        f"(rowid {', '.join(map(str, rows[:MOST_ROWS]))}"
        f"{', …' if len(rows) > MOST_ROWS else ''})"
        for (table, parent), rows in broken.items()
    ] or [
        f"{table} would refer to {parent}, which does not exist"
        for table, parent in connection.execute(WITHOUT_PARENT)
    ]
    if reasons:
        raise CommandError(f"The migration was rolled back: {'; '.join(reasons)}.")
