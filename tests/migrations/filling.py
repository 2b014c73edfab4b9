"""Rows in every table, and what is compared of them."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    inspect,
    select,
    table,
    text,
)

NUMBER = 3

# A value for each type of column. The row n of a table has the key n, so that foreign
# keys fit, but for booleans: each row has its own.
VALUES: dict[type, Any] = {
    int: lambda n: n,
    float: lambda n: n / 2,
    bool: lambda n: n % 2 == 0,
    str: lambda n: f"x{n}",
    bytes: lambda n: bytes([n]) * 32,
    datetime: lambda n: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) + timedelta(days=n),
    # Those of features that a project has added.
    date: lambda n: date(2026, 1, n),
    time: lambda n: time(n),
    Decimal: Decimal,
    UUID: lambda n: UUID(int=n),
    # JSON, to SQLAlchemy.
    object: lambda n: {"n": n},
}


def tables(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    return [t for t in metadata.sorted_tables if t.name != "alembic_version"]


def fill(engine: Engine) -> None:
    """Insert some rows into each table."""
    with engine.begin() as connection:
        for each in tables(connection):
            rows = [
                {c.name: VALUES[c.type.python_type](n) for c in each.columns}
                for n in range(1, NUMBER + 1)
            ]
            connection.execute(each.insert(), rows)


def rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each table as documents, sorted."""
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        found = {
            name: connection.execute(select(text("*")).select_from(table(name)))
            for name in sorted(names)
        }
        return {
            name: sorted(map(dict, result.mappings()), key=str)
            for name, result in found.items()
        }


def kept(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return of the rows that are there now what was there before: columns, tables."""
    return {
        name: [
            {column: row[column] for column in original[0] if column in row}
            for row in after.get(name, [])
        ]
        for name, original in before.items()
    }


def schema(engine: Engine) -> dict[str, Any]:
    """Return columns, defaults, indexes, constraints and keys, in no order."""
    with engine.connect() as connection:
        inspector = inspect(connection)
        found = {
            name: sorted(
                re.sub("<[^>]*>", "", str(part))
                for parts in (
                    [
                        {**c, "type": repr(c["type"])}
                        for c in inspector.get_columns(name)
                    ],
                    inspector.get_indexes(name),
                    inspector.get_unique_constraints(name),
                    inspector.get_check_constraints(name),
                    inspector.get_foreign_keys(name),
                    [inspector.get_pk_constraint(name)],
                )
                for part in parts
            )
            for name in inspector.get_table_names()
        }
        if connection.dialect.name == "sqlite":
            found["triggers"] = connection.scalars(TRIGGERS).all()
        return found


TRIGGERS = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
