"""Orders of a list: by a column, and by its unique number where that is the same.

A cursor is the place in one, as clients hand it back without looking into it.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

import colander
import orjson
from sqlalchemy import ColumnElement, Label, UnaryExpression, bindparam, tuple_

from apiserver.core.lists.columns import Column, node_of
from apiserver.core.schemas.fields import LARGEST_INTEGER, Pattern, Whole
from apiserver.core.typing import Json, Row

# More than a text of 400 characters takes, in any alphabet.
LONGEST = 3000

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


class ListOrder:
    """An order in which each row has a place of its own.

    ``columns`` decide one after the other; the last one is a unique number above 0. A
    place is what a row has in these columns.
    """

    def __init__(self, *columns: Column, descending: bool = False) -> None:
        self.columns = columns
        self.descending = descending
        names = ",".join(str(column.expression) for column in columns)
        self.name = f"{DESCENDING}{names}" if descending else names
        *others, _ = columns
        self.nodes = [*map(node_of, others), Whole(1, LARGEST_INTEGER)]
        self.keys = [f"page_key{index}" for index in range(len(columns))]

    @property
    def labels(self) -> list[Label[Any]]:
        """The columns as each page selects them, for the cursors."""
        pairs = zip(self.columns, self.keys, strict=True)
        return [column.label(key) for column, key in pairs]

    def clauses(self, *, backwards: bool = False) -> list[UnaryExpression[Any]]:
        """Return what orders the rows, from the first on or from the last."""
        falling = self.descending != backwards
        return [each.desc() if falling else each.asc() for each in self.columns]

    def beyond(self, *, backwards: bool = False) -> ColumnElement[bool]:
        """Return the condition for the rows after, or before, a place that is bound."""
        pairs = zip(self.columns, self.keys, strict=True)
        here = tuple_(*self.columns)
        there = tuple_(*(bindparam(key, type_=column.type) for column, key in pairs))
        return here < there if self.descending != backwards else here > there

    def cursor(self, row: Row) -> str:
        """Return the cursor for the place of a row."""
        return encode(self.name, [getattr(row, key) for key in self.keys])

    def place(self, cursor: str) -> dict[str, Json]:
        """Return the parameters for the place; ValueError for anything but a cursor."""
        parts = decode(self.name, cursor)
        pairs = zip(self.nodes, parts, strict=True)
        try:
            place = [node.deserialize(part) for node, part in pairs]
        except colander.Invalid as invalid:
            raise ValueError(cursor) from invalid
        # A number or a time can be written in several ways: a cursor has one.
        if encode(self.name, place) != cursor:
            raise ValueError(cursor)
        return dict(zip(self.keys, place, strict=True))


def by_key(columns: Iterable[Column]) -> dict[str, Column]:
    return {column.key: column for column in columns}


def orders_of(
    by: Column, sort: Mapping[str, Column] | Iterable[Column]
) -> dict[str, ListOrder]:
    """Return the orders of a list by their names, that by its unique number first.

    ``sort`` are columns, or has columns by their names. None may be NULL: that is
    before and after nothing.
    """
    columns = sort if isinstance(sort, Mapping) else by_key(sort)
    sorted_by = {name: (column, by) for name, column in columns.items()}
    orders = {}
    for name, each in {by.key: (by,), **sorted_by}.items():
        if any(column.expression.nullable for column in each):
            raise TypeError(f"{name} can't sort a list, since it may be NULL.")
        orders[name] = ListOrder(*each)
        orders[DESCENDING + name] = ListOrder(*each, descending=True)
    return orders
