"""Sessions that run statements of columns without what the ORM does for entities.

For each such statement the ORM would look for entities, at the price of the whole rest
of a SELECT, and of twice the rest of an INSERT.
"""

from collections import namedtuple
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, cast

import sqlalchemy.orm
from sqlalchemy import Connection, CursorResult, Engine, Select, lambda_stmt
from sqlalchemy.orm import Bundle, SessionTransaction

Make = Callable[[Any], Any]

# Far more than an application has, if its statements are constants.
MOST_STATEMENTS = 1000


class Session(sqlalchemy.orm.Session):
    """A session with short ways for statements that are constants, and of columns."""

    known: tuple[SessionTransaction | None, Connection | None] = (None, None)

    def rows(self, statement: Any, params: Any = None) -> list[Any]:
        """Return named tuples; a Bundle of columns is a named tuple inside of one."""
        make = prepare(statement)[1]
        return [make(row) for row in self.run_prepared(statement, params).all()]

    def row(self, statement: Any, params: Any = None) -> Any:
        """Return the first row as a named tuple, or None where there is none."""
        rows = self.rows(statement, params)
        return rows[0] if rows else None

    def run(self, statement: Any, params: Any = None) -> int:
        """Run an INSERT, UPDATE or DELETE; return how many rows it concerned.

        Entities that the session holds stay as they are.
        """
        return self.run_prepared(statement, params).rowcount

    def run_prepared(self, statement: Any, params: Any) -> CursorResult[Any]:
        if self.autoflush:
            self.flush()
        return self.known_connection().execute(prepare(statement)[0], params)

    def known_connection(self) -> Connection:
        """Return the connection of the transaction, looked for once in each."""
        transaction, connection = self.known
        if connection is None or transaction is not self.get_transaction():
            connection = self.connection()
            self.known = self.get_transaction(), connection
        return connection


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


@lru_cache(MOST_STATEMENTS)
def prepare(statement: Any) -> tuple[Any, Make]:
    """Return the statement under a small key, and what makes named tuples of its rows.

    Its own key in the cache of compiled statements has hundreds of parts, and all are
    hashed at each execution. In SQLAlchemy's own rows an attribute is found after a
    failed look-up, which costs ten times as much as in a named tuple.
    """
    keyed = lambda_stmt(
        lambda: statement, track_closure_variables=False, track_on=[object()]
    )
    # An attribute that SQLAlchemy asks for at each execution, and finds by a detour.
    keyed._rec_expected_expr = statement  # type: ignore[attr-defined]
    if not isinstance(statement, Select):
        return keyed, record_of(statement.exported_columns.keys())
    described = statement.column_descriptions
    record = record_of([column["name"] for column in described])
    if not any(isinstance(column["expr"], Bundle) for column in described):
        return keyed, record
    return keyed, nested(record, described)


def nested(record: Make, described: list[Any]) -> Make:
    """Return what makes tuples with the bundles as tuples in them.

    Compiled from source, as named tuples are: a loop would take three times as long.
    """
    places, makers, start = [], {"record": record}, 0
    for column in described:
        if isinstance(column["expr"], Bundle):
            names = column["expr"].columns.keys()
            makers[f"make{start}"] = record_of(names)
            places.append(f"make{start}(row[{start}:{start + len(names)}])")
            start += len(names)
        else:
            places.append(f"row[{start}]")
            start += 1
    make: Make = eval(f"lambda row: record(({', '.join(places)},))", makers)  # noqa: S307
    return make


def record_of(names: list[str]) -> Make:
    make_class: Any = namedtuple
    return partial(tuple.__new__, make_class("Row", names))
