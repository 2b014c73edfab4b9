"""Filters of a list: query parameters, with their conditions.

::

    TEAMS = Listing(
        select(*SUMMARY),
        by=Team.id,
        filters={"title": contains(Team.title), "created_from": at_least(Team.created)},
    )

A parameter accepts values of its column, or of a custom node:
``equals(Team.id, Id(description="Only this team."))``. Other filters are ListFilters::

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

# How many values a repeated parameter may have.
MOST_VALUES = 20


def unchanged(value: Json) -> Json:
    return value


@dataclass(frozen=True)
class ListFilter:
    """A query parameter that finds the rows for which its condition holds.

    ``node`` validates the client's value, which ``prepare`` converts. ``condition``
    returns SQL, given the bound parameter of this ``type``. If the value is the
    ``default``, or missing, the condition is ``otherwise``: by default none.
    """

    node: colander.SchemaNode
    type: TypeEngine[Any]
    condition: Callable[[BindParameter[Any]], ColumnElement[bool]]
    prepare: Callable[[Json], Json] = unchanged
    default: Json = None
    otherwise: ColumnElement[bool] | None = None

    def switch(self, value: Json) -> bool | None:
        """Return which of two statements the value selects; None if there is one."""
        return None

    def where(self, name: str, *, switch: bool | None) -> ColumnElement[bool]:
        """Return the condition for the parameter with this name."""
        return self.condition(bindparam(f"filter_{name}", type_=self.type))


@dataclass(frozen=True)
class NullFilter(ListFilter):
    """A flag: finds the rows with null, or all others.

    Both cases are separate statements, so that an index can be used.
    """

    def switch(self, value: Json) -> bool | None:
        return bool(value)

    def where(self, name: str, *, switch: bool | None) -> ColumnElement[bool]:
        condition = super().where(name, switch=switch)
        return condition if switch else ~condition


def equals(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Find the rows with this value in the column."""
    node = node or node_of(
        column, description=f"Only objects with this `{column.key}`."
    )
    return ListFilter(node, column.type, lambda value: column == value)


def one_of(
    column: Column, node: colander.SchemaNode | None = None, *, most: int = MOST_VALUES
) -> ListFilter:
    """Find the rows with one of these values in the column.

    The parameter is repeated up to ``most`` times: ``status=open&status=late``.
    ``node`` validates each value.
    """
    item = (node or node_of(column)).clone()
    # Swagger 2.0 has a description for the parameter, but not for its items.
    about, item.description = item.description, ""
    about = about or (
        f"Only objects with one of these `{column.key}`; repeat it for several."
    )
    values = List(item, most, description=about, field=column.key)
    return ListFilter(values, Several(column.type), lambda value: among(column, value))


def is_null(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Find the rows with null in the column, or those without.

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
    """Find the rows that contain this text, ignoring case.

    ``column`` may be any text expression, such as several columns, if the ``node`` is
    given. No index helps: this scans all rows that match the other filters. On SQLite
    case is ignored only for ASCII letters.
    """
    if node is None:
        about = f"Only objects whose `{column.key}` contains this text, ignoring case."
        node = node_of(cast(Column, column), description=about)
    return ListFilter(
        node, column.type, lambda value: column.ilike(value, escape="/"), pattern
    )


def at_least(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Find the rows with this value in the column, or a greater one."""
    node = node or bound_of(column, "at least this", "this or later")
    return ListFilter(node, column.type, lambda value: column >= value)


def above(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Find the rows with a greater value in the column."""
    node = node or bound_of(column, "more than this", "after this")
    return ListFilter(node, column.type, lambda value: column > value)


def at_most(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Find the rows with this value in the column, or a smaller one."""
    node = node or bound_of(column, "at most this", "this or earlier")
    return ListFilter(node, column.type, lambda value: column <= value)


def below(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Find the rows with a smaller value in the column."""
    node = node or bound_of(column, "less than this", "before this")
    return ListFilter(node, column.type, lambda value: column < value)


def bound_of(column: Column, relation: str, in_time: str) -> colander.SchemaNode:
    """Make a node for a bound; its description differs for times."""
    is_time = isinstance(column.type, UTCDateTime | Date | Time)
    about = f"Only objects whose `{column.key}` is {in_time if is_time else relation}."
    return node_of(column, description=about)


def pattern(text: str) -> str:
    """Return the LIKE pattern for texts that contain this one."""
    for special in "/%_":
        text = text.replace(special, f"/{special}")
    return f"%{text}%"
