"""Sessions that run statements of columns without what the ORM does for entities.

For each such statement the ORM would look for entities, at the price of the whole rest
of a SELECT, and of twice the rest of an INSERT; ``prepared.py`` saves the rest.
"""

from functools import cache
from typing import cast

import sqlalchemy.orm
from sqlalchemy import Connection, Engine, event, insert, inspect
from sqlalchemy.orm import SessionTransaction

from apiserver.core.db.base import Base
from apiserver.core.db.changes import note, note_executed, note_flushed
from apiserver.core.db.prepared import Found, Params, prepare
from apiserver.core.db.records import Statement
from apiserver.core.typing import Row


@cache
def inserting(model: type[Base]) -> Statement:
    """Return the statement that inserts a row of the model."""
    return insert(model).returning(*inspect(model).columns)


class Session(sqlalchemy.orm.Session):
    """A session with short ways for statements that are constants, and of columns."""

    known: tuple[SessionTransaction | None, Connection | None] = (None, None)

    def rows(self, statement: Statement, params: Params = None) -> list[Row]:
        """Return named tuples; a Bundle of columns is a named tuple inside of one."""
        rows: list[Row] = self.run_prepared(statement, params)
        return rows

    def row(self, statement: Statement, params: Params = None) -> Row:
        """Return the first row as a named tuple, or None where there is none."""
        rows = self.rows(statement, params)
        return rows[0] if rows else None

    def run(self, statement: Statement, params: Params = None) -> int:
        """Run an INSERT, UPDATE or DELETE; return how many rows it concerned.

        Entities that the session holds stay as they are.
        """
        found = self.run_prepared(statement, params)
        return len(found) if isinstance(found, list) else int(found)

    def insert(self, model: type[Base], **values: object) -> Row:
        """Insert a row, and return all of its columns as a named tuple."""
        return self.row(inserting(model), values)

    def run_prepared(self, statement: Statement, params: Params) -> Found:
        if self.autoflush:
            self.flush()
        connection = self.known_connection()
        names = params[0] if isinstance(params, list) else params or ()
        prepared = prepare(statement, connection.dialect, tuple(names))
        found = prepared.execute(connection, params)
        if statement.is_dml:
            note(self, statement, params, found)
        return found

    def known_connection(self) -> Connection:
        """Return the connection of the transaction, looked for once in each."""
        transaction, connection = self.known
        if connection is None or transaction is not self.get_transaction():
            connection = self.connection()
            self.known = self.get_transaction(), connection
        return connection


event.listen(Session, "do_orm_execute", note_executed)
event.listen(Session, "after_flush", note_flushed)


class ReadSession(Session):
    """A session that only reads: it needs no transaction around its connection."""

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
