"""The tables of a database, whose rows can be kept, and be again as they were."""

from typing import Any

from sqlalchemy import Column, Engine, MetaData, Table, delete, insert, select

BOOKKEEPING = "alembic_version"


class Tables:
    """Those that the database has; what is kept is in tables beside them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        metadata = MetaData()
        metadata.reflect(engine)
        metadata.remove(metadata.tables[BOOKKEEPING])
        self.named = {table.name: table for table in metadata.sorted_tables}
        beside = MetaData()
        self.kept = {name: copy(self.named[name], beside) for name in self.named}
        beside.create_all(engine)

    def empty(self) -> None:
        self.run(delete(table) for table in reversed(self.named.values()))

    def keep(self) -> None:
        """Remember the rows that there are, in the place of those of before."""
        self.run(delete(table) for table in self.kept.values())
        self.run(moved(self.named[name], self.kept[name]) for name in self.named)

    def restore(self) -> None:
        """Put the rows back that were kept, and no others."""
        self.run(
            [
                *(delete(table) for table in reversed(self.named.values())),
                *(moved(self.kept[name], self.named[name]) for name in self.named),
            ]
        )

    def run(self, statements: Any) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, columns: dict[str, str], value: int | None) -> dict[str, Any]:
        """Return the rows of tables, by name; where a column of each has the value.

        None stands for all rows.
        """
        with self.engine.connect() as connection:
            return {
                name: connection.execute(self.selection(name, column, value)).all()
                for name, column in columns.items()
            }

    def selection(self, name: str, column: str, value: int | None) -> Any:
        table = self.named[name]
        rows = select(table).order_by(*table.primary_key)
        return rows if value is None else rows.where(table.c[column] == value)


def copy(table: Table, metadata: MetaData) -> Table:
    """Return a table of the same columns, without keys and constraints."""
    columns = (Column(column.name, column.type) for column in table.columns)
    return Table(f"kept_{table.name}", metadata, *columns)


def moved(source: Table, target: Table) -> Any:
    """Return the statement that copies all rows."""
    return insert(target).from_select(list(target.c.keys()), select(source))
