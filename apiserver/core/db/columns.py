"""Column types that SQLAlchemy lacks, or that differ between databases."""

import enum
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Numeric, Text
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from apiserver.core.typing import Json

# As many as 64 bits hold.
MOST_DIGITS = 18


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


class ExactNumeric(TypeDecorator[Decimal]):
    """A number of up to ``digits`` digits, ``places`` of them decimal places: NUMERIC.

    SQLite has no exact fractions, so it stores an integer, without the decimal point.
    Numbers are compared, ordered and summed exactly on both databases. Raises
    ValueError for a number that doesn't fit, instead of rounding it.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, digits: int = 18, places: int = 2) -> None:
        super().__init__(digits, places)
        if not 0 <= places <= digits <= MOST_DIGITS:
            raise TypeError(f"A decimal number has at most {MOST_DIGITS} digits.")
        self.digits, self.places = digits, places

    @property
    def in_migrations(self) -> str:
        """Return the type for migrations, which must not change with this code."""
        return f'sa.{self.impl_instance!r}.with_variant(sa.BigInteger(), "sqlite")'

    def load_dialect_impl(
        self, dialect: Dialect
    ) -> TypeEngine[int] | TypeEngine[Decimal]:
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


class JsonDocument(TypeDecorator[Any]):
    """Any JSON: JSONB in PostgreSQL, JSON in SQLite; None is NULL in both."""

    impl = JSON
    cache_ok = True
    in_migrations = (
        "sa.JSON(none_as_null=True).with_variant("
        'postgresql.JSONB(none_as_null=True), "postgresql")'
    )

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # By its name: with SQLite the types of PostgreSQL aren't imported.
        names = getattr(dialect, "ischema_names", {})
        kind = names["jsonb"] if dialect.name == "postgresql" else JSON
        return dialect.type_descriptor(kind(none_as_null=True))

    def coerce_compared_value(
        self, op: OperatorType | None, value: object
    ) -> TypeEngine[Any]:
        """Compare a part, such as ``column["name"]``, by its own type."""
        return self.impl_instance.coerce_compared_value(op, value)


# The types that are strings in JSON, and how to parse them.
READ: dict[type, Callable[[str], object]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    Decimal: Decimal,
    UUID: UUID,
}


class ListOf(JsonDocument):
    """A tuple of values of one type, as a JSON array: ``ListOf(date)``.

    The type is text, a number, a boolean, an enum, or one of READ.
    """

    cache_ok = True

    def __init__(self, kind: type = str) -> None:
        super().__init__()
        self.kind = kind
        self.read: Callable[[str], object] | None = READ.get(kind)
        if issubclass(kind, enum.Enum):
            self.read = {str(member.value): member for member in kind}.__getitem__

    def process_bind_param(
        self, value: Iterable[object] | None, dialect: Dialect
    ) -> list[object] | None:
        if value is None:
            return None
        return list(map(self.write, value))

    def write(self, value: object) -> object:
        if isinstance(value, enum.Enum):
            return str(value.value)
        return str(value) if isinstance(value, Decimal) else value

    def process_result_value(
        self, value: list[Json] | None, dialect: Dialect
    ) -> tuple[object, ...] | None:
        if value is None or self.read is None:
            return None if value is None else tuple(value)
        return tuple(None if each is None else self.read(each) for each in value)


def values_of(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


# Text on each database, so that a new value needs no migration.
EnumText = Enum(enum.Enum, native_enum=False, length=40, values_callable=values_of)
