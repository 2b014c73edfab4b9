"""Filters of a list: parameters of the query, and which rows each of them leaves.

::

    TEAMS = Listing(
        select(*SUMMARY),
        by=Team.id,
        filters={"title": contains(Team.title), "created_from": at_least(Team.created)},
    )

A parameter takes what its column can hold, or what a custom node says:
``equals(Team.id, Id(description="Only this team."))``. Others are a ListFilter::

    ListFilter(Id(), Team.id.type, lambda user_id: exists().where(…))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import colander
from sqlalchemy import BindParameter, Boolean, ColumnElement, Date, Time, bindparam
from sqlalchemy.types import TypeEngine

from apiserver.core.db.columns import UTCDateTime
from apiserver.core.lists.columns import Column, node_of
from apiserver.core.lists.several import Several, among
from apiserver.core.schemas.fields import Flag, List
from apiserver.core.typing import Json

# Of a parameter that may be given several times.
MOST_VALUES = 20


def unchanged(value: Json) -> Json:
    return value


@dataclass(frozen=True)
class ListFilter:
    """A parameter that leaves those rows for which its condition holds.

    ``node`` is what the parameter may be. ``condition`` makes SQL of its place in a
    statement, where there will be a value of the ``type``: what ``prepare`` returns for
    what the client has given. Where that is the ``default``, or nothing, the condition
    is ``otherwise``: by default there is none.
    """

    node: colander.SchemaNode
    type: TypeEngine[Any]
    condition: Callable[[BindParameter[Any]], ColumnElement[bool]]
    prepare: Callable[[Json], Json] = unchanged
    default: Json = None
    otherwise: ColumnElement[bool] | None = None

    def switch(self, value: Json) -> bool | None:
        """Return which of two statements the value asks for; None if there is one."""
        return None

    def where(self, name: str, *, switch: bool | None) -> ColumnElement[bool]:
        """Return the condition for the parameter of this name."""
        return self.condition(bindparam(f"filter_{name}", type_=self.type))


@dataclass(frozen=True)
class NullFilter(ListFilter):
    """A flag: it leaves the rows without a value, or all others.

    Each of both is a statement, which an index can serve.
    """

    def switch(self, value: Json) -> bool | None:
        return bool(value)

    def where(self, name: str, *, switch: bool | None) -> ColumnElement[bool]:
        condition = super().where(name, switch=switch)
        return condition if switch else ~condition


def equals(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows that have this value in the column."""
    node = node or node_of(
        column, description=f"Only objects with this `{column.key}`."
    )
    return ListFilter(node, column.type, lambda value: column == value)


def one_of(
    column: Column, node: colander.SchemaNode | None = None, *, most: int = MOST_VALUES
) -> ListFilter:
    """Leave the rows that have one of these values in the column.

    The parameter is given once for each, ``most`` times: ``status=open&status=late``.
    ``node`` is what one of them may be.
    """
    item = (node or node_of(column)).clone()
    # Swagger 2.0 has a description of the parameter, and none of its items.
    about, item.description = item.description, ""
    about = about or (
        f"Only objects with one of these `{column.key}`; repeat it for several."
    )
    values = List(item, most, description=about, field=column.key)
    return ListFilter(values, Several(column.type), lambda value: among(column, value))


def is_null(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows that have no value in the column, or those that have one.

    Raises TypeError for a column that is never NULL.
    """
    if not column.expression.nullable:
        raise TypeError(f"{column} is never NULL: nothing is to be filtered.")
    about = f"`true`: only objects without `{column.key}`; `false`: only those with it."
    return NullFilter(
        node or Flag(description=about, example=True),
        Boolean(),
        lambda _: column.is_(None),
    )


def contains(
    column: Column | ColumnElement[str], node: colander.SchemaNode | None = None
) -> ListFilter:
    """Leave the rows whose text has this in it, in upper or lower case.

    ``column`` may be any text, as of several columns, if the ``node`` is given. No
    index helps: this looks at all rows that the other filters leave. On SQLite only
    the letters of ASCII are the same in upper and lower case.
    """
    if node is None:
        about = f"Only objects whose `{column.key}` contains this text, ignoring case."
        node = node_of(cast(Column, column), description=about)
    return ListFilter(
        node, column.type, lambda value: column.ilike(value, escape="/"), pattern
    )


def at_least(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows with this value in the column, or one after it."""
    node = node or bound_of(column, "at least this", "this or later")
    return ListFilter(node, column.type, lambda value: column >= value)


def above(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows with a value in the column that is after this one."""
    node = node or bound_of(column, "more than this", "after this")
    return ListFilter(node, column.type, lambda value: column > value)


def at_most(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows with this value in the column, or one before it."""
    node = node or bound_of(column, "at most this", "this or earlier")
    return ListFilter(node, column.type, lambda value: column <= value)


def below(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows with a value in the column that is before this one."""
    node = node or bound_of(column, "less than this", "before this")
    return ListFilter(node, column.type, lambda value: column < value)


def bound_of(column: Column, relation: str, in_time: str) -> colander.SchemaNode:
    """Make a node for a bound of the column's values; times have words of their own."""
    is_time = isinstance(column.type, UTCDateTime | Date | Time)
    about = f"Only objects whose `{column.key}` is {in_time if is_time else relation}."
    return node_of(column, description=about)


def pattern(text: str) -> str:
    """Return the pattern of LIKE for texts that contain this one."""
    for special in "/%_":
        text = text.replace(special, f"/{special}")
    return f"%{text}%"
