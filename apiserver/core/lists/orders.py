"""Orders of a list: by columns, with its unique number as the tie-breaker.

A cursor is a position in an order, opaque to clients.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import colander
import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Label,
    UnaryExpression,
    and_,
    bindparam,
    tuple_,
)

from apiserver.core.lists.columns import Column, node_of
from apiserver.core.schemas.dump import compile_dump
from apiserver.core.schemas.fields import LARGEST_INTEGER, Pattern, Whole
from apiserver.core.typing import Json, Row

# Half the longest query; see `longest_cursor`.
LONGEST = 4096

# The pattern of cursors in the documents.
CURSOR = Pattern("^[A-Za-z0-9_-]+$")

_CURSOR = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}")


def encode(order: str, place: list[Json]) -> str:
    """Return the cursor for a position: a row's values of the order's columns."""
    return urlsafe_b64encode(orjson.dumps([order, *place])).decode().rstrip("=")


def decode(order: str, cursor: str) -> list[Json]:
    """Return the position as JSON; raise ValueError for anything but its cursor."""
    if not _CURSOR.fullmatch(cursor):
        raise ValueError(cursor)
    match orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))):
        case [str(name), *place] if name == order:
            # A position has exactly one cursor: other encodings are rejected.
            if encode(name, place) == cursor:
                return place
    raise ValueError(cursor)


# The prefix of a name for descending order.
DESCENDING = "-"

# In JSON a character takes up to four bytes, since none in cursors needs a \u escape;
# values other than text take fewer than these.
PER_CHARACTER, OF_OTHERS = 4, 60


def longest_cursor(columns: Iterable[Column]) -> int:
    """Return the greatest length of a cursor for these columns, and a number."""
    parts = [longest_part(column) for column in columns]
    return -(-4 * (sum(parts) + 2 * OF_OTHERS) // 3)


def longest_part(column: Column) -> int:
    """Return the greatest length of a column's part in a cursor's JSON."""
    length = getattr(column.type, "length", None) or 0
    name = len(f"{DESCENDING}{column.expression},")
    return name + max(PER_CHARACTER * length, OF_OTHERS)


class SortKey(NamedTuple):
    """A column of an order, ascending or descending.

    NULL comes last in both directions. ``node`` validates its value in a cursor, and
    ``bound`` is the parameter for its value at a position.
    """

    column: Column
    descending: bool
    node: colander.SchemaNode
    bound: BindParameter[object]

    @property
    def nullable(self) -> bool:
        return bool(self.column.expression.nullable)

    @property
    def name(self) -> str:
        return f"{DESCENDING * self.descending}{self.column.expression}"

    def label(self) -> Label[object]:
        """The column as pages select it, for the cursors."""
        label: Label[object] = self.column.label(self.bound.key)
        return label

    def clause(self, *, backwards: bool) -> UnaryExpression[object]:
        column: ColumnElement[object] = self.column.expression
        clause = column.desc() if self.descending != backwards else column.asc()
        if not self.nullable:
            return clause
        return clause.nulls_first() if backwards else clause.nulls_last()

    def read(self, part: Json) -> Json:
        """Return the value of a part of a cursor."""
        if part is None and self.nullable:
            return None
        return self.node.deserialize(part)

    def write(self, value: Json) -> Json:
        """Return the part of a cursor for the value."""
        return None if value is None else compile_dump(self.node)(value)


class ListOrder:
    """A total order of the rows.

    ``columns`` are compared one after the other, each descending or not; the last one
    is a unique number above 0. A position is a row's values of these columns.
    """

    def __init__(self, *columns: tuple[Column, bool]) -> None:
        *others, _ = columns
        nodes = [*(node_of(each) for each, _ in others), Whole(1, LARGEST_INTEGER)]
        self.keys = [
            SortKey(*each, node, bindparam(f"page_key{n}", type_=each[0].type))
            for n, (each, node) in enumerate(zip(columns, nodes, strict=True))
        ]
        self.name = ",".join(key.name for key in self.keys)
        self.nullable = any(key.nullable for key in self.keys)

    @property
    def labels(self) -> list[Label[object]]:
        return [key.label() for key in self.keys]

    def clauses(self, *, backwards: bool = False) -> list[UnaryExpression[object]]:
        """Return the ORDER BY clauses, forwards or backwards."""
        return [key.clause(backwards=backwards) for key in self.keys]

    def beyond(
        self, nulls: Sequence[bool], *, backwards: bool = False
    ) -> Iterator[ColumnElement[bool]]:
        """Yield conditions for the rows after, or before, the bound position.

        They are disjoint, and each can use an index of the order. ``nulls`` says which
        columns are NULL at the position; it may be empty if none are.
        """
        falling = {key.descending != backwards for key in self.keys}
        if not self.nullable and len(falling) == 1:
            yield past(self.keys, falling=falling.pop())
            return
        known = nulls or [False] * len(self.keys)
        same: list[ColumnElement[bool]] = []
        for key, is_null in zip(self.keys, known, strict=True):
            null = key.column.is_(None)
            if not is_null:
                yield and_(*same, past([key], falling=key.descending != backwards))
            # NULL comes after all values.
            if key.nullable and is_null == backwards:
                yield and_(*same, ~null if is_null else null)
            same.append(null if is_null else key.column == key.bound)

    def nulls_at(self, place: Mapping[str, Json]) -> tuple[bool, ...]:
        """Return which columns are NULL at the position; nothing without a position."""
        return tuple(
            place[key.bound.key] is None for key in self.keys if key.bound.key in place
        )

    def cursor(self, row: Row) -> str:
        """Return the cursor for the position of a row."""
        return self.encode([getattr(row, key.bound.key) for key in self.keys])

    def encode(self, place: Sequence[Json]) -> str:
        pairs = zip(self.keys, place, strict=True)
        return encode(self.name, [key.write(value) for key, value in pairs])

    def place(self, cursor: str) -> dict[str, Json]:
        """Return the position's parameters; raise ValueError for an invalid cursor."""
        pairs = zip(self.keys, decode(self.name, cursor), strict=True)
        try:
            place = [key.read(part) for key, part in pairs]
        except colander.Invalid as invalid:
            raise ValueError(cursor) from invalid
        # A number or a time has several notations, a cursor only one.
        if self.encode(place) != cursor:
            raise ValueError(cursor)
        return {
            key.bound.key: value for key, value in zip(self.keys, place, strict=True)
        }


def past(keys: Sequence[SortKey], *, falling: bool) -> ColumnElement[bool]:
    """Return the condition for values after the bound one."""
    here, there = tuple_(*(k.column for k in keys)), tuple_(*(k.bound for k in keys))
    return here < there if falling else here > there
