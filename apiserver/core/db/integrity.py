"""Turns violated constraints into errors of the API."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from apiserver.core.db.base import Base
from apiserver.core.http.errors import ApiError


@contextmanager
def constraints(db: Session, **errors: type[ApiError]) -> Iterator[None]:
    """Flush after the block; if a constraint is violated, raise its error.

    ::

        with constraints(db, uq_user_email=EmailTaken):
            user.email = email
    """
    try:
        yield
        db.flush()
    except IntegrityError as error:
        name = violated_constraint(error)
        if name not in errors:
            raise
        raise errors[name]() from error


def violated_constraint(error: IntegrityError) -> str | None:
    """Return the name of the constraint; SQLite names only its columns."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        name: str | None = diagnosis.constraint_name
        return name
    columns = re.findall(r"\b\w+\.\w+", str(error.orig))
    for table in Base.metadata.tables.values():
        for unique in uniques(table):
            if columns == [f"{table.name}.{column.name}" for column in unique.columns]:
                return str(unique.name)
    return None


def uniques(table: Table) -> Iterator[PrimaryKeyConstraint | UniqueConstraint | Index]:
    """Yield the unique constraints and indexes of a table."""
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            yield constraint
    yield from (index for index in table.indexes if index.unique)
