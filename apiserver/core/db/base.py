"""The database: base class of the models, engines, the session of a request."""

import enum
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, NamedTuple

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    event,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

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


class UTCDateTime(TypeDecorator[datetime]):
    """A datetime, always in UTC; SQLite itself stores no offsets.

    Raises ValueError for a datetime without a UTC offset.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A datetime must have a UTC offset.")
        return value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        # SQLite's come without an offset, PostgreSQL's with that of the session.
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


class ExactNumeric(TypeDecorator[Decimal]):
    """A number of up to ``digits`` digits, ``places`` of them decimal places: NUMERIC.

    SQLite has no exact fractions: it stores an integer, so many times ten as there are
    places. So numbers are compared, ordered and summed exactly on either database.
    Raises ValueError for a number that doesn't fit, instead of rounding it.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, digits: int = 18, places: int = 2) -> None:
        super().__init__(digits, places)
        if not 0 <= places <= digits <= MOST_DIGITS:
            raise TypeError(f"A decimal number has at most {MOST_DIGITS} digits.")
        self.digits, self.places = digits, places

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(self.digits, self.places))

    def process_bind_param(
        self, value: Decimal | int | None, dialect: Dialect
    ) -> Decimal | int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if abs(scaled) >= 10**self.digits or scaled != int(scaled):
            raise ValueError(f"{value} doesn't fit into {self.impl_instance!r}.")
        return int(scaled) if dialect.name == "sqlite" else Decimal(value)

    def process_result_value(
        self, value: Decimal | int | None, dialect: Dialect
    ) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        return Decimal(value).scaleb(-self.places)


class Words(TypeDecorator[tuple[str, ...]]):
    """Words without spaces, as OAuth2 writes a list of scopes: ``a:read b:read``."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: Iterable[str] | None, dialect: Dialect
    ) -> str | None:
        return " ".join(value) if value is not None else None

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> tuple[str, ...] | None:
        return tuple(value.split()) if value is not None else None


# As many as 64 bits hold.
MOST_DIGITS = 18

# SQLite numbers rows by itself only where the type is INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")

PrimaryKey = Annotated[int, mapped_column(BigId, primary_key=True)]


def values_of(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


# Text on each database, so that a new value needs no migration.
EnumText = Enum(enum.Enum, native_enum=False, length=40, values_callable=values_of)


class Audited(NamedTuple):
    """How the audit log calls the rows of a model: ``client:6c0b0f3e``.

    By default by the name of the table, and by the primary key.
    """

    name: str = ""
    key: tuple[str, ...] = ()


class Bookkeeping(NamedTuple):
    """Rows whose changes are no events of the audit log, and why."""

    reason: str


class Base(DeclarativeBase):
    """Base of all models; constraints get names, which errors and migrations need."""

    __audit__: ClassVar[Audited | Bookkeeping] = Audited()

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {
        int: BigId,
        datetime: UTCDateTime,
        Decimal: ExactNumeric,
        tuple[str, ...]: Words,
        enum.Enum: EnumText,
    }


DIALECT = sqlite.dialect()


def never_reuse_ids(table: Table) -> None:
    """Let SQLite number the table's rows as PostgreSQL does: no id is given twice.

    It can do so where the key is one column of the type INTEGER, by which SQLite itself
    finds rows.
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
    """Rows that know when they were created and last changed."""

    created: Mapped[datetime] = mapped_column(default=now)
    updated: Mapped[datetime] = mapped_column(default=now, onupdate=now)
