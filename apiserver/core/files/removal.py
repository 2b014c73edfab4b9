"""Finds the files that a transaction removes, including those of cascades.

Before a row is deleted, its files and those of the rows below it are looked up. They
are doomed in the transaction that deletes the row, so they can't be lost. The purge
finds those that were overlooked, such as a file that is added concurrently.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    ForeignKeyConstraint,
    FromClause,
    Select,
    Table,
    and_,
    inspect,
    select,
    true,
)
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, object_session

from apiserver.core.db.base import Base
from apiserver.core.db.records import Values
from apiserver.core.files.models import StoredObject

KEY = "object_key"
# The purge finds further files.
MOST_FORESEEN = 10_000

# The key in a session's info for the objects that its transaction releases.
REMOVED = "removed_files"


def look_at_statement(db: Session, statement: Delete, params: Any) -> None:
    """Find the files that a DELETE removes."""
    where = statement.whereclause
    condition = where if where is not None else true()
    for values in params if isinstance(params, list) else [params]:
        foresee(db, cast(Table, statement.table), condition, values)


def look_at_execution(state: ORMExecuteState) -> None:
    if isinstance(state.statement, Delete):
        look_at_statement(state.session, state.statement, state.parameters)


def look_at_entity(mapper: Mapper[Base], connection: Connection, entity: Base) -> None:
    """Find the files that the deletion of an entity removes (``before_delete``)."""
    pairs = zip(mapper.primary_key, inspect(entity).identity or (), strict=True)
    same = and_(*(column == value for column, value in pairs))
    session = cast(Session, object_session(entity))
    foresee(session, cast(Table, mapper.local_table), same, None)


def look_at_change(mapper: Mapper[Base], connection: Connection, entity: Base) -> None:
    """Note the file that an entity replaces by another one (``before_update``)."""
    replaced = inspect(entity).attrs[KEY].history.deleted
    session = cast(Session, object_session(entity))
    session.info.setdefault(REMOVED, set()).update(replaced)


def foresee(
    db: Session, table: Table, condition: ColumnElement[bool], params: Values | None
) -> None:
    """Note the files of the rows that match the condition, and of all rows below."""
    # The table of an ORM statement is an annotated copy.
    for statement in files_below(Base.metadata.tables.get(table.key, table)):
        found = statement.where(condition).limit(MOST_FORESEEN)
        with db.no_autoflush:
            keys = db.connection().execute(found, params or {}).scalars()
        db.info.setdefault(REMOVED, set()).update(keys)


@cache
def files_below(table: Table) -> tuple[Select[tuple[str]], ...]:
    """Return the SELECTs of the keys of files that are deleted with a table's rows."""
    statements = []
    for owner, way in ways(table, frozenset()):
        joined: FromClause = table
        for constraint in way:
            pairs = [each.parent == each.column for each in constraint.elements]
            joined = joined.join(constraint.table, and_(*pairs))
        statements.append(select(owner.c[KEY]).select_from(joined))
    return tuple(statements)


def ways(
    table: Table, seen: frozenset[Table]
) -> Iterator[tuple[Table, list[ForeignKeyConstraint]]]:
    """Yield the tables of files to which deletions cascade, and the path."""
    if any(column.table is table for column in references()):
        yield table, []
    for constraint in cascades():
        child = constraint.table
        if constraint.referred_table is table and child not in seen | {table}:
            for owner, way in ways(child, seen | {table}):
                yield owner, [constraint, *way]


def cascades() -> Iterator[ForeignKeyConstraint]:
    """Yield the foreign keys with ON DELETE CASCADE."""
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            if (constraint.ondelete or "").upper() == "CASCADE":
                yield constraint


def references() -> list[Column[object]]:
    """Return the columns that refer to objects."""
    return [
        key.parent
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table is StoredObject.__table__
    ]
