"""Extends Alembic's classes for SQLite and PostgreSQL.

Defining a class for a dialect replaces Alembic's own.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from alembic.ddl.impl import DefaultImpl
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.ddl.sqlite import SQLiteImpl
from alembic.util import CommandError
from sqlalchemy import CheckConstraint, Column, Connection, Dialect, Table, text
from sqlalchemy.dialects.postgresql import ENUM, CreateEnumType
from sqlalchemy.schema import CreateIndex, CreateTable

from apiserver.core.db import never_reuse_ids
from apiserver.core.typing import Row

if TYPE_CHECKING:
    from alembic.operations.batch import ApplyBatchImpl

# The kinds of objects that are dropped with a table.
PARTS = text(
    "SELECT type, name, sql FROM sqlite_master "
    "WHERE lower(tbl_name) = lower(:table) AND sql IS NOT NULL"
)
SEQUENCE = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
FORGET_SEQUENCE = text("DELETE FROM sqlite_sequence WHERE name = :table")
SET_SEQUENCE = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :seq)")
# Options of CREATE TABLE that SQLAlchemy doesn't reflect, with its own names for them.
OPTIONS = {
    "AUTOINCREMENT": ("autoincrement", True),
    "WITHOUT ROWID": ("with_rowid", False),
    "STRICT": ("strict", True),
}
WORDS = (
    *OPTIONS,
    *("CHECK", "COLLATE", "DEFAULT", "DEFERRABLE", "GENERATED", "ON CONFLICT"),
    *("ON DELETE", "ON UPDATE", "REFERENCES", "UNIQUE"),
)
# Strings, quoted names and comments, in which words are ignored. An unterminated one
# ends with the text; a doubled quote ends one and begins another.
QUOTED = re.compile(
    r"""'[^']*(?:'|\Z)|"[^"]*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[^]]*(?:]|\Z)"""
    r"""|--[^\n]*|/\*.*?(?:\*/|\Z)""",
    re.S,
)


class Comparing(DefaultImpl):
    """Compares server defaults that are empty, or have quotes."""

    def compare_server_default(
        self,
        inspector_column: Column[object],
        metadata_column: Column[object],
        *rendered: str | None,
    ) -> bool:
        """Whether the server defaults of the models and of the database differ."""
        written = getattr(metadata_column.server_default, "arg", None)
        if isinstance(written, str) and (not written or "'" in written):
            stored = re.sub(r"::[\w ]+$", "", rendered[1] or "NULL")
            return written not in spellings(stored)
        differ: Callable[..., bool] = super().compare_server_default
        return differ(inspector_column, metadata_column, *rendered)


class RebuildingImpl(Comparing, SQLiteImpl):
    """Preserves everything of an SQLite table that is copied, dropped and recreated."""

    __dialect__ = "sqlite"
    connection: Connection

    def create_table(self, table: Table, **kw: object) -> None:
        """Create a table, or its copy, that never reuses ids."""
        never_reuse_ids(table)
        super().create_table(table, **kw)

    def prep_table_for_batch(self, batch_impl: "ApplyBatchImpl", table: Table) -> None:
        """Note the objects dropped with the table, and complete its replacement.

        Raises CommandError if the new table would lose something.
        """
        parts = self.connection.execute(PARTS, {"table": table.name}).all()
        new_table = cast(Table, batch_impl.new_table)
        made = next(sql for kind, _, sql in parts if kind == "table")
        for word, (option, value) in OPTIONS.items():
            if count(word, made):
                for each in (table, new_table):
                    each.dialect_options["sqlite"][option] = value
        described = batch_impl.table_args or not batch_impl.reflected
        if not described:
            keep_unnamed_checks(new_table, table)
            refuse_loss(made, table, self.dialect)
        self.dropped = [sql for kind, _, sql in parts if kind == "trigger"]
        self.dropped += indexes_as_they_were(batch_impl, table, parts)
        self.dropped += new_indexes(batch_impl, self.dialect)
        self.sequence = None
        if count("AUTOINCREMENT", made):
            self.sequence = self.connection.scalar(SEQUENCE, {"table": table.name})
        self.temporary: str | None = batch_impl.temp_table_name

    def rename_table(
        self, old_table_name: str, new_table_name: str, schema: str | None = None
    ) -> None:
        """Rename a table; after a batch, recreate the objects of the old one."""
        if old_table_name != getattr(self, "temporary", None):
            super().rename_table(old_table_name, new_table_name, schema)
            return
        # Otherwise views and triggers that name the missing table would fail.
        self.connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
        super().rename_table(old_table_name, new_table_name, schema)
        self.connection.exec_driver_sql("PRAGMA legacy_alter_table = OFF")
        for sql in self.dropped:
            self.connection.exec_driver_sql(sql)
        if self.sequence is not None:
            parameters = {"table": new_table_name, "seq": self.sequence}
            self.connection.execute(FORGET_SEQUENCE, parameters)
            self.connection.execute(SET_SEQUENCE, parameters)
        self.temporary = None


