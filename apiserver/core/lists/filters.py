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
from typing import Any

import colander
from sqlalchemy import BindParameter, ColumnElement
from sqlalchemy.types import TypeEngine

from apiserver.core.lists.columns import Column, node_of
from apiserver.core.typing import Json


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


def equals(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows that have this value in the column."""
    node = node or node_of(
        column, description=f"Only objects with this `{column.key}`."
    )
    return ListFilter(node, column.type, lambda value: column == value)


def contains(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows whose text has this in it, in upper or lower case.

    No index helps: this looks at all rows that the other filters leave. On SQLite only
    the letters of ASCII are the same in upper and lower case.
    """
    about = f"Only objects whose `{column.key}` contains this text, ignoring case."
    node = node or node_of(column, description=about)
    return ListFilter(
        node, column.type, lambda value: column.ilike(value, escape="/"), pattern
    )


def at_least(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows with this value in the column, or one after it."""
    about = f"Only objects whose `{column.key}` is at least this."
    node = node or node_of(column, description=about)
    return ListFilter(node, column.type, lambda value: column >= value)


def below(column: Column, node: colander.SchemaNode | None = None) -> ListFilter:
    """Leave the rows with a value in the column that is before this one."""
    about = f"Only objects whose `{column.key}` is less than this."
    node = node or node_of(column, description=about)
    return ListFilter(node, column.type, lambda value: column < value)


def pattern(text: str) -> str:
    """Return the pattern of LIKE for texts that contain this one."""
    for special in "/%_":
        text = text.replace(special, f"/{special}")
    return f"%{text}%"
