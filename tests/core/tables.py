"""Tables of models that only tests have."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Table, text

from apiserver.core.db import Base
from apiserver.core.files.removal import files_below


def own_tables(*models: Any) -> list[Table]:
    """Return the tables of models, which become none of the project's.

    Migrations, which tests compare with the models, know nothing of them. Nor do the
    project's own models, whose relationships may name a class that is called the same.
    """
    Base.registry.configure()
    for model in models:
        Base.registry._dispose_cls(model)
    tables = [model.__table__ for model in models]
    for table in tables:
        Base.metadata.remove(table)
    return tables


@contextmanager
def known(tables: list[Table]) -> Iterator[None]:
    """Let the tables be the project's.

    What is violated on SQLite, and what files belong to, is looked for there.
    """
    for table in tables:
        Base.metadata._add_table(table.name, None, table)
    files_below.cache_clear()
    yield
    for table in reversed(tables):
        Base.metadata.remove(table)
    files_below.cache_clear()


def empty(app: Any, *tables: Any) -> None:
    """Delete all rows of the tables or models, whose ids begin with 1 again."""
    found = [getattr(each, "__table__", each) for each in tables]
    names = [each.name for each in found]
    with app.registry.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            everything = f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"
            connection.execute(text(everything))
            return
        for each in reversed(found):
            connection.execute(each.delete())
        forget = text("DELETE FROM sqlite_sequence WHERE name = :name")
        connection.execute(forget, [{"name": name} for name in names])
