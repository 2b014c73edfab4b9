"""Tables of models that only tests have."""

from typing import Any

from sqlalchemy import Table

from apiserver.core.db import Base


def own_tables(*models: Any) -> list[Table]:
    """Return the tables of models, which become none of the project's.

    Migrations, which tests compare with the models, know nothing of them.
    """
    # A name as "Book" is the class of these, whatever comes later.
    Base.registry.configure()
    tables = [model.__table__ for model in models]
    for table in tables:
        Base.metadata.remove(table)
    return tables