class EnumImpl(Comparing, PostgresqlImpl):
    """Creates the PostgreSQL type of an enum before its first column."""

    __dialect__ = "postgresql"
    connection: Connection

    def create_table(self, table: Table, **kw: object) -> None:
        for column in table.columns if not self.as_sql else ():
            self.create_type(column)
        super().create_table(table, **kw)

    def add_column(self, table_name: str, column: Column[object], **kw: Any) -> None:
        self.create_type(column)
        super().add_column(table_name, column, **kw)

    def create_type(self, column: Any) -> None:
        made = column.type.dialect_impl(self.dialect)
        # An enum that is stored as text has no type.
        if not isinstance(made, ENUM) or not made.create_type:
            return
        if self.as_sql:
            self._exec(CreateEnumType(made))
        else:
            made.create(self.connection, checkfirst=True)
        # Otherwise either table would create it again.
        made.create_type = column.type.create_type = False


def spellings(default: str) -> set[str]:
    """Return the equivalent notations of a default."""
    bare = re.sub(r"^\((.*)\)$", r"\1", default, flags=re.S)
    text = re.sub(r"^'(.*)'$", r"\1", bare, flags=re.S).replace("''", "'")
    return {default, bare, text}


def count(words: str, sql: str) -> int:
    """Return how often the words occur in a statement, outside of quotes."""
    pattern = r"\b" + words.replace(" ", r"\s+") + r"\b"
    return len(re.findall(pattern, QUOTED.sub(" ", sql), re.IGNORECASE))


def indexes_as_they_were(
    batch_impl: "ApplyBatchImpl", table: Table, parts: Sequence[Row]
) -> list[str]:
    """Return the statements of indexes that SQLAlchemy can't reflect completely."""
    known = {index.name for index in table.indexes}
    made = {name: sql for kind, name, sql in parts if kind == "index"}
    kept = [name for name in made if name not in known]
    for name in set(batch_impl.indexes) & known:
        if count("DESC", made[name]) or count("COLLATE", made[name]):
            kept.append(name)
            del batch_impl.indexes[name]
    return [made[name] for name in kept]


def new_indexes(batch_impl: "ApplyBatchImpl", dialect: Dialect) -> list[str]:
    """Return the statements of new indexes on expressions, which Alembic can't copy."""
    made = []
    for name, index in list(batch_impl.new_indexes.items()):
        if not all(isinstance(each, Column) for each in index.expressions):
            made.append(str(CreateIndex(index).compile(dialect=dialect)))
            del batch_impl.new_indexes[name]
    return made


def keep_unnamed_checks(new_table: Table, table: Table) -> None:
    """Add the unnamed CHECK constraints, which Alembic omits."""
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint) and not constraint.name:
            new_table.append_constraint(CheckConstraint(constraint.sqltext))


def refuse_loss(made: str, table: Table, dialect: Dialect) -> None:
    """Raise CommandError if the table has parts that can't be reflected."""
    known = str(CreateTable(table).compile(dialect=dialect))
    lost = [word for word in WORDS if count(word, made) > count(word, known)]
    if lost:
        raise CommandError(
            f"A copy of {table.name} would lose its {', '.join(lost)}: describe it, "
            "op.batch_alter_table(…, copy_from=…)."
        )
