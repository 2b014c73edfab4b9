"""The schema field for a column's values, by the column's type."""

from collections.abc import Callable
from typing import Any

import colander
from sqlalchemy import Boolean, Date, Enum, Float, Integer, Interval, String, Time, Uuid
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from apiserver.core.db.columns import ExactNumeric, UTCDateTime
from apiserver.core.schemas import fields, identifiers, numbers, times
from apiserver.core.schemas.fields import LARGEST_INTEGER

Column = InstrumentedAttribute[Any]
# Makes the field for a column type, given keywords.
MakeNode = Callable[..., colander.SchemaNode]

LEAST_INTEGER = -(2**63)


def choice(kind: Enum, **kw: object) -> colander.SchemaNode:
    words = (kind.enum_class,) if kind.enum_class else kind.enums
    return fields.Choice(*words, **kw)


def whole(kind: Integer, **kw: object) -> colander.SchemaNode:
    return fields.Whole(LEAST_INTEGER, LARGEST_INTEGER, format="int64", **kw)


def decimal(kind: ExactNumeric, **kw: Any) -> colander.SchemaNode:
    return numbers.Decimal(kind.digits, kind.places, **kw)


def opaque(kind: Any, **kw: object) -> colander.SchemaNode:
    return fields.Opaque(0, kind.length, **kw)


# The first match counts: an Enum is a String, too.
NODES: dict[type[TypeEngine[Any]], MakeNode] = {
    Enum: choice,
    Boolean: lambda kind, **kw: fields.Flag(**kw),
    Integer: whole,
    UTCDateTime: lambda kind, **kw: times.Moment(**kw),
    Date: lambda kind, **kw: times.Date(**kw),
    Time: lambda kind, **kw: times.Time(**kw),
    Interval: lambda kind, **kw: times.Duration(**kw),
    ExactNumeric: decimal,
    Float: lambda kind, **kw: numbers.Number(**kw),
    Uuid: lambda kind, **kw: identifiers.Uuid(**kw),
    String: opaque,
}


def node_of(column: Column, **kw: object) -> colander.SchemaNode:
    """Make a node for the column's values, with the example of its field."""
    kw = {"field": column.key, **kw}
    kind = column.type
    if isinstance(kind, Integer) and is_id(column):
        return fields.Id(**kw)
    make = next((make for base, make in NODES.items() if isinstance(kind, base)), None)
    endless = isinstance(kind, String) and kind.length is None
    if make is None or (endless and make is opaque):
        raise TypeError(
            f"What may {column} be? Lists can't filter or sort by its type."
        )
    return make(kind, **kw)


def is_id(column: Column) -> bool:
    """Whether the column has ids, of its own objects or of others."""
    return bool(column.expression.primary_key or column.expression.foreign_keys)
