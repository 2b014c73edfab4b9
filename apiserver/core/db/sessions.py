"""Sessions that run statements of columns without the overhead for entities.

The ORM's own handling would double the cost of a SELECT, and triple that of an INSERT;
``prepared.py`` reduces the rest.
"""

from collections.abc import Callable
from functools import cache
from typing import cast

import sqlalchemy.orm
from sqlalchemy import Connection, Delete, Engine, event, insert, inspect
from sqlalchemy.orm import SessionTransaction

from apiserver.core.db.base import Base
from apiserver.core.db.changes import note, note_executed, note_flushed
from apiserver.core.db.entities import (
    ROW_ID,
    Model,
    loaded,
    plainly_loaded,
    plainly_written,
    taking,
)
from apiserver.core.db.prepared import Found, Params, prepare
from apiserver.core.db.records import Statement
from apiserver.core.typing import Row


@cache
def inserting(model: type[Base]) -> Statement:
    """Return the statement that inserts a row of the model."""
    return insert(model).returning(*inspect(model).columns)


# Called with the session, a DELETE and its parameters, before it is executed.
BEFORE_DELETE: list[Callable[["Session", Delete, Params], None]] = []


class Session(sqlalchemy.orm.Session):
    """A session with fast methods for constant statements of columns."""

    known: tuple[SessionTransaction | None, Connection | None] = (None, None)

    def rows(self, statement: Statement, params: Params = None) -> list[Row]:
        """Return named tuples; a Bundle is a named tuple nested in one."""
        rows: list[Row] = self.run_prepared(statement, params)
        return rows

    def row(self, statement: Statement, params: Params = None) -> Row:
        """Return the first row as a named tuple, or None."""
        rows = self.rows(statement, params)
        return rows[0] if rows else None

    def run(self, statement: Statement, params: Params = None) -> int:
        """Run an INSERT, UPDATE or DELETE; return the number of affected rows.

        Loaded entities aren't refreshed.
        """
        found = self.run_prepared(statement, params)
        return len(found) if isinstance(found, list) else int(found)

    def insert(self, model: type[Base], /, **values: object) -> Row:
        """Insert a row, and return all of its columns as a named tuple."""
        return self.row(inserting(model), values)

    def lock(self, model: type[Model], row_id: object) -> Model | None:
        """Return the entity with this id, its row locked and read again; or None.

        Inserts that refer to the row by a foreign key don't wait for this lock.
        """
        own = plainly_loaded(model)
        if own is None:
            return self.get(model, row_id, with_for_update={"key_share": True})
        row = self.row(own.lock, {ROW_ID: row_id})
        return loaded(self, own, row) if row is not None else None

    def change(self, entity: object, /, **values: object) -> None:
        """Set attributes of an entity, and write them immediately."""
        own = plainly_written(self, type(entity), values)
        if own is None:
            for name, value in values.items():
                setattr(entity, name, value)
            self.flush()
        else:
            changed = {**values, ROW_ID: getattr(entity, own.key)}
            [row] = self.rows(own.change, changed)
            taking(entity, own, row)

    def begin_nested(self) -> SessionTransaction:
        """Begin a savepoint immediately, not at the next use of the connection."""
        savepoint = super().begin_nested()
        self.connection()
        return savepoint

    def run_prepared(self, statement: Statement, params: Params) -> Found:
        if self.autoflush:
            self.flush()
        if BEFORE_DELETE and isinstance(statement, Delete):
            for look in BEFORE_DELETE:
                look(self, statement, params)
        connection = self.known_connection()
        names = params[0] if isinstance(params, list) else params or ()
        prepared = prepare(statement, connection.dialect, tuple(names))
        found = prepared.execute(connection, params)
        if statement.is_dml:
            note(self, statement, params, found)
        return found

    def known_connection(self) -> Connection:
        """Return the transaction's connection, looked up once per transaction."""
        transaction, connection = self.known
        if connection is None or transaction is not self.get_transaction():
            connection = self.connection()
            self.known = self.get_transaction(), connection
        return connection


event.listen(Session, "do_orm_execute", note_executed)
event.listen(Session, "after_flush", note_flushed)


class ReadSession(Session):
    """A read-only session, without a transaction."""

    opened: Connection | None = None

    def known_connection(self) -> Connection:
        if isinstance(self.bind, Engine):
            self.bind = self.opened = self.bind.connect()
        return cast(Connection, self.bind)

    def close(self) -> None:
        if self.in_transaction():
            super().close()
        if self.opened is not None:
            self.opened.close()
            self.bind, self.opened = self.opened.engine, None
