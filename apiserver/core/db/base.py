"""The base class of the models, and mixins."""

import enum
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Double,
    Integer,
    MetaData,
    Table,
    event,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from apiserver.core.db.columns import (
    EnumText,
    ExactNumeric,
    JsonDocument,
    ListOf,
    UTCDateTime,
    Words,
)

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


# SQLite generates ids only for the type INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")

PrimaryKey = Annotated[int, mapped_column(BigId, primary_key=True)]


class Audited(NamedTuple):
    """How the audit log names the rows of a model: ``client:6c0b0f3e``.

    By default with the name of the table and the primary key.
    """

    name: str = ""
    key: tuple[str, ...] = ()


class Bookkeeping(NamedTuple):
    """Marks a model whose changes the audit log ignores, and says why."""

    reason: str


class Base(DeclarativeBase):
    """Base of all models; names constraints, for errors and migrations."""

    __audit__: ClassVar[Audited | Bookkeeping] = Audited()

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {
        int: BigId,
        datetime: UTCDateTime,
        Decimal: ExactNumeric,
        float: Double,
        dict[str, Any]: JsonDocument,
        tuple[str, ...]: Words,
        tuple[int, ...]: ListOf(int),
        tuple[float, ...]: ListOf(float),
        tuple[Decimal, ...]: ListOf(Decimal),
        tuple[date, ...]: ListOf(date),
        tuple[datetime, ...]: ListOf(datetime),
        tuple[time, ...]: ListOf(time),
        tuple[UUID, ...]: ListOf(UUID),
        enum.Enum: EnumText,
    }


DIALECT = sqlite.dialect()


def never_reuse_ids(table: Table) -> None:
    """Make SQLite, like PostgreSQL, never reuse an id of the table.

    That needs a key of one column of the type INTEGER, an alias of SQLite's rowid.
    """
    key = table.autoincrement_column
    has_rowid = table.dialect_options["sqlite"]["with_rowid"]
    if key is not None and has_rowid and key.type.compile(DIALECT) == "INTEGER":
        table.dialect_kwargs["sqlite_autoincrement"] = True


@event.listens_for(Table, "after_parent_attach")
def never_reuse_ids_of_models(table: Table, parent: object) -> None:
    if parent is Base.metadata:
        never_reuse_ids(table)


class Timestamped:
    """Mixin with the times of creation and of the last change."""

    created: Mapped[datetime] = mapped_column(default=now)
    updated: Mapped[datetime] = mapped_column(default=now, onupdate=now)
