"""Orders of a list: by columns, and by its unique number where those are the same.

A cursor is the place in one, as clients hand it back without looking into it.
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

# Half of what a query may be: `longest_cursor` says what fits.
LONGEST = 4096

# What a cursor is made of, as the documents say it.
CURSOR = Pattern("^[A-Za-z0-9_-]+$")

_CURSOR = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}")


def encode(order: str, place: list[Json]) -> str:
    """Return the cursor for a place, which is what a row has in the order's columns."""
    return urlsafe_b64encode(orjson.dumps([order, *place])).decode().rstrip("=")


def decode(order: str, cursor: str) -> list[Json]:
    """Return the place as JSON has it; ValueError for what isn't its cursor."""
    if not _CURSOR.fullmatch(cursor):
        raise ValueError(cursor)
    match orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))):
        case [str(name), *place] if name == order:
            # One place has one cursor: what else could be read as it is refused.
            if encode(name, place) == cursor:
                return place
    raise ValueError(cursor)


# The prefix of a name that turns an order round.
DESCENDING = "-"

# In JSON a character takes four bytes at most, since cursors have none that is escaped
# by its number; a value that is no text takes fewer than these.
PER_CHARACTER, OF_OTHERS = 4, 60


def longest_cursor(columns: Iterable[Column]) -> int:
    """Return how long a cursor can be where these columns sort, and then a number."""
    parts = [longest_part(column) for column in columns]
    return -(-4 * (sum(parts) + 2 * OF_OTHERS) // 3)


def longest_part(column: Column) -> int:
    """Return how many bytes of a cursor's JSON are due to a column."""
    length = getattr(column.type, "length", None) or 0
    name = len(f"{DESCENDING}{column.expression},")
    return name + max(PER_CHARACTER * length, OF_OTHERS)


class SortKey(NamedTuple):
    """A column that decides in an order, from its least value on or its greatest.

    NULL comes last in both directions. ``node`` is what cursors have of it, and
    ``bound`` its value at a place.
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
        """The column as each page selects it, for the cursors."""
        label: Label[object] = self.column.label(self.bound.key)
        return label

    def clause(self, *, backwards: bool) -> UnaryExpression[object]:
        column: ColumnElement[object] = self.column.expression
        clause = column.desc() if self.descending != backwards else column.asc()
        if not self.nullable:
            return clause
        return clause.nulls_first() if backwards else clause.nulls_last()

    def read(self, part: Json) -> Json:
        """Return the value that a part of a cursor stands for."""
        if part is None and self.nullable:
            return None
        return self.node.deserialize(part)

    def write(self, value: Json) -> Json:
        """Return the part of a cursor that stands for the value."""
        return None if value is None else compile_dump(self.node)(value)


class ListOrder:
    """An order in which each row has a place of its own.

    ``columns`` decide one after the other, each descending or not; the last one is a
    unique number above 0. A place is what a row has in these columns.
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
        """Return what orders the rows, from the first on or from the last."""
        return [key.clause(backwards=backwards) for key in self.keys]

    def beyond(
        self, nulls: Sequence[bool], *, backwards: bool = False
    ) -> Iterator[ColumnElement[bool]]:
        """Yield conditions for the rows after, or before, a place that is bound.

        No row meets two of them, and an index of the order serves each. ``nulls`` says
        which columns are NULL at the place; where there are none, it may be empty.
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
            # After a value there are those without, before these all values.
            if key.nullable and is_null == backwards:
                yield and_(*same, ~null if is_null else null)
            same.append(null if is_null else key.column == key.bound)

    def nulls_at(self, place: Mapping[str, Json]) -> tuple[bool, ...]:
        """Return which columns are NULL at the place; nothing for no place."""
        return tuple(
            place[key.bound.key] is None for key in self.keys if key.bound.key in place
        )

    def cursor(self, row: Row) -> str:
        """Return the cursor for the place of a row."""
        return self.encode([getattr(row, key.bound.key) for key in self.keys])

    def encode(self, place: Sequence[Json]) -> str:
        pairs = zip(self.keys, place, strict=True)
        return encode(self.name, [key.write(value) for key, value in pairs])

    def place(self, cursor: str) -> dict[str, Json]:
        """Return the parameters for the place; ValueError for anything but a cursor."""
        pairs = zip(self.keys, decode(self.name, cursor), strict=True)
        try:
            place = [key.read(part) for key, part in pairs]
        except colander.Invalid as invalid:
            raise ValueError(cursor) from invalid
        # A number or a time can be written in several ways: a cursor has one.
        if self.encode(place) != cursor:
            raise ValueError(cursor)
        return {
            key.bound.key: value for key, value in zip(self.keys, place, strict=True)
        }


def past(keys: Sequence[SortKey], *, falling: bool) -> ColumnElement[bool]:
    """Return the condition for values that come after those that are bound."""
    here, there = tuple_(*(k.column for k in keys)), tuple_(*(k.bound for k in keys))
    return here < there if falling else here > there
