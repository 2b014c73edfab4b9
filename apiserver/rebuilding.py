"""How tables are altered: Alembic's classes for the databases, with what these lack.

By being a class for a dialect each takes the place of Alembic's own.
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

# What comes with a table in the schema, and is dropped with it.
PARTS = text(
    "SELECT type, name, sql FROM sqlite_master "
    "WHERE lower(tbl_name) = lower(:table) AND sql IS NOT NULL"
)
SEQUENCE = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
FORGET_SEQUENCE = text("DELETE FROM sqlite_sequence WHERE name = :table")
SET_SEQUENCE = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :seq)")
# What CREATE TABLE may say of a table that SQLAlchemy doesn't read, and by which of its
# options to say it again.
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
# Strings, quoted names and comments: words in these say nothing. What has no end goes
# on to that of the text; a doubled quote is the end of one and the start of another.
QUOTED = re.compile(
    r"""'[^']*(?:'|\Z)|"[^"]*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[^]]*(?:]|\Z)"""
    r"""|--[^\n]*|/\*.*?(?:\*/|\Z)""",
    re.S,
)


class Comparing(DefaultImpl):
    """Knows how a text is stored that is empty, or has quotes."""

    def compare_server_default(
        self,
        inspector_column: Column[object],
        metadata_column: Column[object],
        *rendered: str | None,
    ) -> bool:
        """Whether the defaults differ: that of the models, and that of the database."""
        written = getattr(metadata_column.server_default, "arg", None)
        if isinstance(written, str) and (not written or "'" in written):
            stored = re.sub(r"::[\w ]+$", "", rendered[1] or "NULL")
            return written not in spellings(stored)
        differ: Callable[..., bool] = super().compare_server_default
        return differ(inspector_column, metadata_column, *rendered)


class RebuildingImpl(Comparing, SQLiteImpl):
    """Loses nothing of a table of SQLite that is copied, dropped and recreated."""

    __dialect__ = "sqlite"
    connection: Connection

    def create_table(self, table: Table, **kw: object) -> None:
        """Create a table, or the copy of one, that never uses an id again."""
        never_reuse_ids(table)
        super().create_table(table, **kw)

    def prep_table_for_batch(self, batch_impl: "ApplyBatchImpl", table: Table) -> None:
        """Note what is dropped with the table, and complete the one that replaces it.

        Raises CommandError for what the new table would lose.
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
        """Rename a table; after a batch, make again what the old one has had."""
        if old_table_name != getattr(self, "temporary", None):
            super().rename_table(old_table_name, new_table_name, schema)
            return
        # Else views and triggers that name the table, which isn't there, would fail.
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
    """Makes the type of an enum before a column of it, where PostgreSQL has none."""

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
        # One that is stored as text is none.
        if not isinstance(made, ENUM) or not made.create_type:
            return
        if self.as_sql:
            self._exec(CreateEnumType(made))
        else:
            made.create(self.connection, checkfirst=True)
        # Or the table would make it once more, by the one or by the other.
        made.create_type = column.type.create_type = False


def spellings(default: str) -> set[str]:
    """Return in which ways a default may be written that means the same."""
    bare = re.sub(r"^\((.*)\)$", r"\1", default, flags=re.S)
    text = re.sub(r"^'(.*)'$", r"\1", bare, flags=re.S).replace("''", "'")
    return {default, bare, text}


def count(words: str, sql: str) -> int:
    """Return how often the words are in a statement, but for what is quoted."""
    pattern = r"\b" + words.replace(" ", r"\s+") + r"\b"
    return len(re.findall(pattern, QUOTED.sub(" ", sql), re.IGNORECASE))


def indexes_as_they_were(
    batch_impl: "ApplyBatchImpl", table: Table, parts: Sequence[Row]
) -> list[str]:
    """Return what makes the indexes again of which SQLAlchemy doesn't know all."""
    known = {index.name for index in table.indexes}
    made = {name: sql for kind, name, sql in parts if kind == "index"}
    kept = [name for name in made if name not in known]
    for name in set(batch_impl.indexes) & known:
        if count("DESC", made[name]) or count("COLLATE", made[name]):
            kept.append(name)
            del batch_impl.indexes[name]
    return [made[name] for name in kept]


def new_indexes(batch_impl: "ApplyBatchImpl", dialect: Dialect) -> list[str]:
    """Return what makes the new indexes of expressions: Alembic looks for columns."""
    made = []
    for name, index in list(batch_impl.new_indexes.items()):
        if not all(isinstance(each, Column) for each in index.expressions):
            made.append(str(CreateIndex(index).compile(dialect=dialect)))
            del batch_impl.new_indexes[name]
    return made


def keep_unnamed_checks(new_table: Table, table: Table) -> None:
    """Add the CHECK constraints that Alembic leaves out, for want of a name."""
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint) and not constraint.name:
            new_table.append_constraint(CheckConstraint(constraint.sqltext))


def refuse_loss(made: str, table: Table, dialect: Dialect) -> None:
    """Raise CommandError where the table was made with more than is known of it."""
    known = str(CreateTable(table).compile(dialect=dialect))
    lost = [word for word in WORDS if count(word, made) > count(word, known)]
    if lost:
        raise CommandError(
            f"A copy of {table.name} would lose its {', '.join(lost)}: describe it, "
            "op.batch_alter_table(…, copy_from=…)."
        )
