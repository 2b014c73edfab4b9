"""Models whose rows have a history, with a table of changes for each model.

The table has a foreign key to the rows, so that the history is deleted with its row,
even by a cascade; and the histories of other models don't slow it down.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from apiserver.core.db.base import BigId, Bookkeeping, PrimaryKey
from apiserver.core.history.recording import record
from apiserver.core.typing import Json

# The longest name in PostgreSQL.
LONGEST_NAME = 63


class Tracked:
    """The columns whose changes are kept.

    They are listed explicitly, so that no secret is kept by accident. The changes are
    deleted with the row, unless they ``outlive`` it.
    """

    def __init__(self, *columns: str, outlive: bool = False) -> None:
        self.columns = columns
        self.outlive = outlive


class Change:
    """A change of one column of a row, with both values as JSON.

    ``actor_id`` is the user who made it, ``client_id`` the client that they used; both
    are None outside of requests. They are no foreign keys, since core has neither users
    nor clients: an id outlives its account, and is never reused.
    """

    __audit__ = Bookkeeping("The change itself is an event.")

    id: Mapped[PrimaryKey]
    row_id: Mapped[int]
    created: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None]
    client_id: Mapped[str | None] = mapped_column(String(80))
    field: Mapped[str] = mapped_column(String(LONGEST_NAME))
    before: Mapped[Json] = mapped_column(JSON(none_as_null=True), nullable=True)
    after: Mapped[Json] = mapped_column(JSON(none_as_null=True), nullable=True)


class Historic:
    """Mixin of a model whose changes are kept, in ``project_change`` for ``project``.

    ::

        class Project(Historic, Timestamped, Base):
            __history__ = Tracked("title", "status", "due_on")
    """

    __history__: ClassVar[Tracked]
    # The model of the changes.
    __changes__: ClassVar[type[Change]]

    def __init_subclass__(cls, **kw: object) -> None:
        # It maps the class.
        super().__init_subclass__(**kw)
        check(cls)
        cls.__changes__ = make_changes(cls)
        record(cls)
        MODELS.append(cls)


MODELS: list[type[Historic]] = []


def check(model: Any) -> None:
    """Raise TypeError if the history can't be kept as declared."""
    table: Table = model.__table__
    if table.primary_key.columns.keys() != ["id"]:
        raise TypeError(f"{model.__name__} needs an id for its primary key.")
    for name in model.__history__.columns:
        column = table.columns.get(name)
        if column is None or isinstance(column.type, LargeBinary):
            raise TypeError(f"{model.__name__}.{name} is no column of plain values.")


def make_changes(model: Any) -> type[Change]:
    """Make the model of the changes, with the same declarative base."""
    table = model.__table__
    base = next(each for each in model.__mro__ if DeclarativeBase in each.__bases__)
    keys = [ForeignKey(table.c.id, ondelete="CASCADE")]
    members = {
        "__doc__": f"A change of a row of ``{table.name}``.",
        "__module__": model.__module__,
        "__tablename__": f"{table.name}_change",
        "__table_args__": (Index(None, "row_id", "id"),),
        "row_id": mapped_column(
            BigId, *([] if model.__history__.outlive else keys), nullable=False
        ),
    }
    return type(f"{model.__name__}Change", (Change, base), members)
