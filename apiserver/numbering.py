"""Ensures that SQLite never reuses ids, whatever a migration does.

Without AUTOINCREMENT SQLite reuses the id of a deleted row, so that old URLs and events
of the audit log would refer to another object. With it, the table ``sqlite_sequence``
has the highest id ever.
"""

from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import comparators, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from alembic.operations.ops import UpgradeOps
from sqlalchemy import Connection, MetaData, Table, text

from apiserver.core.db import never_reuse_ids
from apiserver.rebuilding import count

HAS_SEQUENCES = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
SEQUENCES = text("SELECT name, seq FROM sqlite_sequence")
FORGET = text("DELETE FROM sqlite_sequence WHERE name = :name")
REMEMBER = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :highest)")
# Except for Alembic's and SQLite's own.
TABLES = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE"
    " 'sqlite_%' ORDER BY name"
)


class Sequences:
    """The highest id ever of each SQLite table, during migrations."""

    def __init__(self, connection: Connection) -> None:
        begun = connection.in_transaction()
        self.highest = read_sequences(connection)
        if not begun:
            # Otherwise Alembic would leave the commit to the caller.
            connection.rollback()

    def keep(self, *, ctx: Any, **kw: object) -> None:
        """Restore the highest ids that a migration has lost (``on_version_apply``).

        Also for a dropped table, which may be created again.
        """
        connection = ctx.connection
        current = read_sequences(connection)
        for name in self.highest:
            if current.get(name, 0) < self.highest[name]:
                connection.execute(FORGET, {"name": name})
                values = {"name": name, "highest": self.highest[name]}
                connection.execute(REMEMBER, values)
        self.highest = read_sequences(connection)


def read_sequences(connection: Connection) -> dict[str, int]:
    """Return the highest ids by table; none on PostgreSQL."""
    if connection.dialect.name != "sqlite" or not connection.scalar(HAS_SEQUENCES):
        return {}
    return {row.name: row.seq for row in connection.execute(SEQUENCES)}


def reusing(connection: Connection) -> Iterator[str]:
    """Return the SQLite tables that would reuse the ids of deleted rows."""
    if connection.dialect.name != "sqlite":
        return
    for name, sql in connection.execute(TABLES).all():
        if not count("AUTOINCREMENT", sql) and not count("WITHOUT ROWID", sql):
            table = Table(name, MetaData(), autoload_with=connection)
            never_reuse_ids(table)
            if table.dialect_options["sqlite"]["autoincrement"]:
                yield name


@Operations.register_operation("never_reuse_ids")
class NeverReuseIds(MigrateOperation):
    """The ``op`` function that adds missing AUTOINCREMENT to SQLite tables."""

    @classmethod
    def never_reuse_ids(cls, operations: Operations) -> None:
        """Copy the tables that would reuse ids; do nothing on PostgreSQL.

        Nor if SQL is only printed, for a new database, whose tables have AUTOINCREMENT.
        """
        operations.invoke(cls())

    def reverse(self) -> MigrateOperation:
        return self

    def to_diff_tuple(self) -> tuple[str]:
        return ("never_reuse_ids",)


@Operations.implementation_for(NeverReuseIds)
def copy_reusing(operations: Operations, operation: NeverReuseIds) -> None:
    if operations.get_context().as_sql:
        return
    for name in list(reusing(operations.get_bind())):
        with operations.batch_alter_table(name, recreate="always"):
            pass


@renderers.dispatch_for(NeverReuseIds)
def render(context: AutogenContext, operation: NeverReuseIds) -> str:
    return "op.never_reuse_ids()"


@comparators.dispatch_for("schema")
def compare(context: AutogenContext, upgrade: UpgradeOps, schemas: object) -> None:
    """Let autogenerate and the check detect tables that reuse ids."""
    if context.connection is not None and any(reusing(context.connection)):
        upgrade.ops.append(NeverReuseIds())
